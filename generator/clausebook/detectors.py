"""What a wording check is made of: rows of data that say which words or facts are doubtful, and the laws texts cite. Records only."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from clausebook.facts import Day, Duration, Flag, LocaleId, Slug, Strict, Text, Title, Whole
from clausebook.law import Level, Sure


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error:
        raise PydanticCustomError("regex", "not a pattern") from None
    return value


Regex = Annotated[str, AfterValidator(_regex)]
ByLocale = dict[LocaleId, Regex]


class Pattern(Strict):
    """Words that should not stand in a sentence that does not also hold `unless`."""

    find: ByLocale
    unless: ByLocale = {}


class Promise(Strict):
    """A way to be reached that a text promises, and the form of the address that must then stand in the document."""

    promise: ByLocale
    address: Regex


class Late(Strict):
    """The longest time in which people may be told of an incident."""

    most: Duration


class Stated(Strict):
    """Numbers with a unit, and terms of vocabulary schemes, but for names that say little (`ignore`).

    Terms count only in a block that holds `claim`, such as a word for collecting.
    """

    numbers: ByLocale
    schemes: list[Slug]
    ignore: dict[LocaleId, list[Text]] = {}
    claim: ByLocale


Compared = Literal[
    "list", "blocks", "bold", "reference", "number", "period", "bound", "date", "money", "law", "name", "term", "fact",
    "phone", "email", "url", "modality", "script", "punctuation",
]  # fmt: skip


class Around(Strict):
    """What stands right before or right after a number that bounds it, such as 不满 or “at least”."""

    before: Regex = "(?!)"
    after: Regex = "(?!)"


class Modal(Strict):
    """Words that surely bind, forbid, allow or deny (`strong`), and those that can render them in another language (`wide`)."""

    strong: Regex
    wide: Regex


class Reading(Strict):
    """How to read what a language writes in its own way: numbers, periods, dates, money, bounds, modal words.

    In a pattern `{n}` stands for a number in digits or words, `{month}` for the name of a month.
    """

    han: Flag = False
    numerals: dict[Text, Whole]
    months: list[Text] = []
    dates: list[Text]
    money: dict[Slug, Text]
    periods: dict[Slug, Text]
    numbers: list[Text]
    bounds: dict[Slug, Around]
    modals: dict[Slug, Modal]


class Detector(Strict):
    """How a check finds what it looks for: exactly one of these."""

    pattern: Pattern | None = None
    words: dict[LocaleId, dict[str, Text]] | None = None
    variants: dict[LocaleId, list[list[Text]]] | None = None
    self_names: dict[LocaleId, list[Text]] | None = None
    channels: list[Promise] | None = None
    absent: ByLocale | None = None
    longest: dict[LocaleId, Whole] | None = None
    references: ByLocale | None = None
    citations: ByLocale | None = None
    unfounded: Stated | None = None
    unstated: Annotated[float, Field(gt=0, le=1)] | None = None
    late: Late | None = None
    unnamed: ByLocale | None = None
    domestic: ByLocale | None = None
    parity: Compared | None = None
    glossary: Literal["variant", "undefined", "unused"] | None = None
    typography: Literal["spacing", "width"] | None = None

    @model_validator(mode="after")
    def _one(self) -> Detector:
        if len(self.model_fields_set) != 1:
            raise PydanticCustomError("detector", "one detector")
        return self

    @property
    def name(self) -> str:
        """Return the name of the detector."""
        return next(iter(self.model_fields_set))

    @property
    def locales(self) -> set[str] | None:
        """Return the locales the detector reads; None for facts, which have no language."""
        found: Any = getattr(self, self.name)
        if isinstance(found, Pattern | Stated):
            return set(found.find if isinstance(found, Pattern) else found.numbers)
        if self.name == "channels":
            return {locale for promise in found for locale in promise.promise}
        return set(found) if isinstance(found, dict) and self.name not in ("unnamed", "domestic") else None


class Example(Strict):
    """A clause that shows a check at work: its text, and the facts beside it."""

    text: dict[LocaleId, Text]
    facts: dict[str, Any] = {}


class Rule(Strict):
    """One wording check. With `jurisdiction` it is for policies that name it."""

    id: Slug
    level: Level
    jurisdiction: Slug | None = None
    detect: Detector
    summary: dict[LocaleId, Title]
    mend: dict[LocaleId, Text]
    source: dict[LocaleId, Title]
    hit: Example
    miss: Example


class Edition(Strict):
    """A law's text over a time: how many articles, which earlier articles have another number in it, and how sure that is."""

    since: Day
    sure: Sure
    until: Day | None = None
    articles: Whole | None = None
    moved: dict[str, Text] = {}


class Law(Strict):
    """A law that texts may cite, by any of its names, with its editions."""

    id: Slug
    names: dict[LocaleId, list[Title]]
    editions: list[Edition]


class Checks(Strict):
    """One file of wording checks, of laws, or of how languages are read."""

    rules: list[Rule] = []
    laws: list[Law] = []
    readings: dict[LocaleId, Reading] = {}
