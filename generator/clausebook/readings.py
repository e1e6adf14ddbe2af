"""What a text states, whatever its language: numbers, periods, dates, money, addresses. Text in, tokens out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache

from clausebook.detectors import Reading

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII, one for one
_DIGITS = r"(?<![\d.])\d[\d,]*(?:\.\d+)?"
_ADDRESSES = (
    ("email", r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"),
    ("url", r"https?://[^\s，。；：、（）()《》“”\"'<>]*[^\s，。；：、（）()《》“”\"'<>.,;:!?]|\bwww\.[A-Za-z0-9.-]+[A-Za-z0-9]"),
    ("date", r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?!\d)"),
    ("phone", r"(?<![\d.,/-])(?<!/T )\+?\d(?:[ -]?\d){6,}(?![\d/])(?!,\d)"),
)
_FIGURE = re.compile(r"[\d@]|://|www\.")
_NEEDED = {"email": re.compile("@"), "url": re.compile(r"://|www\."), "date": re.compile(r"\d"), "phone": re.compile(r"\d")}
_LEAST_SCALE = 1000
_WORDED = "\ue100"  # stands for the letters of a number in words, so that the patterns need not know the words
_MASKED = f"(?<!{_WORDED}){_WORDED}+(?!{_WORDED})"
_REACH = 24  # how far from a number its bound may begin


@dataclass(frozen=True)
class Token:
    """Something a text states: its kind, a value that is the same in every language, where it begins, the words, its bound.

    A soft one need not be stated by another language: “one” is seldom a number.
    """

    kind: str
    value: str
    start: int
    words: str
    bound: str = ""
    soft: bool = False


@dataclass(frozen=True)
class _Row:
    kind: str
    unit: str
    pattern: re.Pattern[str]


class Reader:
    """Reads the texts of one language. Without a reading it reads only what every language writes alike."""

    def __init__(self, reading: Reading | None) -> None:
        self.reading = reading

    @cached_property
    def rows(self) -> tuple[_Row, ...]:
        """Return the patterns in the order in which they take their part of a text."""
        always = [_Row(kind, "", re.compile(pattern)) for kind, pattern in _ADDRESSES]
        return (*always, *self._own())

    def _own(self) -> Iterator[_Row]:
        if self.reading is None:
            return
        months = "|".join(self.reading.months)
        for pattern in self.reading.dates:
            yield _Row("date", "", re.compile(pattern.replace("{month}", months)))
        large = "|".join(word for word, value in self.reading.numerals.items() if value >= _LEAST_SCALE)
        words, scale = (self._words, f"(?:{large})") if self.reading.han else (_MASKED, _MASKED)
        number = f"({_DIGITS}(?: ?{scale})?|{words})"
        for kind, patterns in (("money", self.reading.money), ("period", self.reading.periods)):
            for unit, pattern in patterns.items():
                yield _Row(kind, unit, re.compile(pattern.replace("{n}", number), re.IGNORECASE))
        for pattern in ("{n} ?[%％]", *self.reading.numbers, f"({_DIGITS})"):
            unit = "%" if "%" in pattern else ""
            yield _Row("number", unit, re.compile(pattern.replace("{n}", number), re.IGNORECASE))

    @cached_property
    def _words(self) -> str:
        if self.reading is None:
            return "(?!)"
        words = sorted(self.reading.numerals, key=len, reverse=True)
        if self.reading.han:
            return f"[{''.join(words)}]+"
        word = "|".join(words)
        return rf"\b(?:{word})(?:(?:[- ]| and )(?:{word}))*\b"

    @cached_property
    def _worded(self) -> re.Pattern[str]:
        return re.compile(self._words, re.IGNORECASE)

    @lru_cache(maxsize=65536)  # noqa: B019  # there is one reader a language, made once
    def tokens(self, text: str) -> tuple[Token, ...]:
        """Return what a text states, in the order of the text."""
        plain = text.translate(_WIDE)
        if not (_FIGURE.search(plain) or self._worded.search(plain)):
            return ()
        masked = plain if self.reading is None or self.reading.han else self._worded.sub(_mask, plain)
        found: list[Token] = []
        taken = bytearray(len(plain))
        there = {kind for kind, needed in _NEEDED.items() if needed.search(plain)}
        for number, row in enumerate(self.rows):
            if number < len(_ADDRESSES) and row.kind not in there:
                continue
            for match in row.pattern.finditer(masked):
                value = "" if any(taken[match.start() : match.end()]) else self._value(row, match, plain)
                if value:
                    taken[match.start() : match.end()] = b"\1" * len(match.group())
                    words = text[match.start() : match.end()]
                    soft = value == "1" and row.kind == "number" and not words[0].isdigit() and not words.startswith("第")
                    found.append(Token(row.kind, value, match.start(), words, self._bound(row, plain, match), soft))
        return tuple(sorted(found, key=lambda token: token.start))

    def _value(self, row: _Row, match: re.Match[str], plain: str) -> str:
        """Return the value of a match; an empty text where it says nothing to compare."""
        if row.kind == "email":
            return match.group().lower()
        if row.kind == "url":
            return match.group().rstrip("/")
        if row.kind == "phone":
            return re.sub(r"[^\d+]", "", match.group())
        if row.kind == "date":
            return self._date(match)
        group = next(n for n, written in enumerate(match.groups(), 1) if written)
        number = self.number(plain[match.start(group) : match.end(group)])
        return f"{number}{row.unit}" if row.kind == "number" else f"{number} {row.unit}"

    def _date(self, match: re.Match[str]) -> str:
        parts = match.groupdict()
        month = parts.get("month") or ""
        named = self.reading.months if self.reading else []
        count = named.index(month) + 1 if month in named else self.number(month) if month else None
        year, day = (self.number(parts[key]) if parts.get(key) else None for key in ("year", "day"))
        return "-".join(str(part) if part is not None else "" for part in (year, count, day))

    def number(self, words: str) -> Decimal:
        """Return the number that digits or words write."""
        assert self.reading is not None or words[0].isdigit()
        digits = re.match(_DIGITS, words)
        if digits:
            scale = words[digits.end() :].strip().lower()
            value = Decimal(digits.group().replace(",", ""))
            factor = self.reading.numerals.get(scale, 1) if self.reading else 1
            return _plain(value * factor if factor >= _LEAST_SCALE else value)
        assert self.reading is not None
        parts = list(words) if self.reading.han else re.findall(r"[a-z]+", re.sub(r"\band\b", " ", words.lower()))
        return Decimal(_composed([self.reading.numerals[part] for part in parts]))

    def _bound(self, row: _Row, text: str, match: re.Match[str]) -> str:
        if self.reading is None or row.kind not in ("period", "number", "money"):
            return ""
        before, after = text[max(0, match.start() - _REACH) : match.start()], text[match.end() : match.end() + _REACH]
        for name, around in self.reading.bounds.items():
            if re.search(rf"(?:{around.before}) ?$", before, re.IGNORECASE) or re.match(rf" ?(?:{around.after})", after, re.IGNORECASE):
                return name
        return ""


def _mask(match: re.Match[str]) -> str:
    return _WORDED * len(match.group())


def _plain(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral() else value.normalize()


def _composed(values: list[int]) -> int:
    """Add up the parts of a number in words: 三百二十, two hundred and five, 二〇二六."""
    if len(values) > 1 and all(value < 10 for value in values):
        return int("".join(str(value) for value in values))
    total = section = digit = 0
    for value in values:
        if value >= 10000 or (value == 1000 and section + digit >= 10):
            total, section, digit = total + (section + digit or 1) * value, 0, 0
        elif value in (10, 100, 1000) and (digit < 10 or value > 10):
            section, digit = section + (digit or 1) * value, 0
        else:
            digit += value
    return total + section + digit


@lru_cache(maxsize=64)
def _made(dump: str) -> Reader:
    return Reader(Reading.model_validate_json(dump) if dump else None)


def readers(readings: dict[str, Reading], locales: list[str]) -> dict[str, Reader]:
    """Return a reader for each locale: that of the locale itself, or of its language."""
    found = {locale: readings.get(locale) or readings.get(locale.split("-")[0]) for locale in locales}
    return {locale: _made(reading.model_dump_json() if reading else "") for locale, reading in found.items()}
