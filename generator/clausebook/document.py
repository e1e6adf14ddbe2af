"""A document: one policy assembled in memory, facts once, text for every locale."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from clausebook import records
from clausebook.blocks import Block
from clausebook.facts import Fact
from clausebook.model import Library, Policy


@dataclass(frozen=True)
class Number:
    """The generated number of a section or clause in each locale: its label and how a reference says it."""

    labels: dict[str, str]
    refs: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """A clause in its place. `missing`, `stale` and `drafts` name locales: text absent, behind the source, made by a machine and unread."""

    anchor: str
    clause: str
    level: int
    number: Number | None
    titles: dict[str, str]
    blocks: dict[str, tuple[Block, ...]]
    markers: dict[str, tuple[str, ...]]
    facts: tuple[tuple[str, Fact], ...]
    missing: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()

    def text(self, locale: str) -> str:
        """Return the plain text of a locale, a line a block."""
        return "\n".join(block.text for block in self.blocks.get(locale, ()))

    @cached_property
    def terms(self) -> frozenset[str]:
        """Return every term its facts name."""
        return frozenset(term for _, fact in self.facts for _, _, term in records.terms(fact))


@dataclass(frozen=True)
class Part:
    """A section in its place: entries first, then the sections below."""

    anchor: str
    level: int
    number: Number | None
    titles: dict[str, str]
    entries: tuple[Entry, ...]
    parts: tuple[Part, ...]

    @property
    def all(self) -> Iterator[Entry]:
        """Yield every clause in it and below it, in reading order."""
        yield from self.entries
        for part in self.parts:
            yield from part.all


@dataclass(frozen=True)
class Document:
    """One policy assembled: the tree of its parts, and what its terms are called in each locale. A draft has no version and no dates."""

    policy: Policy
    parts: tuple[Part, ...]
    terms: dict[str, dict[str, str]]
    sensitive: frozenset[str]
    version: str = ""
    published: datetime.date | None = None
    effective: datetime.date | None = None

    @property
    def dated(self) -> bool:
        """Tell whether the document carries its version and both dates, which its page then shows."""
        return bool(self.version and self.published and self.effective)

    def entries(self) -> Iterator[Entry]:
        """Yield every clause in reading order."""
        return iter(self._entries)

    @cached_property
    def _entries(self) -> tuple[Entry, ...]:
        return tuple(entry for part in self.walk() for entry in part.entries)

    def walk(self) -> Iterator[Part]:
        """Yield every section in reading order."""
        todo = list(reversed(self.parts))
        while todo:
            part = todo.pop()
            yield part
            todo.extend(reversed(part.parts))

    def facts(self, kind: str) -> Iterator[tuple[Entry, Fact]]:
        """Yield every fact of a kind with the clause that states it."""
        yield from self._facts.get(kind, ())

    @cached_property
    def _facts(self) -> dict[str, list[tuple[Entry, Fact]]]:
        found: dict[str, list[tuple[Entry, Fact]]] = {}
        for entry in self.entries():
            for kind, fact in entry.facts:
                found.setdefault(kind, []).append((entry, fact))
        return found


@dataclass(frozen=True)
class Side:
    """A document with the library its words come from: a draft, a commit or a release. What two-sided work compares."""

    document: Document
    library: Library


def terms_of(parts: tuple[Part, ...]) -> set[str]:
    """Return every term the facts of some sections name."""
    found: set[str] = set()
    for part in parts:
        for entry in part.entries:
            found |= entry.terms
        found |= terms_of(part.parts)
    return found
