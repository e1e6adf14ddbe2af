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
from clausebook.facts import Facts
from clausebook.naming import Naming
from clausebook.rules import Judged

# Of what a fact is about, the part that is named, and the parts that follow in brackets.
SUBJECT: dict[str, tuple[int, tuple[int, ...]]] = {
    "collects": (0, (1,)),
    "uses": (0, ()),
    "shares": (0, (1, 2)),
    "transfers": (0, (1,)),
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
# What else is said of a fact that is new or gone.
DETAILS: dict[str, tuple[str, ...]] = {
    "collects": ("purposes",),
    "uses": ("data",),
    "shares": ("data", "purposes"),
    "transfers": ("data", "purposes"),
    "retention": ("period", "floor", "method"),
    "storage": ("location",),
    "cookies": ("purposes", "duration"),
    "contacts": ("value",),
    "links": ("url",),
}
DURATIONS = frozenset({"period", "floor", "duration", "deadline", "authority_deadline"})
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
        change, name = judged.changes[0], "".join(judged.values.get("field", ()))
        values = {
            "what": lambda: self.what(judged),
            "old": lambda: self.values(change, name, judged.values.get("old", ())),
            "new": lambda: self.values(change, name, judged.values.get("new", ())),
            "turn": lambda: self.turn(change, name, judged.values.get("old", ()), judged.values.get("new", ())),
            "field": lambda: self.label(name),
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
            name = judged.values["field"][0]
            return self.values(change, name, judged.values["new"] or judged.values["old"]) if name == "locales" else self.label(name)
        return self.titles(judged.values.get("new") or judged.clauses or judged.was, change)

    def titles(self, anchors: Values, change: Change) -> str:
        if change.kind == "section":
            return self.quoted(self.values(change, "title", change.after("title") or change.before("title")))
        return self.series(self.quoted(self.anchor(anchor)) for anchor in anchors or change.key[:1])

    def anchor(self, anchor: str) -> str:
        for side in (self.comparison.new, self.comparison.old):
            for titles in _titles(side, anchor):
                return titles.get(self.locale) or titles.get(side.document.policy.source) or anchor
        return anchor

    def facts(self, judged: Judged) -> str:
        """Name the things some facts are about, with what else is said of a fact that is new or gone."""
        first = judged.changes[-1]
        if first.kind not in SUBJECT:
            return self.label(judged.values["field"][0]) if judged.values.get("field") else self.words["anything"]
        head, rest = SUBJECT[first.kind]
        names = [self.key(change, head) for change in judged.changes] if len({c.kind for c in judged.changes}) == 1 else []
        if first is not judged.changes[0] and judged.kind in ("recipient-relation-changed",):
            names = [self.key(first, head)]
        inner = [self.key(first, index) for index in rest if first.key[index] and first.key[head]]
        if first.action != "changed" or not judged.values.get("field"):
            inner += [self.detail(first, name) for name in DETAILS.get(first.kind, ()) if self.held(first, name)]
        if judged.kind == "data-sensitive-added":
            inner.append(self.words["sensitive"])
        return self.bracketed(self.series(dict.fromkeys(names)), inner)

    def purposes(self, judged: Judged) -> str:
        """Name purposes that came or went, with the information they concern."""
        first = judged.changes[0]
        listed = judged.values.get("new") or judged.values.get("old") or ()
        if first.kind == "uses":
            names = [self.term(change.key[0]) for change in judged.changes]
            data = listed if judged.values.get("field") == ("data",) else self.held(first, "data")
            inner = [self.colon("data", self.values(first, "data", data))] if data else []
            return self.bracketed(self.series(dict.fromkeys(names)), inner)
        of = first.kind if first.kind in ("shares", "cookies") else "data"
        index = SUBJECT[first.kind][0]
        concerned = self.colon(of, self.series(dict.fromkeys(self.key(change, index) for change in judged.changes)))
        purposes = listed or self.held(first, "purposes")
        function = [self.colon("function", self.term(first.key[1]))] if first.kind == "collects" and first.key[1] else []
        if not purposes:
            return self.bracketed(self.term(first.key[1]) if function else self.words["anything"], [concerned])
        return self.bracketed(self.values(first, "purposes", purposes), [concerned, *function])

    def held(self, change: Change, name: str) -> Values:
        return change.after(name) if change.new else change.before(name)

    def key(self, change: Change, index: int) -> str:
        name, value = IDENTITY[change.kind][index], change.key[index]
        if not value and change.kind == "transfers" and change.key[1]:
            return self.key(change, 1)
        if not value:
            return str(self.words["everything"])
        return self.values(change, name, self.held(change, name) or (value,))

    def detail(self, change: Change, name: str) -> str:
        return self.colon(name, self.values(change, name, self.held(change, name)))

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

    def turn(self, change: Change, name: str, old: Values, new: Values) -> str:
        """Say how values changed: from what to what, or only what came or what went."""
        gone, fresh = tuple(v for v in old if v not in new), tuple(v for v in new if v not in old)
        if not gone and not fresh:
            return str(self.words["came" if change.old is None else "went"])
        pattern = self.words["turned" if gone and fresh else "gained" if fresh else "lost"]
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
        named: str = (
            self.words["locales" if name == "prevails" else name].get(value, "") if name in ("locales", "prevails", "customer") else ""
        )
        return named or self.flag(value) or self.text(value)

    def of_fact(self, kind: str, name: str, value: str) -> str:
        last = name.rsplit(".", 1)[-1]
        choices = self.words["choices"].get(last) or self.catalogue["choices"].get(last, {})
        if last in DURATIONS:
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
