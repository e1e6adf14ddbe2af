"""Where files come from: a folder now, a git commit another time. Everything above reads through a `FileTree`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from clausebook.errors import Place, Problem, problem

MAX_FILES = 20_000
MAX_TREE_BYTES = 64 * 1024 * 1024


class FileTree(Protocol):
    """Files below a root, named by relative path with `/`."""

    def files(self, folder: str, problems: list[Problem]) -> list[str]:
        """List the files below a folder, sorted; links and odd entries become problems."""

    def read(self, path: str, limit: int) -> bytes:
        """Return at most `limit + 1` bytes of a file."""

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder at path."""


@dataclass(frozen=True)
class Folder:
    """A folder on disk."""

    root: Path

    def files(self, folder: str, problems: list[Problem]) -> list[str]:
        """List the files below a folder, sorted. Links are not followed: they are problems."""
        found: list[str] = []
        top = self.root / folder
        if top.is_symlink():
            problems.append(problem(Place(folder), "file-link"))
        elif top.is_dir():
            self._walk(top, found, problems)
        return sorted(found)

    def _walk(self, folder: Path, found: list[str], problems: list[Problem]) -> None:
        for entry in sorted(folder.iterdir()):
            name = entry.relative_to(self.root).as_posix()
            if entry.name.startswith("."):
                continue
            if entry.is_symlink():
                problems.append(problem(Place(name), "file-link"))
            elif entry.is_dir():
                self._walk(entry, found, problems)
            elif entry.is_file():
                found.append(name)
            else:
                problems.append(problem(Place(name), "file-odd"))

    def read(self, path: str, limit: int) -> bytes:
        """Return at most `limit + 1` bytes of a file."""
        with (self.root / path).open("rb") as file:
            return file.read(limit + 1)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder at path."""
        return (self.root / path).exists()
