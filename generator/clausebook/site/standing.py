"""How a policy stands on a day: which version is in force, which are announced, which came before, and the draft."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from clausebook import heads, snapshot
from clausebook.document import Document, Entry, Part, Side
from clausebook.heads import Head
from clausebook.ledger import Index, Ledger
from clausebook.model import Library
from clausebook.release import Release, address

Status = Literal["draft", "announced", "in-force", "superseded"]
DRAFT = "draft/"


@dataclass(frozen=True)
class Span:
    """The days a version is in force: the first, the last if a later version ends it, and that version."""

    first: datetime.date
    last: datetime.date | None = None
    by: str = ""


def starts(release: Release | Head) -> datetime.date:
    """Return the first day on which a release can be in force."""
    return max(release.published, release.effective)


def spans(releases: Sequence[Release | Head]) -> dict[str, Span]:
    """Return the days each version is in force, given all in their order; a version a later one came before has none."""
    found = {}
    for index, release in enumerate(releases):
        first, later = starts(release), releases[index + 1 :]
        if not later:
            found[release.version] = Span(first)
            continue
        end = min(starts(other) for other in later)
        if end > first:
            by = next(other.version for other in reversed(later) if starts(other) == end)
            found[release.version] = Span(first, end - datetime.timedelta(days=1), by)
    return found


@dataclass(frozen=True)
class Shown:
    """A version as the site shows it: a release, or the draft. `span` are its days in force, if it has any.

    What it says is read when it is asked for; to list and to date it, its head is enough. A draft has no head.
    """

    status: Status
    opened: Callable[[], tuple[Release | None, Side]]
    head: Head | None = None
    span: Span | None = None

    @cached_property
    def _opened(self) -> tuple[Release | None, Side]:
        return self.opened()

    @property
    def release(self) -> Release | None:
        """Return the release, or None of a draft. Raises UserError where its file is not sound."""
        return self._opened[0] if self.head else None

    @property
    def side(self) -> Side:
        """Return the document with its library."""
        return self._opened[1]

    @cached_property
    def fingerprint(self) -> str:
        """Return the release's fingerprint, or the draft's own."""
        return self.head.fingerprint if self.head else snapshot.fingerprint(self.side)

    @property
    def document(self) -> Document:
        """Return the document."""
        return self.side.document

    @property
    def library(self) -> Library:
        """Return the library its words come from."""
        return self.side.library

    @property
    def locales(self) -> tuple[str, ...]:
        """Return the languages it was written in, in their order."""
        return self.head.locales if self.head else tuple(self.document.policy.locales)

    @property
    def version(self) -> str:
        """Return the version's label; a draft has none."""
        return self.head.version if self.head else ""

    @property
    def place(self) -> str:
        """Return where below the policy's address it stands for good."""
        return f"{address(self.head.version)}/" if self.head else DRAFT

    @cached_property
    def items(self) -> dict[str, Part | Entry]:
        """Return every section and clause by its anchor, in reading order."""
        found: dict[str, Part | Entry] = {}
        for part in self.document.walk():
            found[part.anchor] = part
            found.update((entry.anchor, entry) for entry in part.entries)
        return found


@dataclass(frozen=True)
class Standing:
    """Everything of one policy a site shows: the versions in their order, and the draft."""

    policy: str
    versions: tuple[Shown, ...]
    draft: Shown

    @cached_property
    def in_force(self) -> Shown | None:
        """Return the version in force."""
        return next((shown for shown in self.versions if shown.status == "in-force"), None)

    @cached_property
    def announced(self) -> tuple[Shown, ...]:
        """Return the versions that are published and not yet in force, the next first."""
        return tuple(shown for shown in self.versions if shown.status == "announced")

    @cached_property
    def current(self) -> Shown:
        """Return what stands at the policy's own address: the version in force, else the next announced, else the draft."""
        return self.in_force or next(iter(self.announced), self.draft)

    @property
    def newest(self) -> tuple[Shown, ...]:
        """Return the versions, the highest first."""
        return self.versions[::-1]

    @cached_property
    def by_number(self) -> tuple[Shown, ...]:
        """Return the versions in the order in which they were released."""
        return tuple(sorted(self.versions, key=lambda shown: shown.head.number if shown.head else 0))

    @property
    def last(self) -> Shown:
        """Return the version released last, whose fingerprint vouches for all before it."""
        return self.by_number[-1]

    def get(self, version: str | None) -> Shown | None:
        """Return a version by its label."""
        return next((shown for shown in self.versions if shown.version == version), None)

    def base(self, shown: Shown) -> Shown | None:
        """Return the version another is compared with: the one its changes are counted from; of a draft the current one."""
        if shown.head is None:
            return self.current if self.versions else None
        return self.get(shown.head.base)


def of(ledger: Ledger | Index, draft: Callable[[], Side], day: datetime.date) -> Standing:
    """Return how a policy stands on a day."""
    known = ledger.shown(day)[::-1]
    days = spans(known)
    shown = [_shown(ledger, release, day, days) for release in known]
    return Standing(ledger.policy, tuple(shown), Shown("draft", lambda: (None, draft())))


def _shown(ledger: Any, release: Any, day: datetime.date, days: Mapping[str, Span]) -> Shown:
    status: Status = ledger.status(release, day)

    def opened() -> tuple[Release, Side]:
        found = ledger.open(release)
        return found, snapshot.opened(found, ledger.path(found.version))

    head = release if isinstance(release, Head) else heads.of(release)
    return Shown(status, opened, head, days.get(release.version))
