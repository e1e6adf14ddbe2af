"""What a run found is found again only while nothing it follows from has changed."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clausebook import cache, outcome
from clausebook.cache import Cache
from clausebook.errors import Place, Problem
from clausebook.outcome import Basis, Outcome

DAY = datetime.date(2026, 6, 1)
BASIS = Basis(("mkdocs.yml",), ("clauses", "policies"), "Asia/Shanghai", None)
MADE = Outcome((Problem(Place("a.yml", 1, 2), "file-empty", (("x", "甲"),), "warning"),), (), 1, 2, 3, {"p": {"cn": {"gap": 1}}})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in ("mkdocs.yml", "clauses/m/a.yml", "clauses/vocabulary/data.yml", "policies/p/policy.yml", "policies/p/releases/1.0.0.json"):
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_text(path, encoding="utf-8")
    return tmp_path / "site"


EDITS: dict[str, Callable[[Path], object]] = {
    "settings": lambda r: (r / "mkdocs.yml").write_text("other", encoding="utf-8"),
    "clause": lambda r: (r / "clauses/m/a.yml").write_text("other", encoding="utf-8"),
    "a byte": lambda r: (r / "clauses/m/a.yml").write_text("clauses/m/b.yml", encoding="utf-8"),
    "release": lambda r: (r / "policies/p/releases/1.0.0.json").write_text("other", encoding="utf-8"),
    "removed": lambda r: (r / "clauses/m/a.yml").unlink(),
    "renamed": lambda r: (r / "clauses/m/a.yml").rename(r / "clauses/m/b.yml"),
    "moved": lambda r: (r / "clauses/m").rename(r / "clauses/n"),
    "added": lambda r: (r / "clauses/m/empty.yml").touch(),
    "hidden": lambda r: (r / "policies/p/releases/.lock").touch(),
    "folder": lambda r: (r / "clauses/n").mkdir(),
    "no folder": lambda r: (r / "policies").rename(r / "elsewhere"),
}


def linked(root: Path) -> None:
    (root / "clauses/m/a.yml").rename(root / "a.yml")
    (root / "clauses/m/a.yml").symlink_to(root / "a.yml")


def linked_folder(root: Path) -> None:
    (root / "policies").rename(root / "elsewhere")
    (root / "policies").symlink_to(root / "elsewhere")


if sys.platform != "win32":
    EDITS |= {"link": linked, "linked folder": linked_folder, "odd": lambda r: os.mkfifo(r / "clauses/m/pipe")}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_makes_another_key(root: Path, edit: str) -> None:
    before = BASIS.key(root, DAY)
    assert before is not None
    assert BASIS.key(root, DAY) == before
    EDITS[edit](root)
    assert BASIS.key(root, DAY) != before


def test_another_day_or_code_makes_another_key(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [BASIS.key(root, DAY), BASIS.key(root, datetime.date(2026, 6, 2))]
    keys.append(Basis(BASIS.settings, ("clauses",), "Asia/Shanghai", None).key(root, DAY))
    monkeypatch.setattr(cache, "code", lambda: b"another")
    assert len({*keys, BASIS.key(root, DAY)}) == 4


def test_no_key_for_what_cannot_be_read(root: Path) -> None:
    (root / "mkdocs.yml").unlink()
    assert BASIS.key(root, DAY) is None


def test_kept_and_known(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Cache.open(tmp_path / "cache")
    key = BASIS.key(root, DAY)
    assert key
    assert (outcome.basis(store, root), outcome.known(store, key)) == (None, None)
    outcome.keep(store, root, BASIS, key, MADE)
    assert (outcome.basis(store, root), outcome.known(store, key)) == (BASIS, MADE)
    assert outcome.basis(store, tmp_path) is None
    assert outcome.known(store, None) is None
    monkeypatch.setattr(cache, "code", lambda: b"another")
    assert outcome.basis(store, root) is None


@given(
    st.lists(
        st.builds(
            Problem,
            st.builds(Place, st.text(), st.integers(0, 9**9), st.integers(0, 9**9)),
            st.text(),
            st.dictionaries(st.text(), st.text()).map(lambda found: tuple(found.items())),
            st.sampled_from(["error", "warning", "info"]),
        )
    )
)
def test_problems_as_data(found: list[Problem]) -> None:
    back = outcome.load(outcome.dump(Outcome(tuple(found), tuple(found)))).findings
    assert [(p, p.severity) for p in back] == [(p, p.severity) for p in found]
