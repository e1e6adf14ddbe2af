"""The command line: what each command prints, and how it ends (0 clean, 1 findings, 2 user error, 3 our bug, 130 interrupted)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from clausebook import __version__, cli, project
from tests import small

CLAUSES = {"a": small.text("甲：\n\n1. 乙", "A:\n\n1. B"), "b": small.text("丙", "C"), "unused": small.text("丁", "D")}
GOOD = small.files(CLAUSES, "sections:\n  - {id: s, title: {zh: 章, en: Chapter}, clauses: [a, b]}\n")
SETTINGS = "site_name: x\nplugins: [clausebook]\n"


@dataclass
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def errors(self) -> list[str]:
        """Return the lines of the error output; the time a run took is taken out."""
        return re.sub(r" · \d+\.\d s", "", self.err).splitlines()


Run = Callable[..., Ran]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "site", GOOD)


def write(root: Path, files: dict[str, str]) -> Path:
    for path, text in {"mkdocs.yml": SETTINGS, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, root: Path) -> Run:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(root)

    def call(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["clausebook", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.run()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    return call


SIZE = "in 1 policies, 3 clauses"
BAD = GOOD["clauses/m/b.yml"].replace("C\n", "{{ nobody }}\n")
STALE = GOOD["clauses/m/b.yml"].replace("title: Clause", "title: Clause\n    translates: 00000000")


def test_check_of_a_good_tree(run: Run) -> None:
    run("translate", "record")  # which would be noted
    ran = run("check")
    assert (ran.code, ran.out, ran.errors) == (0, "", [f"0 errors, 0 warnings, 0 notes, 0 waived {SIZE}"])


def test_check_with_errors(run: Run, root: Path) -> None:
    write(root, {"clauses/m/b.yml": BAD})
    ran = run("check")
    assert ran.code == 2
    assert ran.lines == [
        "clauses/m/b.yml:10:10: nothing is called “nobody” (declare it under params, or correct the name)",
        "   10 |       {{ nobody }}",
        "      |          ^",
    ]
    assert ran.errors == [f"1 errors, 0 warnings, 0 notes, 0 waived {SIZE}"]


def test_check_in_summary(run: Run, root: Path) -> None:
    policy = GOOD["policies/p/policy.yml"].replace("locales: [zh, en]", "locales: [zh, en]\njurisdictions: [us-ca]")
    write(root, {"policies/p/policy.yml": policy})
    ran = run("check", "--summary")
    assert (ran.code, ran.lines) == (1, ["p us-ccpa: gap 6, satisfied elsewhere 2, not applicable 4"])
    (found,) = json.loads(run("check", "--summary", "--format", "json").out)["summary"]
    assert (found["policy"], found["pack"], found["outcomes"]["gap"], found["outcomes"]["waived"]) == ("p", "us-ccpa", 6, 0)


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 1), ("never", 0)])
def test_check_with_warnings(run: Run, root: Path, fail_on: str, code: int) -> None:
    run("translate", "record")
    write(root, {"clauses/m/b.yml": STALE})
    ran = run("check", "--fail-on", fail_on, "--format", "concise")
    assert ran.code == code
    assert len(ran.lines) == 1
    assert ran.lines[0].startswith("clauses/m/b.yml:9:17: warning: the “en” text was made from an older source")
    assert ran.errors == [f"0 errors, 1 warnings, 0 notes, 0 waived {SIZE}"]


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_check_for_machines_prints_nothing_else(run: Run, root: Path, form: str) -> None:
    run("translate", "record")
    write(root, {"clauses/m/b.yml": STALE})
    ran = run("check", "--format", form)
    assert (ran.code, ran.err) == (0, "")
    if form == "github":
        assert ran.out.startswith("::warning file=clauses/m/b.yml,line=9,col=17,title=translation-stale::")
    else:
        assert len(str(json.loads(ran.out))) > 50


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(("--lang", "zh", "check"), "en_US.UTF-8"), (("check",), "zh_CN.UTF-8"), (("check",), "zh_TW")],
)
def test_messages_in_chinese(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], environment: str) -> None:
    write(root, {"clauses/m/b.yml": BAD})
    monkeypatch.setenv("LC_ALL", environment)
    assert run(*arguments, "--format", "concise").lines == [
        "clauses/m/b.yml:10:10: 没有名为“nobody”的值（请在 params 下声明，或者改正名称）",
    ]


def test_an_error_that_ends_a_command_is_told_in_chinese_too(run: Run) -> None:
    ran = run("--lang", "zh", "where", "zzz")
    assert (ran.code, ran.errors) == (2, ["clauses: 没有“zzz”这一条款（请编写该条款，或者改正 id）"])


def test_the_language_asked_for_wins_over_the_terminals(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run("--lang", "en", "where", "zzz").errors == ["clauses: there is no clause “zzz” (write it, or correct the id)"]


# where and show


def test_where(run: Run) -> None:
    assert run("where", "b") == Ran(0, "p: s 第一章第（二）节 (policies/p/policy.yml:7:55)\nb: 1 places in 1 of 1 policies\n", "")
    assert run("where", "unused") == Ran(0, "unused: used by no policy\n", "")
    assert [p["anchor"] for p in json.loads(run("where", "b", "--format", "json").out)["places"]] == ["b"]


def test_where_guesses(run: Run) -> None:
    ran = run("where", "unusd")
    assert (ran.code, ran.out, ran.errors) == (2, "", ["clauses: there is no clause “unusd” (did you mean “unused”?)"])


def test_show(run: Run) -> None:
    assert run("show", "p").lines == ["# 一、 章", "", "[a] （一） 条", "甲：", "  1. 乙", "", "[b] （二） 条", "丙"]
    assert run("show", "p", "b", "--locale", "en").lines == ["# 1. Chapter", "", "[b] (b) Clause", "C"]
    assert [item["text"] for item in json.loads(run("show", "p", "b", "--format", "json").out)] == ["条", "丙"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("q",), "policies: there is no policy “q” (known: p)"),
        (("p", "--locale", "fr"), "policies/p/policy.yml: “fr” is not a locale of this site (known: zh, en)"),
        (("p", "unused"), "policies/p/policy.yml: there is no clause “unused” (write it, or correct the id)"),
    ],
)
def test_show_what_is_not_there(run: Run, arguments: tuple[str, ...], error: str) -> None:
    ran = run("show", *arguments)
    assert (ran.code, ran.out, ran.errors) == (2, "", [error])


def test_show_needs_a_good_tree(run: Run, root: Path) -> None:
    write(root, {"clauses/m/b.yml": BAD})
    ran = run("show", "p")
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)


# new and init


def test_new_clause(run: Run, root: Path) -> None:
    ran = run("new", "clause", "greeting", "--module", "extra")
    assert (ran.code, ran.out) == (0, "clauses/extra/greeting.yml: written\n")
    assert (root / "clauses/extra/greeting.yml").is_file()
    assert run("check").code == 0
    again = run("new", "clause", "greeting", "--module", "extra")
    assert (again.code, again.errors) == (
        2,
        ["clauses/extra/greeting.yml: this exists already; nothing was written (choose another name)"],
    )


def test_new_policy(run: Run, root: Path) -> None:
    ran = run("new", "policy", "guests")
    assert (ran.code, ran.out) == (0, "policies/guests/policy.yml: written\n")
    assert run("check").code == 0
    assert run("new", "policy", "guests").code == 2


@pytest.mark.parametrize("name", ["../evil", "Upper", "a/b", "a_b", "-", "", "a" * 81, "甲", "a\n", "draft", "con"])
def test_new_takes_only_plain_names(run: Run, root: Path, name: str) -> None:
    before = sorted(root.rglob("*"))
    for kind in (["clause"], ["policy"], ["clause", "good", "--module"]):
        assert run("new", *kind, name).code == 2
    assert sorted(root.rglob("*")) == before


def test_init(run: Run, root: Path) -> None:
    ran = run("init", "my-site")
    assert ran.code == 0
    assert f"{Path('my-site') / 'mkdocs.yml'}" in ran.lines
    checked = run("--root", "my-site", "check", "--format", "json")
    assert checked.code == 0  # what the sources lacked is repaired, or waived with a reason; notes and warnings remain
    assert {p["severity"] for p in json.loads(checked.out)["problems"]} == {"warning", "info"}
    known = {line.split(":")[0] for line in run("--root", "my-site", "explain").out.splitlines()}
    assert {p["code"] for p in json.loads(checked.out)["problems"]} <= known


def test_explain_knows_kinds_of_change(run: Run) -> None:
    assert run("explain", "right-removed").lines[0] == "Change: right-removed (Right dropped)"
    missed = run("explain", "right-remove")
    assert (missed.code, "right-removed" in missed.err) == (2, True)


@pytest.mark.parametrize(("occupied", "code"), [(False, 0), (True, 2)])
def test_init_into_a_folder_that_exists(run: Run, root: Path, occupied: bool, code: int) -> None:
    target = root / "there"
    target.mkdir()
    if occupied:
        (target / "mine").write_text("mine", encoding="utf-8")
    ran = run("init", "there")
    assert ran.code == code
    assert (target / "mkdocs.yml").exists() is not occupied


# check --fix


GLOSSARY = {"clauses/vocabulary/glossary.yml": "terms:\n  - {id: account, preferred: {zh: 账号}, spellings: {zh: [帐号]}}\n"}


def test_check_mends_spellings(run: Run, root: Path) -> None:
    write(root, {**GLOSSARY, "clauses/m/b.yml": GOOD["clauses/m/b.yml"].replace("丙", "丙的帐号")})
    assert run("check", "--fail-on", "warning").code == 1
    ran = run("check", "--fix", "--fail-on", "warning")
    assert (ran.code, ran.errors) == (0, ["1 spellings mended in 1 files", f"0 errors, 0 warnings, 2 notes, 0 waived {SIZE}"])
    assert (root / "clauses/m/b.yml").read_text(encoding="utf-8") == GOOD["clauses/m/b.yml"].replace("丙", "丙的账号")
    assert run("check", "--fix").errors[0] == "0 spellings mended in 0 files"


def test_a_commit_cannot_be_mended(run: Run) -> None:
    ran = run("check", "--fix", "--at", "HEAD")
    assert ran.code == 2
    assert "--fix mends the working tree" in ran.err


# schema


def test_schema(run: Run, root: Path) -> None:
    names = ["clause", "policy", "vocabulary", "glossary", "settings", "changes", "policy-export"]
    assert run("schema", "--check") == Ran(1, "".join(f"schemas/{n}.json: out of date\n" for n in names), "")
    assert not (root / "schemas").exists()
    assert run("schema") == Ran(0, "".join(f"schemas/{n}.json: written\n" for n in names), "")
    assert run("schema", "--check") == run("schema") == Ran(0, "", "")
    write(root, {"clauses/m/new.yml": GOOD["clauses/m/b.yml"].replace("id: b", "id: new")})
    assert run("schema", "--check") == Ran(1, "schemas/policy.json: out of date\n", "")


# A commit instead of the working tree.


def git(root: Path, *arguments: str) -> str:
    safe = {
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.example",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.example",
    }  # fmt: skip
    done = subprocess.run(["git", *arguments], cwd=root, env={**os.environ, **safe}, capture_output=True, check=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def history(root: Path) -> Path:
    """A repository whose first commit (tag `v1`) has an error that the second has not; the site is a folder below its top."""
    top = root.parent
    git(top, "init", "-q", "-b", "main")
    for message, text in (("one", BAD), ("two", GOOD["clauses/m/b.yml"])):
        write(root, {"clauses/m/b.yml": text})
        git(top, "add", "-A")
        git(top, "commit", "-q", "-m", message)
        if message == "one":
            git(top, "tag", "v1")
    return root


def test_check_at_a_commit(run: Run, history: Path) -> None:
    head = git(history, "rev-parse", "HEAD")
    for ref, code in (("v1", 2), ("HEAD~1", 2), ("HEAD", 0), ("main", 0), (head[:8], 0)):
        assert run("check", "--at", ref).code == code, ref
    write(history, {"clauses/m/a.yml": BAD.replace("id: b", "id: a")})
    assert run("check").code == 2
    assert run("check", "--at", "HEAD").code == 0  # the working tree does not matter


def test_check_at_a_commit_shows_no_line_of_the_working_tree(run: Run, history: Path) -> None:
    assert run("check", "--at", "v1").lines == [
        "clauses/m/b.yml:10:10: nothing is called “nobody” (declare it under params, or correct the name)",
    ]


def test_check_at_what_is_no_commit(run: Run, history: Path) -> None:
    hint = "check the name; in a shallow clone fetch it first: git fetch origin"
    for ref in ("nowhere", "--help", "HEAD:site"):
        ran = run("check", f"--at={ref}")
        assert (ran.code, ran.errors) == (2, [f"--at: “{ref}” is not a branch, tag or commit ({hint} {ref})"])


def test_check_at_outside_a_repository(run: Run, root: Path) -> None:
    assert run("check", "--at", "HEAD").code == 2


def test_links_in_a_commit_are_not_followed(run: Run, history: Path) -> None:
    (history / "clauses/m/link.yml").symlink_to(history / "mkdocs.yml")
    git(history, "add", "-A")
    git(history, "commit", "-q", "-m", "link")
    ran = run("check", "--at", "HEAD")
    assert (ran.code, ran.lines) == (2, ["clauses/m/link.yml: links are not followed (copy the file)"])


# How a run ends.


@pytest.mark.parametrize(
    "arguments", [("zzz",), ("check", "--zzz"), ("check", "--format", "zzz"), ("show",), ("--root", "nowhere", "check")]
)
def test_a_wrong_command_line(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Error" in ran.err
    assert "Traceback" not in ran.err


def test_no_settings(run: Run, root: Path) -> None:
    (root / "mkdocs.yml").unlink()
    ran = run("check")
    assert (ran.code, ran.errors) == (
        2,
        ["mkdocs.yml: no mkdocs.yml here (run this in a site's folder, or make one with `clausebook init`)"],
    )


@pytest.mark.parametrize(("error", "code"), [(RuntimeError("oh"), 3), (KeyboardInterrupt(), 130)])
def test_only_our_own_bug_shows_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(project, "settings", fail)
    ran = run("check")
    assert (ran.code, "Traceback" in ran.err, "RuntimeError: oh" in ran.err) == (code, code == 3, code == 3)
    assert ("please report it" in ran.err) is (code == 3)


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("check", "--help"), ("new", "-h")])
def test_help(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out.startswith("Usage: clausebook"), ran.err) == (0, True, "")


def test_every_command_has_one_line_of_help(run: Run) -> None:
    said = run("--help").out
    context = cli.main.make_context("clausebook", ["--root", "."], resilient_parsing=True)
    for name in cli.main.list_commands(context):
        command = cli.main.get_command(context, name)
        assert command is not None
        assert command.help
        assert re.search(rf"^  {name}  ", said, re.MULTILINE)


def test_every_command_is_listed() -> None:
    """Modules are loaded by the table of commands: a command of a module that the table lacks could not be run."""
    folder = Path(cli.__file__).parent
    for module in folder.glob("[a-z]*.py"):
        import_module(f"clausebook.cli.{module.stem}")
    context = cli.main.make_context("clausebook", ["--root", "."], resilient_parsing=True)
    assert sorted(cli.main.commands) == cli.main.list_commands(context)


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [
        (["--version"], {"pydantic", "jinja2", "clausebook.project"}),
        (["check"], {"ssl", "http.client", "asyncio", "mkdocs", "rich", "openpyxl", "polib", "clausebook.review", "clausebook.reports"}),
        (["review", "--base", "HEAD", "--help"], {"ssl", "http.client", "mkdocs", "rich", "clausebook.freeze", "clausebook.exchange"}),
    ],
)
def test_a_command_loads_what_it_needs(root: Path, arguments: list[str], spared: set[str]) -> None:
    code = "import sys; from clausebook.cli import shell; shell._code(sys.argv[1:]); print('\\n'.join(sys.modules), file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code, "--root", root, *arguments], capture_output=True, text=True, check=True)
    loaded = set(ran.stderr.split())
    assert "clausebook.cli.shell" in loaded
    assert loaded & spared == set()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which runs keep what they found."""
    monkeypatch.setenv("CLAUSEBOOK_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.mark.parametrize("arguments", [(), ("--format", "json"), ("--summary",), ("--fail-on", "info"), ("--format", "concise")])
def test_check_says_the_same_when_nothing_has_changed(run: Run, root: Path, kept: Path, arguments: tuple[str, ...]) -> None:
    write(root, {"clauses/m/b.yml": STALE})
    first = run("check", *arguments)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "settings", None)  # whatever judges begins with it
        second = run("check", *arguments)
    assert (second.code, second.out, second.errors) == (first.code, first.out, first.errors)
    assert any(kept.iterdir())
    write(root, {"clauses/m/b.yml": BAD})
    assert run("check", *arguments).code == 2


def test_check_keeps_errors_too(run: Run, root: Path, kept: Path) -> None:
    write(root, {"clauses/m/b.yml": BAD})
    first, second = run("check"), run("check")
    assert (first.code, second.code, second.out) == (2, 2, first.out)
    assert first.out


@pytest.mark.usefixtures("kept")
def test_check_on_another_day(run: Run, root: Path) -> None:
    run("--as-of", "2026-06-01", "check")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "settings", None)
        assert run("--as-of", "2026-06-02", "check").code == 3  # it would have to judge
        assert run("--as-of", "2026-06-01", "check").code == 0
    assert run("--as-of", "June", "check").code == 2


def test_check_without_keeping(run: Run, kept: Path) -> None:
    run("check", "--no-cache")
    assert not kept.exists()
    run("check")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "settings", None)
        assert run("check", "--no-cache").code == 3


# As a process.


def process(root: Path, *arguments: str, **environment: str) -> Ran:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=root, env={**os.environ, "LC_ALL": "C.UTF-8", **environment}, capture_output=True, check=False
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_python_m(root: Path) -> None:
    assert process(root, "-m", "clausebook", "--version") == Ran(0, f"clausebook, version {__version__}\n", "")
    write(root, {"clauses/m/b.yml": BAD})
    ran = process(root, "-m", "clausebook", "--lang", "zh", "check", "--format", "concise", PYTHONIOENCODING="utf-8")
    assert (ran.code, ran.lines[0]) == (2, "clauses/m/b.yml:10:10: 没有名为“nobody”的值（请在 params 下声明，或者改正名称）")


def test_a_reader_that_goes_away(root: Path) -> None:
    """`clausebook show p | head -1` ends without a word."""
    command = f'"{sys.executable}" -m clausebook show p | true; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", command], cwd=root, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


# Exports


FACTS = "facts:\n  collects: [{data: [name], subject: user}]\n"


@pytest.fixture
def exported(root: Path) -> Path:
    return write(root, small.files({"a": small.text("甲", "A", FACTS)}))


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        (("csv", "p", "--list", "collected", "--locale", "en"), "Row,Function,Purpose,How collected,Information,"),
        (("csv", "p", "--list", "collected"), "行,功能,目的,方式,信息种类,"),
        (("json", "p", "--list", "rights"), '{\n  "format": 1,\n  "policy": "p",\n  "lists": {\n    "rights": {'),
        (("policy", "p"), '{\n  "format": 1,\n  "policy": "p",\n  "title": {'),
        (("jsonld", "p"), '{\n  "@context": {'),
        (("ropa", "p", "--locale", "en"), "Processing activity,Controller and contact,"),
    ],
)
def test_export(run: Run, exported: Path, arguments: tuple[str, ...], start: str) -> None:
    done = run("export", *arguments)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(start)
    assert run("export", *arguments, "-o", "out") == Ran(0, "", "")
    assert (exported / "out").read_bytes().decode().replace("\r\n", "\n") == done.out.replace("\r\n", "\n")


KNOWN = "collected, shared, sdk, permissions, cookies, retention, transfers, sensitive, rights, automated"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("csv", "p"), f"export: a csv file holds one list (name it with --list: {KNOWN})"),
        (("json", "p", "--list", "right"), f"export: there is no list “right” (known: {KNOWN})"),
        (("ropa", "p", "--list", "rights"), "export: the format ropa holds the whole policy (leave out --list)"),
        (("policy", "q"), "policies: there is no policy “q” (known: p)"),
        (("policy", "p", "--locale", "fr"), "policies/p/policy.yml: “fr” is not a locale of this site (known: zh, en)"),
        (
            ("policy", "p", "-o", "missing/out.json"),
            "missing/out.json: this file cannot be written: No such file or directory (choose another place)",
        ),
    ],
)
def test_export_that_cannot_be(run: Run, exported: Path, arguments: tuple[str, ...], error: str) -> None:
    before = sorted(path.name for path in exported.iterdir())
    assert run("export", *arguments) == Ran(2, "", f"{error}\n")
    assert sorted(path.name for path in exported.iterdir()) == before


def test_export_leaves_the_old_file_when_it_cannot_write(run: Run, exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is the case: half of the bytes are written, then no more."""
    (exported / "out.json").write_text("old", encoding="utf-8")
    write_bytes = Path.write_bytes

    def half(path: Path, data: bytes) -> int:
        write_bytes(path, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    done = run("export", "policy", "p", "-o", "out.json")
    assert done == Ran(2, "", "out.json: this file cannot be written: No space left on device (choose another place)\n")
    assert [path.name for path in exported.iterdir() if "out" in path.name] == ["out.json"]
    assert (exported / "out.json").read_text(encoding="utf-8") == "old"


def test_export_needs_openpyxl_for_spreadsheets(run: Run, exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert run("export", "xlsx", "p") == Ran(
        2, "", 'export: this needs openpyxl, which is not installed (pip install "clausebook[xlsx]")\n'
    )


def test_export_with_an_iri_of_ones_own(run: Run, root: Path) -> None:
    write(root, {"mkdocs.yml": "site_name: x\nplugins:\n  - clausebook: {iri: 'https://p.example/id/'}\n"})
    ran = run("export", "jsonld", "p")
    assert (ran.code, "urn:clausebook:" in ran.out, "https://p.example/id/p" in ran.out) == (0, False, True)
