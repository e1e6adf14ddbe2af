"""Whether a document says what the law asks: every row of the packs judged over the document's facts, with evidence.

The judgement is only ever "no gap found by these rules": rules are fewer than the law, and facts are what the authors
declared. A small closed set of predicates does all of it; adding a law is adding rows.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from typing import Any, Literal, get_args

from clausebook.document import Document, Entry
from clausebook.facts import DURATION, Fact
from clausebook.law import Covered, Match, Pack, Requirement, Status, Terms
from clausebook.model import Library, Waiver

Outcome = Literal["satisfied", "elsewhere", "partial", "not-applicable", "gap", "waived"]


WORST_FIRST: tuple[Outcome, ...] = ("gap", "partial", "waived", "satisfied", "elsewhere", "not-applicable")


@dataclass(frozen=True)
class Evidence:
    """A fact that shows a need is met, and the clause that states it."""

    entry: Entry
    kind: str
    fact: Fact


@dataclass(frozen=True)
class Missing:
    """What is not there: a fact of a kind, its fields, or terms; with `unwanted`, what should not be there.

    `entry` is set when an existing fact falls short.
    """

    kind: str
    names: tuple[str, ...]
    entry: Entry | None = None
    unwanted: bool = False


@dataclass(frozen=True)
class Verdict:
    """The judgement of one row on one document."""

    row: Requirement
    pack: str
    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    features: tuple[str, ...] = ()
    waiver: Waiver | None = None


@dataclass(frozen=True)
class _Met:
    """What judging one need gave; `idle` means there was nothing to judge."""

    holds: bool
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    feature: str = ""
    idle: bool = False


def chosen(packs: Iterable[Pack], document: Document, *, drafts: bool = False) -> list[Pack]:
    """Return the packs that a policy's jurisdictions choose; drafts only on request."""
    wanted = set(document.policy.jurisdictions)
    found = [pack for pack in packs if pack.jurisdiction in wanted and (drafts or not pack.draft)]
    return sorted(found, key=_weight)


def _weight(pack: Pack) -> tuple[int, str]:
    """Order packs as lawyers do: laws, then regulations, rules and standards, drafts last."""
    ranks = get_args(Status)
    return min((ranks.index(i.status) for i in pack.instruments), default=len(ranks)), pack.pack


def judge(document: Document, packs: Iterable[Pack], library: Library, as_of: datetime.date) -> list[Verdict]:
    """Judge every row of the packs on a document, in the order of the packs."""
    wanted = tuple(packs)
    case = _Case(document, library, library.memory.once("matches", wanted, lambda: _matches(wanted)))
    waivers = {waiver.rule: waiver for waiver in document.policy.waivers}
    found = [case.row(pack.pack, row) for pack in wanted for row in pack.rows]
    return [_waived(verdict, waivers.get(verdict.row.id), as_of) for verdict in found]


def tally(verdicts: Iterable[Verdict]) -> dict[str, dict[str, int]]:
    """Return how many rows of each pack have each outcome, the worst first."""
    found: dict[str, dict[str, int]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.pack, dict.fromkeys(WORST_FIRST, 0))[verdict.outcome] += 1
    return found


def _waived(verdict: Verdict, waiver: Waiver | None, as_of: datetime.date) -> Verdict:
    """Let a waiver that has not run out stand in for a gap."""
    if waiver is None or verdict.outcome not in ("gap", "partial") or waiver.until < as_of:
        return verdict
    return replace(verdict, outcome="waived", waiver=waiver)


_Matches = dict[str, tuple[Match, ...]]


def _matches(packs: Iterable[Pack]) -> _Matches:
    """Return what is asked of facts, by their kind."""
    found: dict[str, list[Match]] = {}
    for need in (need for pack in packs for row in pack.rows for need in row.needs):
        match = need.some or need.each or need.none
        if match is not None:
            found.setdefault(match.kind, []).append(match)
    return {kind: tuple(matches) for kind, matches in found.items()}


@dataclass(frozen=True)
class _Case:
    """Judges one document; what was found about a fact is kept with the library, for policies share most facts."""

    document: Document
    library: Library
    matches: _Matches
    terms_of: dict[tuple[str, str], dict[str, list[Evidence]]] = field(default_factory=dict)

    def row(self, pack: str, row: Requirement) -> Verdict:
        if not self.holds[row.when]:
            return Verdict(row, pack, "not-applicable")
        met = [_PREDICATES[need.predicate](self, getattr(need, need.predicate)) for need in row.needs]
        evidence = tuple({id(e.fact): e for m in met for e in m.evidence}.values())
        missing = tuple(x for m in met for x in m.missing)
        features = tuple(m.feature for m in met if m.feature)
        return Verdict(row, pack, _outcome(met), evidence, missing, features)

    @cached_property
    def holds(self) -> _Conditions:
        """Tell by name which conditions hold."""
        return _Conditions(self.document)

    @cached_property
    def by_kind(self) -> dict[str, list[Evidence]]:
        """Return every fact of the document, by kind, in reading order."""
        found: dict[str, list[Evidence]] = {}
        for entry in self.document.entries():
            for kind, fact in entry.facts:
                found.setdefault(kind, []).append(Evidence(entry, kind, fact))
        return found

    @cached_property
    def asked(self) -> dict[int, list[tuple[Evidence, tuple[str, ...]]]]:
        """Return every fact that something is asked of, with what it lacks, by what is asked (its identity), in reading order."""
        found: dict[int, list[tuple[Evidence, tuple[str, ...]]]] = {}
        once = self.library.memory.once
        for kind, matches in self.matches.items():
            for evidence in self.by_kind.get(kind, ()):
                fact = evidence.fact
                for match, lacks in once("asked", (fact, matches), partial(_asked, fact, matches)):
                    found.setdefault(id(match), []).append((evidence, lacks))
        return found

    def picked(self, match: Match) -> list[tuple[Evidence, tuple[str, ...]]]:
        """Return the facts that something is asked of, each with what it lacks."""
        found = self.asked.get(id(match), [])
        return [(e, lacks) for e, lacks in found if not match.sensitive or set(self.values(e.fact, "data")) & self.document.sensitive]

    def by_term(self, kind: str, name: str) -> dict[str, list[Evidence]]:
        """Return the facts of a kind by what one of their fields names, in reading order."""
        if (kind, name) not in self.terms_of:
            found = self.terms_of[kind, name] = {}
            for evidence in self.by_kind.get(kind, ()):
                for value in dict.fromkeys(self.values(evidence.fact, name)):
                    found.setdefault(value, []).append(evidence)
        return self.terms_of[kind, name]

    def values(self, fact: Fact, path: str) -> list[str]:
        """Return the values of a field of a fact."""
        return self.library.memory.once(path, (fact,), lambda: _values(fact, path))

    def some(self, match: Match) -> _Met:
        near = self.picked(match)
        good = tuple(e for e, lacks in near if not lacks)
        if good:
            return _Met(True, good)
        if near:
            return _Met(False, missing=tuple(Missing(match.kind, lacks, e.entry) for e, lacks in near))
        return _Met(False, missing=(Missing(match.kind, _wanted(match)),))

    def each(self, match: Match) -> _Met:
        found = self.picked(match)
        good = tuple(e for e, lacks in found if not lacks)
        missing = tuple(Missing(match.kind, lacks, e.entry) for e, lacks in found if lacks)
        return _Met(not missing, good, missing, idle=not found)

    def none(self, match: Match) -> _Met:
        found = self.picked(match)
        return _Met(not found, missing=tuple(Missing(match.kind, _wanted(match), e.entry, unwanted=True) for e, _ in found), idle=not found)

    def terms(self, need: Terms) -> _Met:
        evidence, missing = [], []
        named = self.by_term(need.kind, need.field)
        for term in need.all:
            with_term = named.get(term, [])
            good = [e for e in with_term if all(_value(e.fact, name) for name in need.fields)]
            evidence += good
            if not good:
                missing.append(Missing(need.kind, (term,), with_term[0].entry if with_term else None))
        return _Met(not missing, tuple(evidence), tuple(missing))

    def covered(self, need: Covered) -> _Met:
        scopes = [e for e in self.by_kind.get(need.by, ()) if all(_value(e.fact, name) is not None for name in need.fields)]
        terms = dict.fromkeys(t for e in self.by_kind.get(need.kind, ()) for t in self.values(e.fact, need.field))
        said = {str(_value(e.fact, need.scope)) for e in scopes}
        open_ = [t for t in terms if not any(self.library.covers(scope, t) for scope in said)]
        missing = (Missing(need.by, tuple(open_)),) if open_ else ()
        return _Met(not open_ and bool(scopes), tuple(scopes), missing or (() if scopes else (Missing(need.by, ()),)), idle=not terms)

    def documented(self, what: str) -> _Met:
        profile = self.document.policy.profile
        known = {
            "controller": bool(profile.get("operator", {}).get("legal_name")),
            "dates": self.document.dated,
            "source-language": self.document.policy.source.startswith("zh"),
        }
        return _Met(known[what], missing=() if known[what] else (Missing("document", (what,)),), feature="one-page" if known[what] else "")

    def feature(self, name: str) -> _Met:
        return _Met(True, feature=name)


def _outcome(met: list[_Met]) -> Outcome:
    if all(m.idle for m in met) and any(m.idle for m in met):
        return "not-applicable" if all(m.holds for m in met) else "gap"
    if all(m.holds for m in met):
        return "elsewhere" if any(m.feature for m in met) and not any(m.evidence for m in met) else "satisfied"
    shown = any((m.holds and not m.idle) or m.evidence for m in met)
    return "partial" if shown else "gap"


_PREDICATES: dict[str, Callable[[_Case, Any], _Met]] = {
    "some": _Case.some,
    "each": _Case.each,
    "none": _Case.none,
    "terms": _Case.terms,
    "covered": _Case.covered,
    "document": _Case.documented,
    "feature": _Case.feature,
}


@cache
def _names(path: str) -> list[list[str]]:
    return [name.split(".") for name in path.split("|")]


def _value(fact: Fact, path: str) -> Any:
    """Return a field of a fact or of a record inside it (`threshold.op`), the first given of several (`how|where`), or None."""
    for name in _names(path):
        value: Any = fact
        for part in name:
            value = getattr(value, part, None)
        if value is not None and value not in ([], "", False):
            return value
    return None


def _values(fact: Fact, path: str) -> list[str]:
    value = _value(fact, path)
    return [str(v) for v in value] if isinstance(value, list) else [] if value is None else [_said(value)]


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_one(fact: Fact, name: str, values: list[str]) -> bool:
    return bool(set(_values(fact, name)) & set(values))


def _asked(fact: Fact, matches: Iterable[Match]) -> tuple[tuple[Match, tuple[str, ...]], ...]:
    """Return what is asked of a fact that has the values it is asked of, with what the fact lacks of it."""
    picks = (match for match in matches if all(_is_one(fact, name, values) for name, values in match.where.items()))
    return tuple((match, _lacks(fact, match)) for match in picks)


def _lacks(fact: Fact, match: Match) -> tuple[str, ...]:
    empty = [name for name in match.fields if _value(fact, name) is None]
    wrong = [name for name, values in match.must.items() if not _is_one(fact, name, values)]
    over = [name for name, limit in match.most.items() if (size := _size(_value(fact, name))) is None or size > _bound(limit)]
    under = [name for name, limit in match.least.items() if (size := _size(_value(fact, name))) is None or size < _bound(limit)]
    return tuple(dict.fromkeys([*empty, *wrong, *over, *under]))


_MINUTES = {"years": 365 * 1440, "months": 30 * 1440, "weeks": 7 * 1440, "days": 1440, "hours": 60, "minutes": 1}


def _size(value: Any) -> int | None:
    """Return a duration, or a number as days, in minutes; None for anything else."""
    if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
        return int(value) * 1440
    found = DURATION.match(value) if isinstance(value, str) else None
    return sum(int(n) * _MINUTES[unit] for unit, n in found.groupdict().items() if unit in _MINUTES and n) if found else None


def _bound(limit: str) -> int:
    size = _size(limit)
    assert size is not None, f"{limit} is no number or duration"
    return size


def _wanted(match: Match) -> tuple[str, ...]:
    asked = [v for values in match.where.values() for v in values] or [*match.fields, *match.must, *match.most, *match.least]
    return tuple(dict.fromkeys(asked))


def _has(kind: str, /, **where: str) -> Callable[[Document], bool]:
    """Return a condition: there is a fact of the kind with these values."""
    return lambda document: any(all(_is_one(f, n, [v]) for n, v in where.items()) for _, f in document.facts(kind))


def _sensitive(document: Document) -> bool:
    return any(set(_values(f, "data")) & document.sensitive for _, f in document.facts("collects"))


def _either(*conditions: Callable[[Document], bool]) -> Callable[[Document], bool]:
    return lambda document: any(condition(document) for condition in conditions)


CONDITIONS: dict[str, Callable[[Document], bool]] = {
    "always": lambda _: True,
    "consent": _either(
        *(_has("collects", legal_basis=b) for b in ("cn-consent", "cn-separate-consent", "eu-consent")),
        *(_has("shares", consent=c) for c in ("consent", "explicit", "separate")),
        _has("exceptions"),
    ),
    "sensitive": _sensitive,
    "minors": _has("minors"),
    "sharing": _either(*(_has("shares", relation=r) for r in ("independent", "joint", "sdk"))),
    "entrusted": _has("shares", relation="entrusted"),
    "joint": _has("shares", relation="joint"),
    "merger": _has("shares", relation="merger"),
    "publicity": _has("shares", relation="public"),
    "cross-border": _has("transfers"),
    "automated": _either(_has("automated", kind="decision"), _has("automated", kind="profiling")),
    "push": _either(_has("automated", kind="push"), _has("automated", kind="marketing")),
    "cookies": _has("cookies"),
    "email-tracking": _has("cookies", tech="pixel", purposes="read-tracking"),
    "sdk": _has("shares", relation="sdk"),
    "permissions": _has("permissions"),
    "logs": _either(*(_has("collects", data=d) for d in ("network-log", "service-log", "log-info", "system-log"))),
    "indirect": _has("collects", method="from-third-party"),
    "sale": _either(_has("shares", sale="sold"), _has("shares", sale="shared")),
    "app": lambda document: document.policy.doc.app,
    "small": lambda document: document.policy.doc.scale == "small",
    "large": lambda document: document.policy.doc.scale in ("large", "platform"),
    "platform": lambda document: document.policy.doc.scale == "platform",
    "state-organ": lambda document: "state-organ" in document.policy.doc.customer,
    "gov-service": lambda document: "state-organ" in document.policy.doc.customer,
    "offshore-controller": lambda document: document.policy.doc.offshore,
}


class _Conditions(dict[str, bool]):
    """Conditions by name, each tried on the document once."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document

    def __missing__(self, name: str) -> bool:
        self[name] = CONDITIONS[name](self.document)
        return self[name]
