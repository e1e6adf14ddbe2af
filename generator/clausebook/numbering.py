"""Generated numbers: which number a section or clause has, and how each language writes it and refers to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from clausebook import messages
from clausebook.document import Number
from clausebook.model import Policy, Section
from clausebook.wording import numeral


@dataclass(frozen=True)
class Position:
    """Where a section or clause stands: its scheme, the numbers from the top, and the part around it (0: none)."""

    scheme: str
    numbers: tuple[int, ...]
    part: int = 0
    is_part: bool = False

    @property
    def level(self) -> int:
        """Return the depth of numbering, 1 for chapters."""
        return len(self.numbers)


@dataclass
class _Counter:
    """Counts along one level."""

    position: Position
    count: int = 0

    def next(self) -> Position:
        self.count += 1
        return Position(self.position.scheme, (*self.position.numbers, self.count), self.position.part)


@dataclass
class _State:
    found: dict[str, Position | None] = field(default_factory=dict)
    parts: int = 0


def positions(policy: Policy) -> dict[str, Position | None]:
    """Return the position of every anchor of a policy; None stands for an unnumbered one."""
    state = _State()
    _level(policy.sections, _Counter(Position(policy.numbering, ())), state)
    return state.found


def _level(sections: list[Section], counter: _Counter, state: _State) -> None:
    for section in sections:
        inner = _section(section, counter, state)
        for use in section.clauses:
            counts = (section.numbered or section.part) and use.numbered
            state.found[use.anchor] = inner.next() if counts else None
        _level(section.sections, inner, state)


def _section(section: Section, counter: _Counter, state: _State) -> _Counter:
    """Record a section's own position and return the counter of what is inside it."""
    scheme = section.numbering or counter.position.scheme
    if section.part:
        state.parts += 1
        state.found[section.id] = Position(scheme, (), state.parts, is_part=True)
        return _Counter(Position(scheme, (), state.parts))
    if not section.numbered:
        state.found[section.id] = None
        return counter if scheme == counter.position.scheme else _Counter(Position(scheme, (), counter.position.part))
    here = counter.next()
    state.found[section.id] = here
    return _Counter(Position(scheme, here.numbers, here.part))


def number(position: Position | None, locales: list[str]) -> Number | None:
    """Return the number of a position as each locale writes it."""
    return None if position is None else _number(position, tuple(locales))


@lru_cache(maxsize=16384)
def _number(position: Position, locales: tuple[str, ...]) -> Number:
    return Number({loc: label(position, loc) for loc in locales}, {loc: reference(position, loc) for loc in locales})


@lru_cache(maxsize=16384)
def label(position: Position, locale: str) -> str:
    """Return the number that stands before a heading or list item."""
    rules = _rules(locale)
    if position.is_part:
        return numeral(rules["part"]["label"], position.part)
    return _at(rules[position.scheme]["labels"], position.numbers, position.level - 1)


@lru_cache(maxsize=16384)
def reference(position: Position, locale: str) -> str:
    """Return the number as a reference in running text says it, without the title."""
    rules = _rules(locale)
    part = numeral(rules["part"]["ref"], position.part) if position.part else ""
    if position.is_part:
        return part
    scheme = rules[position.scheme]
    patterns, numbers = scheme["refs"], position.numbers
    levels = [position.level - 1] if scheme.get("last-only") else list(range(position.level))
    return "".join(_at(patterns, numbers, level) for level in levels)


def _at(patterns: list[str], numbers: tuple[int, ...], level: int) -> str:
    above = ".".join(map(str, numbers[:level]))
    return numeral(patterns[min(level, len(patterns) - 1)], numbers[level], above)


def _rules(locale: str) -> dict[str, Any]:
    rules: dict[str, Any] = messages.catalogue(locale)["numbering"]
    return rules


def full_reference(position: Position | None, title: str, locale: str) -> str:
    """Return a whole reference: number and title."""
    patterns = _rules(locale)["ref"]
    if position is None:
        return str(patterns["bare"].format(title=title))
    own = reference(position, locale)
    if position.is_part:
        return str(patterns["part-only"].format(part=own, title=title))
    rest = patterns["numbered"].format(number=own, title=title)
    if not position.part:
        return str(rest)
    part = numeral(_rules(locale)["part"]["ref"], position.part)
    return str(patterns["part"].format(part=part, rest=rest))


@lru_cache(maxsize=16384)
def markers(numbers: tuple[tuple[int, int], ...], position: Position | None, scheme: str, locale: str) -> tuple[str, ...]:
    """Return the marker of each block of a body, given (depth, number); an empty one for what has no number."""
    return tuple(_markers(numbers, position, scheme, locale))


def _markers(numbers: tuple[tuple[int, int], ...], position: Position | None, scheme: str, locale: str) -> Iterator[str]:
    unnumbered = () if _rules(locale)[scheme].get("last-only") else (1, 1)
    above = position.numbers if position else unnumbered
    current: dict[int, int] = {}
    for depth, value in numbers:
        if not value:
            yield ""
            continue
        current[depth] = value
        inner = Position(scheme, (*above, *(current.get(d, 1) for d in range(1, depth)), value))
        yield label(inner, locale)
