"""What a requirement pack is made of: rows of data that say what a law asks a policy to state. Records only."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from clausebook.facts import KINDS, Day, Flag, LocaleId, Slug, Strict, Text, Title

Level = Literal["error", "warning", "info"]
Sure = Literal["read", "secondary", "memory", "uncertain"]
Status = Literal["law", "regulation", "rule", "standard", "foreign", "draft"]  # in the order of their weight
Feature = Literal["list-collected", "list-shared", "print", "one-page"]


Kind = Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]
Values = Annotated[list[Text], BeforeValidator(lambda v: v if isinstance(v, list) else [v])]


class Citation(Strict):
    """Where a requirement comes from, on which days it holds and how sure we are of it."""

    instrument: Slug
    article: Text
    since: Day | None = None
    until: Day | None = None


class Match(Strict):
    """Facts of one kind. `where` and `sensitive` pick them; the rest is asked of them.

    `fields` must be filled in (`how|where`: either), `must` must have one of the values, `most` and `least` bound
    a number or a duration.
    """

    kind: Kind
    where: dict[str, Values] = {}
    sensitive: Flag = False
    fields: list[str] = []
    must: dict[str, Values] = {}
    most: dict[str, Text] = {}
    least: dict[str, Text] = {}

    @model_validator(mode="after")
    def _known(self) -> Match:
        if self.kind not in KINDS:
            raise PydanticCustomError("fact_kind", "unknown kind of fact")
        return self


class Terms(Strict):
    """All of these terms must stand in a field of the facts of a kind, each with `fields` filled in."""

    kind: Kind
    field: str
    all: list[Slug]
    fields: list[str] = []


class Covered(Strict):
    """Every term in one field must be covered by another: itself, a wider term, or all personal information.

    Only facts with `fields` filled in cover anything.
    """

    kind: Kind
    field: str
    by: Kind
    scope: str
    fields: list[str] = []


class Need(Strict):
    """One thing a policy must say: exactly one of these predicates."""

    some: Match | None = None
    each: Match | None = None
    none: Match | None = None
    terms: Terms | None = None
    covered: Covered | None = None
    document: Literal["controller", "dates", "source-language"] | None = None
    feature: Feature | None = None

    @model_validator(mode="after")
    def _one(self) -> Need:
        if len(self.model_fields_set) != 1:
            raise PydanticCustomError("need", "one predicate")
        return self

    @property
    def predicate(self) -> str:
        """Return the name of the predicate."""
        return next(iter(self.model_fields_set))


class Requirement(Strict):
    """One row: what is asked, by what, when, and the facts that show it."""

    id: Slug
    cite: list[Citation] = Field(min_length=1)
    summary: dict[LocaleId, Title]
    level: Level
    sure: Sure
    when: Slug = "always"
    needs: list[Need] = Field(min_length=1)
    mend: dict[LocaleId, Text]


class Instrument(Strict):
    """A law, standard or draft that rows cite."""

    id: Slug
    name: dict[LocaleId, Title]
    short: dict[LocaleId, Title]
    status: Status
    since: Day | None = None
    checked: Day


class Pack(Strict):
    """The rows of one law or standard. A policy's jurisdictions choose its packs."""

    pack: Slug
    title: dict[LocaleId, Title]
    jurisdiction: Slug
    draft: Flag = False
    instruments: list[Instrument] = []
    rows: list[Requirement]
