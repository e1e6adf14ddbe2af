"""What one locale of one policy calls things: its terms, choices, texts, headings, and the cells of its lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clausebook import lists, messages
from clausebook.document import Document, Entry, Part
from clausebook.language import Fitting, Said
from clausebook.lists import Item
from clausebook.model import Library
from clausebook.wording import Period, Wording


@dataclass(frozen=True)
class Named:
    """One value of a cell in words: whether it is a term, whether it is sensitive, where it leads."""

    text: str
    term: bool = False
    sensitive: bool = False
    href: str = ""


@dataclass(frozen=True)
class NamedRow:
    """A row in words; an empty cell is a thing not stated."""

    id: str
    entry: Entry
    cells: tuple[tuple[Named, ...], ...]


@dataclass(frozen=True)
class Naming:
    """One document as one locale words it."""

    document: Document
    locale: str
    library: Library

    @cached_property
    def wording(self) -> Wording:
        """Return how this locale writes values."""
        return Wording(self.locale, self.library, self.document.policy, lambda _: Said(""))

    @property
    def title(self) -> str:
        """Return the policy's title."""
        return self.document.policy.titled(self.locale)

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of the pages in this locale."""
        return messages.say(key, self.locale, **values)

    def heading(self, item: Part | Entry) -> str:
        """Return number and title of a section or clause."""
        title = item.titles.get(self.locale) or item.titles[self.document.policy.source]
        if item.number is None:
            return title
        return str(self.wording.rules["title"].format(label=item.number.labels[self.locale], title=title))

    def term(self, term: str) -> str:
        """Name a term."""
        return self.wording.sentence_case(self.name(term))

    def name(self, term: str) -> str:
        """Name a term as in mid-sentence; in the source language where this one has no name for it."""
        try:
            return self.wording.term_name(term)
        except Fitting:
            source = self.document.policy.source
            return Wording(source, self.library, self.document.policy, lambda _: Said("")).term_name(term)

    def text(self, value: Any) -> str:
        """Return a localised value in this locale."""
        return self.wording.pick(value)

    def choice(self, kind: str, value: str | None) -> str:
        """Return the word for a choice of the fact model, such as `necessity: core`."""
        if value is None:
            return ""
        words: dict[str, str] = messages.catalogue(self.locale)["choices"][kind]
        return words[value]

    # Lists

    def list_title(self, list_id: str) -> str:
        """Return the title of a list."""
        return self.say(f"title-lists-{list_id}")

    def list_source(self, list_id: str) -> str:
        """Return the sentence that names the rule a list answers to."""
        return self.say(f"list-law-{list_id}")

    def list_empty(self, list_id: str) -> str:
        """Return the sentence that stands in place of a list without rows."""
        return self.say(f"list-empty-{list_id}")

    def list_intro(self, list_id: str) -> str:
        """Return what each row of a list is."""
        return self.say(f"list-intro-{list_id}")

    def columns(self, list_id: str) -> list[str]:
        """Return the headings of a list."""
        return [self.say(f"col-{column.key}") for column in lists.LISTS[list_id].columns]

    def rows(self, list_id: str) -> list[NamedRow]:
        """Return the rows of a list in words."""
        return [NamedRow(row.id, row.entry, tuple(self.cell(cell) for cell in row.cells)) for row in lists.rows(self.document, list_id)]

    def cell(self, cell: lists.Cell) -> tuple[Named, ...]:
        """Return a cell in words, one for each of its values that has any."""
        return tuple(named for item in cell if (named := self.item(item)).text)

    def item(self, item: Item) -> Named:
        """Return one value in words."""
        if item.kind == "term":
            return Named(self.name(item.value), term=True, sensitive=item.value in self.document.sensitive)
        if item.kind == "link":
            return Named(str(item.value), href=str(item.value))
        if item.kind == "choice":
            return Named(self.choice(item.field, item.value))
        return Named(_SAY[item.kind](self, item.value))

    def duration(self, value: str) -> str:
        """Write a period."""
        return str(self.wording.duration(Period(value)))

    def floor(self, value: str) -> str:
        """Write the least period."""
        return self.say("retention-floor", period=self.duration(value))


def _days(naming: Naming, value: int) -> str:
    return naming.duration(f"P{value}D")


def _flag(naming: Naming, value: bool) -> str:
    return naming.say("flag-yes") if value else naming.say("flag-no")


_SAY: dict[str, Callable[[Naming, Any], str]] = {
    "text": Naming.text,
    "duration": Naming.duration,
    "floor": Naming.floor,
    "days": _days,
    "flag": _flag,
}
