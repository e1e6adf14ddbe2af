"""Where files come from: a folder now, a git commit another time. Everything above reads through a `FileTree`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from clausebook.errors import Place, Problem, problem

MAX_FILES = 20_000
MAX_TREE_BYTES = 64 * 1024 * 1024

Kind = Literal["file", "folder", "link", "odd"]


class FileTree(Protocol):
    """Files below a root, named by relative path with `/`."""

    def files(self, folder: str, problems: list[Problem]) -> list[str]:
        """List the files below a folder, sorted; links and odd entries become problems."""

    def entries(self, folder: str) -> list[tuple[str, Kind]]:
        """List what stands directly in a folder, hidden or not, sorted by name; nothing where there is no folder."""

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
        else:
            self._walk(folder, found, problems)
        return sorted(found)

    def _walk(self, folder: str, found: list[str], problems: list[Problem]) -> None:
        try:
            entries = self.entries(folder)
        except OSError as error:
            problems.append(unreadable(folder, error))
            return
        for name, kind in entries:
            path = f"{folder}/{name}"
            if name.startswith("."):
                continue
            if kind == "folder":
                self._walk(path, found, problems)
            elif kind == "file":
                found.append(path)
            else:
                problems.append(problem(Place(path), "file-link" if kind == "link" else "file-odd"))

    def entries(self, folder: str) -> list[tuple[str, Kind]]:
        """List what stands directly in a folder, hidden or not, sorted by name. Links are not followed."""
        try:
            with os.scandir(self.root / folder) as found:
                return sorted((entry.name, _kind(entry)) for entry in found)
        except (FileNotFoundError, NotADirectoryError):
            return []

    def read(self, path: str, limit: int) -> bytes:
        """Return at most `limit + 1` bytes of a file."""
        with (self.root / path).open("rb") as file:
            return file.read(limit + 1)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder at path."""
        return (self.root / path).exists()


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "odd"


@dataclass(frozen=True)
class Copy:
    """Files held in memory: what was fetched from elsewhere."""

    contents: Mapping[str, bytes]

    def files(self, folder: str, problems: list[Problem]) -> list[str]:
        """List the files below a folder, sorted."""
        return sorted(path for path in self.contents if path.startswith(f"{folder}/"))

    def entries(self, folder: str) -> list[tuple[str, Kind]]:
        """List what stands directly in a folder, sorted by name."""
        return inside(folder, dict.fromkeys(self.contents, "file"))

    def read(self, path: str, limit: int) -> bytes:
        """Return at most `limit + 1` bytes of a file."""
        return self.contents[path][: limit + 1]

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder at path."""
        return path in self.contents or any(name.startswith(f"{path}/") for name in self.contents)


@dataclass(frozen=True)
class Changed:
    """Files with one of them as it was, or not there at all."""

    tree: FileTree
    path: str
    content: bytes | None

    def files(self, folder: str, problems: list[Problem]) -> list[str]:
        """List the files below a folder, sorted; links and odd entries become problems."""
        found = {path for path in self.tree.files(folder, problems) if path != self.path}
        return sorted(found | ({self.path} if self.content is not None and self.path.startswith(f"{folder}/") else set()))

    def entries(self, folder: str) -> list[tuple[str, Kind]]:
        """List what stands directly in a folder, sorted by name."""
        return self.tree.entries(folder)

    def read(self, path: str, limit: int) -> bytes:
        """Return at most `limit + 1` bytes of a file."""
        return self.content[: limit + 1] if path == self.path and self.content is not None else self.tree.read(path, limit)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder at path."""
        return self.content is not None if path == self.path else self.tree.exists(path)


@dataclass(frozen=True)
class Noted:
    """Files of which the SHA-256 of each is noted as it is read."""

    tree: FileTree
    digests: dict[str, bytes] = field(default_factory=dict)

    def files(self, folder: str, problems: list[Problem]) -> list[str]:
        """List the files below a folder, sorted; links and odd entries become problems."""
        return self.tree.files(folder, problems)

    def entries(self, folder: str) -> list[tuple[str, Kind]]:
        """List what stands directly in a folder, sorted by name."""
        return self.tree.entries(folder)

    def read(self, path: str, limit: int) -> bytes:
        """Return at most `limit + 1` bytes of a file."""
        content = self.tree.read(path, limit)
        self.digests[path] = hashlib.sha256(content).digest()
        return content

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder at path."""
        return self.tree.exists(path)


def inside(folder: str, kinds: Mapping[str, Kind]) -> list[tuple[str, Kind]]:
    """List what stands directly in a folder, from all paths of a tree and what each is."""
    found: dict[str, Kind] = {}
    for path, kind in kinds.items():
        if path.startswith(f"{folder}/"):
            name, _, below = path.removeprefix(f"{folder}/").partition("/")
            found[name] = "folder" if below else kind
    return sorted(found.items())


def unreadable(path: str, error: OSError) -> Problem:
    """Return the problem of a file or folder the system does not let us read."""
    return problem(Place(path), "file-unreadable", what=error.strerror or error)
