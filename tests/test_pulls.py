"""Pull requests over the real library, from a typo to sensitive data shared abroad: the whole report of each, as a comment.

The reports stand in `pulls/`. With CLAUSEBOOK_GOLDEN=write they are written anew; read what changed before you commit it.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from clausebook import cli, git, project, reports, review
from clausebook.reports import NO_LINKS
from clausebook.reviewed import Report, Sides
from clausebook.tree import Folder
from tests import forms
from tests.conftest import ROOT
from tests.repositories import committed, run

HERE = Path(__file__).parent / "pulls"
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "cases.yml").read_text(encoding="utf-8"))
AS_OF = datetime.date(2026, 11, 22)
FAILING, PASSING = ("unclassified", "material"), ("substantive", "editorial", "translation", "internal")
FAIL = ("--fail-on", "material", "--format", "json")
WHOLE = {
    "text": "report.txt", "github": "marks.txt", "gitlab": "quality.json", "json": "report.json", "html": "report.html",
    "sarif": "report.sarif",
}  # fmt: skip
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository that holds a copy of the library in its one commit."""
    root: Path = tmp_path_factory.mktemp("pulls") / "site"
    root.mkdir()
    for name in ("clauses", "policies"):
        shutil.copytree(ROOT / name, root / name)
    (root / "mkdocs.yml").write_text("site_name: x\nplugins: [clausebook]\n", encoding="utf-8")
    run(root, "init", "--quiet", "--initial-branch", "main")
    committed(root)
    return root


@pytest.fixture
def root(repository: Path) -> Iterator[Path]:
    yield repository
    run(repository, "reset", "--quiet", "--hard")
    run(repository, "clean", "--quiet", "-fd")


def edit(root: Path, **how: str) -> None:
    if "file" in how:
        file = root / how["file"]
        text = file.read_text(encoding="utf-8")
        assert text.count(how["old"]) >= 1, f"{how['file']} does not hold {how['old']!r}"
        file.write_text(text.replace(how["old"], how["new"], 1), encoding="utf-8")
    elif "write" in how:
        (root / how["write"]).parent.mkdir(parents=True, exist_ok=True)
        (root / how["write"]).write_text(how["content"], encoding="utf-8")
    elif "delete" in how:
        (root / how["delete"]).unlink()
    else:
        (root / how["move"]).rename(root / how["to"])


def reviewed(root: Path) -> Report:
    base = git.commit(root, "main")
    base.fetch(base.objects)
    edits = tuple(git.edits_here(base))
    return review.report(Sides(base, Folder(root), "base", "head", edits, project.settings(base)), AS_OF, "en")


def golden(file: Path, told: str) -> str:
    """Return what a golden file holds, written anew where that is asked for."""
    if os.environ.get("CLAUSEBOOK_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(told, encoding="utf-8")
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_pull_request(root: Path, case: dict[str, Any]) -> None:
    for how in case["edits"]:
        edit(root, **how)
    found = reviewed(root)
    told = {form: make(found, "en", NO_LINKS) for form, make in reports.FORMATS.items()}
    known = golden(HERE / f"{case['name']}.md", told["markdown"])
    assert told["markdown"] == known
    assert (found.level if found.level in FAILING else None) == case.get("fails")
    for form, file in WHOLE.items() if case.get("whole") else ():
        assert told[form] == golden(HERE / case["name"] / file, told[form]), form
    assert forms.sarif_faults(told["sarif"]) == []
    rows_are(list(forms.of_markdown(known)), told, "en")
    rows_are(None, {form: make(found, "zh", NO_LINKS) for form, make in reports.FORMATS.items()}, "zh")


def rows_are(rows: list[forms.Row] | None, told: dict[str, str], locale: str) -> None:
    """Every form tells the same rows in the same order; where rows are given, just those."""
    expected = list(forms.of_json(told["json"], locale)) if rows is None else rows
    assert list(forms.of_json(told["json"], locale)) == expected
    for form, read in forms.FORMS.items():
        assert list(read(told[form])) == expected, form


ENDS = {
    "typo": 0, "translation-only": 0, "retention-shorter": 0, "clearer-words": 1, "retention-longer": 1, "purpose-added": 1,
    "release-edited": 1, "does-not-load": 2,
}  # fmt: skip


@pytest.mark.parametrize(("name", "code"), ENDS.items())
def test_fail_on_material_decides_how_the_command_ends(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, code: int
) -> None:
    for how in next(case["edits"] for case in CASES if case["name"] == name):
        edit(root, **how)
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "argv", ["clausebook", "--lang", "en", "--as-of", "2026-11-22", "review", "--base", "main", *FAIL])
    with pytest.raises(SystemExit) as ended:
        cli.run()
    assert ended.value.code == code
    assert json.loads(capsys.readouterr().out)["level"] in (FAILING if code == 1 else PASSING)


def test_rules_alone_fail_a_change() -> None:
    """Of the cases that fail, at least two do so by the rules alone, not because a text waits to be classified."""
    failing = [case["name"] for case in CASES if case.get("fails") == "material"]
    levels = {name: {row.level for row in forms.of_markdown((HERE / f"{name}.md").read_text(encoding="utf-8"))} for name in failing}
    assert len([name for name, found in levels.items() if "material" in found and "not yet classified" not in found]) >= 2


def test_every_report_belongs_to_a_pull_request() -> None:
    assert sorted(path.stem for path in HERE.glob("*.md")) == sorted(case["name"] for case in CASES)
    assert len(CASES) >= 20


def test_no_report_shows_markup_of_ours_unescaped() -> None:
    for path in HERE.glob("*.md"):
        tags = set(re.findall(r"<[^>]*>", path.read_text(encoding="utf-8")))
        assert tags <= {
            "<!-- clausebook-review -->",
            "<!-- clausebook-review: nothing -->",
            "<details>",
            "</details>",
            "<summary>",
            "</summary>",
            "<ins>",
            "</ins>",
            "<del>",
            "</del>",
        }
