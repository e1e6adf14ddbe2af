"""Parity of languages: each rule on its own examples, exact places in both files, a third language, and seeded faults."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from clausebook import findings, formats, listing, load, messages, parity, project, resources
from clausebook.detectors import Checks, Example, Rule
from clausebook.errors import rule_of
from clausebook.lints import Finding
from clausebook.model import Settings
from clausebook.project import Project
from clausebook.tree import Folder
from tests import mutations, small

ROOT = Path(__file__).parent.parent
TODAY = datetime.date(2026, 11, 22)
SEEDED = 450  # as the guide says


@cache
def checks() -> Checks:
    found, problems = load.checks(Folder(resources.PACKAGE), "checks")
    assert problems == []
    return found


RULES = [rule for rule in checks().rules if rule.detect.parity]
VOCABULARY = {f"clauses/vocabulary/{file.name}": file.read_text(encoding="utf-8") for file in (ROOT / "clauses/vocabulary").glob("*.yml")}


@cache
def repository() -> Project:
    return project.open(ROOT).sound()


def opened(zh: str, en: str, facts: dict[str, Any] | None = None) -> Project:
    more = f"facts: {json.dumps(facts, ensure_ascii=False)}\n" if facts else ""
    return small.opened(small.files({"a": small.text(zh, en, more)}) | VOCABULARY).sound()


def found(made: Project) -> list[Finding]:
    return parity.check(made.documents["p"], checks(), made.library)


def shown(example: Example) -> list[str]:
    return [f.rule.id for f in found(opened(example.text["zh"], example.text["en"], example.facts))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_hits_its_example(rule: Rule) -> None:
    assert rule.id in shown(rule.hit)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_hits_its_other_example(rule: Rule) -> None:
    assert shown(rule.miss) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_explained_with_both_languages(rule: Rule) -> None:
    told = formats.check(rule, "en")
    assert all(f"{example.text['zh']} | {example.text['en']}" in told for example in (rule.hit, rule.miss))


def test_every_rule_is_named_after_what_it_compares() -> None:
    assert [rule.id for rule in RULES] == [f"parity-{rule.detect.parity}" for rule in RULES]


# The Chinese body begins in line 6 (column 7), the English one four lines below its last.
PLACES = [
    ("甲 15 日。", "A 16 days.", ["period 10:9 “16 days” 6:9 “15 日”"]),
    ("甲。\n\n乙 15 日。", "A.\n\nB.", ["period 14:7 “” 8:9 “15 日”"]),
    ("甲。", "A within 15 days.", ["period 10:16 “15 days” 6:7 “”"]),
    ("- 甲；\n- 乙。", "- a.", ["list 11:9 “1” 7:9 “2”"]),
    ("甲\n\n- 乙", "A\n\n1. b", ["blocks 14:10 “2” 8:9 “2”"]),
    ("见{{ ref('a') }}。", "See above.", ["reference 10:7 “” 6:8 “第一章第（一）节“条””", "fact 10:7 “” 6:16 “ref('a')”"]),
    ("**甲**乙", "A", ["bold 10:7 “” 6:9 “甲”"]),
    ("某公司。", "It.", ["name 10:7 “” 6:7 “某公司”"]),
    ("甲。", "它 A.", ["script 10:7 “它” 6:7 “”"]),
    ("甲。", "A。", ["punctuation 10:8 “。” 6:7 “”"]),
    ("您应当来。", "You come.", ["modality 10:7 “You come.” 6:8 “应当”"]),
    ("不满十四周岁。", "Over the age of 14.", ["bound 10:16 “age of 14” 6:9 “十四周岁”"]),
    ("按《网络安全法》。", "Under PIPL.", ["law 10:7 “” 6:9 “网络安全法”", "law 10:13 “pipl” 6:7 “”"]),
]  # fmt: skip


@pytest.mark.parametrize(("zh", "en", "lines"), PLACES)
def test_a_difference_is_shown_at_both_places(zh: str, en: str, lines: list[str]) -> None:
    told = [
        f"{f.rule.detect.parity} {f.place.line}:{f.place.col} “{f.words}” {f.against.line}:{f.against.col} “{f.theirs}”"
        for f in found(opened(zh, en))
        if f.against
    ]
    assert sorted(told) == sorted(lines)


def test_words_left_in_the_source_itself_are_shown_there() -> None:
    (one,) = [f for f in found(opened("甲,乙。", "A, b.")) if f.rule.id == "parity-punctuation"]
    assert (str(one.place), one.locale, one.against) == ("clauses/m/a.yml:6:8", "zh", None)


NAMES = [
    ("我们使用 Cookie、App 和 IP 地址。", "We use cookies, the app and the IP address."),
    ("网络信标（web beacon）。", "Web beacons."),
    ("Logo；", "the logo;"),
    ("请写信至 a@b.example。", "Write to a@b.example."),
    ("“第三方”指他人。", '"Third party" means another.'),
    ("一个或者多个账号。", "one or more accounts."),
    ("用于以下 1 项用途。", "for the following one purpose."),
]


@pytest.mark.parametrize(("zh", "en"), NAMES)
def test_what_is_alike_is_no_finding(zh: str, en: str) -> None:
    assert found(opened(zh, en)) == []


SUMMARY = "parity-period: The translation has another period, or another unit, than its source."
MEND = "in p (Check the period; days, calendar days and working days differ.)"
SENTENCES = [
    ("甲 15 日。", "A 16 days.", "en", f"{SUMMARY} “16 days” here, “15 日” at clauses/m/a.yml:6:9, {MEND}"),
    ("甲。", "A 16 days.", "en", f"{SUMMARY} “16 days” here, nothing for it at clauses/m/a.yml:6:7, {MEND}"),
    (
        "甲 15 日。", "A.", "zh",
        "parity-period：译文与原文的期限或者其单位不同。"
        "clauses/m/a.yml:6:9 写“15 日”，这里没有相应的文字，见于 p（核对期限；区分日、自然日和工作日。）",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("zh", "en", "lang", "sentence"), SENTENCES)
def test_a_finding_is_told_with_both_places(zh: str, en: str, lang: str, sentence: str) -> None:
    (told,) = findings.of_lints(found(opened(zh, en)), Settings())
    assert messages.sentence(told, lang) == sentence
    assert (rule_of(told), told.severity) == ("parity-period", "error")


def test_sarif_names_both_places() -> None:
    problems = list(findings.of_lints(found(opened("甲 15 日。", "A 16 days.")), Settings()))
    (result,) = json.loads(listing.sarif(problems, "en", ROOT))["runs"][0]["results"]
    places = [place["physicalLocation"]["region"] for place in (*result["locations"], *result["relatedLocations"])]
    assert places == [{"startLine": 10, "startColumn": 9}, {"startLine": 6, "startColumn": 9}]


def test_levels_and_waivers_hold_as_for_wording() -> None:
    head = small.HEAD + "waivers: [{rule: parity-period, reason: r, by: b, until: 2026-12-31}]\n"
    files = small.files({"a": small.text("甲 15 日，5 项。", "A 16 days, six items.")}, head=head) | VOCABULARY
    made = replace(small.opened(files), settings=Settings(levels={"parity-number": "info"}))
    judged = project.judged(made, ROOT, TODAY)
    assert [(rule_of(f), f.severity) for f in judged.findings if f.code.startswith("parity")] == [("parity-number", "info")]
    assert judged.waived == 1


def test_each_translation_is_held_against_the_source() -> None:
    files = small.files({"a": small.text("甲 15 日。", "A 15 days.") + "  fr:\n    title: T\n    body: |\n      Écrivez à x@b.example.\n"})
    files = {path: text.replace("en: ", "fr: nom, en: ") for path, text in files.items()}
    files["policies/p/policy.yml"] = files["policies/p/policy.yml"].replace("[zh, en]", "[zh, en, fr]")
    chosen = Settings.model_validate({"locales": {loc: {"name": loc} for loc in ("zh", "en", "fr")}})
    made = project.open(Path("nowhere"), small.Files(files), chosen).sound()
    assert [(f.rule.id, f.locale, f.words) for f in found(made)] == [("parity-email", "fr", "x@b.example")]


# The repository's own texts, and faults put into them.


def test_the_library_has_no_finding() -> None:
    made = repository()
    assert [str(f.place) for d in made.documents.values() for f in parity.check(d, checks(), made.library)] == []


def test_all_seeded_faults_are_found(pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]) -> None:
    made = repository()
    rows = mutations.report(made.documents, made.library, lambda m: bool(parity.check(m.document, checks(), m.library)))
    with capsys.disabled():
        pytestconfig.get_terminal_writer().write("\n" + mutations.table(rows) + "\n")
    assert [str(mutation) for row in rows for mutation in row[3]] == []
    assert sum(row[2] for row in rows) >= SEEDED
    assert {kind for kind, _, _, _ in rows} >= set(mutations.KINDS)


def test_a_seed_makes_the_same_faults_again() -> None:
    made = repository()
    one, two = ([str(m) for m in mutations.made(made.documents, made.library, seed)] for seed in (7, 7))
    assert one == two != [str(m) for m in mutations.made(made.documents, made.library, 8)]
