"""Freezing: from an assembled policy to a release, and everything that refuses it. Nothing is written here.

The gate asks of a release: has anything changed, is the step of the version as large as the changes, do the dates keep the
notice the changes ask for, is every change of text classified, is no new error found, is no translation behind a material
change. Each refusal names what is wrong and the way out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clausebook import __version__, approvals, approvers, changelog, project, rules, snapshot, translation
from clausebook.approvers import Heard, Past
from clausebook.changelog import Report
from clausebook.document import Side
from clausebook.errors import Place, Problem, problem, rule_of
from clausebook.ledger import Ledger
from clausebook.project import Project
from clausebook.release import SCHEMA, Approval, FindingRecord, Made, Notes, Record, Release, VerdictRecord, Version
from clausebook.tree import FileTree

BUMPS = ("none", "revision", "patch", "minor", "major")


@dataclass(frozen=True)
class Wish:
    """What the publisher asks for; what is None is chosen: the earliest day of effect, the least version.

    `heard` is what reviews at the code host say, beside the approvals that are noted.
    """

    published: datetime.date
    effective: datetime.date | None = None
    version: str | None = None
    corrects: str | None = None
    heard: Heard = approvers.NOTHING


@dataclass(frozen=True)
class Plan:
    """A release as it would be: what it is counted from, its version and days, what changed, what refuses it, the file unsealed."""

    policy: str
    base: Release | None
    version: str
    suggested: str
    published: datetime.date
    effective: datetime.date
    earliest: datetime.date
    report: Report | None
    verdict: VerdictRecord
    refusals: tuple[Problem, ...]
    data: dict[str, Any]
    fallen: tuple[Problem, ...] = ()


FIRST = VerdictRecord(base=None, level="material", direction="neutral", bump="major", notice_days=0, notice=[], reconsent=["consent"])


def plan(opened: Project, root: Path, policy: str, wish: Wish, now: datetime.date) -> Plan:
    """Return the release a policy would become. `now` is the day of the machine, which may not lie before the last release."""
    return _Freezing(opened, root, policy, wish, now).plan()


@dataclass(frozen=True)
class Expected:
    """What a release would be at the least: what changed, what that amounts to, its version, the first day it could take effect."""

    report: Report | None
    verdict: VerdictRecord
    version: str
    earliest: datetime.date


def expected(opened: Project, root: Path, policy: str, wish: Wish, now: datetime.date) -> Expected:
    """Return what a policy's next release would be, without asking whether anything refuses it."""
    found = _Freezing(opened, root, policy, wish, now)
    return Expected(found.report, found.verdict, found.version, found.earliest)


class _Freezing:
    def __init__(self, opened: Project, root: Path, policy: str, wish: Wish, now: datetime.date) -> None:
        self.opened, self.root, self.policy, self.wish, self.now = opened, root, policy, wish, now
        self.ledger = opened.ledgers.get(policy, Ledger(policy, (), opened.settings.policies))
        self.side = opened.sides[policy]
        self.notes = self._notes()
        wanted = wish.version or (self.notes.version if self.notes else None)
        fresh = wanted is not None and Version.parse(wanted) is not None and self.ledger.get(wanted) is None
        self.base = self.ledger.base(wanted) if wanted and fresh else self._newest()
        self.report = self._report(self.side)
        self.given = self._given()
        self.verdict = self._verdict()
        self.suggested = self._suggested()
        self.version = wanted or self.suggested
        self.earliest = wish.published + datetime.timedelta(days=self.verdict.notice_days)
        self.effective = wish.effective or self.earliest

    def _notes(self) -> Notes | None:
        """Return what is noted for the next release; notes of a released version count no more."""
        found = self.opened.library.notes.get(self.policy)
        if found is None or self.ledger.get(found.value.version) is not None:
            return None
        noted: Notes = found.value
        return noted

    def _newest(self) -> Release | None:
        return max(self.ledger.releases, key=lambda found: found.order, default=None)

    def _report(self, side: Side) -> Report | None:
        """Return what changes from the release before to a side."""
        if self.base is None:
            return None
        old = snapshot.opened(self.base, self._file(self.base.version))
        return changelog.report(old, side, self.opened.rulebook, self.opened.settings, self.notes)

    def _given(self) -> list[Approval]:
        """Return the approvals that are noted and those of reviews, whichever changes they name."""
        noted = list(self.notes.approvals) if self.notes else []
        return [*noted, *Past(self.wish.heard, self._opened).given(self.policy, self._report)]

    def _opened(self, tree: FileTree) -> dict[str, Side]:
        return project.open(self.root, tree, self.opened.settings).sides

    def _verdict(self) -> VerdictRecord:
        if self.report is None or self.base is None:
            return FIRST
        return changelog.recorded(self.base.version, self.report.verdict)

    def _suggested(self) -> str:
        return str(rules.suggest(self.base.order, self.report.verdict) if self.base and self.report else Version(1, 0, 0))

    def _file(self, version: str) -> str:
        return self.ledger.path(version)

    def plan(self) -> Plan:
        judged = self._judged()
        findings = tuple(self._findings(judged))
        return Plan(
            policy=self.policy,
            base=self.base,
            version=self.version,
            suggested=self.suggested,
            published=self.wish.published,
            effective=self.effective,
            earliest=self.earliest,
            report=self.report,
            verdict=self.verdict,
            refusals=tuple(sorted(set(self._refusals(judged)))),
            data=self._data(findings),
            fallen=tuple(self._fallen()),
        )

    def _judged(self) -> list[Problem]:
        """Return the findings of the document as it will be: with its version and dates."""
        dated = replace(self.side.document, version=self.version, published=self.wish.published, effective=self.effective)
        return list(project.judged(replace(self.opened, documents={self.policy: dated}), self.root, self.wish.published).findings)

    @staticmethod
    def _findings(judged: list[Problem]) -> Iterator[FindingRecord]:
        for found in judged:
            yield _recorded(found)

    # The gate.

    def _refusals(self, judged: list[Problem]) -> Iterator[Problem]:
        excused: set[str] = {found.gate for found in self.notes.exceptions} if self.notes else set()
        yield from self._version_refusals()
        yield from self._date_refusals(excused)
        yield from self._change_refusals()
        if "findings" not in excused:
            yield from self._finding_refusals(judged)
        if "translation" not in excused:
            yield from self._translation_refusals()
        yield from self._approval_refusals()

    def _version_refusals(self) -> Iterator[Problem]:
        place = Place(self._file(self.version))
        wanted = Version.parse(self.version)
        if wanted is None:
            yield problem(place, "release-version-form", version=self.version)
            return
        exists = self.ledger.get(self.version) is not None
        if exists:
            yield problem(place, "release-exists", version=self.version, next=self.suggested)
        elif self.base is None and self.ledger.releases:
            lowest = min(self.ledger.releases, key=lambda found: found.order).version
            yield problem(place, "release-below", version=self.version, lowest=lowest)
        if self.report is not None and self.base is not None:
            if not self.report.judged:
                yield problem(place, "release-unchanged", base=self.base.version)
            elif not exists and BUMPS.index(_bump(self.base.order, wanted)) < BUMPS.index(self.verdict.bump):
                worst = ", ".join(dict.fromkeys(found.kind for found in self.report.judged if found.bump == self.verdict.bump))
                yield problem(place, "release-bump", version=self.version, kinds=worst, next=self.suggested)
        corrected = self.wish.corrects
        if corrected is not None and (self.ledger.get(corrected) is None or self.verdict.bump not in ("patch", "revision")):
            yield problem(place, "release-corrects", version=corrected)

    def _date_refusals(self, excused: set[str]) -> Iterator[Problem]:
        place, published = Place(self._file(self.version)), self.wish.published
        head = self.ledger.head
        if head is not None and min(self.now, published) < head.published:
            yield problem(place, "release-clock", day=min(self.now, published), version=head.version, head=head.published)
        if published > self.now + datetime.timedelta(days=1):
            yield problem(place, "release-future", published=published, now=self.now)
        if self.effective < published:
            yield problem(place, "release-dates", published=published, effective=self.effective)
        elif self.effective < self.earliest and "notice" not in excused:
            days = self.verdict.notice_days
            yield problem(place, "release-notice", effective=self.effective, days=days, earliest=self.earliest)
        yield from self._order_refusals(place)

    def _order_refusals(self, place: Place) -> Iterator[Problem]:
        """In order of versions, days of effect never go back: otherwise nobody could say which text is in force."""
        wanted = Version.parse(self.version)
        others = [found for found in self.ledger.releases if wanted is not None and found.order != wanted]
        for found in others:
            earlier = wanted is not None and found.order < wanted
            if found.effective > self.effective if earlier else found.effective < self.effective:
                yield problem(place, "release-order", version=found.version, day=found.effective, effective=self.effective)

    def _change_refusals(self) -> Iterator[Problem]:
        """Refuse a change of text nobody has classified, and a person's word that does not hold."""
        if self.report is None:
            return
        notes = self.opened.library.notes.get(self.policy)
        if notes is not None:
            yield from rules.problems(self.report.refusals, notes.source)
        for found in self.report.judged:
            if found.level == "unclassified":
                anchor = next(iter((*found.clauses, *found.was)), "")
                yield problem(self._clause_place(anchor), "release-unclassified", clause=anchor, id=found.id, policy=self.policy)

    def _clause_place(self, anchor: str) -> Place:
        for entry in self.side.document.entries():
            if entry.anchor == anchor:
                return self.opened.library.clauses[entry.clause].source.place(("text",))
        return self.opened.library.policies[self.policy].source.place(("sections",))

    def _finding_refusals(self, judged: list[Problem]) -> Iterator[Problem]:
        """Refuse what is worse than the release before: a fault that text in force already has must not keep its betterment away."""
        known = {_same(found) for found in self.base.record.findings} if self.base else set()
        for found in judged:
            if found.severity == "error" and _same(_recorded(found)) not in known:
                yield problem(found.place, "release-finding", rule=rule_of(found))

    def _translation_refusals(self) -> Iterator[Problem]:
        """Refuse what the setting `blocks` names; of a first release every clause counts as changed materially."""
        levels: dict[str, str] = dict.fromkeys((entry.anchor for entry in self.side.document.entries()), "material")
        if self.report is not None:
            levels = {anchor: found.level for found in reversed(self.report.judged) for anchor in found.clauses}  # the worst comes last
        for entry, state in translation.blocking(self.side, levels, self.opened.settings, self.wish.published):
            yield problem(self._clause_place(entry.anchor), "release-stale", clause=entry.clause, locale=state.locale)

    def _approval_refusals(self) -> Iterator[Problem]:
        asked = self.opened.settings.changes.approvals
        for role, level in approvals.missing(self.given, self.report, asked).items():
            name = approvals.fingerprint(self.report)[:12] if self.report else ""
            yield problem(Place(self._file(self.version)), "release-approval", role=role, level=level, changes=name)

    def _fallen(self) -> Iterator[Problem]:
        """Yield the approvals that do not count, and why."""
        yield from self.wish.heard.refused
        if self.report is not None:
            place = Place(f"{self.opened.settings.policies}/{self.policy}")
            yield from approvers.moved(self.given, place, self.report, self.opened.settings.changes.approvals)

    # The file.

    def _data(self, findings: tuple[FindingRecord, ...]) -> dict[str, Any]:
        head = self.ledger.head
        previous = {"version": head.version, "fingerprint": head.fingerprint, "seal": head.seal} if head else None
        return {
            "schema": SCHEMA,
            "policy": self.policy,
            "version": self.version,
            "number": head.number + 1 if head else 1,
            "previous": previous,
            "corrects": self.wish.corrects,
            "published": self.wish.published.isoformat(),
            "effective": self.effective.isoformat(),
            "document": snapshot.of(self.side),
            "record": self._record(findings).model_dump(mode="json", exclude_none=True),
        }

    def _record(self, findings: tuple[FindingRecord, ...]) -> Record:
        waivers = [waiver for waiver in self.side.document.policy.waivers if waiver.until >= self.wish.published]
        return Record(
            verdict=self.verdict,
            summary=self.notes.summary if self.notes else None,
            changes=list(self.report.changes) if self.report else [],
            findings=list(findings),
            waivers=waivers,
            exceptions=list(self.notes.exceptions) if self.notes else [],
            approvals=approvals.holding(self.given, approvals.fingerprint(self.report)) if self.report else [],
            made=Made(clausebook=__version__, templates=project.templates_digest(self.root, self.opened.settings)),
        )


def _bump(base: Version, wanted: Version) -> str:
    """Return how large a step is from one version to a later one."""
    if wanted.major != base.major:
        return "major"
    if wanted.minor != base.minor:
        return "minor"
    return "patch" if wanted.patch != base.patch else "revision"


def _recorded(found: Problem) -> FindingRecord:
    path = Path(found.place.path)
    words = dict(found.values).get("words") or dict(found.values).get("missing")
    clause = path.stem if path.name != "policy.yml" else None
    return FindingRecord(rule=rule_of(found), level=found.severity, clause=clause, words=words[:300] if words else None)


def _same(found: FindingRecord) -> tuple[str, str | None]:
    return found.rule, found.clause
