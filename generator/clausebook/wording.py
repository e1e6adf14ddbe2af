"""How a language writes values: lists, periods, dates, laws, numbers, numbering. Rules come from the catalogue."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from clausebook import messages
from clausebook.facts import DURATION
from clausebook.language import Absent, Fitting, Said, Words, escape
from clausebook.model import Library, Policy

_HAN = "零一二三四五六七八九"
_HAN_WORD = re.compile("^[\u3400-\u9fff]")
_LATIN_START, _LATIN_END = re.compile(r"[A-Za-z0-9]"), re.compile(r"[A-Za-z0-9]$")
_URL = re.compile(r"^https://[^\s<>()]+$")
_EMAIL = re.compile(r"^[^\s@<>()]+@[^\s@<>()]+\.[a-z]{2,}$")
_PHONE = re.compile(r"^\+?[\d][\d -]{4,20}\d$")


class TermId(str):
    """The id of a term: needs `| term` to be printed."""


class Choice(str):
    """One of the values a choice allows: for conditions only."""


class Period(str):
    """An ISO 8601 duration: needs `| duration`."""


class Day(str):
    """An ISO 8601 date: needs `| date`."""


class Anchor(str):
    """The id of a clause or section: printed with `ref()` or `| bullets`."""


@dataclass(frozen=True)
class Wording:
    """Writes values in one locale for one policy. `ref` renders a reference to an anchor."""

    locale: str
    library: Library
    policy: Policy
    ref: Callable[[str], Said]

    @property
    def rules(self) -> dict[str, Any]:
        """Return the locale's own rules."""
        rules: dict[str, Any] = messages.catalogue(self.locale)["wording"]
        return rules

    def pick(self, text: Any) -> str:
        """Return the text of this locale out of a localised value, or what comes nearest: the source, the fallback, any."""
        if not isinstance(text, dict):
            return str(text)
        near = (self.locale, self.policy.source, messages.FALLBACK)
        return str(next((text[locale] for locale in near if locale in text), None) or next(iter(text.values())))

    def words(self, text: Any) -> Words:
        """Return the text of this locale for a clause, which prints no other language in its midst."""
        lacks = isinstance(text, dict) and self.locale not in text
        return (Absent if lacks else Words)(self.pick(text))

    def term_name(self, term: str) -> str:
        """Return what this policy calls a term in this locale."""
        own = self.policy.names.get(term, {}).get(self.locale)
        if own is not None:
            return own
        found = self.library.terms.get(term)
        if found is None:
            raise Fitting("term-unknown", id=term)
        name = found[1].name.get(self.locale)
        if name is None:
            raise Fitting("term-untranslated", id=term, locale=self.locale)
        return name

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters of the clause language."""
        made = {
            "term": self.term, "terms": self.terms, "series": self.series, "bullets": self.bullets,
            "duration": self.duration, "date": self.date, "law": self.law, "number": self.number,
            "count": _count, "capital": self.capital, "link": _link,
        }  # fmt: skip
        return {name: _present(filter_) for name, filter_ in made.items()}

    def term(self, value: Any) -> Words:
        """Name one term."""
        if not isinstance(value, str) or isinstance(value, Words | Choice | Period | Day | Anchor):
            raise Fitting("filter-value", filter="term", want="one term")
        return Words(self.term_name(value))

    def terms(self, value: Any, joiner: str = "and") -> Words:
        """Name terms, joined as the language joins a list."""
        items = [value] if isinstance(value, TermId) else value
        if not isinstance(items, list) or not all(isinstance(i, TermId) for i in items):
            raise Fitting("filter-value", filter="terms", want="a list of terms")
        return Words(self.join([self.term_name(i) for i in items], joiner))

    def series(self, value: Any, joiner: str = "and") -> Words:
        """Join texts."""
        if not isinstance(value, list) or not all(isinstance(i, Words) for i in value):
            raise Fitting("filter-value", filter="series", want="a list of texts")
        return Words(self.join(value, joiner))

    def join(self, items: Sequence[str], joiner: str = "and") -> str:
        """Join words with the commas and the last joiner of the language."""
        comma, last = self.rules["join"][joiner]
        if len(items) < 2:
            return "".join(items)
        return self._set_apart(str(comma).join(items[:-1]), str(last), items[-1])

    def _set_apart(self, before: str, joiner: str, after: str) -> str:
        """Put a joiner between words, with a space where Han and Latin letters would touch."""
        if self.rules["spacing"] != "han" or not _HAN_WORD.match(joiner):
            return before + joiner + after
        left = " " if _LATIN_END.search(before) else ""
        right = " " if _LATIN_START.match(after) else ""
        return f"{before}{left}{joiner}{right}{after}"

    def bullets(self, value: Any) -> Said:
        """Write a list as Markdown bullets, with the punctuation of the language."""
        if not isinstance(value, list) or not value:
            raise Fitting("filter-value", filter="bullets", want="a list that is not empty")
        between, end = self.rules["bullets"]
        items = [self._item(item) for item in value]
        lines = [f"- {item}{end if n == len(items) else between}" for n, item in enumerate(items, 1)]
        return Said("\n".join(lines) + "\n", whole=True)

    def _item(self, item: Any) -> str:
        if isinstance(item, Anchor):
            return self.ref(item).markdown
        if not isinstance(item, TermId | Words):
            raise Fitting("filter-value", filter="bullets", want="a list of terms or texts")
        return escape(self.term_name(item) if isinstance(item, TermId) else str(item))

    def duration(self, value: Any) -> Words:
        """Write a period: 72 小时, six months, 15 个工作日."""
        match = DURATION.match(value) if isinstance(value, str) else None
        if match is None:
            raise Fitting("filter-value", filter="duration", want="a duration")
        unit, count = next((u, int(n)) for u, n in match.groupdict().items() if n is not None and u != "kind")
        if match["kind"]:
            unit = f"{match['kind']}-{unit}"
        one, many = self.rules["durations"][unit]
        return Words((one if count == 1 else many).format(n=self._count(count)))

    def date(self, value: Any) -> Words:
        """Write a date."""
        try:
            day = datetime.date.fromisoformat(value)
        except (TypeError, ValueError):
            raise Fitting("filter-value", filter="date", want="a date") from None
        month = self.rules["months"][day.month - 1]
        return Words(self.rules["date"].format(year=day.year, month=month, day=day.day))

    def law(self, value: Any, form: str = "full") -> Words:
        """Write a law's title, with its short name in English, in title marks in Chinese."""
        if not isinstance(value, str) or value not in self.library.terms:
            raise Fitting("filter-value", filter="law", want="a law")
        short = (self.library.terms[value][1].short or {}).get(self.locale, "")
        name = self.term_name(value)
        pattern = self.rules["law"][form if short else "plain"]
        return Words(pattern.format(name=name, short=short))

    def number(self, value: Any) -> Words:
        """Write a whole number as the language does in running text."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise Fitting("filter-value", filter="number", want="a number")
        return Words(self._count(value))

    def _count(self, value: int) -> str:
        words: list[str] = self.rules["numbers"]
        return words[value] if value < len(words) else str(value)

    def capital(self, value: Any) -> Words:
        """Begin a sentence with the value."""
        if not isinstance(value, Words):
            raise Fitting("filter-value", filter="capital", want="text")
        return Words(self.sentence_case(value))

    def sentence_case(self, text: str) -> str:
        """Return text with its first letter as at the start of a sentence."""
        return text[:1].upper() + text[1:] if self.rules["capitals"] else text


def _present(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that takes no text of another language."""

    def call(value: Any, *arguments: Any) -> Any:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Absent):
                raise Fitting("value-untranslated", what=item)
        return filter_(value, *arguments)

    return call


def _count(value: Any) -> int:
    if not isinstance(value, list):
        raise Fitting("filter-value", filter="count", want="a list")
    return len(value)


def _link(value: Any) -> Said:
    """Link an address; what may not be linked (plain http, bare domains) stays text."""
    if not isinstance(value, Words):
        raise Fitting("filter-value", filter="link", want="an address")
    text, address = escape(value), str(value)
    if _EMAIL.match(address):
        return Said(f"[{text}](mailto:{address})")
    if _PHONE.match(address):
        return Said(f"[{text}](tel:{re.sub('[ -]', '', address)})")
    return Said(f"[{text}](<{address}>)" if _URL.match(address) else text)


def han(number: int) -> str:
    """Return a number from 1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _HAN[ones]
    return (_HAN[tens] if tens > 1 else "") + "十" + (_HAN[ones] if ones else "")


def letters(number: int) -> str:
    """Return a, b, ... z, aa, ab ... for 1, 2, ..."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def roman(number: int) -> str:
    """Return a lower-case Roman numeral."""
    table = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    text = ""
    for value, sign in table:
        while number >= value:
            text, number = text + sign, number - value
    return text


def numeral(pattern: str, number: int, above: str = "") -> str:
    """Fill a numbering pattern: {n}, {han}, {a}, {i}, {A}, {above} (the number of the level above, decimal)."""
    return pattern.format(
        n=number, han=han(number) if number < 100 else number, a=letters(number), i=roman(number), A=letters(number).upper(), above=above
    )
