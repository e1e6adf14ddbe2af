"""Pull requests over the real library, from a typo to sensitive data shared abroad: the whole report of each, as a comment.

The reports stand in `pulls/`. With CLAUSEBOOK_GOLDEN=write they are written anew; read what changed before you commit it.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from markupsafe import escape

from clausebook import git, project, reports, review
from clausebook.reports import comment
from clausebook.review import Sides
from clausebook.tree import Folder
from tests.conftest import ROOT
from tests.repositories import committed, run

HERE = Path(__file__).parent / "pulls"
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "cases.yml").read_text(encoding="utf-8"))
AS_OF = datetime.date(2026, 11, 22)
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


def reviewed(root: Path) -> review.Report:
    base = git.commit(root, "main")
    base.fetch(base.objects)
    edits = tuple(git.edits_here(base))
    return review.report(Sides(base, Folder(root), "base", "head", edits, project.settings(base)), AS_OF, "en")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_pull_request(root: Path, case: dict[str, Any]) -> None:
    for how in case["edits"]:
        edit(root, **how)
    found = reviewed(root)
    told, golden = reports.FORMATS["markdown"](found, "en", ""), HERE / f"{case['name']}.md"
    if os.environ.get("CLAUSEBOOK_GOLDEN") == "write":
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")
    assert (found.level == "material") >= (case.get("fails") == "material")
    same_in_every_form(found)


def same_in_every_form(found: review.Report) -> None:
    """Every form tells every change, in the same words."""
    told = {form: make(found, "en", "") for form, make in reports.FORMATS.items()}
    sentences = [row.change.sentence["en"] for row in found.rows]
    assert [change["sentence"]["en"] for change in json.loads(told["json"])["changes"]] == sentences
    results = [result["message"]["text"] for result in json.loads(told["sarif"])["runs"][0]["results"]]
    quality = [one["description"] for one in json.loads(told["gitlab"])]
    marks = told["github"].splitlines()
    for sentence in sentences:
        assert comment.plain(sentence) in told["markdown"]
        assert sentence in told["text"]
        assert str(escape(sentence)) in told["html"]
        for lines in (results, quality, marks):
            assert any(sentence[:200].replace("%", "%25") in line or sentence[:200] in line for line in lines)


def test_every_report_belongs_to_a_pull_request() -> None:
    assert sorted(path.stem for path in HERE.glob("*.md")) == sorted(case["name"] for case in CASES)
    assert len(CASES) >= 20


def test_no_report_shows_markup_of_ours_unescaped() -> None:
    for path in HERE.glob("*.md"):
        tags = set(re.findall(r"<[^>]*>", path.read_text(encoding="utf-8")))
        assert tags <= {
            "<!-- clausebook-review -->",
            "<details>",
            "</details>",
            "<summary>",
            "</summary>",
            "<ins>",
            "</ins>",
            "<del>",
            "</del>",
        }
