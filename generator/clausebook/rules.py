"""How serious each change is: its kind, level and direction, whether practice itself changed, who must be told, which version follows.

Every change gets a kind from what the facts say. The policy's own promises can raise its level. What a person attests comes
last: a text is classified, a level set, a description said to be corrected, each with a reason, and never below the promise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from clausebook import kinds, texts
from clausebook.diff import IDENTITY, Change, Comparison, Values
from clausebook.errors import Problem, problem
from clausebook.model import Library, Settings, Source
from clausebook.release import Attested, Direction, Level, Notes, Practice, Version, Words
from clausebook.rulebook import DIRECTIONS, LEVELS, Bump, Kind, Reconsent, Rulebook
from clausebook.snapshot import digest
from clausebook.steps import Found
from clausebook.typos import touched_text

# What is told of a fact that is new or gone, beside what it is about; facts that are alike in it are told as one.
DETAILS: dict[str, tuple[str, ...]] = {
    "collects": ("purposes",),
    "uses": ("data",),
    "shares": ("data", "purposes"),
    "transfers": ("recipient", "data", "purposes"),
    "retention": ("period", "floor", "method"),
    "storage": ("location",),
    "cookies": ("purposes", "duration"),
    "contacts": ("value",),
    "links": ("url",),
}
_GROUPED = {"collects", "uses", "shares", "retention", "storage", "rights", "exceptions", "permissions", "security"}
_RECONSENT: tuple[Reconsent, ...] = ("separate", "consent", "none")


@dataclass(frozen=True)
class Judged:
    """A change as it is judged. `clauses` are anchors of the new side, `was` those of the old.

    `machine` is the level before anybody attested anything; `promised` tells that the policy itself calls the change material.
    """

    id: str
    kind: str
    level: Level
    direction: Direction
    practice: Practice
    notice: Values
    bump: Bump
    reconsent: Reconsent
    changes: tuple[Change, ...]
    clauses: Values
    was: Values
    values: Mapping[str, Values] = field(default_factory=dict)
    machine: Level = "internal"
    promised: bool = False
    why: Words | None = None
    by: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What all changes together amount to. `revised` are the locales whose text alone changed."""

    level: Level
    direction: Direction
    bump: Bump
    notice_days: int
    notice: Values = ()
    reconsent: Values = ()
    revised: Values = ()


@dataclass(frozen=True)
class Refusal:
    """Why something attested does not hold: a code of the catalogues, the place among the notes, the values of the sentence."""

    code: str
    index: int
    values: Mapping[str, str]


def noted(library: Library, policy: str) -> Notes | None:
    """Return what authors note of a policy's next release, or None."""
    found = library.notes.get(policy)
    return found.value if found else None


def judge(comparison: Comparison, book: Rulebook, notes: Notes | None, settings: Settings) -> list[Judged]:
    """Judge every change, worst first."""
    return _judge(comparison, book, notes, settings)[0]


def refusals(comparison: Comparison, book: Rulebook, notes: Notes | None, settings: Settings) -> list[Refusal]:
    """Return what of the notes does not hold, in the order of the notes."""
    return _judge(comparison, book, notes, settings)[1]


def problems(found: Iterable[Refusal], source: Source) -> list[Problem]:
    """Return refusals as errors at their places in the file of the notes."""
    return [problem(source.place(("changes", refusal.index)), refusal.code, **refusal.values) for refusal in found]


def _judge(comparison: Comparison, book: Rulebook, notes: Notes | None, settings: Settings) -> tuple[list[Judged], list[Refusal]]:
    promised = promises(comparison, book)
    judged = {one.id: one for one in (_judged(group, comparison, book, settings, promised) for group in _groups(_found(comparison, book)))}
    refused: list[Refusal] = []
    for index, attested in enumerate(notes.changes if notes else ()):
        one = judged.get(attested.change)
        code, values = _refused(one, attested, comparison, book)
        if one is None or code:
            refused.append(Refusal(code, index, values))
        else:
            judged[one.id] = _attest(one, attested, book)
    return sorted(judged.values(), key=_worst_first), refused


def _worst_first(one: Judged) -> tuple[int, int, str, str]:
    return LEVELS.index(one.level), DIRECTIONS.index(one.direction), one.kind, one.id


def _found(comparison: Comparison, book: Rulebook) -> list[Found]:
    found = [*kinds.facts(comparison, book), *texts.terms(comparison), *texts.policy(comparison), *texts.outline(comparison)]
    touched = {
        anchor
        for change in comparison.changes
        if change.kind in IDENTITY
        for item in (change.old, change.new)
        if item
        for anchor in item.entries
    }
    return [*found, *texts.texts(comparison, book, touched)]


def _groups(found: Iterable[Found]) -> list[list[Found]]:
    """Put together what is the same change of several things, such as one legal basis of many kinds of information."""
    groups: dict[str, list[Found]] = {}
    for one in found:
        groups.setdefault(repr(_alike(one)), []).append(one)
    return list(groups.values())


def _alike(one: Found) -> list[object]:
    """Return what finds must have in common to be told as one."""
    first = one.changes[0] if one.changes else None
    gone, fresh = tuple(v for v in one.old if v not in one.new), tuple(v for v in one.new if v not in one.old)
    common: list[object] = [one.kind, one.variant, one.field, gone, fresh]
    if one.kind in ("detail-stated", "detail-withdrawn") and first is not None:
        return [one.kind, one.field, first.kind]
    if first is not None and first.kind == "contacts" and first.action != "changed":
        return [one.kind, first.key[0]]
    if first is None or len(one.changes) > 1 or first.kind not in _GROUPED:
        return [*common, [_state(change) for change in one.changes]]
    if first.action == "changed":
        return [*common, first.kind]
    told = [[side.get(name, ()) for name in DETAILS.get(first.kind, ())] for side in _fields(first)]
    return [*common, first.kind, () if first.kind == "collects" else first.key[1:], told]


def _fields(change: Change) -> list[dict[str, Values]]:
    return [dict(item.fields) if item else {} for item in (change.old, change.new)]


def _state(change: Change) -> list[object]:
    return [change.kind, list(change.key), *({name: list(v) for name, v in side.items()} for side in _fields(change))]


def _judged(group: list[Found], comparison: Comparison, book: Rulebook, settings: Settings, promised: frozenset[str]) -> Judged:
    first = group[0]
    changes = tuple(change for found in group for change in found.changes)
    kind = book.by_id[first.kind].case(first.variant)
    level = settings.changes.levels.get(kind.id, kind.level)
    binding = kind.id in promised
    if binding:
        level = "material"
    return Judged(
        id=digest([first.kind, first.variant, first.field, [_state(change) for change in changes]])[:12],
        kind=kind.id,
        direction=kind.direction,
        practice=kind.practice,
        changes=changes,
        clauses=_anchors(changes, "new"),
        was=_anchors(changes, "old"),
        values={"field": (first.field,) if first.field else (), "old": _all(group, "old"), "new": _all(group, "new")},
        machine=level,
        promised=binding,
        **_weight(kind, level, book),  # type: ignore[arg-type]
    )


def _all(group: list[Found], side: str) -> Values:
    return tuple(dict.fromkeys(value for found in group for value in getattr(found, side)))


def _weight(kind: Kind, level: Level, book: Rulebook) -> dict[str, object]:
    asks = kind.reconsent if LEVELS.index(level) <= LEVELS.index(kind.level) else "none"
    return {"level": level, "notice": tuple(book.notice(kind, level)), "bump": book.levels[level].bump, "reconsent": asks}


def _anchors(changes: tuple[Change, ...], side: str) -> Values:
    items = (getattr(change, side) for change in changes)
    return tuple(dict.fromkeys(anchor for item in items if item for anchor in item.entries))


# What the policy itself promises.


def promises(comparison: Comparison, book: Rulebook) -> frozenset[str]:
    """Return the kinds that the old document itself calls material."""
    stated = comparison.was.get(("changes", ()))
    criteria = stated.get("material_criteria") if stated else ()
    return frozenset(kind for criterion in criteria for kind in book.criteria.get(criterion, ()))


# What people attest.


def _refused(one: Judged | None, said: Attested, comparison: Comparison, book: Rulebook) -> tuple[str, dict[str, str]]:
    """Return why a person's word does not hold, as a code with values; an empty code where it does."""
    if one is None:
        return "attested-unknown", {"change": said.change}
    missing = [locale for locale in comparison.new.document.policy.locales if locale not in said.reason]
    if missing:
        return "attested-reason", {"locale": missing[0]}
    if said.kind is not None and said.kind not in book.by_id:
        return "attested-kind", {"kind": said.kind}
    if said.kind == "fact-backfilled-no-text-change" and not _text_stays(one, comparison):
        return "attested-backfill", {"change": one.id}
    if said.second is not None and said.second == said.by:
        return "attested-same-person", {"by": said.by}
    level = _level(one, said, book)
    lower = LEVELS.index(level) > LEVELS.index(one.machine)
    if lower and one.promised:
        return "attested-promised", {"change": one.id}
    if said.second is None and lower and not _plain_edit(one, level, comparison):
        return "attested-second", {"change": one.id, "level": level, "was": one.machine}
    return "", {}


def _level(one: Judged, said: Attested, book: Rulebook) -> Level:
    if said.level is not None:
        return said.level
    return book.by_id[said.kind].level if said.kind is not None else one.level


def _plain_edit(one: Judged, level: Level, comparison: Comparison) -> bool:
    """Tell whether one person may call an edit of a text editorial: where it touches nothing that is never a typo."""
    if one.kind != "text-unclassified" or level not in ("substantive", "editorial"):
        return False
    source = comparison.new.document.policy.source
    pairs = [(texts.plain(c.old) if c.old else "", texts.plain(c.new) if c.new else "") for c in one.changes if c.kind == "text"]
    names = texts.names(comparison)
    light = all(old and new and not touched_text(old, new, source, names) for old, new in pairs)
    return level == "substantive" or (bool(pairs) and light)


def _text_stays(one: Judged, comparison: Comparison) -> bool:
    """Tell whether the text of every clause a change touches is the same on both sides."""
    edited = {change.key[0] for change in comparison.changes if change.kind == "text"}
    return bool(one.clauses or one.was) and not edited & {*one.clauses, *one.was}


def _attest(one: Judged, said: Attested, book: Rulebook) -> Judged:
    level = _level(one, said, book)
    kind = book.by_id[said.kind or _classified(one, said)]
    weight = _weight(kind, level, book) if kind.id != one.kind or level != one.level else {}
    practice = said.practice or (kind.practice if kind.id != one.kind else one.practice)
    direction = kind.direction if said.kind else one.direction
    who = said.by if said.second is None else f"{said.by}, {said.second}"
    return replace(one, kind=kind.id, practice=practice, direction=direction, why=dict(said.reason), by=who, **weight)  # type: ignore[arg-type]


def _classified(one: Judged, said: Attested) -> str:
    """Return the kind of an edited text by the level a person gives it: readers must not be told that a meaning stayed which did not."""
    if one.kind != "text-unclassified" or said.level is None:
        return one.kind
    return "text-meaning-changed" if said.level in ("material", "substantive") else "text-edited"


# What it all amounts to.


def verdict(judged: Iterable[Judged], comparison: Comparison | None, book: Rulebook, settings: Settings) -> Verdict:
    """Return what judged changes amount to together. The old document's own promise of notice adds to what the settings ask."""
    found = list(judged)
    level: Level = min((one.level for one in found), key=LEVELS.index, default="internal")
    direction: Direction = min((one.direction for one in found if one.level == level), key=DIRECTIONS.index, default="neutral")
    channels = dict.fromkeys(channel for one in found for channel in one.notice)
    wanted = {one.reconsent for one in found} - {"none"}
    days = _days(level, settings)
    if comparison is not None and level in ("material", "unclassified", "substantive"):
        days = max(days, _promised_days(comparison))
        channels |= dict.fromkeys(_promised_channels(comparison, book, level))
    return Verdict(
        level,
        direction,
        book.levels[level].bump,
        days,
        tuple(channels),
        tuple(asked for asked in _RECONSENT if asked in wanted),
        _revised(found, comparison) if level == "translation" else (),
    )


def _days(level: str, settings: Settings) -> int:
    asked = settings.changes.notice_days
    if level == "material":
        return max(asked.material, settings.changes.least_notice)
    return int(getattr(asked, "substantive" if level == "unclassified" else level, 0))


def _promised_days(comparison: Comparison) -> int:
    stated = comparison.was.get(("changes", ()))
    return max((int(days) for days in stated.get("notice_days")), default=0) if stated else 0


def _promised_channels(comparison: Comparison, book: Rulebook, level: str) -> list[str]:
    stated = comparison.was.get(("changes", ()))
    names = ("all", "material") if level == "material" else ("all",)
    return [book.channels[term] for name in names for term in (stated.get(name) if stated else ()) if term in book.channels]


def _revised(found: list[Judged], comparison: Comparison | None) -> Values:
    """Return the locales whose text was revised, in the order of the policy."""
    locales = {change.key[1] for one in found if one.level == "translation" for change in one.changes if change.kind == "text"}
    known = comparison.new.document.policy.locales if comparison else []
    return tuple(locale for locale in known if locale in locales) or tuple(known[1:2])


def suggest(base: Version | None, found: Verdict) -> Version:
    """Return the version that follows: 1.0.0 is the first; a revision of a translation counts on from its base."""
    if base is None:
        return Version(1, 0, 0)
    if found.bump == "major":
        return Version(base.major + 1, 0, 0)
    if found.bump == "minor":
        return Version(base.major, base.minor + 1, 0)
    if found.bump == "revision" and found.revised:
        return Version(base.major, base.minor, base.patch, base.revision + 1, found.revised[0])
    return Version(base.major, base.minor, base.patch + 1)
