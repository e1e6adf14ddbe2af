"""Whether a built site is what a build would make once more: nothing it was made from has changed, nor any of its files.

Loads no model and no host, so that where there is nothing to do that is told at once.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from clausebook import cache, days, outcome
from clausebook.cache import Cache

_KIND = "site"


@dataclass(frozen=True)
class Inputs:
    """All that a build reads beside installed packages: files, folders, and what the day it is made for rests on."""

    files: list[str]
    folders: list[str]
    time_zone: str
    as_of: str | None

    def day(self, now: datetime.datetime, named: str | None, epoch: str | None) -> datetime.date:
        """Return the day a build would be made for. Raises UserError for a named day that is none."""
        return days.chosen(self.time_zone, datetime.date.fromisoformat(self.as_of) if self.as_of else None, now, named, epoch)

    def digest(self, root: Path, day: datetime.date) -> str:
        """Return a digest of everything a build follows from. Raises OSError where something cannot be read."""
        total = hashlib.sha256(cache.code() + outcome.written([day.isoformat(), asdict(self)]))
        for name in self.files:
            total.update(hashlib.sha256((root / name).read_bytes()).digest())
        for folder in self.folders:
            for line in outcome.below(root, folder):
                total.update(line)
        return total.hexdigest()


def holds(store: Cache, root: Path, site: Path, day: Callable[[Inputs], datetime.date]) -> int | None:
    """Return how many files a site has that a build on a day would leave as they are; None where it would change something, or may."""
    raw = store.get(_KIND, home(root, site))
    if raw is None:
        return None
    known = json.loads(raw)
    inputs = Inputs(**known["inputs"])
    try:
        same = known["made_of"] == inputs.digest(root, day(inputs)) and known["files"] == dict(_files(site))
    except OSError:
        return None
    return len(known["files"]) if same else None


def keep(store: Cache, root: Path, site: Path, inputs: Inputs, made_of: str) -> None:
    """Keep what a site was made from, and when each of its files was written."""
    data = {"inputs": asdict(inputs), "made_of": made_of, "files": dict(_files(site))}
    store.put(_KIND, home(root, site), outcome.written(data))


def files(store: Cache, root: Path, site: Path) -> dict[str, list[int]]:
    """Return the files the last build left in a site, each with its size and the time it was written, as `keep` kept them."""
    raw = store.get(_KIND, home(root, site))
    found: dict[str, list[int]] = json.loads(raw)["files"] if raw is not None else {}
    return found


def _files(site: Path) -> Iterator[tuple[str, list[int]]]:
    """Yield every file of a site with its size and the time it was last written, in nanoseconds."""
    for folder, _, names in os.walk(site):
        for name in names:
            path = Path(folder, name)
            status = path.lstat()
            yield path.relative_to(site).as_posix(), [status.st_size, status.st_mtime_ns]


def home(root: Path, site: Path) -> bytes:
    """Return what tells one site of one project from all others in the store."""
    return cache.code() + os.fsencode(root) + b"\0" + os.fsencode(site)
