"""What can be wrong with somebody's input, and how a user error travels.

A `Problem` names a place, a code and the values its sentence needs; the sentence itself lives in the
catalogues (one per language), so that the same problem can be told in Chinese and in English.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

Severity = Literal["error", "warning", "info"]

MAX_SHOWN = 300
CLEAN, FINDINGS, USER_ERROR, BUG, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file of the tree: path relative to the root, line and column counted from 1."""

    path: str
    line: int = 0
    col: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.col}" if self.line else self.path


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong at one place: `code` is a key of the catalogues, `values` fill its sentence."""

    place: Place
    code: str
    values: tuple[tuple[str, str], ...] = ()
    severity: Severity = field(default="error", compare=False)


def rule_of(found: Problem) -> str:
    """Return the id of the rule a finding rests on, or the problem's own code."""
    return (
        dict(found.values).get("rule", found.code) if found.code.startswith(("requirement-", "lint-", "parity-", "review-")) else found.code
    )


def problem(place: Place, code: str, /, **values: object) -> Problem:
    """Return an error whose values are made safe to print."""
    place = replace(place, path=_line(place.path))
    return Problem(place, code, tuple((k, _line(str(v))) for k, v in sorted(values.items())))


def warning(place: Place, code: str, /, **values: object) -> Problem:
    """Return a warning: something to look at that stops nothing."""
    return replace(problem(place, code, **values), severity="warning")


def note(place: Place, code: str, /, **values: object) -> Problem:
    """Return a note: something an author may want to do."""
    return replace(problem(place, code, **values), severity="info")


class UserError(Exception):
    """The input is wrong; carries every problem found, sorted. Never shown with a traceback."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("; ".join(f"{p.place}: {p.code} {dict(p.values)}" for p in self.problems))


def name_of(character: str) -> str:
    """Return a character's code point and Unicode name, such as `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    label = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return f"{label} {name}" if name else label


def visible(text: str) -> str:
    """Return text with every character a terminal could act on, or a reader could not see, written out."""
    return text if text.isprintable() else "".join(_shown(c) for c in text)


def _line(text: str) -> str:
    """Return text as part of one line, not too long to be read."""
    short = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
    return visible(short).replace("\n", "\\n")


def _shown(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    return f"\\x{ord(character):02x}" if ord(character) < 0x100 else f"U+{ord(character):04X}"
