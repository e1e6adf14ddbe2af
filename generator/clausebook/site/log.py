"""Changes as pages tell them: in groups, worst first, each sentence with links to its clauses and to the redline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from clausebook.release import ChangeRecord, Direction, Level, Practice, VerdictRecord
from clausebook.site.views import Link, View

Ask = Literal["none", "note", "consent", "separate"]

GROUPS: tuple[Practice, ...] = ("changed", "description", "none")  # what was done, what was said about it, the wording
LEVELS: tuple[Level, ...] = ("material", "substantive", "editorial", "translation", "internal", "unclassified")
DIRECTIONS: tuple[Direction, ...] = ("worse", "neutral", "better")
HIDDEN = ("internal",)  # levels of which readers see nothing


@dataclass(frozen=True)
class Line:
    """One change in words. `lang` is the locale of the sentence, where it is not that of the page."""

    sentence: str
    lang: str
    level: str
    marks: tuple[str, ...]
    links: tuple[Link, ...]
    why: str = ""
    by: str = ""


@dataclass(frozen=True)
class Group:
    """The changes of one kind of practice."""

    id: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Sides:
    """What the links of changes lead to: the new version and the old one as seen from the page, and the redline between them."""

    new: View
    old: View | None = None
    redline: str = ""


def shown(changes: Iterable[ChangeRecord]) -> list[ChangeRecord]:
    """Return the changes readers are told, worst first: by level, then by direction, then as they were judged."""
    return sorted((change for change in changes if change.level not in HIDDEN), key=_worst)


def _worst(change: ChangeRecord) -> tuple[int, int]:
    return LEVELS.index(change.level), DIRECTIONS.index(change.direction)


def groups(changes: Iterable[ChangeRecord], sides: Sides) -> list[Group]:
    """Return the changes in their groups, without those that are empty."""
    found = shown(changes)
    made = [(key, tuple(line(change, sides) for change in found if change.practice == key)) for key in GROUPS]
    return [Group(key, sides.new.say(f"practice-{key}"), lines) for key, lines in made if lines]


def line(change: ChangeRecord, sides: Sides) -> Line:
    """Return one change in words."""
    view = sides.new
    sentence, locale = view.told(change.sentence)
    why = view.told(change.why)[0] if change.why else ""
    marks = [view.say(f"level-{change.level}"), *([view.say(f"direction-{change.direction}")] if change.direction != "neutral" else [])]
    return Line(sentence, locale, change.level, tuple(marks), tuple(_links(change, sides)), why, change.by or "")


def _links(change: ChangeRecord, sides: Sides) -> Iterable[Link]:
    """Link to the clauses as they are, to those that are gone as they were, and to the redline of the first of them."""
    found = _clauses(sides.new, change.clauses)
    found += _clauses(sides.old, [anchor for anchor in change.was if anchor not in change.clauses]) if sides.old else []
    yield from (link for _, link in found)
    if sides.redline:
        yield Link(sides.new.say("title-redline"), f"{sides.redline}#{found[0][0]}" if found else sides.redline)


def _clauses(view: View, anchors: Sequence[str]) -> list[tuple[str, Link]]:
    """Return links to the clauses that are there; an old file may name one its document lacks."""
    entries = view.entries
    return [(anchor, view.clause(entries[anchor])) for anchor in anchors if anchor in entries]


def counts(changes: Iterable[ChangeRecord]) -> dict[str, int]:
    """Return how many changes each group has."""
    found = Counter(change.practice for change in shown(changes))
    return {key: found[key] for key in GROUPS}


def levels(changes: Iterable[ChangeRecord], view: View) -> list[str]:
    """Return how many changes each level has, in words."""
    found = [change.level for change in shown(changes)]
    return [view.say("level-count", level=view.say(f"level-{level}"), n=found.count(level)) for level in LEVELS if level in found]


def asks(verdict: VerdictRecord) -> Ask:
    """Return what a person who accepted the version before must do."""
    if verdict.reconsent:
        return "separate" if "separate" in verdict.reconsent else "consent"
    return "note" if verdict.level in ("material", "substantive") else "none"
