"""What changed between two documents, judged and said: where diff, rules and sentences meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from clausebook import diff, rules, sentences
from clausebook.diff import Comparison
from clausebook.document import Side
from clausebook.model import Settings
from clausebook.release import Attested, ChangeRecord, Notes, Release, VerdictRecord
from clausebook.rulebook import Rulebook
from clausebook.rules import Judged, Refusal, Verdict

NO_NOTES = Notes(version="0.0.0")
RECORDED = "on record"  # stands for the second person, who was asked for when the release was made


@dataclass(frozen=True)
class Report:
    """The changes between two sides: compared, judged, summed up, and each in one sentence a locale."""

    comparison: Comparison
    judged: tuple[Judged, ...]
    verdict: Verdict
    changes: tuple[ChangeRecord, ...]
    refusals: tuple[Refusal, ...] = ()


def report(old: Side, new: Side, book: Rulebook, settings: Settings, notes: Notes | None = None) -> Report:
    """Compare, judge and say what changed from one side to the other. `notes` are what the authors say of single changes."""
    comparison = diff.compare(old, new)
    said = notes or NO_NOTES
    judged = tuple(rules.judge(comparison, book, said, settings))
    verdict = rules.verdict(judged, comparison, book, settings)
    refusals = tuple(rules.refusals(comparison, book, said, settings))
    return Report(comparison, judged, verdict, tuple(_record(found, comparison) for found in judged), refusals)


def between(old: Side, new: Side, passed: Iterable[Release], book: Rulebook, settings: Settings) -> Report:
    """Judge what changed from one release to a later one, net of what came and went.

    A change that one of the releases after the old one recorded is told as it was told then, and what was attested of it holds.
    """
    known = {change.id: change for release in passed for change in release.record.changes}
    attested = [_attested(change) for change in known.values() if change.why and change.by]
    found = report(old, new, book, settings, Notes(version=NO_NOTES.version, changes=attested))
    return replace(found, changes=tuple(_told_before(change, known) for change in found.changes), refusals=())


def _attested(change: ChangeRecord) -> Attested:
    """Return what people said of a recorded change; whether enough of them did was asked when it was released."""
    return Attested(
        change=change.id, level=change.level, practice=change.practice, reason=change.why or {}, by=change.by or "", second=RECORDED
    )


def _told_before(change: ChangeRecord, known: Mapping[str, ChangeRecord]) -> ChangeRecord:
    before = known.get(change.id)
    return before.model_copy(update={"clauses": change.clauses, "was": change.was}) if before else change


def recorded(base: str, found: Verdict) -> VerdictRecord:
    """Return a verdict as it is kept, with the version from which the changes are counted."""
    return VerdictRecord(
        base=base,
        level=found.level,
        direction=found.direction,
        bump=found.bump,
        notice_days=found.notice_days,
        notice=list(found.notice),
        reconsent=list(found.reconsent),
    )


def _record(found: Judged, comparison: Comparison) -> ChangeRecord:
    locales = comparison.new.document.policy.locales
    return ChangeRecord(
        id=found.id,
        kind=found.kind,
        level=found.level,
        direction=found.direction,
        practice=found.practice,
        clauses=list(found.clauses),
        was=list(found.was),
        sentence={locale: sentences.sentence(found, comparison, locale) for locale in locales},
        why=found.why,
        by=found.by,
    )
