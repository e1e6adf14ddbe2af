"""What `check` finds, as plain data, and how it is found again where nothing has changed since.

Loads no model, so that what is known already is told at once.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from clausebook import cache, days
from clausebook.cache import Cache
from clausebook.errors import Place, Problem
from clausebook.listing import Tallies

_BASIS, _OUTCOME = "basis", "outcome"


@dataclass(frozen=True)
class Outcome:
    """What is wrong with the source, what the rules find (both sorted), and how much was looked at."""

    problems: tuple[Problem, ...]
    findings: tuple[Problem, ...] = ()
    policies: int = 0
    clauses: int = 0
    waived: int = 0
    tallies: Tallies = field(default_factory=dict)

    @property
    def errors(self) -> list[Problem]:
        """Return the problems that stop a build."""
        return [p for p in self.problems if p.severity == "error"]


def plain(found: Problem) -> list[Any]:
    """Return a problem as plain data."""
    return [*place(found.place), found.code, dict(found.values), found.severity]


def problem(data: list[Any]) -> Problem:
    """Return the problem that `plain` made data of."""
    path, line, col, code, values, severity = data
    return Problem(Place(path, line, col), code, tuple(values.items()), severity)


def place(found: Place) -> list[Any]:
    """Return a place as plain data."""
    return [found.path, found.line, found.col]


def dump(made: Outcome) -> bytes:
    """Return an outcome as bytes."""
    lists = {name: [plain(found) for found in getattr(made, name)] for name in ("problems", "findings")}
    return written({**lists, "policies": made.policies, "clauses": made.clauses, "waived": made.waived, "tallies": made.tallies})


def load(raw: bytes) -> Outcome:
    """Return the outcome that `dump` made bytes of."""
    data = json.loads(raw)
    return Outcome(**{**data, **{name: tuple(map(problem, data[name])) for name in ("problems", "findings")}})


def written(data: Any) -> bytes:
    """Return plain data as bytes, the same for the same data."""
    return json.dumps(data, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Basis:
    """All that a run reads beside this package: the files of the settings, some folders, and what the day it judges by rests on."""

    settings: tuple[str, ...]
    folders: tuple[str, ...]
    time_zone: str
    as_of: str | None

    def day(self, now: datetime.datetime, named: str | None, epoch: str | None) -> datetime.date:
        """Return the day to judge by. Raises UserError for a named day that is none."""
        return days.chosen(self.time_zone, datetime.date.fromisoformat(self.as_of) if self.as_of else None, now, named, epoch)

    def key(self, root: Path, day: datetime.date) -> bytes | None:
        """Return a digest of everything the outcome follows from, or None where something cannot be read."""
        total = hashlib.sha256(cache.code() + written([day.isoformat(), asdict(self)]))
        try:
            for path in self.settings:
                total.update(_file(root / path))
            for folder in self.folders:
                for line in below(root, folder):
                    total.update(line)
        except OSError:
            return None
        return total.digest()


def _file(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def below(root: Path, folder: str) -> Iterator[bytes]:
    """Yield what stands at and below a folder, hidden or not: each path, what it is, and of a file its digest."""
    top = root / folder
    if top.is_symlink() or not top.is_dir():
        yield os.fsencode(folder) + b"\0link" * top.is_symlink()
        return
    with os.scandir(top) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    yield os.fsencode(f"{folder}\0{len(entries)}\0")
    for entry in entries:
        path = f"{folder}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from below(root, path)
        else:
            yield os.fsencode(f"{path}\0") + (_file(root / path) if entry.is_file(follow_symlinks=False) else b"odd")


def basis(store: Cache, root: Path) -> Basis | None:
    """Return what the last run over a folder read."""
    raw = store.get(_BASIS, _home(root))
    if raw is None:
        return None
    data = json.loads(raw)
    return Basis(tuple(data["settings"]), tuple(data["folders"]), data["time_zone"], data["as_of"])


def known(store: Cache, key: bytes | None) -> Outcome | None:
    """Return the outcome that was kept under a key."""
    raw = store.get(_OUTCOME, key) if key else None
    return load(raw) if raw is not None else None


def keep(store: Cache, root: Path, read: Basis, key: bytes, made: Outcome) -> None:
    """Keep an outcome and what it was made from."""
    store.put(_BASIS, _home(root), written(asdict(read)))
    store.put(_OUTCOME, key, dump(made))


def _home(root: Path) -> bytes:
    return cache.code() + os.fsencode(root)
