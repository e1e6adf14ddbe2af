"""How one field of a fact changed: small functions that say of which kind a change of the field is. `kinds` puts them in a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from clausebook import periods
from clausebook.diff import Change, Values


@dataclass(frozen=True)
class Found:
    """A change of a kind: in which case of it, by which changes, of which field, with the values lost and gained."""

    kind: str
    changes: tuple[Change, ...]
    variant: str = ""
    field: str = ""
    old: Values = ()
    new: Values = ()


Step = Callable[[Change, str], Iterator[Found]]


def source_text(value: str, locale: str) -> str:
    """Return the text of a locale out of a value of an item, which for texts in several languages is JSON."""
    found = json.loads(value) if value.startswith("{") else value
    return str(found.get(locale, "")) if isinstance(found, dict) else value


def _found(kind: str, change: Change, field: str, variant: str = "") -> Found:
    return Found(kind, (change,), variant, field, change.before(field), change.after(field))


def turned(kind: str, variant: str = "") -> Step:
    """Any change of the field is of one kind."""

    def step(change: Change, field: str) -> Iterator[Found]:
        yield _found(kind, change, field, variant)

    return step


def values(gained: str, lost: str) -> Step:
    """What the field gained is of one kind, what it lost of another."""

    def step(change: Change, field: str) -> Iterator[Found]:
        old, new = change.before(field), change.after(field)
        fresh, gone = tuple(v for v in new if v not in old), tuple(v for v in old if v not in new)
        if fresh:
            yield Found(gained, (change,), "", field, (), fresh)
        if gone:
            yield Found(lost, (change,), "", field, gone, ())

    return step


def ranked(order: Sequence[str], worse: str, better: str, absent: str) -> Step:
    """A choice in an order from good to bad; not stated counts as `absent`, and of several the worst counts."""

    def rank(found: Values) -> int:
        return max(order.index(value) for value in found or (absent,))

    def step(change: Change, field: str) -> Iterator[Found]:
        yield _found(better if rank(change.after(field)) < rank(change.before(field)) else worse, change, field)

    return step


def strictness(up: str, down: str) -> Step:
    """A grade of consent: the weakest of several counts, and none stated is the weakest of all."""
    order = ("none", "required-by-law", "consent", "explicit", "separate")

    def rank(found: Values) -> int:
        return min((order.index(value) for value in found), default=0)

    def step(change: Change, field: str) -> Iterator[Found]:
        yield _found(up if rank(change.after(field)) > rank(change.before(field)) else down, change, field)

    return step


def flag(on: str, off: str) -> Step:
    """A promise that is made, or no longer."""

    def step(change: Change, field: str) -> Iterator[Found]:
        yield _found(on if change.after(field) == ("true",) else off, change, field)

    return step


def stated(gained: str, lost: str, changed: str) -> Step:
    """A description that is given, no longer given, or given in other words."""

    def step(change: Change, field: str) -> Iterator[Found]:
        old, new = set(change.before(field)), set(change.after(field))
        yield _found(gained if old < new else lost if new < old else changed, change, field)

    return step


def days(worse: str, better: str, *, long_is_worse: bool) -> Step:
    """A number of days; of several the worst counts, and not stated is the worst of all: for ever, or none."""
    sign = 1 if long_is_worse else -1

    def worst(found: Values) -> float:
        return max((sign * float(v) for v in found), default=float("inf") if long_is_worse else 0)

    def step(change: Change, field: str) -> Iterator[Found]:
        yield _found(better if worst(change.after(field)) < worst(change.before(field)) else worse, change, field)

    return step


def period(longer: str, shorter: str, unclear: tuple[str, str]) -> Step:
    """A period. Where nobody can tell which is longer the kind is `unclear`, in a case of it."""

    def step(change: Change, field: str) -> Iterator[Found]:
        old, new = change.before(field), change.after(field)
        if not old or not new:
            yield _found(longer if new else shorter, change, field)
            return
        sign = periods.longest(old, new)
        kind, variant = unclear if sign is None else ({1: longer, -1: shorter, 0: "period-reworded"}[sign], "")
        yield _found(kind, change, field, variant)

    return step


def deadline(change: Change, field: str) -> Iterator[Found]:
    """How soon people are told of an incident: later weighs more than sooner, and no deadline is the latest."""
    old, new = _soon(change.before, field), _soon(change.after, field)
    sign = periods.longest(old, new) if old and new else 1 if old else -1
    if sign == 0:
        yield _found("period-reworded", change, field)
    else:
        yield _found("incident-deadline-changed", change, field, {1: "later", -1: "", None: "unclear"}[sign])


def _soon(side: Callable[[str], Values], field: str) -> Values:
    """Return the deadlines of a side; immediately is no time at all."""
    at_once = "immediately" in side(field.replace("deadline", "bound"))
    return side(field) or (("PT0M",) if at_once else ())


def cited(change: Change, field: str) -> Iterator[Found]:
    """Name a law: another citation, or one that came or went."""
    both = bool(change.before(field) and change.after(field))
    yield _found("law-citation-updated", change, field, "" if both else "named")


def link(gained: str, lost: str) -> Step:
    """An address: given, no longer given, or another, which on another host may be another's."""

    def step(change: Change, field: str) -> Iterator[Found]:
        old, new = change.before(field), change.after(field)
        if not old or not new:
            yield _found(gained if new else lost, change, field)
        else:
            same = {urlsplit(url).netloc for url in old} == {urlsplit(url).netloc for url in new}
            yield _found("url-updated", change, field, "" if same else "host")

    return step
