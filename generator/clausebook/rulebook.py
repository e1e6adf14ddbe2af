"""What the rules are made of: rows that say of each kind of change how serious it is, for whom, and who must be told. Records only."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from clausebook.facts import LocaleId, Slug, Strict, Text
from clausebook.release import Direction, Level, Practice

Bump = Literal["major", "minor", "patch", "revision", "none"]
Channel = Literal["page", "change-log", "announcement", "account-article", "popup", "consultation", "direct"]
Reconsent = Literal["none", "consent", "separate"]

LEVELS: tuple[Level, ...] = ("material", "unclassified", "substantive", "editorial", "translation", "internal")
DIRECTIONS: tuple[Direction, ...] = ("worse", "neutral", "better")


class Weight(Strict):
    """What follows from a level: which part of the version goes up, and where people are told."""

    bump: Bump
    notice: list[Channel]


class Variant(Strict):
    """A case of a kind that weighs otherwise; what it leaves out is as the kind says."""

    level: Level | None = None
    direction: Direction | None = None
    notice: list[Channel] | None = None
    reconsent: Reconsent | None = None


class Kind(Strict):
    """One kind of change. `mirror` is the kind that undoes it, `no_mirror` says why there is none."""

    id: Slug
    level: Level
    direction: Direction
    notice: list[Channel] | None = None
    reconsent: Reconsent = "none"
    practice: Practice = "changed"
    why: dict[LocaleId, Text] | None = None
    mirror: Slug | None = None
    no_mirror: dict[LocaleId, Text] | None = None
    variants: dict[Slug, Variant] = {}

    @model_validator(mode="after")
    def _mirrored(self) -> Kind:
        if (self.mirror is None) == (self.no_mirror is None):
            raise PydanticCustomError("kind_mirror", "a mirror, or why there is none")
        return self

    def case(self, variant: str) -> Kind:
        """Return the kind as it weighs in one of its cases."""
        if not variant:
            return self
        return self.model_copy(update=self.variants[variant].model_dump(exclude_none=True))


class Rulebook(Strict):
    """All kinds of change; what each level asks; what a policy's own promises raise; terms and words with a meaning of their own."""

    levels: dict[Level, Weight] = {}
    criteria: dict[Slug, list[Slug]] = {}
    channels: dict[Slug, Channel] = {}
    terms: dict[Slug, list[Slug]] = {}
    liability: dict[LocaleId, Text] = {}
    kinds: list[Kind] = []

    @cached_property
    def by_id(self) -> dict[str, Kind]:
        """Return the kinds by id."""
        return {kind.id: kind for kind in self.kinds}

    def notice(self, kind: Kind, level: Level) -> list[str]:
        """Return where people are told: what the kind says, with what the level asks where it was raised, or that alone where lowered."""
        asked = self.levels[level].notice
        if kind.notice is None or LEVELS.index(level) > LEVELS.index(kind.level):
            return list(asked)
        return list(dict.fromkeys([*kind.notice, *(asked if level != kind.level else ())]))
