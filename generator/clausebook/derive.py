"""What follows from a document's facts: the summary at a glance. Data only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from clausebook.document import Document, Entry
from clausebook.facts import Contacts, Retention, Rights, Storage
from clausebook.lists import ids, rows


@dataclass(frozen=True)
class Cell:
    """One line of the summary: a topic, the terms or texts it counts, the clauses it comes from."""

    topic: str
    items: tuple[Any, ...]
    sensitive: tuple[str, ...]
    entries: tuple[Entry, ...]


def summary(document: Document) -> list[Cell]:
    """Return the summary: only topics for which there are facts, in a fixed order."""
    cells = [Cell(topic, *make(document)) for topic, make in _TOPICS.items()]
    return [cell for cell in cells if cell.items]


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
    items, entries = _distinct((row.entry, ids(row.fact.data)) for row in rows(document, "collected"))
    return items, _sensitive(document, items), entries


def _recipients(document: Document) -> Made:
    items, entries = _distinct((row.entry, [row.fact.recipient]) for row in rows(document, "shared"))
    return items, (), entries


def _purposes(document: Document) -> Made:
    items, entries = _distinct((row.entry, ids(row.fact.purposes)) for row in rows(document, "collected"))
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
