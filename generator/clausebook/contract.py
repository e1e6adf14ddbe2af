"""The shape of an exported policy: what programs that read `policy.json` may rely on. Records only."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from clausebook import alike
from clausebook.facts import Facts, LocaleId, Slug, Strict

FORMAT = 1
Words = dict[LocaleId, str]


class Run(Strict):
    """A stretch of text with one look."""

    text: str
    strong: bool = False
    emphasis: bool = False
    href: str = ""


class Block(Strict):
    """A paragraph or list item. `number` is its place in a numbered list, `marker` its number as printed."""

    kind: Literal["paragraph", "bullet", "number"]
    depth: int = Field(ge=0)
    number: int = Field(default=0, ge=0)
    marker: str
    runs: list[Run]


class ClauseExport(Strict):
    """A clause in its place: titles, text by block in each locale, facts by kind.

    `reference` is its number as another clause cites it; `params` is what the policy sets for it; `stale` are the locales whose
    text is behind the source, `drafts` those whose text a machine made.
    """

    id: Slug
    clause: Slug
    title: Words
    number: Words | None
    reference: Words | None = None
    text: dict[LocaleId, list[Block]]
    facts: Facts
    params: dict[str, Any] = {}
    stale: list[LocaleId] = []
    drafts: list[LocaleId] = []


class SectionExport(Strict):
    """A section: its clauses first, then the sections below it."""

    id: Slug
    title: Words
    number: Words | None
    reference: Words | None = None
    clauses: list[Annotated[ClauseExport, alike.once()]]
    sections: list[SectionExport]


class TermExport(Strict):
    """What a term is called and whether it is sensitive in this policy."""

    name: Words
    sensitive: bool


class Item(Strict):
    """One value of a cell, with its words in each locale. Which key holds the value says what it is."""

    words: Words
    term: Slug | None = None
    sensitive: bool | None = None
    text: Words | str | None = None
    choice: str | None = None
    duration: str | None = None
    floor: str | None = None
    days: int | None = None
    flag: bool | None = None
    link: str | None = None


class RowExport(Strict):
    """A row: its id, the clause that states it, its cells by the key of the column."""

    id: str
    clause: Slug
    cells: dict[str, list[Item]]


class ColumnExport(Strict):
    """A column: its key and its heading."""

    key: Slug
    title: Words


class ListExport(Strict):
    """One list. `source` names the rule it answers to."""

    id: Slug
    title: Words
    source: Words
    columns: list[ColumnExport]
    rows: list[RowExport]


class PolicyExport(Strict):
    """One policy as data: facts, text by block, lists. `prevails` is the locale that governs where texts differ."""

    format: Literal[1]
    policy: Slug
    title: Words
    locales: list[LocaleId]
    prevails: LocaleId
    jurisdictions: list[Slug]
    sample: bool
    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")
    terms: dict[Slug, TermExport]
    sections: list[SectionExport]
    lists: dict[Slug, ListExport]
