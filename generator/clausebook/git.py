"""Reading a tree at a commit, without touching the working tree. The only module that starts processes."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clausebook.errors import Place, Problem, UserError, problem
from clausebook.tree import Kind, inside

_SAFE = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never",
    "-c", "core.quotePath=false", "--no-optional-locks", "--literal-pathspecs",
)  # fmt: skip
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
_TIMEOUT = 60
_KINDS: dict[str, Kind] = {"100644": "file", "100755": "file", "120000": "link"}
_LOG = ("--follow", "--raw", "--no-abbrev", "-z", "--format=", "--no-show-signature", "-n1000")


@dataclass(frozen=True)
class Commit:
    """The files of one commit, named relative to the project's root. Links and submodules are refused."""

    root: Path
    prefix: str
    objects: dict[str, tuple[str, str]]

    def files(self, folder: str, problems: list[Problem]) -> list[str]:
        """List the ordinary files below a folder, sorted; links and submodules become problems."""
        found = []
        for path, (mode, _) in sorted(self.objects.items()):
            if not path.startswith(f"{folder}/") or "/." in f"/{path}":
                continue
            if mode in ("100644", "100755"):
                found.append(path)
            else:
                problems.append(problem(Place(path), "file-link" if mode == "120000" else "file-odd"))
        return found

    def entries(self, folder: str) -> list[tuple[str, Kind]]:
        """List what stands directly in a folder, hidden or not, sorted by name."""
        return inside(folder, {path: _KINDS.get(mode, "odd") for path, (mode, _) in self.objects.items()})

    def read(self, path: str, limit: int) -> bytes:
        """Return at most `limit + 1` bytes of a file."""
        name = self.objects[path][1]
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
    return Commit(root, prefix, dict(_entries(listing, prefix)))


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


def _run(root: Path, *arguments: str) -> bytes:
    done = subprocess.run(
        ["git", *_SAFE, *arguments],
        cwd=root,
        env={**os.environ, **_ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=_TIMEOUT,
    )
    return done.stdout
