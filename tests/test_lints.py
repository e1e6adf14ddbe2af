"""The wording checks: each rule on its own examples and on more, exact places, waivers, levels, and what the two policies give."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from clausebook import findings, formats, lints, load, project, resources
from clausebook.detectors import Checks, Detector, Example, Rule
from clausebook.errors import Problem
from clausebook.lints import Finding
from clausebook.model import Settings, Waiver
from clausebook.project import Project
from clausebook.tree import Folder
from tests import frozen, small

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden" / "lints.txt"
TODAY = datetime.date(2026, 11, 22)
HEAD = small.HEAD + "jurisdictions: [cn]\n"
PROFILE = "profile:\n  policy: {self: {zh: 本政策, en: this Policy}}\n"


@cache
def checks() -> Checks:
    found, problems = load.checks(Folder(resources.PACKAGE), "checks")
    assert problems == []
    return found


RULES = {rule.id: rule for rule in checks().rules}
LINTS = [rule for rule in checks().rules if rule.id.startswith("lint-")]
VOCABULARY = {f"clauses/vocabulary/{file.name}": file.read_text(encoding="utf-8") for file in (ROOT / "clauses/vocabulary").glob("*.yml")}


def opened(clauses: dict[str, str], head: str = HEAD, profile: str = PROFILE) -> Project:
    """Open policy `p` with these clauses and the repository's own vocabulary."""
    return small.opened(small.files(clauses, head=head, profile=profile) | VOCABULARY).sound()


def found(made: Project, as_of: datetime.date = TODAY, policy: str = "p") -> list[Finding]:
    return lints.check(made.documents[policy], checks().rules, checks().laws, made.library, as_of)


def of(rule: str, clauses: dict[str, str], **more: Any) -> list[Finding]:
    return [finding for finding in found(opened(clauses, **more)) if finding.rule.id == rule]


def clause(zh: str, en: str, facts: dict[str, Any] | None = None) -> str:
    return small.text(zh, en, f"facts: {json.dumps(facts, ensure_ascii=False)}\n" if facts else "")


def shown(example: Example) -> str:
    return clause(example.text["zh"], example.text["en"], example.facts)


# The tables.


def test_ids_are_unique_and_no_requirement_has_them() -> None:
    packs, _ = load.packs([(Folder(resources.PACKAGE), "packs")])
    rows = {row.id for pack in packs for row in pack.value.rows}
    assert len(RULES) == len(checks().rules)
    assert rows & set(RULES) == set()
    assert {rule.split("-")[0] for rule in RULES} == {"lint", "parity", "term", "typography"}


def test_every_detector_is_used_by_a_rule() -> None:
    assert {rule.detect.name for rule in checks().rules} == set(Detector.model_fields)


@pytest.mark.parametrize("rule", checks().rules, ids=lambda rule: rule.id)
def test_a_rule_says_everything_in_both_languages(rule: Rule) -> None:
    said = (rule.summary, rule.mend, rule.source, rule.hit.text, rule.miss.text)
    assert [sorted(text) for text in said] == [["en", "zh"]] * len(said)
    for locale, end in (("zh", "。"), ("en", ".")):
        assert rule.summary[locale].endswith(end)
        assert rule.mend[locale].endswith(end)
        told = formats.check(rule, locale)
        assert all(
            part in told for part in (rule.id, rule.summary[locale], rule.hit.text[locale], rule.miss.text[locale], rule.mend[locale])
        )
        assert f"{{rule: {rule.id}, " in told


def test_laws_have_their_editions_in_order() -> None:
    for law in checks().laws:
        days = [day for edition in law.editions for day in (edition.since, edition.until or datetime.date.max)]
        assert days == sorted(days), law.id


# Each rule on its own examples.


@pytest.mark.parametrize("rule", LINTS, ids=lambda rule: rule.id)
def test_a_rule_hits_its_example(rule: Rule) -> None:
    hits = of(rule.id, {"a": shown(rule.hit)})
    assert {hit.locale for hit in hits} == (rule.detect.locales if rule.detect.name != "absent" else {""}) or {""}


@pytest.mark.parametrize("rule", LINTS, ids=lambda rule: rule.id)
def test_a_rule_passes_over_its_other_example(rule: Rule) -> None:
    assert of(rule.id, {"a": shown(rule.miss)}) == []


@pytest.mark.parametrize("rule", [rule for rule in checks().rules if rule.jurisdiction], ids=lambda rule: rule.id)
def test_a_rule_is_for_policies_of_its_jurisdiction(rule: Rule) -> None:
    assert of(rule.id, {"a": shown(rule.hit)}, head=small.HEAD + "jurisdictions: [eu]\n") == []


# More texts: rule, language, text, the words found.

TEXTS = [
    ("lint-breach-hours-pipl", "zh", "《个人信息保护法》要求七十二小时内告知。", ["个人信息保护法》要求七十二小时"]),
    ("lint-breach-hours-pipl", "zh", "依个人信息保护法告知您；GDPR 要求 72 小时内报告。", []),
    ("lint-breach-hours-pipl", "en", "Under PIPL we tell you at once; the GDPR says 72 hours.", []),
    ("lint-age-inclusive", "zh", "十四周岁以下的儿童。", ["十四周岁以下"]),
    ("lint-age-inclusive", "zh", "14周岁及以下的儿童。", ["14周岁及以下"]),
    ("lint-age-inclusive", "zh", "以下各项，不满十八周岁的除外。", []),
    ("lint-age-inclusive", "en", "children aged fourteen and under", ["aged fourteen and under"]),
    ("lint-old-terms", "zh", "个人信息主体可以查阅。", ["个人信息主体"]),
    ("lint-old-terms", "zh", "个人可以查阅，敏感个人信息除外。", []),
    ("lint-old-terms", "en", "Personal sensitive information is protected.", ["Personal sensitive information"]),
    ("lint-use-is-consent", "zh", "您继续使用本服务，即表示同意。", ["继续使用本服务，即表示同意"]),
    ("lint-use-is-consent", "zh", "您使用之前，应当阅读并同意。", []),
    ("lint-use-is-consent", "en", "Using the service constitutes consent.", ["Using the service constitutes consent"]),
    ("lint-device-not-pi", "zh", "设备信息不属于个人信息。", ["设备信息不属于个人信息"]),
    ("lint-open-list", "zh", "我们收集登录记录等。", ["记录等"]),
    ("lint-open-list", "zh", "发生泄露、篡改等情形时，我们告知您。", []),
    ("lint-open-list", "en", "We collect your name, and so on.", ["and so on"]),
    ("lint-open-list", "en", "We store it in etcd.", []),
    ("lint-may-collect", "zh", "我们可能会采集您的信息。", ["可能会采集"]),
    ("lint-may-collect", "zh", "我们不可能收集这些信息。", []),
    ("lint-may-collect", "zh", "经取得您的同意，我们才可能收集。", []),
    ("lint-may-collect", "en", "We might also gather your name.", ["We might also gather"]),
    ("lint-may-collect", "en", "You may collect it.", []),
    ("lint-stale-law-article", "zh", "《中华人民共和国个人信息保护法》第七十五条。", ["《中华人民共和国个人信息保护法》第七十五条"]),
    ("lint-stale-law-article", "zh", "《个人信息保护法》第74条，《网络安全法》第二十三条，《某法》第一千条。", []),
    ("lint-stale-law-article", "zh", "《合同法》第十条。", ["《合同法》第十条"]),
    ("lint-stale-law-article", "en", "Cybersecurity Law, Art. 24", ["Cybersecurity Law, Art. 24"]),
    ("lint-stale-law-article", "en", "Article 26 of the Cybersecurity Law", []),
    ("lint-xref", "zh", "见第九节。", ["第九节"]),
    ("lint-xref", "zh", "依照《民法典》第九条。", []),
    ("lint-xref", "en", "See Section 9(3).", ["Section 9(3)"]),
    ("lint-self-name", "zh", "本政策与本声明。", ["本声明"]),
    ("lint-self-name", "zh", "本政策。", []),
    ("lint-mixed-you", "zh", "您好，你好，您好。", ["你"]),
    ("lint-mixed-you", "zh", "你好。", []),
    ("lint-missing-channel", "zh", "请致电我们。", ["致电我们"]),
    ("lint-missing-channel", "zh", "请致电我们：0592-1234567。", []),
    ("lint-missing-channel", "zh", "您收发邮件时，我们收集邮件内容。", []),
    ("lint-missing-channel", "en", "You can call us.", ["call us"]),
    ("lint-placeholder", "zh", "联系人：XXX，日期待定。", ["XXX", "待定"]),
    ("lint-placeholder", "en", "TODO: the XX years.", ["TODO", "XX"]),
    ("lint-sentence-length", "zh", "字" * 80 + "。", []),
    ("lint-sentence-length", "zh", "短句。" + "字" * 81 + "。", ["字" * 24 + "… (81)"]),
    ("lint-sentence-length", "en", "Word " * 34 + "end.", []),
    ("lint-sentence-length", "en", "Short. " + "Word " * 35 + "end.", ["Word Word Word Word Word… (36)"]),
    ("lint-fact-missing", "zh", "我们保存三个月。", ["三个月"]),
    ("lint-fact-missing", "zh", "以下 12 种情形，共三项，第 2 条。", []),
    ("lint-fact-missing", "zh", "我们收集指纹底图。", ["指纹底图"]),
    ("lint-fact-missing", "zh", "指纹底图属于敏感个人信息。", []),
    ("lint-fact-missing", "zh", "我们收集详细情况，并作为网络日志保存。", []),
    ("lint-fact-missing", "en", "We collect details and keep them as network logs.", []),
    ("lint-fact-missing", "en", "We keep it for 30 days.", ["30 days"]),
    ("lint-fact-missing", "en", "We collect your call records.", ["call records"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "locale", "text", "words"), TEXTS)
def test_a_text(rule: str, locale: str, text: str, words: list[str]) -> None:
    hits = of(rule, {"a": clause(text if locale == "zh" else "甲。", text if locale == "en" else "A.")})
    assert [hit.words for hit in hits if hit.locale == locale] == words


FACTS = [
    ("lint-breach-late", {"incident": [{"to_individuals": {"deadline": "P3D"}}]}, []),
    ("lint-breach-late", {"incident": [{"to_individuals": {"deadline": "P4D working"}}]}, ["P4D working"]),
    ("lint-breach-late", {"incident": [{"to_individuals": {"bound": "immediately"}}]}, []),
    ("lint-unnamed-recipient", {"shares": [{"recipient": "partner", "relation": "prohibited"}]}, []),
    ("lint-unnamed-recipient", {"shares": [{"recipient": "partner", "relation": "sdk", "rules_url": "https://a.example/"}]}, []),
    ("lint-unnamed-recipient", {"shares": [{"recipient": "authority", "relation": "authority"}]}, []),
    ("lint-unnamed-recipient", {"transfers": [{"country": {"zh": "境外", "en": "abroad"}}]}, ["transfers"]),
    ("lint-promise-vs-facts", {"storage": [{"location": "cn-mainland", "exception": {"zh": "原", "en": "so"}}], "transfers": [{}]}, []),
    ("lint-promise-vs-facts", {"storage": [{"location": "operator-servers"}], "transfers": [{}]}, []),
    ("lint-promise-vs-facts", {"storage": [{"location": "cn-mainland"}], "transfers": [{"modality": "never"}]}, []),
    ("lint-fact-unstated", {"retention": [{"scope": "network-log", "floor": "P7M"}]}, ["retention: 网络日志", "retention: network logs"]),
    ("lint-fact-unstated", {"duties": [{"on": "end-user", "duty": {"zh": "好好", "en": "speak"}}]}, ["duties: 好好", "duties: speak"]),
    ("lint-fact-unstated", {"collects": [{"data": ["person-name"], "subject": "end-user"}]}, []),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "facts", "words"), FACTS)
def test_facts(rule: str, facts: dict[str, Any], words: list[str]) -> None:
    assert [hit.words for hit in of(rule, {"a": clause("您的姓名。", "Your name.", facts)})] == words


def test_a_number_a_parameter_holds_is_no_finding() -> None:
    text = small.text("保存 9 个月。", "Kept for nine months.", "params:\n  months: {type: number, default: 9}\n")
    used = text.replace("保存", "{{ months | number }}，保存")
    assert of("lint-fact-missing", {"a": used.replace("Kept", "{{ months | number }}: kept")}) == []


def test_definitions_are_no_statements() -> None:
    facts = {"defines": [{"term": {"zh": "未成年人", "en": "minor"}}]}
    assert of("lint-fact-missing", {"a": clause("未成年人，指不满十八周岁的人。", "Minors are under 18 years.", facts)}) == []


def test_a_retention_clause_that_is_not_placed_is_dangling() -> None:
    facts = {"collects": [{"data": ["person-name"], "subject": "end-user", "retention_ref": "keep"}]}
    clauses = {"a": clause("您的姓名。", "Your name.", facts), "keep": clause("乙。", "B.")}
    only = "sections:\n  - {id: s, title: {zh: 章, en: Chapter}, clauses: [a]}\n"
    for sections, words in (("", []), (only, ["keep"])):
        made = small.opened(small.files(clauses, sections, HEAD, PROFILE) | VOCABULARY).sound()
        assert [hit.words for hit in found(made) if hit.rule.id == "lint-xref"] == words


def test_a_renumbered_article_is_wrong_from_the_day_it_moved() -> None:
    made = opened({"a": clause("《网络安全法》第二十一条。", "A.")})
    for day, better in ((datetime.date(2025, 12, 31), []), (datetime.date(2026, 1, 1), ["23"])):
        assert [f.better for f in found(made, day) if f.rule.id == "lint-stale-law-article"] == better


def test_an_old_term_the_profile_holds_is_told_once_in_the_profile() -> None:
    profile = PROFILE + "  term: {sensitive: {zh: 个人敏感信息, en: personal sensitive information}}\n"
    body = clause("{{ term.sensitive }}。\n\n又是{{ term.sensitive }}。", "{{ term.sensitive | capital }}.\n\nAgain {{ term.sensitive }}.")
    hits = of("lint-old-terms", {"a": body, "b": body}, profile=profile)
    assert [(str(hit.place), hit.words, hit.better) for hit in hits] == [
        ("policies/p/policy.yml:7:26", "个人敏感信息", "敏感个人信息"),
        ("policies/p/policy.yml:7:38", "personal sensitive information", "sensitive personal information"),
    ]


def test_a_name_the_profile_gives_the_document_is_no_variant() -> None:
    profile = "profile:\n  policy: {self: {zh: 本政策, en: this Policy}, statement: {zh: 本声明, en: this Statement and Policy}}\n"
    assert of("lint-self-name", {"a": clause("本政策和本声明。", "this Policy and this Statement and Policy.")}, profile=profile) == []


def test_a_version_with_its_dates_need_not_say_them_in_the_text() -> None:
    made = opened({"a": clause("本文件适用于您。", "This document applies to you.")})
    draft = made.documents["p"]
    version = replace(draft, version="1.0.0", published=TODAY, effective=TODAY)
    held = [[f.rule.id for f in found(replace(made, documents={"p": p}))] for p in (draft, version, replace(version, effective=None))]
    assert ["lint-no-dates" in rules for rules in held] == [True, False, True]


def test_rules_of_chinese_law_are_for_policies_under_it() -> None:
    rules = {f.rule.id for f in found(opened({"a": clause("14周岁以下。本声明。", "A.")}, head=small.HEAD))}
    assert rules == {"lint-self-name", "lint-fact-missing"}


# Places. The text of a clause with parameters begins in line 7; its first column is 7.

BODIES = [
    ("甲。【一】", 7, 9),
    ("甲。\n\n乙【一】", 9, 8),
    ("**甲**乙【一】", 7, 13),
    ("- 甲；\n- 乙【一】。", 8, 10),
    ("甲\n乙【一】", 8, 8),
    ("{% if on %}\n甲【一】\n{% else %}\n乙【一】\n{% endif %}", 8, 8),
    ("{% if not on %}\n甲【一】\n{% else %}\n乙【一】\n{% endif %}", 10, 8),
    ("{% if not on %}【一】甲{% else %}乙丙【一】{% endif %}", 7, 38),
    ("甲{{ hole }}乙", 7, 8),
    ("甲{{ fine }}乙{{ hole }}丙", 7, 19),
    ("甲乙：\n\n{{ holes | bullets }}", 9, 7),
    ("甲：\n\n- {{ hole }}；\n- 丙。", 9, 9),
]
PARAMS = (
    "params: {on: {type: flag, default: true}, fine: {type: text, default: 好}, hole: {type: text, default: 【一】}, "
    "holes: {type: texts, default: [丁戊, 【一】]}}\n"
)


@pytest.mark.parametrize(("body", "line", "col"), BODIES)
def test_words_are_shown_where_they_stand(body: str, line: int, col: int) -> None:
    used = "{% if on and fine and hole and holes %}{% endif %}"
    made = of("lint-placeholder", {"a": small.text(body, "A." + used, PARAMS)})
    assert [(str(hit.place), hit.locale, hit.words) for hit in made] == [(f"clauses/m/a.yml:{line}:{col}", "zh", "【一】")]


def test_a_fact_is_shown_at_the_field_in_question() -> None:
    text = small.text(
        "甲。",
        "A.",
        "params: {who: {type: term, of: recipients, default: partner}}\n"
        "facts:\n  shares:\n"
        "    - {recipient: wechat, relation: independent}\n"
        "    - relation: independent\n      recipient: {from: who}\n      data: [person-name]\n",
    )
    assert [str(hit.place) for hit in of("lint-unnamed-recipient", {"a": text})] == ["clauses/m/a.yml:7:18"]


# Waivers, levels, several policies.


def two() -> Project:
    """Return two policies that share a clause with a placeholder."""
    files = small.files({"a": clause("甲【一】。", "A.")}, head=HEAD, profile=PROFILE) | VOCABULARY
    files["policies/q/policy.yml"] = files["policies/p/policy.yml"].replace("id: p\n", "id: q\n", 1)
    return small.opened(files).sound()


def told(made: Project, settings: Settings) -> list[Problem]:
    every = [f for policy in made.documents for f in found(made, policy=policy) if f.rule.id == "lint-placeholder"]
    return list(findings.of_lints(every, settings))


def test_a_finding_of_several_policies_is_told_once() -> None:
    problems = told(two(), Settings())
    assert [(p.code, str(p.place), dict(p.values)["policies"], p.severity) for p in problems] == [
        ("lint-words", "clauses/m/a.yml:6:8", "p, q", "warning")
    ]


def test_settings_set_another_level() -> None:
    assert [p.severity for p in told(two(), Settings(levels={"lint-placeholder": "error"}))] == ["error"]


@pytest.mark.parametrize(("until", "left"), [("2026-11-22", 0), ("2026-11-21", 1)])
def test_a_waiver_holds_a_finding_back_until_its_day(until: str, left: int) -> None:
    head = HEAD + f"waivers: [{{rule: lint-placeholder, reason: r, by: b, until: {until}}}]\n"
    made = opened({"a": clause("甲【一】。", "A.")}, head=head)
    kept, held = lints.waived(found(made), made.documents["p"], TODAY)
    assert len([f for f in kept if f.rule.id == "lint-placeholder"]) == left
    assert held == ({"lint-placeholder"} if not left else set())


# The repository itself.


@cache
def judged() -> Project:
    return project.judged(project.open(ROOT), ROOT, TODAY)


def listed(problems: tuple[Problem, ...]) -> Iterator[str]:
    for found_ in problems:
        if found_.code.startswith("lint-"):
            values = dict(found_.values)
            yield f"{found_.place} {found_.severity} {values['rule']} [{values['policies']}] {values['words']}".rstrip()


def test_the_two_policies_give_the_findings_written_down() -> None:
    assert list(listed(judged().findings)) == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_check_counts_what_waivers_hold_back() -> None:
    made = judged()
    rules = {rule.id for rule in made.checks}
    waived = [waiver for document in made.documents.values() for waiver in document.policy.waivers]
    assert made.waived == len(waived)  # each of the repository's waivers holds something back, and nothing else is held back
    assert sum(waiver.rule not in rules for waiver in waived) == sum(v.outcome == "waived" for vs in made.verdicts.values() for v in vs)
    first = frozen.project_of(ROOT, "1.0.0")  # whose notice of incidents comes late
    policy = first.documents["gov-im"].policy
    waiver = Waiver(rule="lint-breach-late", reason="r", by="b", until=datetime.date(2027, 1, 1))
    document = replace(first.documents["gov-im"], policy=policy.model_copy(update={"waivers": [waiver]}))
    after = project.judged(replace(first, documents={"gov-im": document}), ROOT, TODAY)
    assert after.waived == 1
    assert [line for line in listed(after.findings) if "lint-breach-late" in line] == []
