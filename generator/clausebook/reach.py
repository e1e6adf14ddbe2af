"""Which policies an edit of some files can reach at all: a tree without the others is quicker to read, and nothing is missed.

A policy can change only when a file of its own does, or one of a clause it names. So names are looked for in the text of the
files, before anything is read: what merely looks like a name makes the tree larger, never smaller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from clausebook import yamltree
from clausebook.errors import Problem
from clausebook.model import Settings
from clausebook.tree import FileTree, Kind

RELEASES = "releases"
_NAME = re.compile(rb"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Narrow:
    """A tree without some folders and files, and without releases, which stand below `policies`."""

    tree: FileTree
    hidden: frozenset[str]
    policies: str

    def files(self, folder: str, problems: list[Problem]) -> list[str]:
        """List the files below a folder, sorted; links and odd entries become problems."""
        return [path for path in self.tree.files(folder, problems) if not self._hides(path)]

    def entries(self, folder: str) -> list[tuple[str, Kind]]:
        """List what stands directly in a folder, sorted by name."""
        return [(name, kind) for name, kind in self.tree.entries(folder) if not self._hides(f"{folder}/{name}")]

    def read(self, path: str, limit: int) -> bytes:
        """Return at most `limit + 1` bytes of a file."""
        return self.tree.read(path, limit)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder at path."""
        return not self._hides(path) and self.tree.exists(path)

    def _hides(self, path: str) -> bool:
        below = path.removeprefix(f"{self.policies}/").split("/")[1:2] if path.startswith(f"{self.policies}/") else []
        return below == [RELEASES] or path in self.hidden or any(str(above) in self.hidden for above in PurePosixPath(path).parents)


def narrow(trees: tuple[FileTree, FileTree], edited: Iterable[str], settings: Settings) -> tuple[Narrow, Narrow]:
    """Return both trees with only what edited files can reach, the same of both."""
    hidden = frozenset(_hidden(trees, set(edited), settings))
    return Narrow(trees[0], hidden, settings.policies), Narrow(trees[1], hidden, settings.policies)


def like(narrowed: Narrow, tree: FileTree) -> Narrow:
    """Return another tree with what a narrowed one leaves of it."""
    return Narrow(tree, narrowed.hidden, narrowed.policies)


def _hidden(trees: tuple[FileTree, FileTree], edited: set[str], settings: Settings) -> set[str]:
    if any(path.startswith(f"{settings.clauses}/vocabulary/") for path in edited):
        return set()  # a term may be named anywhere
    clauses = {PurePosixPath(path).stem for path in edited if path.startswith(f"{settings.clauses}/")}
    own = {path.removeprefix(f"{settings.policies}/").split("/")[0] for path in edited if path.startswith(f"{settings.policies}/")}
    policies = _policies(trees, settings)
    asked = partial(_names_one, sorted(name.encode() for name in clauses))
    kept = {folder for folder, texts in policies.items() if PurePosixPath(folder).name in own or any(map(asked, texts))}
    wanted = clauses.union(*(_words(text) for folder in kept for text in policies[folder]))
    files = {path for tree in trees for path in tree.files(settings.clauses, []) if "/vocabulary/" not in path}
    return {path for path in files if PurePosixPath(path).stem not in wanted} | (policies.keys() - kept)


def _policies(trees: tuple[FileTree, FileTree], settings: Settings) -> dict[str, set[bytes]]:
    """Return for the folder of each policy its file as it is on either side."""
    found: dict[str, set[bytes]] = {}
    for tree in trees:
        for path in tree.files(settings.policies, []):
            if path.endswith("/policy.yml"):
                found.setdefault(path.removesuffix("/policy.yml"), set()).add(tree.read(path, yamltree.MAX_BYTES))
    return found


def _names_one(clauses: list[bytes], text: bytes) -> bool:
    """Tell whether a file names one of some clauses. Most files do not even hold the letters, which is quickly seen."""
    held = [name for name in clauses if name in text]
    return any(re.search(rb"(?<![a-z0-9-])" + re.escape(name) + rb"(?![a-z0-9-])", text) for name in held)


def _words(text: bytes) -> set[str]:
    """Return every word of a file that could be the id of a clause."""
    return {word.decode() for word in _NAME.findall(text)}
