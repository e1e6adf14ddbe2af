"""What follows from a document's facts: the lists the law asks for and the summary at a glance. Data only.

The two lists are those of art. 21 of the Network Data Security Management Regulations (in force 2025-01-01), which
asks for what is collected and what is provided to others in the form of a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from clausebook.document import Document, Entry
from clausebook.facts import Collects, Contacts, Fact, From, Retention, Rights, Shares, Storage

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class Row(Generic[F]):
    """One line of a list: the fact, the clause that states it, and an id that stays as long as both do."""

    id: str
    entry: Entry
    fact: F


@dataclass(frozen=True)
class Cell:
    """One line of the summary: a topic, the terms or texts it counts, the clauses it comes from."""

    topic: str
    items: tuple[Any, ...]
    sensitive: tuple[str, ...]
    entries: tuple[Entry, ...]


def collected(document: Document) -> list[Row[Collects]]:
    """Return what is collected, in the order of the policy."""
    return _rows(document, "collects", Collects)


def provided(document: Document) -> list[Row[Shares]]:
    """Return what is provided to others, in the order of the policy. Promises not to provide are not in it."""
    rows = _rows(document, "shares", Shares)
    return [row for row in rows if row.fact.relation != "prohibited" and row.fact.modality != "never"]


def summary(document: Document) -> list[Cell]:
    """Return the summary: only topics for which there are facts, in a fixed order."""
    cells = [Cell(topic, *make(document)) for topic, make in _TOPICS.items()]
    return [cell for cell in cells if cell.items]


def ids(value: list[str] | From) -> list[str]:
    """Return a fact's list of terms; in a document every `from` has been replaced."""
    assert isinstance(value, list)
    return value


def _rows(document: Document, kind: str, of: type[F]) -> list[Row[F]]:
    counts: Counter[str] = Counter()
    rows = []
    for entry, fact in document.facts(kind):
        assert isinstance(fact, of)
        counts[entry.anchor] += 1
        rows.append(Row(f"{entry.anchor}-{counts[entry.anchor]}", entry, fact))
    return rows


def _sensitive(document: Document, data: Iterable[str]) -> tuple[str, ...]:
    return tuple(term for term in data if term in document.sensitive)


def _distinct(found: Iterable[tuple[Entry, Iterable[Any]]]) -> tuple[tuple[Any, ...], tuple[Entry, ...]]:
    items: dict[str, Any] = {}
    entries: dict[str, Entry] = {}
    for entry, values in found:
        for value in values:
            items.setdefault(str(value), value)
            entries.setdefault(entry.anchor, entry)
    return tuple(items.values()), tuple(entries.values())


Made = tuple[tuple[Any, ...], tuple[str, ...], tuple[Entry, ...]]


def _data(document: Document) -> Made:
    items, entries = _distinct((row.entry, ids(row.fact.data)) for row in collected(document))
    return items, _sensitive(document, items), entries


def _recipients(document: Document) -> Made:
    items, entries = _distinct((row.entry, [row.fact.recipient]) for row in provided(document))
    return items, (), entries


def _purposes(document: Document) -> Made:
    items, entries = _distinct((row.entry, ids(row.fact.purposes)) for row in collected(document))
    return items, (), entries


def _facts(kind: str, values: Callable[[Any], list[Any]]) -> Callable[[Document], Made]:
    def make(document: Document) -> Made:
        items, entries = _distinct((entry, values(fact)) for entry, fact in document.facts(kind))
        return items, (), entries

    return make


def _retention(fact: Retention) -> list[Any]:
    return [fact]


def _location(fact: Storage) -> list[str]:
    return [str(fact.location)]


def _right(fact: Rights) -> list[str]:
    return [str(fact.right)]


def _contact(fact: Contacts) -> list[str]:
    return [str(fact.channel)]


_TOPICS: dict[str, Callable[[Document], Made]] = {
    "collect": _data,
    "recipients": _recipients,
    "purposes": _purposes,
    "retention": _facts("retention", _retention),
    "location": _facts("storage", _location),
    "rights": _facts("rights", _right),
    "contact": _facts("contacts", _contact),
}
