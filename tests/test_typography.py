"""Spaces and widths in Chinese text: what is a slip, what is kept, where it is shown, what mending changes, and what is not covered."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path

import pytest

from clausebook import load, project, resources, typography
from clausebook.cli import checks as checking
from clausebook.detectors import Checks, Example, Rule
from clausebook.lints import Finding
from clausebook.project import Project
from clausebook.tree import Folder
from tests import small
from tests.conftest import ROOT
from tests.test_cli import Run, root, run, write  # noqa: F401  # fixtures


@cache
def checks() -> Checks:
    return load.checks(Folder(resources.PACKAGE), "checks")[0]


RULES = [rule for rule in checks().rules if rule.detect.typography]


def opened(zh: str, en: str = "A.", **more: str) -> Project:
    return small.opened(small.files({"a": small.text(zh, en)}, **more)).sound()


def found(made: Project) -> list[Finding]:
    return typography.check(made.documents["p"], checks(), made.library)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_hits_its_example_and_passes_over_the_other(rule: Rule) -> None:
    def hits(example: Example) -> list[Finding]:
        return [f for f in found(opened(example.text["zh"], example.text["en"])) if f.rule.id == rule.id]

    assert hits(rule.hit) != []
    assert hits(rule.miss) == []


SLIPS = {
    "no space": ("微信OpenID", ["spacing 1 信O 信 O"]),
    "both sides": ("存6个", ["spacing 0 存6 存 6", "spacing 1 6个 6 个"]),
    "one space": ("微信 OpenID、72 小时", []),
    "space at punctuation": ("您 ，可以", ["spacing 0 您 ， 您，"]),
    "space in brackets": ("微信 （WeChat）", ["spacing 1 信 （ 信（"]),
    "comma": ("您可以,我们", ["width 3 , ，"]),
    "full stop": ("到期.", ["width 2 . 。"]),
    "full-width letters": ("用ＡＢ登录", ["width 1 ＡＢ  AB "]),
    "date": ("自2026年1月31日起", ["spacing 0 自2 自 2"]),
    "year": ("2026年的规定", []),
    "after a Latin word": ("使用 Cookie；其他", []),
    "percentage": ("占50%以上", ["spacing 0 占5 占 5", "spacing 3 %以 % 以"]),
    "number of a standard": ("（GB/T 35273-2020）", []),
    "address": ("见 www.a.example。", []),
    "English": ("Only English, here.", []),
}


@pytest.mark.parametrize(("text", "expected"), SLIPS.values(), ids=SLIPS)
def test_slips(text: str, expected: list[str]) -> None:
    assert [f"{s.kind} {s.start} {s.words} {s.better}" for s in typography.slips(text)] == expected


NOT_COVERED = ["SDK(第三方)", '"您"', "『甲』", "第二十八条", "姓名；电话；", "个人信息保护法", "您--我们", "您...", "您 可以"]


@pytest.mark.parametrize("text", NOT_COVERED)
def test_what_the_guide_says_is_not_covered(text: str) -> None:
    assert typography.slips(text) == ()


def test_a_name_is_kept_as_its_owner_writes_it() -> None:
    profile = small.PROFILE + "  site: {address: {zh: 海路45号301, en: No. 45}, plain: 甲1乙}\n"
    assert found(opened("地址：{{ site.address }}、{{ site.plain }}。", profile=profile)) == []
    assert [f.words for f in found(opened("地址：海路45号301。"))] == ["路4", "5号", "号3"]


def test_where_a_slip_is_shown(tmp_path: Path) -> None:
    head = small.HEAD.replace("zh: 政策", "zh: 政策A版")
    made = opened("甲{{ operator.email }}\n\n- 乙B丙", head=head, sections="sections: [{id: s, title: {zh: 第A章, en: C}, clauses: [a]}]\n")
    assert [f"{f.place} {f.words} → {f.better}" for f in found(made)] == [
        "policies/p/policy.yml:2:14 策A → 策 A",
        "policies/p/policy.yml:2:15 A版 → A 版",
        "policies/p/policy.yml:6:32 第A → 第 A",
        "policies/p/policy.yml:6:33 A章 → A 章",
        "clauses/m/a.yml:8:9 乙B → 乙 B",
        "clauses/m/a.yml:8:10 B丙 → B 丙",
    ]


def test_no_mark_is_told_twice() -> None:
    made = project.judged(opened("您可以,查阅。"), Folder(ROOT), datetime.date(2026, 11, 27))
    assert [dict(p.values)["rule"] for p in made.findings if dict(p.values)["words"] == ","] == ["typography-width"]


def test_mending_changes_these_characters_and_nothing_else(run: Run, root: Path) -> None:  # noqa: F811
    clause = small.text("您用微信OpenID登录,72小时内有效。\n\n{% if not operator.beta %}\n- 自2026年起\n{% endif %}", "A.").replace(
        "title: 条\n", "title: 第3条   # a comment\n"
    )
    policy = small.files({"a": clause})["policies/p/policy.yml"].replace("zh: 章", "zh: 第A章")
    write(root, {"clauses/m/a.yml": f"id: a\n{clause}", "policies/p/policy.yml": policy})
    assert run("translate", "record", "a").code == 0
    before = (root / "clauses/m/a.yml").read_text(encoding="utf-8")
    assert run("check", "--fix").errors[0] == "9 spellings mended in 2 files"
    after = (root / "clauses/m/a.yml").read_text(encoding="utf-8")
    expected = (
        before.replace("第3条", "第 3 条")
        .replace("您用微信OpenID登录,72小时内", "您用微信 OpenID 登录，72 小时内")
        .replace("自2026年", "自 2026年")
    )
    lines = [(a, b) for a, b in zip(expected.splitlines(), after.splitlines(), strict=True) if a != b]
    assert [a.split(":")[0].strip() for a, _ in lines] == ["translates"]  # the translation is as good as before
    assert (root / "policies/p/policy.yml").read_text(encoding="utf-8") == policy.replace("第A章", "第 A 章")
    assert not [p for p in run("check").lines if "typography" in p or "older source" in p]
    assert run("check", "--fix").errors[0] == "0 spellings mended in 0 files"


def test_without_the_linter_the_check_says_so(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    write(root, {"clauses/m/a.yml": f"id: a\n{small.text('微信OpenID。', 'A.')}"})
    assert any("typography-spacing" in line for line in run("check").lines)
    for module in (typography, checking):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    ran = run("check", "--no-cache")
    assert not any("typography" in line for line in ran.lines)
    assert ran.errors[-1] == 'Chinese typography is not checked (pip install "clausebook[typography]")'


def test_the_repository_has_no_slip() -> None:
    made = project.open(ROOT).sound()
    assert [f for document in made.documents.values() for f in typography.check(document, checks(), made.library)] == []
