"""What changed between two documents, judged and said: where diff, rules and sentences meet."""

from __future__ import annotations

from dataclasses import dataclass

from clausebook import diff, rules, sentences
from clausebook.diff import Comparison
from clausebook.document import Side
from clausebook.model import Settings
from clausebook.release import ChangeRecord, Notes
from clausebook.rulebook import Rulebook
from clausebook.rules import Judged, Refusal, Verdict

NO_NOTES = Notes(version="0.0.0")


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
