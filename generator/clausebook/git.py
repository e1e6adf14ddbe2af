"""Reading a tree at a commit, without touching the working tree. The only module that starts processes."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

from clausebook.errors import Place, Problem, UserError, problem
from clausebook.tree import MAX_TREE_BYTES, Kind

_SAFE = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never",
    "-c", "core.quotePath=false", "--no-optional-locks", "--literal-pathspecs",
)  # fmt: skip
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
_TIMEOUT = 60
_ORDINARY = ("100644", "100755")
_KINDS: dict[str, Kind] = {"100644": "file", "100755": "file", "120000": "link"}
_LOG = ("--follow", "--raw", "--no-abbrev", "-z", "--format=", "--no-show-signature", "-n1000")


@dataclass(frozen=True)
class Commit:
    """The files of one commit, named relative to the project's root. Links and submodules are refused."""

    root: Path
    prefix: str
    objects: dict[str, tuple[str, str]]
    name: str = ""
    kept: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def fetch(self, paths: Iterable[str]) -> None:
        """Read many ordinary files at once, as long as they are not too much to be kept."""
        names = sorted({self.objects[path][1] for path in paths if self.objects.get(path, ("",))[0] in _ORDINARY} - self.kept.keys())
        asked = "".join(f"{name}\n" for name in names).encode()
        sizes = _run(self.root, "cat-file", "--batch-check=%(objectsize)", given=asked).split()
        if sum(map(int, sizes)) <= MAX_TREE_BYTES:
            self.kept.update(_batch(_run(self.root, "cat-file", "--batch", given=asked)))

    def files(self, folder: str, problems: list[Problem]) -> list[str]:
        """List the ordinary files below a folder, sorted; links and submodules become problems."""
        found = []
        for path, (mode, _) in sorted(self.objects.items()):
            if not path.startswith(f"{folder}/") or "/." in f"/{path}":
                continue
            if mode in _ORDINARY:
                found.append(path)
            else:
                problems.append(problem(Place(path), "file-link" if mode == "120000" else "file-odd"))
        return found

    def entries(self, folder: str) -> list[tuple[str, Kind]]:
        """List what stands directly in a folder, hidden or not, sorted by name."""
        return sorted(self._folders.get(folder, {}).items())

    @cached_property
    def _folders(self) -> dict[str, dict[str, Kind]]:
        """Return what stands in each folder."""
        found: dict[str, dict[str, Kind]] = {}
        for path, (mode, _) in self.objects.items():
            kind: Kind = _KINDS.get(mode, "odd")
            while "/" in path:
                path, name = path.rsplit("/", 1)
                if name in found.setdefault(path, {}):
                    break
                found[path][name], kind = kind, "folder"
        return found

    def read(self, path: str, limit: int) -> bytes:
        """Return at most `limit + 1` bytes of a file."""
        name = self.objects[path][1]
        if name in self.kept:
            return self.kept[name][: limit + 1]
        size = int(_run(self.root, "cat-file", "-s", name))
        if size > limit:
            return b" " * (limit + 1)
        return _run(self.root, "cat-file", "blob", name)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder at path."""
        return path in self.objects or any(name.startswith(f"{path}/") for name in self.objects)


def commit(root: Path, ref: str, option: str = "--at") -> Commit:
    """Open the tree at a branch, tag or commit, given with an option. Raises UserError when there is none."""
    try:
        name = _run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
        prefix = _run(root, "rev-parse", "--show-prefix").decode().strip()
    except subprocess.CalledProcessError:
        raise UserError([problem(Place(option), "ref-not-found", ref=ref)]) from None
    except OSError as error:
        raise UserError([problem(Place(option), "git-missing", option=option, what=error.strerror or error)]) from None
    listing = _run(root, "ls-tree", "-r", "-z", "--full-tree", name).decode("utf-8", "surrogateescape")
    return Commit(root, prefix, dict(_entries(listing, prefix)), name)


def fork(root: Path, base: str, head: str, option: str) -> str:
    """Return the commit from which head went its own way from base. Raises UserError where it is not here, naming what to fetch."""
    try:
        return _run(root, "merge-base", "--end-of-options", base, head).decode().split("\n")[0]
    except subprocess.CalledProcessError:
        shallow = _run(root, "rev-parse", "--is-shallow-repository").strip() == b"true"
        raise UserError([problem(Place(option), "fork-shallow" if shallow else "fork-none", base=base[:12], head=head[:12])]) from None


@dataclass(frozen=True, order=True)
class Edit:
    """A file that differs between two trees; `was` is its path before where it moved."""

    path: str
    action: Literal["added", "changed", "removed", "moved"]
    was: str = ""


def edits(base: Commit, head: Commit) -> list[Edit]:
    """Return the files that differ between two commits, sorted by path."""
    return _edits({path: name for path, (_, name) in base.objects.items()}, {path: name for path, (_, name) in head.objects.items()})


def edits_here(base: Commit) -> list[Edit]:
    """Return the files of the working tree that differ from a commit, sorted by path; ends of lines and ignored files do not count."""
    listing = _run(base.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").decode("utf-8", "surrogateescape")
    before = {path: name for path, (_, name) in base.objects.items()}
    now = {path: _name_here(base.root / path, before.get(path, "")) for path in filter(None, listing.split("\0"))}
    return _edits(before, {path: name for path, name in now.items() if name})


def _name_here(file: Path, before: str) -> str:
    """Return the object name a file would have; the one it had, where only its ends of lines differ. Nothing where there is no file."""
    if file.is_symlink():
        return _object_name(os.fsencode(file.readlink()), before)
    if not file.is_file():
        return before if file.is_dir() else ""
    content = file.read_bytes()
    plain = _object_name(content.replace(b"\r\n", b"\n"), before)
    return plain if plain == before else _object_name(content, before)


def _object_name(content: bytes, like: str) -> str:
    made = hashlib.sha256 if len(like) == 64 else hashlib.sha1
    return made(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _edits(before: dict[str, str], now: dict[str, str]) -> list[Edit]:
    gone, fresh = sorted(before.keys() - now.keys()), sorted(now.keys() - before.keys())
    moved = dict(_moves({path: before[path] for path in gone}, {path: now[path] for path in fresh}))
    found = [Edit(path, "changed") for path in before.keys() & now.keys() if before[path] != now[path]]
    found += [Edit(path, "moved", moved[path]) if path in moved else Edit(path, "added") for path in fresh]
    return sorted([*found, *(Edit(path, "removed") for path in gone if path not in moved.values())])


def _moves(gone: dict[str, str], fresh: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (new path, old path) of files that moved: the same content, else the same name, for a clause is named like its file."""
    for path, name in fresh.items():
        same = [old for old in gone if gone[old] == name]
        named = [old for old in gone if PurePosixPath(old).name == PurePosixPath(path).name]
        found = [*(old for old in same if old in named), *same, *(named if len(named) == 1 else [])]
        if found:
            yield path, found[0]
            del gone[found[0]]


def _batch(answer: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each object of an answer."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        name, _, size = answer[at:end].decode().split(" ")
        at = end + 1 + int(size) + 1
        yield name, answer[end + 1 : at - 1]


def history(root: Path, path: str) -> Iterator[bytes]:
    """Yield what a file held at each commit that changed it, newest first, also under earlier names; nothing where git knows none."""
    try:
        log = _run(root, "log", *_LOG, "--", path).decode("utf-8", "replace")
        for match in re.finditer(r":\d{6} (?:100644|100755) [0-9a-f]+ ([0-9a-f]+) ", log):
            yield _run(root, "cat-file", "blob", match.group(1))
    except (subprocess.CalledProcessError, OSError):
        return


def _entries(listing: str, prefix: str) -> list[tuple[str, tuple[str, str]]]:
    found = []
    for line in filter(None, listing.split("\0")):
        meta, path = line.split("\t", 1)
        mode, _, name = meta.split(" ")
        if path.startswith(prefix):
            found.append((path.removeprefix(prefix), (mode, name)))
    return found


def _run(root: Path, *arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(
        ["git", *_SAFE, *arguments],
        cwd=root,
        env={**os.environ, **_ENVIRONMENT},
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=_TIMEOUT,
    )
    return done.stdout
