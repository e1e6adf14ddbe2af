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


AT_ONCE = "PT0M"
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
            yield Found(gained, (change,), "", field, old, (*old, *fresh))
        if gone:
            yield Found(lost, (change,), "", field, old, tuple(v for v in old if v in new))

    return step


def ranked(order: Sequence[str], worse: str, better: str, absent: str) -> Step:
    """A choice in an order from good to bad; not stated counts as `absent`. Of several the worst counts, then the best."""
    places = {value: place for place, values in enumerate(order) for value in values.split("|")}

    def rank(found: Values) -> tuple[int, int]:
        ranks = [places[value] for value in found or (absent,)]
        return max(ranks), min(ranks)

    def step(change: Change, field: str) -> Iterator[Found]:
        yield _found(better if rank(change.after(field)) < rank(change.before(field)) else worse, change, field)

    return step


def strictness(up: str, down: str) -> Step:
    """A grade of consent: none stated is the weakest of all."""
    return ranked(("separate", "explicit", "consent", "required-by-law", "none"), down, up, "none")


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


def limited(change: Change, field: str) -> Iterator[Found]:
    """Limits of a right, in words: fewer make it easier; what others do nobody can read off, and it counts as material."""
    fewer = set(change.after(field)) < set(change.before(field))
    yield _found("right-procedure-easier" if fewer else "right-procedure-changed", change, field, "" if fewer else "limits")


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
        yield Found("period-reworded", (change,), "", field, old, new)
    else:
        yield Found("incident-deadline-changed", (change,), {1: "later", -1: "", None: "unclear"}[sign], field, old, new)


def bound(change: Change, field: str) -> Iterator[Found]:
    """How strict a deadline is, where the deadline itself is the same; else that says it all."""
    if change.before(_deadline(field)) == change.after(_deadline(field)):
        order = ("immediately", "within|no-later-than", "none")
        yield from ranked(order, "incident-promise-weakened", "incident-promise-improved", "none")(change, field)


def _soon(side: Callable[[str], Values], field: str) -> Values:
    """Return the deadlines of a side; immediately is no time at all."""
    at_once = "immediately" in side(field.replace("deadline", "bound"))
    return side(field) or ((AT_ONCE,) if at_once else ())


def _deadline(field: str) -> str:
    return field.replace("bound", "deadline")


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
