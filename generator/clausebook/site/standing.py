"""How a policy stands on a day: which version is in force, which are announced, which came before, and the draft."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from clausebook import snapshot
from clausebook.document import Document, Entry, Part, Side
from clausebook.ledger import Ledger
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


def starts(release: Release) -> datetime.date:
    """Return the first day on which a release can be in force."""
    return max(release.published, release.effective)


def spans(releases: Sequence[Release]) -> dict[str, Span]:
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
    """A version as the site shows it: a release, or the draft. `span` are its days in force, if it has any."""

    side: Side
    status: Status
    release: Release | None = None
    span: Span | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Return the release's fingerprint, or the draft's own."""
        return self.release.fingerprint if self.release else snapshot.fingerprint(self.side)

    @property
    def document(self) -> Document:
        """Return the document."""
        return self.side.document

    @property
    def library(self) -> Library:
        """Return the library its words come from."""
        return self.side.library

    @property
    def version(self) -> str:
        """Return the version's label; a draft has none."""
        return self.release.version if self.release else ""

    @property
    def place(self) -> str:
        """Return where below the policy's address it stands for good."""
        return f"{address(self.release.version)}/" if self.release else DRAFT

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
        return tuple(sorted(self.versions, key=lambda shown: shown.release.number if shown.release else 0))

    @property
    def last(self) -> Shown:
        """Return the version released last, whose fingerprint vouches for all before it."""
        return self.by_number[-1]

    def get(self, version: str | None) -> Shown | None:
        """Return a version by its label."""
        return next((shown for shown in self.versions if shown.version == version), None)

    def base(self, shown: Shown) -> Shown | None:
        """Return the version another is compared with: the one its changes are counted from; of a draft the current one."""
        if shown.release is None:
            return self.current if self.versions else None
        return self.get(shown.release.record.verdict.base)


def of(ledger: Ledger, draft: Side, day: datetime.date) -> Standing:
    """Return how a policy stands on a day."""
    known = ledger.shown(day)[::-1]
    days = spans(known)
    shown = [_shown(ledger, release, day, days) for release in known]
    return Standing(draft.document.policy.id, tuple(shown), Shown(draft, "draft"))


def _shown(ledger: Ledger, release: Release, day: datetime.date, days: Mapping[str, Span]) -> Shown:
    side = snapshot.opened(release, ledger.path(release.version))
    return Shown(side, _status(ledger, release, day), release, days.get(release.version))


def _status(ledger: Ledger, release: Release, day: datetime.date) -> Status:
    found = ledger.status(release, day)
    assert found != "unpublished"  # the ledger was asked for what is published
    return found
