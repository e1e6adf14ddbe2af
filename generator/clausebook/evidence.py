"""What stands in a text for a fact, and what facts stand for what a text says: numbers, names of terms, wording."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from clausebook import records
from clausebook.detectors import Stated
from clausebook.document import Document, Entry
from clausebook.facts import DURATION, Fact
from clausebook.model import ClauseUse, Library, Section

_HAN = re.compile("[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’-]*")
_ENDS = {"han": re.compile("[^。！？]+[。！？]*"), "latin": re.compile(r".+?(?:[.!?][\"”)]*(?=\s+[A-Z\"“])|$)", re.DOTALL)}
_DIGITS = dict(zip("零〇一二三四五六七八九", (0, *range(10)), strict=True))
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "thirty": 30,
}  # fmt: skip
_DAYS = {"years": 365.0, "months": 30.0, "weeks": 7.0, "days": 1.0, "hours": 1 / 24, "minutes": 1 / 1440}


def is_han(locale: str) -> bool:
    """Tell whether a locale is written without spaces."""
    return locale.startswith("zh")


def days(period: str) -> float:
    """Return a duration in days."""
    found = DURATION.match(period)
    return sum(float(n) * _DAYS[unit] for unit, n in found.groupdict().items() if unit in _DAYS and n) if found else 0.0


def sentences(text: str, locale: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a block, each with where it begins."""
    for match in _ENDS["han" if is_han(locale) else "latin"].finditer(text):
        lead = len(match.group()) - len(match.group().lstrip())
        if match.group().strip():
            yield match.start() + lead, match.group().strip()


def around(text: str, offset: int, locale: str) -> str:
    """Return the sentence a character stands in."""
    return next((s for start, s in sentences(text, locale) if start <= offset < start + len(s)), text)


def size(sentence: str, locale: str) -> int:
    """Return how long a sentence is: Han characters, or words."""
    return len((_HAN if is_han(locale) else _WORD).findall(sentence))


def whole(text: str) -> int:
    """Return the first number in a text, in digits or words of either language; 0 for none."""
    if found := re.search(r"\d+", text):
        return int(found.group())
    if found := re.search("[零〇一二三四五六七八九十百千]+", text):
        return _han(found.group())
    return next((n for word in _WORD.findall(text.lower().replace("-", " ")) if (n := _NUMBERS.get(word))), 0)


def _han(text: str) -> int:
    total = digit = 0
    for character in text:
        unit = {"十": 10, "百": 100, "千": 1000}.get(character)
        if unit:
            total, digit = total + (digit or 1) * unit, 0
        else:
            digit = _DIGITS[character]
    return total + digit


def is_named(said: str, names: Iterable[str]) -> bool:
    """Tell whether a citation names a law: as it is, or with words before it."""
    return any(said == name or said.endswith(" " + name) for name in names)


def names(library: Library, document: Document, asked: Stated, locale: str) -> dict[str, frozenset[str]]:
    """Return what this policy calls the terms of some schemes, each name with the terms it may mean; short names mean too much."""
    own, ignored = document.policy.names, asked.ignore.get(locale, [])
    found: dict[str, set[str]] = {}
    for term, (scheme, record) in library.terms.items():
        name = own.get(term, {}).get(locale) or record.name.get(locale, "")
        if scheme in asked.schemes and name not in ignored and (len(name) > 2 if is_han(locale) else " " in name):
            found.setdefault(name, set()).add(term)
    return {name: frozenset(terms) for name, terms in found.items()}


@dataclass(frozen=True)
class Held:
    """What a clause's facts and parameters hold: numbers, terms, texts."""

    numbers: frozenset[int]
    terms: frozenset[str]
    texts: tuple[str, ...]

    def has(self, terms: Iterable[str], words: str, library: Library) -> bool:
        """Tell whether one of these terms, a wider or a narrower one is held, or a text that says the words."""
        wider = {w for term in self.terms for w in (term, *_wider(term, library))}
        if any(term in wider or self.terms.intersection(_wider(term, library)) for term in terms):
            return True
        return any(words.lower() in text.lower() for text in self.texts)


def held(entry: Entry, use: ClauseUse | None, document: Document, library: Library) -> Held:
    """Return what a clause's facts and the parameters of its use hold in this policy."""
    values = [str(v) for _, fact in entry.facts for v in _leaves(fact.model_dump(exclude={"key", "when"}))]
    for name, param in library.clauses[entry.clause].value.params.items():
        values += [str(v) for v in _leaves(use.params.get(name, param.default) if use else param.default)]
    terms = frozenset(v for v in values if v in library.terms)
    said = [name for term in terms for name in {**library.terms[term][1].name, **document.policy.names.get(term, {})}.values()]
    numbers = {int(n) for v in values for n in re.findall(r"\d+", v)} | {whole(v) for v in said}
    return Held(frozenset(numbers), terms, (*values, *said))


def _wider(term: str, library: Library) -> list[str]:
    found: list[str] = []
    while term in library.terms and (broader := library.terms[term][1].broader) and broader not in found:
        found.append(broader)
        term = broader
    return found


def uses(sections: Iterable[Section]) -> Iterator[ClauseUse]:
    """Yield every use of a clause in some sections."""
    for section in sections:
        yield from section.clauses
        yield from uses(section.sections)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield value


def shown(fact: Fact, document: Document, locale: str) -> Iterator[str]:
    """Yield the words a text could state a fact by: names of terms, texts, numbers. Not whom it is about: the text says “you”."""
    for _, scheme, term in records.terms(fact):
        if scheme not in ("subjects", "functions") and (name := document.terms.get(term, {}).get(locale)):
            yield name
    for _, text in records.texts(fact):
        if locale in text:
            yield text[locale]
    for value in _leaves(fact.model_dump(exclude={"key", "when"})):
        if isinstance(value, int) and not isinstance(value, bool):
            yield str(value)
        elif isinstance(value, str) and (match := DURATION.match(value)):
            yield next(n for n in match.groups() if n and n.isdigit())
        elif isinstance(value, str) and re.search(r"[@./]|\d{4}", value):
            yield value


def block(fact: Fact, entry: Entry, document: Document, locale: str) -> int:
    """Return which block of a clause states a fact: the one in which most of the fact's words stand, whole words before likeness."""
    words = list(shown(fact, document, locale))
    texts = [found.text for found in entry.blocks[locale]]
    exact = [sum(word.lower() in text.lower() for word in words) for text in texts]
    alike = [sum(likeness(word, text, locale) for word in words) for text in texts]
    scores = list(zip(exact, alike, strict=True)) or [(0, 0)]
    return scores.index(max(scores))


@lru_cache(maxsize=65536)
def stands(words: str, title: str, body: str, locale: str, share: float) -> bool:
    """Tell whether a clause's text holds words, or enough of them: pairs of Han characters, or words by their first letters."""
    if words in body:
        return True
    text = f"{title}\n{body}"
    if words.isdigit():
        return int(words) in _figures(text)
    return likeness(words, text, locale) >= share


def likeness(words: str, text: str, locale: str) -> float:
    """Return how much of some words stands in a text, from 0 to 1: pairs of Han characters, or words by their first letters."""
    wanted = _marks(words, locale)
    return len(wanted & _marks(text, locale)) / len(wanted) if wanted else 0.0


@lru_cache(maxsize=4096)
def _figures(text: str) -> frozenset[int]:
    spelled = {n for word, n in _NUMBERS.items() if re.search(rf"\b{word}\b", text.lower())}
    han = {_han(found) for found in re.findall("[一二三四五六七八九十]+", text)}
    return frozenset({int(n) for n in re.findall(r"\d+", text)} | spelled | han)


@lru_cache(maxsize=16384)
def _marks(text: str, locale: str) -> frozenset[str]:
    if is_han(locale):
        letters = _HAN.findall(text)
        return frozenset(a + b for a, b in pairwise(letters)) | frozenset(word.lower() for word in _WORD.findall(text))
    return frozenset(word[:5].lower().rstrip("iesy") for word in _WORD.findall(text) if len(word) > 3)
