"""`clausebook translate`: which translations are behind, why, and that somebody has read one again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clausebook import git, project
from tests import small
from tests.server import serve
from tests.test_cli import SETTINGS, Ran, Run, run, write  # noqa: F401  # a fixture
from tests.test_git import committed
from tests.test_git import run as git_

FACTS = "facts:\n  collects:\n    - {data: [name], subject: user}\n"
CLAUSES = {"a": small.text("甲一姓名。\n\n- 乙", "A name.\n\n- B", FACTS), "b": small.text("丙", "C")}
A = "clauses/m/a.yml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a committed site of two clauses, each with a translation that names its source."""
    root = write(tmp_path / "site", small.files(CLAUSES))
    git_(root, "init", "--quiet", "--initial-branch", "main")
    return root


@pytest.fixture
def ready(root: Path, run: Run) -> Run:  # noqa: F811
    for clause in ("a", "b"):
        assert run("translate", "attest", clause, "--by", "Wang", "--locale", "en", "--reason", "first").code == 0
    committed(root)
    return run


def edit(root: Path, old: str, new: str, path: str = A) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (root / path).write_text(text.replace(old, new), encoding="utf-8")


def state(run: Run, clause: str = "a") -> str:  # noqa: F811
    found = json.loads(run("translate", "status", "--format", "json").out)["translations"]
    return next(str(t["state"]) for t in found if t["clause"] == clause)


def test_status_of_a_tree_in_which_nothing_is_behind(ready: Run) -> None:
    assert ready("translate", "status").lines == [
        "policy p: en: 2 attested",
        "module m: en: 2 attested",
        "clauses/m/a.yml:13:5: en: attested by Wang: first",
        "clauses/m/b.yml:8:5: en: attested by Wang: first",
    ]
    assert ready("translate", "status", "--locale", "fr").lines == []


def test_status_as_json(ready: Run, root: Path) -> None:
    edit(root, "甲一", "甲二")
    (root / "clauses/m/b.yml").write_text(
        "id: b\nwaived: {en: {reason: 试行, by: 王某, until: 2099-01-01}}\ntext:\n  zh: {title: 条, body: 丙}\n", encoding="utf-8"
    )
    assert json.loads(ready("translate", "status", "--format", "json").out) == {
        "version": 1,
        "policies": {"p": {"en": {"stale-text": 1, "waived": 1}}},
        "modules": {"m": {"en": {"stale-text": 1, "waived": 1}}},
        "translations": [
            {
                "clause": "a", "locale": "en", "source": "zh", "state": "stale-text", "without": "stale-text",
                "path": A, "line": 13, "waived": None, "attested": None,
            },
            {
                "clause": "b", "locale": "en", "source": "zh", "state": "waived", "without": "missing",
                "path": "clauses/m/b.yml", "line": 4, "waived": {"reason": "试行", "by": "王某", "until": "2099-01-01"}, "attested": None,
            },
        ],
    }  # fmt: skip
    assert f"{A}:13:5: en: stale-text" in ready("translate", "status").lines
    assert "clauses/m/b.yml:4:3: en: waived (missing) by 王某 until 2099-01-01: 试行" in ready("translate", "status").lines


def test_the_whole_way_of_an_edit(ready: Run, root: Path) -> None:
    before = (root / A).read_bytes()
    assert ready("check").out == ""
    edit(root, "甲一", "甲二")
    committed(root)
    assert ready("check").lines[0].startswith(f"{A}:14:17: warning: the “en” text was made from an older source")
    assert state(ready) == "stale-text"
    edit(root, "- 乙", "- 丁")  # shown is what changed since the translation, not since the last edit
    assert ready("translate", "show", "a").lines == [
        f"{A}:13:5: a: en: stale-text",
        "the zh text since it was translated:",
        "条",
        "甲[-一-]{+二+}姓名。",
        "[-- 乙-]",
        "{+- 丁+}",
    ]
    changed = (root / A).read_text(encoding="utf-8")
    ran = ready("translate", "attest", "a", "--by", "Li", "--reason", "仅调整用词: 甲")
    assert ran.lines == [f"{A}: en: attested by Li: 仅调整用词: 甲"]
    after = (root / A).read_text(encoding="utf-8")
    pattern = re.compile(r"^ +(translates|source|by|reason): .*$", re.MULTILINE)
    assert pattern.sub("", after) == pattern.sub("", changed)  # nothing else was touched
    assert (ready("check").out, state(ready)) == ("", "attested")
    assert f"{A}:13:5: en: attested by Li: 仅调整用词: 甲" in ready("translate", "status").lines
    assert before != (root / A).read_bytes()


def test_facts_that_change_make_a_translation_stale(ready: Run, root: Path) -> None:
    edit(root, "data: [name]", "data: [name, phone]")
    assert state(ready) == "stale-facts"
    told = f"{A}:15:12: warning: the facts have changed since the “en” text was made"
    assert any(line.startswith(told) for line in ready("check").lines)
    assert small.entry(project.open(root).documents["p"], "a").stale == {"en"}
    assert ready("translate", "attest", "a", "--by", "Li").code == 0
    assert state(ready) == "attested"


def test_a_record_is_written_where_there_is_none_and_nowhere_else(run: Run, root: Path) -> None:  # noqa: F811
    text = (root / A).read_text(encoding="utf-8")
    (root / A).write_text(text.replace("  en:\n", "  en:   # a comment\n"), encoding="utf-8")
    edit(root, "title: Clause", "title: Clause\n    translates: 00000000", "clauses/m/b.yml")
    before, other = (root / A).read_text(encoding="utf-8"), (root / "clauses/m/b.yml").read_bytes()
    assert run("translate", "record", "a", "--locale", "fr").code == 2
    assert run("translate", "record").lines == [f"{A}: en: recorded"]  # the other is behind, and stays so
    assert (root / "clauses/m/b.yml").read_bytes() == other
    made = (root / A).read_text(encoding="utf-8")
    assert re.sub(r" {4}(translates|facts): .*\n", "", made) == before
    assert len(made.splitlines()) == len(before.splitlines()) + 2
    assert run("translate", "record").out == ""
    assert state(run) == "current"
    edit(root, "[name]", "[name, phone]")
    assert state(run) == "stale-facts"


def test_an_edit_of_punctuation_carries_over_when_attested(ready: Run, root: Path) -> None:
    edit(root, "甲一姓名。", "甲一，姓名。")
    edit(root, "丙", "丁", "clauses/m/b.yml")
    ran = ready("translate", "attest", "--punctuation", "--by", "Li")
    assert (ran.code, ran.lines) == (0, [f"{A}: en: attested by Li: punctuation only"])
    assert (state(ready), state(ready, "b")) == ("attested", "stale-text")


def test_an_edit_of_facts_is_no_matter_of_punctuation(ready: Run, root: Path) -> None:
    edit(root, "甲一姓名。", "甲一，姓名。")
    edit(root, "data: [name]", "data: [name, phone]")
    assert ready("translate", "attest", "--punctuation", "--by", "Li").code == 2
    assert state(ready) == "stale-text"


def test_attest_of_what_a_machine_made(ready: Run, root: Path) -> None:
    edit(root, "  en:\n    title: Clause\n", "  en:\n    title: Clause\n    machine_draft: true   # by X\n")
    assert state(ready) == "machine-draft"
    assert ready("translate", "attest", "a", "--by", "Li").code == 0
    assert "    machine_draft: false   # by X\n" in (root / A).read_text(encoding="utf-8")
    assert state(ready) == "attested"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("attest", "a", "--by", "Li"), "attest: no translation here is behind in this way (name a clause and a language with --locale)"),
        (
            ("attest", "--by", "Li"),
            "attest: attest needs a clause (name it, or use --punctuation for all whose source changed in punctuation only)",
        ),
        (("attest", "z", "--by", "Li"), "clauses: there is no clause “z” (write it, or correct the id)"),
        (("show", "a", "--locale", "fr"), f"{A}: “fr” is not a locale of this site (known: en)"),
    ],
)
def test_what_cannot_be_done(ready: Run, arguments: tuple[str, ...], error: str) -> None:
    ran = ready("translate", *arguments)
    assert (ran.code, ran.errors) == (2, [error])


def test_show_without_the_old_text(ready: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(root, "甲一", "甲二")
    monkeypatch.setenv("PATH", "/nowhere")
    assert ready("translate", "show", "a").lines == [
        f"{A}:13:5: a: en: stale-text",
        "the zh text it was made from is not known to git; this is the text of today:",
        "条", "", "甲二姓名。", "", "- 乙",
    ]  # fmt: skip


def test_show_of_what_is_missing(ready: Run, root: Path) -> None:
    (root / "clauses/m/b.yml").write_text("id: b\ntext:\n  zh: {title: 条, body: 丙}\n", encoding="utf-8")
    assert ready("translate", "show", "b").lines == ["clauses/m/b.yml:3:3: b: en: missing"]


def test_history_follows_a_file_to_its_earlier_name(ready: Run, root: Path) -> None:
    old = (root / A).read_bytes()
    git_(root, "mv", A, "clauses/m/c.yml")
    edit(root, "甲一", "甲二", "clauses/m/c.yml")
    committed(root)
    found = list(git.history(root, "clauses/m/c.yml"))
    assert (len(found), found[1]) == (2, old)
    assert list(git.history(root, "nowhere.yml")) == []


def build(root: Path) -> Path:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "site"


def test_the_reader_is_told_on_the_page(ready: Run, root: Path, nginx: Path, browser: Browser, tmp_path: Path) -> None:
    (root / "mkdocs.yml").write_text(SETTINGS.replace("x", "x\ntheme: {name: material, font: false}"), encoding="utf-8")
    (root / "docs").mkdir()
    edit(root, "甲一", "甲二")

    def read(visit: Callable[[str], None]) -> None:
        (tmp_path / "nginx").mkdir(exist_ok=True)
        with serve(nginx, build(root), tmp_path / "nginx") as url:
            visit(url)

    def behind(url: str) -> None:
        page = browser.new_page(java_script_enabled=False)
        page.goto(f"{url}/en/p/")
        assert page.locator(".cb-prevails").inner_text().endswith("Of 2 clauses: 1 behind the Chinese text.")
        note = page.locator(".cb-clause .cb-note")
        assert note.all_inner_texts() == ["This translation is behind the Chinese text. Read the Chinese clause"]
        assert note.locator("xpath=..").locator("h3").get_attribute("id") == "a"
        note.get_by_role("link").click()
        assert page.url == f"{url}/zh/p/#a"
        assert page.locator("#a").inner_text().startswith("（一）条")
        assert page.locator(".cb-note").count() == 0
        page.close()

    def again(url: str) -> None:
        page = browser.new_page(java_script_enabled=False)
        page.goto(f"{url}/en/p/")
        assert page.locator(".cb-note").count() == 0
        assert "Of 2 clauses" not in page.locator(".cb-prevails").inner_text()
        page.close()

    read(behind)
    assert ready("translate", "attest", "a", "--by", "Li").code == 0
    read(again)


def test_help_says_what_each_command_does(run: Run) -> None:  # noqa: F811
    ran: Ran = run("translate", "--help")
    listed = ran.out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == ["attest", "draft", "export", "import", "record", "show", "status"]
