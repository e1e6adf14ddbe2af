"""The head of a release is what the release says of itself; a file that is not written as releases are has none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clausebook import heads, ledger
from clausebook.chain import dump
from clausebook.release import Release
from clausebook.tree import Folder
from tests import ledgers
from tests.conftest import ROOT

MADE = [*ledgers.chain("1.0.0", "1.1.0"), ledgers.data("1.0.0+en.1", ledgers.chain("1.0.0")[0], corrects="1.0.0")]
REAL = sorted((ROOT / "policies").glob("*/releases/*.json"))


@pytest.mark.parametrize("data", MADE, ids=lambda data: data["version"])
def test_a_head_says_what_its_release_says(data: dict[str, Any]) -> None:
    assert heads.scan(dump(data)) == heads.of(Release.model_validate(data))


@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_head_of_a_published_release(path: Path) -> None:
    assert heads.scan(path.read_bytes()) == heads.of(Release.model_validate_json(path.read_bytes()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'\n "number": 1,', b'\n "number": "one",'),
        (b'\n "version": "1.0.0"', b'\n "version": "one"'),
        (b'\n "version": "1.0.0"', b'\n "version": null'),
        (b'\n "published": "2026-01-01"', b'\n "published": "2026-13-01"'),
        (b'\n "published": ', b'\n "publishing": '),
        (b'\n  "verdict": {', b'\n  "verdict": 1, "v": {'),
        (b'\n "document": ', b' "document": '),
        (b'\n  "policy": ', b'\n  "polity": '),
        (b'"effective"', b'"effective'),
    ],
)
def test_a_file_of_another_form_has_none(old: bytes, new: bytes) -> None:
    raw = dump(MADE[0])
    assert old in raw
    assert heads.scan(raw.replace(old, new)) is None
    assert heads.scan(b"") is None


# The index of a ledger.


def index(root: Path) -> Any:
    return ledger.index(Folder(root), ledgers.FOLDER, ledgers.POLICY)


def test_an_index_lists_what_the_ledger_holds(tmp_path: Path) -> None:
    ledgers.write(tmp_path, MADE[:2])
    found, problems = ledger.read(Folder(tmp_path), ledgers.FOLDER, ledgers.POLICY)
    made = index(tmp_path)
    assert not problems
    assert made.releases == tuple(map(heads.of, found.releases))
    assert [made.open(head) for head in made.releases] == list(found.releases)


@pytest.mark.parametrize("name", ["1.2.0.json", "notes.txt", ".1.0.0.json.x.tmp"])
def test_a_folder_with_anything_else_has_no_index(tmp_path: Path, name: str) -> None:
    ledgers.write(tmp_path, MADE[:2])
    (tmp_path / ledgers.path("1.0.0")).with_name(name).write_bytes(dump(MADE[0]))
    assert index(tmp_path) is None


def test_all_that_is_wrong_is_told_where_something_does_not_look_sound(tmp_path: Path) -> None:
    ledgers.write(tmp_path, MADE[:2])
    (tmp_path / ledgers.path("1.1.0")).write_bytes(b"{}")
    found, problems = ledger.index_all(Folder(tmp_path), ledgers.FOLDER)
    assert [type(one) for one in found.values()] == [ledger.Ledger]
    assert problems == ledger.read_all(Folder(tmp_path), ledgers.FOLDER)[1] != []
