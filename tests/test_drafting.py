"""Machine drafts of traditional Chinese: marked on every clause, never over a person's work, and a whole site built from them."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clausebook import cli, drafting, project, site, translation
from clausebook.errors import UserError
from clausebook.messages import say, tell
from clausebook.project import Project
from tests import small
from tests.conftest import ROOT
from tests.test_cli import Run, root, run, write  # noqa: F401  # fixtures
from tests.test_languages import article as page
from tests.test_languages import clauses

HANT = "zh-Hant: {name: 繁體中文, lang: zh-Hant%s}"
SETTINGS = "site_name: x\nplugins:\n  - clausebook:\n      locales: {zh: {name: 中文, lang: zh-CN}, en: {name: English}, %s}\n"
MARK = ", machine_draft: true"
DAY = datetime.date(2026, 11, 27)


def test_what_stands_between_braces_is_kept() -> None:
    convert = drafting.converter("zh", "zh-Hant")
    assert (
        convert("{{ '个人' | term }}个人信息{% if 账 == '账号' %}账号{% endif %}")
        == "{{ '个人' | term }}個人信息{% if 账 == '账号' %}賬號{% endif %}"
    )
    assert (convert(""), convert("Cookie")) == ("", "Cookie")


@pytest.mark.parametrize(("source", "locale"), [("en", "zh-Hant"), ("zh", "fr"), ("zh", "zh-TW")])
def test_what_cannot_be_drafted(source: str, locale: str) -> None:
    with pytest.raises(UserError) as caught:
        drafting.converter(source, locale)
    (told,) = caught.value.problems
    assert tell(told) == (f"translate: no machine draft of “{locale}” from “{source}” is possible (from simplified Chinese into: zh-Hant)")


def prepared(root: Path, mark: str = "") -> None:  # noqa: F811
    texts = small.files({"a": small.text("个人{{ operator.name }}\n\n- 账号", "A\n\n- B"), "b": small.text("发现", "C")})
    texts["policies/p/policy.yml"] = texts["policies/p/policy.yml"].replace("[zh, en]", "[zh, en, zh-Hant]")
    write(root, {**texts, "mkdocs.yml": SETTINGS % (HANT % mark)})


def test_a_draft_is_marked_and_nothing_else_moves(run: Run, root: Path) -> None:  # noqa: F811
    prepared(root)
    before = (root / "clauses/m/a.yml").read_text(encoding="utf-8")
    assert run("translate", "draft", "a", "--locale", "zh-Hant").lines == ["clauses/m/a.yml: zh-Hant: drafted"]
    after = (root / "clauses/m/a.yml").read_text(encoding="utf-8")
    made = re.search(r"  zh-Hant:\n(    .*\n|\n)+?(?=  en:)", after)
    assert made is not None
    assert after.replace(made.group(), "") == before
    assert re.sub(r": [0-9a-f]{8}\n", ": X\n", made.group()) == (
        "  zh-Hant:\n    title: 條\n    translates: X\n    facts: X\n    machine_draft: true\n"
        "    body: |\n      個人{{ operator.name }}\n\n      - 賬號\n"
    )
    status = run("translate", "status", "--locale", "zh-Hant").lines
    assert status[0] == "policy p: zh-Hant: 1 missing, 1 machine-draft"
    assert any("warning: a machine made the “zh-Hant” text" in line for line in run("check").lines)


def test_a_draft_is_made_anew_only_while_nobody_has_read_it(run: Run, root: Path) -> None:  # noqa: F811
    prepared(root)
    assert len(run("translate", "draft", "--locale", "zh-Hant").lines) == 3
    assert run("translate", "draft", "--locale", "zh-Hant").out == ""  # nothing is behind
    assert run("translate", "attest", "a", "--by", "Li", "--locale", "zh-Hant").code == 0
    for name in ("a", "b"):
        file = root / f"clauses/m/{name}.yml"
        file.write_text(file.read_text(encoding="utf-8").replace("    title: 条\n", "    title: 发条\n", 1), encoding="utf-8")
    assert run("translate", "draft", "--locale", "zh-Hant").lines == ["clauses/m/b.yml: zh-Hant: drafted"]
    text = (root / "clauses/m/b.yml").read_text(encoding="utf-8")
    assert (text.count("title: 發條"), text.count("machine_draft: true")) == (1, 1)


def test_names_are_drafted_only_where_every_page_says_so(run: Run, root: Path) -> None:  # noqa: F811
    prepared(root)
    ran = run("translate", "draft", "--locale", "zh-Hant", "--names")
    assert (ran.code, ran.out) == (2, "")
    assert ran.errors == [
        "mkdocs.yml: a drafted name carries no mark of its own (set machine_draft: true under locales: zh-Hant, so that every page says so)"
    ]
    prepared(root, MARK)
    ran = run("translate", "draft", "--locale", "zh-Hant", "--names")
    assert "policies/p/policy.yml: zh-Hant: 3 names and texts drafted" in ran.lines
    assert "operator: {name: {zh: 某公司, en: Some Company, zh-Hant: 某公司}" in (root / "policies/p/policy.yml").read_text(
        encoding="utf-8"
    )
    assert run("translate", "draft", "--locale", "zh-Hant", "--names").out == ""


# The repository itself in traditional Chinese, by settings and files alone


@pytest.fixture(scope="module")
def hant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hant")  # noqa: F811
    for name in ("clauses", "policies", "docs"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("releases"))
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    own = f"  - clausebook:\n      locales: {{zh: {{name: 中文, lang: zh-CN}}, en: {{name: English, lang: en}}, {HANT % MARK}}}\n"
    assert settings.count("  - clausebook\n") == 1
    (root / "mkdocs.yml").write_text(settings.replace("  - clausebook\n", own), encoding="utf-8")
    for file in root.glob("policies/*/policy.yml"):
        file.write_text(file.read_text(encoding="utf-8").replace("locales: [zh, en]", "locales: [zh, en, zh-Hant]"), encoding="utf-8")
    return root


def draft(root: Path, *more: str) -> Project:  # noqa: F811
    words = ["--root", str(root), "translate", "draft", "--locale", "zh-Hant", *more]
    cli.main.main(words, prog_name="clausebook", standalone_mode=False)
    opened = project.judged(project.open(root), root, DAY)
    assert [tell(p) for p in (*opened.errors, *opened.findings) if p.severity == "error"] == []
    return opened


def test_a_site_of_drafts_builds_and_marks_every_gap(hant: Path) -> None:
    """First the clauses alone, then also the names they print."""
    made = draft(hant)
    states = {t.state for t in translation.of_library(made.library, made.settings, DAY) if t.locale == "zh-Hant"}
    assert states == {"machine-draft"}
    pages = {p.address: p for p in site.build(site.Site(made.settings, made.library, made.documents, (ROOT / "templates",), DAY))}
    entries = [entry for document in made.documents.values() for entry in document.entries()]
    lacking = sum("zh-Hant" in entry.missing for entry in entries)
    assert 0 < lacking < len(entries)  # what prints a name without a translation is shown in the source
    contents = "".join(str(pages[f"zh-Hant/{policy}/"].content) for policy in made.documents)
    assert contents.count(say("untranslated", "zh-Hant", name="中文")) == lacking
    assert contents.count(say("machine", "zh-Hant")) == len(entries) - lacking

    made = draft(hant, "--names")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"], cwd=hant, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for policy, document in made.documents.items():
        if policy == "enterprise-email":
            rows = clauses(page(hant / "site", "zh-Hant"))
            assert rows == [(entry.anchor, None, None, "此条译文为机器翻译，尚未经人核对。 阅读中文原文") for entry in document.entries()]
        written = sorted((hant / "site/zh-Hant" / policy).rglob("index.html"))
        assert len(written) > 10
        for file in written:
            assert say("machine-banner", "zh-Hant", name="中文") in file.read_text(encoding="utf-8"), file
        assert "机器译出" not in (hant / "site/zh" / policy / "index.html").read_text(encoding="utf-8")
    text = (hant / "site/zh-Hant/gov-im/index.html").read_text(encoding="utf-8")
    assert " 個月" in text
    assert " 个月" not in text
    assert '<html lang="zh-Hant"' in text
