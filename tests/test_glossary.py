"""The glossary and definitions: each rule on its own examples, forms a policy keeps, places, and the repository's glossary."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from clausebook import glossary, load, messages, project, resources
from clausebook.detectors import Checks, Example, Rule
from clausebook.lints import Finding
from clausebook.project import Project
from clausebook.tree import Folder
from tests import small

ROOT = Path(__file__).parent.parent
FILE = "clauses/vocabulary/glossary.yml"
WORDS = """terms:
  - {id: account, preferred: {zh: 账号, en: account}, spellings: {zh: [帐号]}}
  - {id: organisation, preferred: {en: organisation}, spellings: {en: [organization]}}
  - {id: sensitive, preferred: {zh: 敏感信息, en: sensitive information}, forbidden: {zh: [敏感资料], en: [secret data]}}
  - {id: local, preferred: {zh: 本地词}, forbidden: {zh: [外地词]}, jurisdiction: eu}
  - {id: masking, preferred: {zh: 遮蔽, en: masking}, defined: definition-masking}
"""


@cache
def checks() -> Checks:
    return load.checks(Folder(resources.PACKAGE), "checks")[0]


RULES = [rule for rule in checks().rules if rule.detect.glossary]


def opened(clauses: dict[str, str], words: str = WORDS, more: str = "", head: str = small.HEAD) -> Project:
    return small.opened({**small.files(clauses, head=head, profile=small.PROFILE + more), FILE: words}).sound()


def found(made: Project) -> list[Finding]:
    return glossary.check(made.documents["p"], checks(), made.library)


def told(made: Project) -> list[str]:
    return [f"{f.rule.id} {f.place.line}:{f.place.col} {f.words} {f.better or f.against or ''}".rstrip() for f in found(made)]


def clause(zh: str, en: str, facts: dict[str, Any] | None = None) -> str:
    return small.text(zh, en, f"facts: {json.dumps(facts, ensure_ascii=False)}\n" if facts else "")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_hits_its_example_and_passes_over_the_other(rule: Rule) -> None:
    def hits(example: Example) -> set[str]:
        made = opened({"a": clause(example.text["zh"], example.text["en"], example.facts)}, (ROOT / FILE).read_text(encoding="utf-8"))
        return {f.locale for f in found(made) if f.rule.id == rule.id}

    assert hits(rule.hit) == {"zh", "en"}
    assert hits(rule.miss) == set()


TEXTS = [
    ("您的帐号，他的帐号。", "A.", ["6:9 帐号 账号", "6:14 帐号 账号"]),
    ("甲。", "An Organization, organizational matters.", ["10:10 Organization Organisation", "10:24 organization organisation"]),
    ("甲。", "See https://a.example/organization and info@organization.example.", []),
    ("依照《帐号管理规定》。", "A.", []),
    ("敏感资料。", "Secret data, secret database.", ["6:7 敏感资料 敏感信息", "10:7 Secret data Sensitive information"]),
    ("外地词。", "A.", []),
]


@pytest.mark.parametrize(("zh", "en", "lines"), TEXTS)
def test_a_form_is_shown_wherever_it_stands(zh: str, en: str, lines: list[str]) -> None:
    assert told(opened({"a": clause(zh, en)})) == [f"term-variant {line}" for line in lines]


KEPT = [
    ("  term: {account: {zh: 帐号, en: account}}\n", ["6:12 账号 帐号"]),
    ("  word: {account: {zh: 帐号, en: account}}\n", ["6:7 帐号 账号"]),
    ("names:\n  ip: {zh: 帐号地址, en: address}\n", ["6:12 账号 帐号"]),
]


@pytest.mark.parametrize(("more", "lines"), KEPT)
def test_a_policy_keeps_another_form_by_its_profile_or_names(more: str, lines: list[str]) -> None:
    made = opened({"a": clause("一个帐号，账号。".removeprefix("一个"), "A.")}, more=more)
    expected = [line.replace("6:12", "6:10") for line in lines]
    assert told(made) == [f"term-variant {line}" for line in expected]


def test_a_title_is_read_but_may_hold_the_preferred_form_for_other_policies() -> None:
    bad = clause("甲。", "A.").replace("title: 条", "title: 您的帐号")
    good = clause("甲。", "A.").replace("title: 条", "title: 您的账号")
    assert told(opened({"a": bad})) == ["term-variant 4:14 帐号 账号"]
    assert told(opened({"a": good}, more="  term: {account: {zh: 帐号, en: account}}\n")) == []


def test_what_another_rule_tells_is_not_told_twice() -> None:
    words = "terms:\n  - {id: s, preferred: {zh: 敏感个人信息}, forbidden: {zh: [个人敏感信息]}}\n"
    text = {"a": clause("个人敏感信息。", "A.")}
    assert told(opened(text, words)) == ["term-variant 6:7 个人敏感信息 敏感个人信息"]
    assert told(opened(text, words, head=small.HEAD + "jurisdictions: [cn]\n")) == []


def test_a_word_the_policy_made_is_defined_before_it_is_used() -> None:
    defines = {"defines": [{"term": {"zh": "工作数据", "en": "work data"}}]}
    use, definition = clause("处理工作数据。", "We process Work Data."), clause("“工作数据”，指甲。", '"Work data" means A.', defines)
    assert told(opened({"a": definition, "b": use})) == []
    assert told(opened({"a": use, "b": definition})) == [
        "term-undefined 6:9 工作数据 clauses/m/b.yml:6:11",
        "term-undefined 10:18 work data clauses/m/b.yml:10:11",
    ]
    law = clause("“工作数据”，指甲。", '"Work data" means A.', {"defines": [{**defines["defines"][0], "basis": "pipl"}]})
    assert told(opened({"a": use, "b": law})) == []


def test_a_word_the_glossary_wants_defined_is_told_where_it_first_stands() -> None:
    assert told(opened({"a": clause("甲。", "A."), "b": clause("作遮蔽，又遮蔽。", "We use masking.")})) == [
        "term-undefined 6:8 遮蔽",
        "term-undefined 10:14 masking",
    ]


BAD = [
    ("- {id: a, preferred: {zh: 甲}}\n- {id: a, preferred: {zh: 乙}}", "3:8: “a” is used twice (first in {0}:2:8; rename one)"),
    ("- {id: a, preferred: {zh: 甲}, law: nobody}", "2:36: nothing is called “nobody” in the vocabulary (add the term, or correct the id)"),
    ("- {id: a, preferred: {fr: A}}", "2:8: “fr” is not a locale of this site (known: zh, en)"),
    ("- {id: a, prefered: {zh: 甲}}", "2:11: nothing is called “prefered” here (did you mean “preferred”?)"),
]


@pytest.mark.parametrize(("words", "line"), BAD)
def test_what_is_wrong_with_a_glossary(words: str, line: str) -> None:
    made = small.opened({**small.files({"a": clause("甲。", "A.")}), FILE: f"terms:\n{words}\n"})
    assert [messages.tell(p) for p in made.problems] == [f"{FILE}:{line.format(FILE)}"]


def test_the_glossary_of_the_repository() -> None:
    library = project.open(ROOT).sound().library
    assert library.glossary is not None
    terms = library.glossary.value.terms
    for term in terms:
        forms = [(loc, form) for table in (term.spellings, term.forbidden) for loc, found_ in table.items() for form in found_]
        assert all(term.preferred.get(loc) not in (None, form) for loc, form in forms), term.id
        if term.defined:
            fact = library.clauses[term.defined].value.facts.defines[0]
            assert fact.term == term.preferred
    assert {t.id for t in terms} >= {
        "account",
        "separate-consent",
        "entrusted-processing",
        "sensitive-personal-information",
        "administrator",
    }
