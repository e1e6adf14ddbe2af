"""A judged change in one sentence: what it concerns, with the old and the new value in words. Plain text; whoever prints it escapes it."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from clausebook import messages, records
from clausebook.diff import IDENTITY, Change, Comparison, Values
from clausebook.document import Side
from clausebook.facts import DURATION, Facts
from clausebook.naming import Naming
from clausebook.rules import DETAILS, Judged
from clausebook.steps import AT_ONCE

# Of what a fact is about, the part that is named, and the parts that follow in brackets.
SUBJECT: dict[str, tuple[int, tuple[int, ...]]] = {
    "collects": (0, (1,)),
    "uses": (0, ()),
    "shares": (0, (1, 2)),
    "transfers": (0, ()),
    "retention": (0, ()),
    "storage": (0, ()),
    "rights": (0, ()),
    "automated": (0, ()),
    "exceptions": (0, (1,)),
    "cookies": (1, (0,)),
    "permissions": (0, (1,)),
    "contacts": (0, (1,)),
    "security": (0, ()),
    "defines": (0, ()),
    "duties": (1, (0,)),
    "links": (0, ()),
}
DURATIONS = frozenset({"period", "floor", "duration", "deadline", "authority_deadline"})
MOST = 8  # names in one sentence; of more the rest is counted
DAYS = frozenset({"response_days", "notice_days"})
_INNER = str.maketrans("“”", "‘’")
_HAN, _LATIN = re.compile("[\u3400-\u9fff]"), re.compile("[A-Za-z0-9]")


def sentence(judged: Judged, comparison: Comparison, locale: str) -> str:
    """Say a judged change in a locale."""
    return _Saying(comparison, locale).sentence(judged)


def title(kind: str, locale: str) -> str:
    """Return the name of a kind of change."""
    return str(messages.catalogue(locale)["changes"][kind]["title"])


class _Saying:
    """How one comparison is said in one locale: names from the new side, from the old one for what only that knows."""

    def __init__(self, comparison: Comparison, locale: str) -> None:
        self.comparison, self.locale = comparison, locale
        self.catalogue = messages.catalogue(locale)
        self.words: dict[str, Any] = self.catalogue["change-words"]
        self.naming, self.former = (Naming(side.document, locale, side.library) for side in (comparison.new, comparison.old))

    def sentence(self, judged: Judged) -> str:
        pattern = self.catalogue["changes"][judged.kind]["sentence"]
        change, name = judged.changes[0], _name(judged)
        gone, fresh = _differing(judged) if name else (judged.values.get("old", ()), judged.values.get("new", ()))
        values = {
            "what": lambda: self.what(judged),
            "old": lambda: self.values(change, name, gone),
            "new": lambda: self.values(change, name, fresh),
            "turn": lambda: self.turn(judged),
            "field": lambda: self.label(name) if name else self.topic(change),
        }
        return self.fill(pattern, values)

    def fill(self, pattern: str, values: dict[str, Callable[[], str]]) -> str:
        """Put values into a pattern, with a space where Han and Latin would touch, if the language wants one."""
        text = ""
        for literal, name, _, _ in string.Formatter().parse(pattern):
            text = self.joined(text, literal)
            text = self.joined(text, values[name]()) if name else text
        return text

    def joined(self, before: str, after: str) -> str:
        ends = before[-1:], after[:1]
        touch = any(_HAN.match(a) and _LATIN.match(b) for a, b in (ends, ends[::-1]))
        return before + (" " if touch and self.naming.wording.rules["spacing"] == "han" else "") + after

    def label(self, name: str) -> str:
        """Return what a field is called."""
        return str(self.words["fields"].get(name, self.words["fields"].get(name.rsplit(".", 1)[-1], self.words["anything"])))

    # What a change concerns.

    def what(self, judged: Judged) -> str:
        change = judged.changes[0]
        if judged.kind.startswith("purpose-") and change.kind in IDENTITY:
            return self.purposes(judged)
        if change.kind in IDENTITY:
            return self.facts(judged)
        if change.kind == "term":
            return self.series(self.term(change.key[0]) for change in judged.changes)
        if change.kind == "profile":
            return ".".join(change.key)
        if change.kind == "policy":
            name = _name(judged)
            gone, fresh = _differing(judged)
            return self.values(change, name, fresh or gone) if name == "locales" else self.label(name)
        return self.titles(judged.values.get("new") or judged.clauses or judged.was, change)

    def titles(self, anchors: Values, change: Change) -> str:
        if change.kind == "section":
            return self.quoted(self.values(change, "title", change.after("title") or change.before("title")))
        return self.series(self.quoted(self.anchor(anchor)) for anchor in anchors or change.key[:1])

    def topic(self, change: Change) -> str:
        """Return what the facts of a kind are about."""
        return str(self.catalogue["coverage"]["kinds"].get(change.kind, self.words["anything"]))

    def anchor(self, anchor: str) -> str:
        for side in (self.comparison.new, self.comparison.old):
            for titles in _titles(side, anchor):
                return titles.get(self.locale) or titles.get(side.document.policy.source) or anchor
        return anchor

    def facts(self, judged: Judged) -> str:
        """Name the things some facts are about, with what else is said of a fact that is new or gone."""
        first = judged.changes[-1]
        if first.kind not in SUBJECT:
            return self.topic(first)
        head, rest = SUBJECT[first.kind]
        names = [self.key(change, head) for change in judged.changes] if len({c.kind for c in judged.changes}) == 1 else []
        if len({change.action for change in judged.changes}) > 1:
            return self.key(first, head)
        inner = [said for index in rest if (said := self.beside(judged, index))]
        if first.action != "changed" or not judged.values.get("field"):
            inner += [self.detail(judged, name) for name in DETAILS.get(first.kind, ()) if self.held(first, name)]
        if judged.kind == "data-sensitive-added":
            inner.append(self.words["sensitive"])
        if judged.kind in ("law-citation-updated", "url-updated"):
            inner.append(self.fill(self.words["detail"], {"field": lambda: self.label(_name(judged)), "turn": lambda: self.turn(judged)}))
        said = self.several(names)
        return self.bracketed(said, [words for words in inner if words != said])

    def beside(self, judged: Judged, index: int) -> str:
        """Return a part of the identity that follows in brackets, where all changes have one."""
        changes = [change for change in judged.changes if change.kind == judged.changes[-1].kind]
        head = SUBJECT[changes[0].kind][0]
        stated = all(change.key[index] and change.key[head] for change in changes)
        return self.several(self.key(change, index) for change in changes) if stated else ""

    def several(self, names: Iterable[str]) -> str:
        """Join names, the first few of many."""
        found = list(dict.fromkeys(names))
        if len(found) <= MOST + 1:
            return self.series(found)
        few = self.words["comma"].join(found[:MOST])
        return str(self.words["more"].format(names=few, n=len(found), rest=len(found) - MOST))

    def purposes(self, judged: Judged) -> str:
        """Name purposes that came or went, with the information they concern."""
        first = judged.changes[0]
        gone, fresh = _differing(judged)
        listed = fresh or gone
        if first.kind == "uses":
            names = [self.term(change.key[0]) for change in judged.changes]
            data = listed if _name(judged) == "data" else self.held(first, "data")
            inner = [self.colon("data", self.values(first, "data", data))] if data else []
            return self.bracketed(self.series(dict.fromkeys(names)), inner)
        of = first.kind if first.kind in ("shares", "cookies") else "data"
        index = SUBJECT[first.kind][0]
        concerned = self.colon(of, self.several(self.key(change, index) for change in judged.changes))
        purposes = listed or self.held(first, "purposes")
        functions = self.beside(judged, 1) if first.kind == "collects" else ""
        function = [self.colon("function", functions)] if functions else []
        if not purposes:
            return self.bracketed(functions or self.words["unstated"], [concerned])
        return self.bracketed(self.values(first, "purposes", purposes), [concerned, *function])

    def held(self, change: Change, name: str) -> Values:
        return change.after(name) if change.new else change.before(name)

    def key(self, change: Change, index: int) -> str:
        name, value = IDENTITY[change.kind][index], change.key[index]
        if not value:
            return str(self.words["everything"])
        return self.values(change, name, self.held(change, name) or (value,))

    def detail(self, judged: Judged, name: str) -> str:
        found = [value for change in judged.changes for value in self.held(change, name)]
        return self.colon(name, self.values(judged.changes[-1], name, tuple(found)))

    def colon(self, name: str, value: str) -> str:
        return self.fill(self.words["colon"], {"name": lambda: self.label(name), "value": lambda: value})

    def bracketed(self, head: str, inner: Iterable[str]) -> str:
        said = self.words["semicolon"].join(inner)
        return str(self.words["brackets"].format(head=head, inner=said)) if said else head

    def quoted(self, text: str) -> str:
        return f"“{text}”"

    def series(self, items: Iterable[str]) -> str:
        return self.naming.wording.join(list(items))

    # Values.

    def values(self, change: Change, name: str, found: Values) -> str:
        """Return values of a field in words."""
        return self.series(dict.fromkeys(self.one(change, name, value) for value in found)) or str(self.words["not-stated"])

    def turn(self, judged: Judged) -> str:
        """Say how values changed: from what to what, or only what came or what went."""
        change, name = judged.changes[0], _name(judged)
        gone, fresh = _differing(judged)
        if not gone and not fresh:
            return str(self.words["came" if change.old is None else "went"])
        kept = set(judged.values["old"]) & set(judged.values["new"])
        pattern = self.words["turned" if not kept or (gone and fresh) else "gained" if fresh else "lost"]
        return self.fill(pattern, {"old": lambda: self.inside(change, name, gone), "new": lambda: self.inside(change, name, fresh)})

    def inside(self, change: Change, name: str, found: Values) -> str:
        """Return values as they stand within quotation marks."""
        return self.values(change, name, found).translate(_INNER)

    def one(self, change: Change, name: str, value: str) -> str:
        if change.kind in ("clause", "order", "text"):
            return self.anchor(value)
        if change.kind == "policy":
            return self.of_policy(name, value)
        if change.kind not in IDENTITY:
            return self.text(value)
        return self.of_fact(change.kind, name, value)

    def of_policy(self, name: str, value: str) -> str:
        named = self.words["policy"].get("locales" if name == "prevails" else name, {})
        return str(named.get(value) or self.flag(value) or self.text(value))

    def of_fact(self, kind: str, name: str, value: str) -> str:
        last = name.rsplit(".", 1)[-1]
        choices = self.words["choices"].get(last) or self.catalogue["choices"].get(last, {})
        if value == AT_ONCE:
            return str(self.words["choices"]["bound"]["immediately"])
        if last in DURATIONS and DURATION.match(value):
            return self.naming.duration(value)
        if last in DAYS:
            return self.naming.duration(f"P{value}D")
        if _scheme(kind, name):
            return self.term(value)
        return str(choices.get(value) or self.flag(value) or self.text(value))

    def flag(self, value: str) -> str:
        return {"true": self.naming.say("flag-yes"), "false": self.naming.say("flag-no")}.get(value, "")

    def term(self, term: str) -> str:
        naming = self.naming if term in self.comparison.new.library.terms else self.former
        return naming.name(term) if term in naming.library.terms else term

    def text(self, value: str) -> str:
        """Return a text of this locale, of the source where there is none."""
        found = json.loads(value) if value[:1] in "{[" and value else value
        if isinstance(found, list):
            return self.series(self.text(json.dumps(item, ensure_ascii=False) if isinstance(item, dict) else str(item)) for item in found)
        if isinstance(found, dict):
            return str(found.get(self.locale) or found.get(self.comparison.new.document.policy.source) or next(iter(found.values())))
        return found


def _name(judged: Judged) -> str:
    """Return the field a judged change is about, or nothing."""
    return "".join(judged.values.get("field", ()))


def _differing(judged: Judged) -> tuple[Values, Values]:
    """Return the values that are gone and those that are new."""
    old, new = judged.values.get("old", ()), judged.values.get("new", ())
    return tuple(v for v in old if v not in new), tuple(v for v in new if v not in old)


def _titles(side: Side, anchor: str) -> Iterator[dict[str, str]]:
    yield from (entry.titles for entry in side.document.entries() if entry.anchor == anchor)
    yield from (part.titles for part in side.document.walk() if part.anchor == anchor)


def _scheme(kind: str, path: str) -> str | None:
    """Return the scheme whose terms a field of a fact holds."""
    model = records.inner_models(Facts.model_fields[kind].annotation)[0]
    *outer, last = path.split(".")
    for name in outer:
        model = next(m for m in records.inner_models(model.model_fields[name].annotation))
    field = model.model_fields.get(last)
    return records.field_scheme(field) if field else None
