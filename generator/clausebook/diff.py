"""What differs between two documents. No opinion: how serious a change is, and how it is said, is asked elsewhere.

A document is read as a state: items, each with an identity and fields that hold sets of values. A change is an item that one
side lacks or holds otherwise. Because both sides are whole states, changes compose: what changed from a to c is what changed
from a to b and then from b to c, so a reader who skipped a version is told the same as one who did not.

Facts are compared by what they are about, not by the clause that states them: a clause that is split, merged or moved changes
no fact. `IDENTITY` declares for each kind of fact what it is about.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any

from pydantic import BaseModel

from clausebook import alike
from clausebook.blocks import Block
from clausebook.document import Document, Entry, Part, Side
from clausebook.facts import Fact

Key = tuple[str, ...]
Values = tuple[str, ...]

# What each kind of fact is about. Of a list named here each value is an item of its own.
IDENTITY: dict[str, tuple[str, ...]] = {
    "collects": ("data", "function", "subject"),
    "uses": ("purposes",),
    "shares": ("recipient", "relation", "sdk.package"),
    "transfers": ("country",),
    "retention": ("scope",),
    "storage": ("scope",),
    "rights": ("right",),
    "minors": (),
    "automated": ("kind",),
    "incident": (),
    "exceptions": ("exception", "applies_to"),
    "changes": (),
    "cookies": ("tech", "name"),
    "permissions": ("permission", "function"),
    "contacts": ("role", "channel"),
    "security": ("measure",),
    "cessation": (),
    "defines": ("term",),
    "duties": ("on", "duty"),
    "links": ("kind",),
}
_ENTRIES, _STATES = alike.Made(), alike.Made(64)
_LOCAL = ("key", "when")  # how a body calls a fact and when it holds say nothing about it


@dataclass(frozen=True)
class Item:
    """One thing a document says: its kind, what it is about, its fields as sorted sets of values; `entries` are the clauses that say it."""

    kind: str
    key: Key
    fields: Mapping[str, Values]
    entries: Values = field(default=(), compare=False)

    def get(self, name: str) -> Values:
        """Return the values of a field, none where it is not stated."""
        return self.fields.get(name, ())


@dataclass(frozen=True)
class Change:
    """An item that one side lacks, or holds otherwise. One of `old` and `new` may be None, never both."""

    kind: str
    key: Key
    old: Item | None
    new: Item | None

    @property
    def action(self) -> str:
        """Return `added`, `removed` or `changed`."""
        return "added" if self.old is None else "removed" if self.new is None else "changed"

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields that differ, sorted; all of them where a side lacks the item."""
        old, new = self.old.fields if self.old else {}, self.new.fields if self.new else {}
        return tuple(sorted(name for name in {*old, *new} if old.get(name, ()) != new.get(name, ())))

    def before(self, name: str) -> Values:
        """Return the values a field had."""
        return self.old.get(name) if self.old else ()

    def after(self, name: str) -> Values:
        """Return the values a field has."""
        return self.new.get(name) if self.new else ()

    @property
    def entries(self) -> Values:
        """Return the clauses that say it now, or said it."""
        item = self.new or self.old
        return item.entries if item else ()


State = dict[tuple[str, Key], Item]


@dataclass(frozen=True)
class Comparison:
    """Two sides and their states, with the changes between them in a fixed order."""

    old: Side
    new: Side
    was: State
    now: State
    changes: tuple[Change, ...]

    @property
    def moved(self) -> Values:
        """Return the anchors both sides have which stand elsewhere now: in another section, or in another order."""
        return moved(self.was, self.now)

    @property
    def successors(self) -> dict[str, Values]:
        """Return for each clause that is gone the new clauses that hold its facts or its text, where there are any."""
        return successors(self.was, self.now)


def compare(old: Side, new: Side) -> Comparison:
    """Compare two documents."""
    was, now = state(old), state(new)
    return Comparison(old, new, was, now, tuple(diff(was, now)))


def diff(was: State, now: State) -> Iterator[Change]:
    """Yield what differs between two states, sorted by kind and key."""
    for kind, key in sorted({*was, *now}):
        old, new = was.get((kind, key)), now.get((kind, key))
        if old != new:
            yield Change(kind, key, old, new)


def compose(first: Iterable[Change], second: Iterable[Change]) -> list[Change]:
    """Return the changes from a to c, given those from a to b and those from b to c."""
    ends: dict[tuple[str, Key], tuple[Item | None, Item | None]] = {(c.kind, c.key): (c.old, c.new) for c in first}
    for change in second:
        old = ends.get((change.kind, change.key), (change.old, None))[0]
        ends[change.kind, change.key] = (old, change.new)
    return [Change(kind, key, old, new) for (kind, key), (old, new) in sorted(ends.items(), key=lambda end: end[0]) if old != new]


def state(side: Side) -> State:
    """Return everything a document says, by kind and key. Not to be changed: who compares it again is given the same."""
    return _STATES.of(side.document, side.library, make=partial(_state, side))


def _state(side: Side) -> State:
    found: State = {}
    for item in _items(side):
        place = (item.kind, item.key)
        found[place] = _merged(found[place], item) if place in found else item
    return found


def _merged(first: Item, second: Item) -> Item:
    """Join two statements about one thing: of each field every value."""
    names = dict.fromkeys((*first.fields, *second.fields))
    fields = {name: tuple(sorted({*first.get(name), *second.get(name)})) for name in names}
    return Item(first.kind, first.key, fields, tuple(dict.fromkeys((*first.entries, *second.entries))))


def _items(side: Side) -> Iterator[Item]:
    document = side.document
    yield from _policy(document)
    yield from _outline(document)
    yield from _terms(side)
    for entry in document.entries():
        yield from _ENTRIES.of(entry, beside=(document.policy.source,), make=partial(_stated, entry, document.policy.source))


def _stated(entry: Entry, source: str) -> list[Item]:
    """Return what a clause says: its text in each language, and its facts."""
    found = []
    for locale in entry.blocks:
        fields = {"title": (entry.titles.get(locale, ""),), "body": (body(entry.blocks[locale]),)}
        found.append(Item("text", (entry.anchor, locale), fields, (entry.anchor,)))
    for kind, fact in entry.facts:
        found += items(kind, fact, source, entry.anchor)
    return found


# Facts.


def items(kind: str, fact: Fact, source: str, anchor: str) -> Iterator[Item]:
    """Yield the items one fact states. A text that identifies counts in the source locale, so that its translation may change."""
    found = dict(_fields(fact, ""))
    about = [[_plain(value, source) for value in found.get(name, ())] or [""] for name in IDENTITY[kind]]
    rest = {name: tuple(sorted({_json(v) for v in values})) for name, values in found.items() if name not in IDENTITY[kind]}
    texts = {name: tuple(map(_json, found[name])) for name in IDENTITY[kind] if any(isinstance(v, dict) for v in found.get(name, ()))}
    for key in product(*about):
        yield Item(kind, key, {**rest, **texts}, (anchor,))


def _fields(record: BaseModel, path: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield every stated field of a record with its values; fields of a record inside it are named `outer.inner`."""
    for name in type(record).model_fields:
        value = getattr(record, name)
        if value is None or value == [] or name in _LOCAL:
            continue
        if isinstance(value, BaseModel):
            yield from _fields(value, f"{path}{name}.")
        else:
            yield path + name, tuple(value) if isinstance(value, list) else (value,)


def _plain(value: Any, source: str) -> str:
    return str(value.get(source) or next(iter(value.values()))) if isinstance(value, dict) else _json(value)


def _json(value: Any) -> str:
    """Return a value as text: words as they are, texts in several languages as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict | list) else str(value)


# The policy itself, its outline, its terms.


def _policy(document: Document) -> Iterator[Item]:
    policy = document.policy
    fields = {
        "title": (_json(policy.title),),
        "locales": tuple(sorted(policy.locales)),
        "prevails": (policy.source,),
        "jurisdictions": tuple(sorted(policy.jurisdictions)),
        "scale": (policy.doc.scale,),
        "customer": tuple(sorted(policy.doc.customer)),
        "app": (_json(policy.doc.app),),
        "offshore": (_json(policy.doc.offshore),),
        "sample": (_json(policy.sample),),
    }
    yield Item("policy", (), fields)
    for group, values in policy.profile.items():
        for name, value in ((name, value) for name, value in values.items() if value is not None):
            yield Item("profile", (group, name), {"value": (_json(value),)})


def _outline(document: Document) -> Iterator[Item]:
    order: list[str] = []
    for part, above in _parts(document.parts, ""):
        order += [part.anchor, *(entry.anchor for entry in part.entries)]
        yield Item("section", (part.anchor,), {"title": (_json(part.titles),), "under": (above,)})
        for entry in part.entries:
            yield Item("clause", (entry.anchor,), {"clause": (entry.clause,), "section": (part.anchor,)}, (entry.anchor,))
    yield Item("order", (), {"order": tuple(order)})


def _parts(parts: Iterable[Part], above: str) -> Iterator[tuple[Part, str]]:
    for part in parts:
        yield part, above
        yield from _parts(part.parts, part.anchor)


def _terms(side: Side) -> Iterator[Item]:
    document, library = side.document, side.library
    for term, names in document.terms.items():
        scheme, found = library.terms[term]
        fields = {
            "name": (_json(names),),
            "scheme": (scheme,),
            "broader": (found.broader,) if found.broader else (),
            "sensitive": (_json(term in document.sensitive),),
        }
        yield Item("term", (term,), fields)


def body(blocks: Iterable[Block]) -> str:
    """Return the text of a clause as one comparable value. A reference counts by its target: numbers move with the outline."""
    return _json([[block.kind, block.depth, [_run(run) for run in block.runs]] for block in blocks])


def _run(run: Any) -> list[Any]:
    if run.href.startswith("#"):
        return [run.href, run.strong, run.emphasis]
    return [run.text, run.strong, run.emphasis, run.href]


# What two outlines say together.


def moved(was: State, now: State) -> Values:
    """Return the anchors both sides have whose section differs, or which stand outside the longest order both share."""
    places = {anchor for anchor in _anchors(was) if anchor in set(_anchors(now))}
    elsewhere = {a for a in places if _section(was, a) != _section(now, a)}
    order = [a for a in _anchors(now) if a in places - elsewhere]
    index = {anchor: n for n, anchor in enumerate(_anchors(was))}
    kept = _longest([index[anchor] for anchor in order])
    return tuple(a for a in _anchors(now) if a in elsewhere or (a in places and index[a] not in kept))


def _anchors(found: State) -> Values:
    return found["order", ()].get("order") if ("order", ()) in found else ()


def _section(found: State, anchor: str) -> Values:
    clause = found.get(("clause", (anchor,)))
    return clause.get("section") if clause else found["section", (anchor,)].get("under")


def _longest(numbers: list[int]) -> set[int]:
    """Return the numbers of the longest rising subsequence."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(tails, number)
        before[number] = tails[at - 1] if at else None
        tails[at : at + 1] = [number]
    kept: set[int] = set()
    here = tails[-1] if tails else None
    while here is not None:
        kept.add(here)
        here = before[here]
    return kept


def successors(was: State, now: State) -> dict[str, Values]:
    """Return for each clause that is gone the new clauses that hold its facts, or its very text, in the order of the policy."""
    gone = [key for kind, key in was if kind == "clause" and (kind, key) not in now]
    fresh = [key[0] for kind, key in now if kind == "clause" and (kind, key) not in was]
    return {key[0]: found for key in gone if (found := tuple(a for a in fresh if _continues(key[0], a, was, now)))}


def _continues(old: str, new: str, was: State, now: State) -> bool:
    for place, item in now.items():
        before = was.get(place)
        if before is not None and place[0] in IDENTITY and new in item.entries and old in before.entries:
            return True
    texts = [(item, was.get(("text", (old, item.key[1])))) for (kind, key), item in now.items() if kind == "text" and key[0] == new]
    return any(before is not None and before.get("body") == item.get("body") for item, before in texts)
