"""A folder as a tree of files: sorted names below the root, links and odd entries refused, never followed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from clausebook.errors import Problem
from clausebook.messages import tell
from clausebook.tree import Copy, Folder


def listed(root: Path, folder: str) -> tuple[list[str], list[str]]:
    problems: list[Problem] = []
    return Folder(root).files(folder, problems), [tell(p) for p in problems]


def _write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name, encoding="utf-8")


def test_files_are_sorted_and_hidden_ones_left_out(tmp_path: Path) -> None:
    _write(tmp_path, "clauses/b.yml", "clauses/a/z.yml", "clauses/a.yml", "clauses/.hidden", "clauses/.git/config", "other/c.yml")
    assert listed(tmp_path, "clauses") == (["clauses/a.yml", "clauses/a/z.yml", "clauses/b.yml"], [])


def test_links_and_pipes_are_problems(tmp_path: Path) -> None:
    _write(tmp_path, "clauses/a.yml", "outside/b.yml")
    (tmp_path / "clauses/file.yml").symlink_to(tmp_path / "outside/b.yml")
    (tmp_path / "clauses/folder").symlink_to(tmp_path / "outside")
    (tmp_path / "clauses/lost").symlink_to("nowhere")
    (tmp_path / "clauses/round").symlink_to(".")
    os.mkfifo(tmp_path / "clauses/pipe.yml")
    assert listed(tmp_path, "clauses") == (
        ["clauses/a.yml"],
        [
            "clauses/file.yml: links are not followed (copy the file)",
            "clauses/folder: links are not followed (copy the file)",
            "clauses/lost: links are not followed (copy the file)",
            "clauses/pipe.yml: this is not an ordinary file (delete it)",
            "clauses/round: links are not followed (copy the file)",
        ],
    )


def test_folder_that_is_a_link(tmp_path: Path) -> None:
    _write(tmp_path, "outside/b.yml")
    (tmp_path / "clauses").symlink_to(tmp_path / "outside")
    assert listed(tmp_path, "clauses") == ([], ["clauses: links are not followed (copy the file)"])


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    assert listed(tmp_path, "clauses") == ([], [])
    assert not Folder(tmp_path).exists("clauses")


@pytest.mark.parametrize(("limit", "expected"), [(3, b"abcd"), (4, b"abcde"), (5, b"abcde"), (9, b"abcde")])
def test_read_stops_one_byte_after_the_limit(tmp_path: Path, limit: int, expected: bytes) -> None:
    (tmp_path / "a.yml").write_bytes(b"abcde")
    assert Folder(tmp_path).read("a.yml", limit) == expected


def test_entries_show_everything_in_a_folder(tmp_path: Path) -> None:
    _write(tmp_path, "clauses/b.yml", "clauses/a/z.yml", "clauses/.hidden")
    (tmp_path / "clauses/link").symlink_to("a")
    os.mkfifo(tmp_path / "clauses/pipe")
    found = [(".hidden", "file"), ("a", "folder"), ("b.yml", "file"), ("link", "link"), ("pipe", "odd")]
    assert Folder(tmp_path).entries("clauses") == found
    assert Folder(tmp_path).entries("nowhere") == Folder(tmp_path).entries("clauses/b.yml") == []


def test_a_copy_in_memory() -> None:
    copy = Copy({"clauses/b.yml": b"b", "clauses/a/z.yml": b"zzz", "clausesx": b""})
    assert listed_of(copy, "clauses") == ["clauses/a/z.yml", "clauses/b.yml"]
    assert copy.entries("clauses") == [("a", "folder"), ("b.yml", "file")]
    assert (copy.read("clauses/a/z.yml", 1), copy.exists("clauses/a"), copy.exists("claus")) == (b"zz", True, False)


def listed_of(tree: Copy, folder: str) -> list[str]:
    return tree.files(folder, [])


def test_a_folder_that_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "clauses/a/z.yml", "clauses/b.yml")
    scandir = os.scandir

    def refuse(path: Path) -> Any:
        if path.name == "a":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert listed(tmp_path, "clauses") == (
        ["clauses/b.yml"],
        ["clauses/a: this file cannot be read: Permission denied (check its permissions)"],
    )
