"""The same edit in every shape a repository can have: each form tells the same golden report, through the command line.

The reports stand in `golden/review/`; with CLAUSEBOOK_GOLDEN=write they are written anew.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clausebook import cli, reports
from tests import forms, small
from tests.repositories import committed, made, run, written

GOLDEN = Path(__file__).parent / "golden" / "review"
FACTS = "facts:\n  retention:\n    - {scope: ip, period: P3M}\n"
SETTINGS = "site_name: x\nplugins: [clausebook]\n"
KEPT = "我们保存{{ facts.retention.period | duration }}。", "We keep it for {{ facts.retention.period | duration }}."
CLAUSES = {"kept": small.text(*KEPT, FACTS), "said": small.text("我们说明。", "We explain.")}
FILES = {"mkdocs.yml": SETTINGS, **small.files(CLAUSES)}
OLD = "clauses/m/kept.yml"
Shape = tuple[Path, str, str]  # the folder to be in, the base, the head
HERE = "worktree"


def edited(root: Path, path: str = OLD) -> None:
    file = root / path
    file.write_bytes(file.read_bytes().replace(b"period: P3M", b"period: P6M"))


def branched(root: Path) -> None:
    """Commit the edit on a branch, and something else on main."""
    run(root, "checkout", "--quiet", "-b", "edit")
    edited(root)
    committed(root)
    run(root, "checkout", "--quiet", "main")
    written(root, {"README.md": "x"})
    committed(root)


def working_tree(root: Path) -> Shape:
    edited(root)
    return root, "HEAD", HERE


def staged(root: Path) -> Shape:
    edited(root)
    run(root, "add", "--all")
    return root, "HEAD", HERE


def branch(root: Path) -> Shape:
    branched(root)
    return root, "main", "edit"


def branch_with_a_name_of_its_own(root: Path) -> Shape:
    branched(root)
    run(root, "branch", "--move", "edit", "修改/短信")
    return root, "main", "修改/短信"


def merge_commit(root: Path) -> Shape:
    """As a code host checks a pull request out: the merge, of which the first parent is the base."""
    branched(root)
    run(root, "merge", "--quiet", "--no-ff", "--no-edit", "edit")
    return root, "HEAD^1", "HEAD"


def base_merged_into_the_edit(root: Path) -> Shape:
    branched(root)
    run(root, "checkout", "--quiet", "edit")
    run(root, "merge", "--quiet", "--no-ff", "--no-edit", "main")
    return root, "main", "HEAD"


def detached(root: Path) -> Shape:
    branched(root)
    run(root, "checkout", "--quiet", "--detach", "edit")
    return root, "main", HERE


def other_worktree(root: Path) -> Shape:
    branched(root)
    run(root, "worktree", "add", "--quiet", str(root.parent / "other"), "edit")
    return root.parent / "other", "main", HERE


def shallow(root: Path) -> Shape:
    """The merge and its parents, as the action fetches them."""
    branched(root)
    run(root, "merge", "--quiet", "--no-ff", "--no-edit", "edit")
    run(root.parent, "clone", "--quiet", "--depth", "2", root.as_uri(), "clone")
    return root.parent / "clone", "HEAD^1", "HEAD"


def bare(root: Path) -> Shape:
    branched(root)
    run(root.parent, "clone", "--quiet", "--bare", root.as_uri(), "bare.git")
    return root.parent / "bare.git", "main", "edit"


def crlf(root: Path) -> Shape:
    """Both sides are kept with the line ends of Windows."""
    lines(root)
    committed(root)
    edited(root)
    return root, "HEAD", HERE


def crlf_in_the_working_tree_alone(root: Path) -> Shape:
    edited(root)
    lines(root)
    return root, "HEAD", HERE


def lines(root: Path) -> None:
    for file in [*root.glob("clauses/**/*.yml"), *root.glob("policies/**/*.yml")]:
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def below_the_top(root: Path) -> Shape:
    top = made(root.parent / "top", {f"sites/one/{path}": text for path, text in FILES.items()})
    edited(top / "sites/one")
    return top / "sites/one", "HEAD", HERE


def moved_and_edited(root: Path) -> Shape:
    return moved(root, "clauses/other/kept.yml")


def moved_to_a_path_that_is_not_ascii(root: Path) -> Shape:
    return moved(root, "clauses/短信 与%40/kept.yml")


def moved(root: Path, path: str) -> Shape:
    run(root, "checkout", "--quiet", "-b", "edit")
    (root / path).parent.mkdir()
    run(root, "mv", OLD, path)
    edited(root, path)
    committed(root)
    return root, "main", "edit"


SHAPES: tuple[Callable[[Path], Shape], ...] = (
    working_tree, staged, branch, branch_with_a_name_of_its_own, merge_commit, base_merged_into_the_edit, detached, other_worktree,
    shallow, bare, crlf, crlf_in_the_working_tree_alone, below_the_top, moved_and_edited, moved_to_a_path_that_is_not_ascii,
)  # fmt: skip
MOVED: dict[Callable[[Path], Shape], str] = {
    moved_and_edited: "clauses/other/kept.yml",
    moved_to_a_path_that_is_not_ascii: "clauses/短信 与%40/kept.yml",
}


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.__name__ for shape in SHAPES])
def test_every_form_tells_the_same(
    shape: Callable[[Path], Shape], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    folder, base, head = shape(made(tmp_path / "site", FILES))
    monkeypatch.chdir(folder)
    told = {}
    for form in reports.FORMATS:
        asked = ["--base", base, "--head", head, "--format", form, "--fail-on", "material"]
        monkeypatch.setattr(sys, "argv", ["clausebook", "--lang", "en", "--as-of", "2026-11-22", "review", *asked])
        with pytest.raises(SystemExit) as ended:
            cli.run()
        assert ended.value.code == 1  # longer kept: material
        told[form] = capsys.readouterr().out
    rows = list(forms.of_json(told["json"], "en"))
    assert [(row.kind, row.place) for row in rows] == [("retention-lengthened", f"{MOVED.get(shape, OLD)}:4")]
    for form, printed in told.items():
        if form in forms.FORMS:
            assert list(forms.FORMS[form](printed)) == rows, form
        if shape not in MOVED:
            golden(form, printed)
    assert forms.sarif_faults(told["sarif"]) == []


def golden(form: str, printed: str) -> None:
    """Hold a form against its golden report; what the sides are called is not of the report."""
    plain = re.sub(r"\b[0-9a-f]{7}\b|\bworktree\b", "COMMIT", printed)
    file = GOLDEN / f"{form}.txt"
    if os.environ.get("CLAUSEBOOK_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(plain, encoding="utf-8")
    assert plain == file.read_text(encoding="utf-8"), form
