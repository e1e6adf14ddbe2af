"""What an edit does to every policy: two trees compared, and everything that follows from it, once per distinct outcome.

Settings, requirement packs, notes and waivers are those of the base: the head may be a stranger's, and is only read as data.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from clausebook import (
    approvals,
    approvers,
    changelog,
    distrust,
    ledger,
    lists,
    marked,
    placing,
    project,
    reach,
    rules,
    snapshot,
    translation,
)
from clausebook.approvers import Past
from clausebook.document import Document, Side
from clausebook.errors import Place, Problem, problem
from clausebook.git import Edit
from clausebook.ledger import Ledger
from clausebook.marked import Marked, Passage
from clausebook.model import Settings
from clausebook.naming import Naming
from clausebook.project import Project
from clausebook.release import Approval, ChangeRecord, Version
from clausebook.reviewed import ListRow, PolicyRow, Report, Row, Sides, State, Text
from clausebook.rulebook import DIRECTIONS, LEVELS
from clausebook.rules import Judged
from clausebook.tree import FileTree

Step = Literal["reading", "judging", "releases", "changes", "texts"]
T = TypeVar("T")
K = TypeVar("K")


def report(sides: Sides, as_of: datetime.date, locale: str, at: Callable[[Step], None] | None = None) -> Report:
    """Compare two trees. Rows of lists are told in `locale`; `at` hears of each step as it begins."""
    return _Review(sides, as_of, locale, at or _unheard).report()


def _unheard(step: Step) -> None:
    """Let a step begin without a word."""


class _Review:
    def __init__(self, sides: Sides, as_of: datetime.date, locale: str, at: Callable[[Step], None]) -> None:
        self.sides, self.as_of, self.locale, self.at = sides, as_of, locale, at
        self.ledgers: dict[str, Ledger] = {}
        self.settings = sides.settings
        at("reading")
        edited = [path for edit in sides.edits for path in (edit.path, edit.was) if path]
        self.trees = reach.narrow((sides.base, sides.head), edited, self.settings)
        base, head = (_opened(tree, self.settings) for tree in self.trees)
        at("judging")
        if head.documents:  # what is found in a policy that is removed is not lost by mending
            base = replace(base, documents={key: found for key, found in base.documents.items() if key in head.documents})
        self.base = project.judged(base, sides.base, as_of)
        self.past = Past(sides.heard, self._opened_then)
        self.tables = tuple(distrust.tables(self.base.library, head.library))
        self.head = project.judged(distrust.with_waivers(head, self.base.library), sides.base, as_of)

    def report(self) -> Report:
        self.at("releases")
        found = Report(
            sides=self.sides,
            as_of=self.as_of,
            known=sum(1 for name in self.sides.head.files(self.settings.policies, []) if name.endswith("/policy.yml")),
            errors=tuple(self.head.errors),
            base_errors=(*self.sides.faults, *self.base.errors),
            releases=tuple(edit for edit in self.sides.edits if self._is_release(edit) and edit.action != "added"),
            broken=tuple(self._broken()),
            code=tuple(edit for edit in self.sides.edits if self._is_code(edit.path) or self._is_code(edit.was)),
            tables=self.tables,
        )
        if self.head.errors:
            return found
        if found.base_errors:
            return replace(found, gained=_judged(self.head))
        self.at("changes")
        reports = dict(self._reports())
        states = tuple(self._states())
        self.at("texts")
        return replace(
            found,
            rows=tuple(self._rows(reports)),
            policies=tuple(self._policies(reports)),
            texts=tuple(self._texts()),
            translations=states,
            gained=_beyond(_judged(self.head), _judged(self.base)),
            lost=_beyond(_judged(self.base), _judged(self.head)),
            lists=tuple(self._lists()),
        )

    # What is not text of policies.

    def _is_release(self, edit: Edit) -> bool:
        return any(path.startswith(f"{self.settings.policies}/") and f"/{reach.RELEASES}/" in path for path in (edit.path, edit.was))

    def _is_code(self, path: str) -> bool:
        """Tell whether a path is more than data: everything but clauses, policies and notes for readers at the top."""
        data = path.startswith((f"{self.settings.clauses}/", f"{self.settings.policies}/"))
        return bool(path) and not data and not (path.endswith((".md", "LICENSE")) and "/" not in path)

    def _broken(self) -> Iterator[Problem]:
        """Yield where edited releases of the head are not sound, or not those of the base with new ones after them."""
        folder = self.settings.policies
        paths = [path for edit in self.sides.edits if self._is_release(edit) for path in (edit.path, edit.was) if path]
        for policy in sorted({path.removeprefix(f"{folder}/").split("/")[0] for path in paths}):
            theirs, problems = ledger.read(self.sides.head, folder, policy)
            faults = [found for found in problems if found.severity == "error"]
            if theirs.releases and not self.sides.head.exists(f"{folder}/{policy}/policy.yml"):
                faults.append(problem(Place(f"{folder}/{policy}/{reach.RELEASES}"), "ledger-orphan", policy=policy))
            yield from faults or ledger.compare(theirs, self._ledger(policy))

    def _ledger(self, policy: str) -> Ledger:
        """Return the releases of a policy in the base; reading proves them, so only those that are needed are read."""
        if policy not in self.ledgers:
            self.ledgers[policy], _ = ledger.read(self.sides.base, self.settings.policies, policy)
        return self.ledgers[policy]

    # Changes.

    def _pairs(self) -> Iterator[tuple[str, Side, Side]]:
        for policy in sorted(self.base.documents.keys() & self.head.documents.keys()):
            yield policy, self.base.sides[policy], self.head.sides[policy]

    def _reports(self) -> Iterator[tuple[str, changelog.Report]]:
        for policy, old, new in self._pairs():
            notes = rules.noted(self.base.library, policy)
            yield policy, changelog.report(old, new, self.base.rulebook, self.settings, notes)

    def _rows(self, reports: Mapping[str, changelog.Report]) -> Iterator[Row]:
        """Yield each change once, with all policies in which it is told in the same words, worst first."""
        told = [(policy, one, record) for policy, found in reports.items() for one, record in zip(found.judged, found.changes, strict=True)]
        alike = _grouped((_outcome(one, record), (policy, one, record)) for policy, one, record in told)
        rows = []
        for found in alike:
            policy, one, record = found[0]
            why = self.base.rulebook.by_id[one.kind].why or {}
            place = placing.place(one, self.base, self.head, policy)
            rows.append(Row(record, tuple(dict.fromkeys(key for key, _, _ in found)), place, one.notice, one.reconsent, why))
        yield from sorted(rows, key=_worst_first)

    def _policies(self, reports: Mapping[str, changelog.Report]) -> Iterator[PolicyRow]:
        before, now = self.base.library.policies, self.head.library.policies
        for policy in sorted(before.keys() | now.keys()):
            found = reports.get(policy)
            if found is None:
                action: Literal["added", "removed"] = "added" if policy in now else "removed"
                locales = (now.get(policy) or before[policy]).value.locales
                yield PolicyRow(policy, action, tuple(locales), (), self._released(policy), "", None, None)
            elif found.changes:
                yield self._policy(policy, found)

    def _policy(self, policy: str, found: changelog.Report) -> PolicyRow:
        locales = tuple(found.comparison.new.document.policy.locales)
        clauses = tuple(dict.fromkeys(anchor for one in found.judged for anchor in (*one.clauses, *one.was)))
        last = self._last(policy)
        if last is None:
            return PolicyRow(policy, "changed", locales, clauses, "", str(rules.suggest(None, found.verdict)), found.verdict, None)
        since = self._since(policy, found.comparison.new)
        effective = self.as_of + datetime.timedelta(days=since.verdict.notice_days)
        version = str(rules.suggest(last, since.verdict))
        asked, released = self.settings.changes.approvals, str(last)
        if not asked:
            return PolicyRow(policy, "changed", locales, clauses, released, version, since.verdict, effective)
        given = [*self._noted(policy), *self.past.given(policy, lambda side: self._since(policy, side))]
        needs = tuple(approvals.missing(given, since, asked))
        stands = tuple(approvals.standing(given, since, asked).items())
        fallen = tuple(approvers.moved(given, Place(f"{self.settings.policies}/{policy}"), since, asked))
        name = approvals.fingerprint(since)[:12]
        return PolicyRow(policy, "changed", locales, clauses, released, version, since.verdict, effective, needs, name, stands, fallen)

    def _noted(self, policy: str) -> list[Approval]:
        """Return the approvals noted in the base: those of the head do not count for it."""
        notes = rules.noted(self.base.library, policy)
        return list(notes.approvals) if notes else []

    def _opened_then(self, tree: FileTree) -> dict[str, Side]:
        """Return what a reviewed commit holds of the policies this edit reaches."""
        return _opened(reach.like(self.trees[0], tree), self.settings).sides

    def _since(self, policy: str, side: Side) -> changelog.Report:
        """Return what a side changes since the last release: what stands unreleased in the base goes out with it."""
        known = self._ledger(policy)
        release = max(known.releases, key=lambda one: one.order)
        old = snapshot.opened(release, known.path(release.version))
        return changelog.report(old, side, self.base.rulebook, self.settings, rules.noted(self.base.library, policy))

    def _last(self, policy: str) -> Version | None:
        return max((release.order for release in self._ledger(policy).releases), default=None)

    def _released(self, policy: str) -> str:
        return str(self._last(policy) or "")

    # Text, languages, lists.

    def _texts(self) -> Iterator[Text]:
        found = ((_look(locale, mark), (policy, locale, mark)) for policy, locale, mark in self._marks())
        for alike in _grouped(found):
            _, locale, mark = alike[0]
            yield Text(locale, mark, tuple(policy for policy, _, _ in alike))

    def _marks(self) -> Iterator[tuple[str, str, Marked]]:
        for policy, old, new in self._pairs():
            for locale in new.document.policy.locales:
                before, after = _passages(old.document, locale), _passages(new.document, locale)
                kept = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
                old_, new_ = ([passage for key, passage in side.items() if key in kept] for side in (before, after))
                yield from ((policy, locale, mark) for mark in marked.documents(old_, new_, locale) if mark.status != "same")

    def _states(self) -> Iterator[State]:
        old, new = (
            {(t.clause, t.locale): t for t in translation.of_library(side.library, self.settings, self.as_of)}
            for side in (self.base, self.head)
        )
        for key, now in new.items():
            was = old.get(key)
            if (now.state in translation.OPEN) != (was is not None and was.state in translation.OPEN):
                place = self.head.library.clauses[now.clause].source.place(("text", now.locale))
                yield State(now.clause, now.locale, was.state if was else "", now.state, place)

    def _lists(self) -> Iterator[ListRow]:
        gained = (((list_id, action, cells), policy) for policy, list_id, action, cells in self._list_rows())
        groups: dict[tuple[str, Literal["added", "removed"], tuple[str, ...]], list[str]] = {}
        for key, policy in gained:
            groups.setdefault(key, []).append(policy)
        for (list_id, action, cells), policies in groups.items():
            yield ListRow(list_id, action, cells, tuple(policies))

    def _list_rows(self) -> Iterator[tuple[str, str, Literal["added", "removed"], tuple[str, ...]]]:
        for policy, old, new in self._pairs():
            for list_id in lists.LISTS:
                before, after = (list(self._cells(side, list_id)) for side in (old, new))
                yield from ((policy, list_id, "removed", cells) for cells in before if cells not in after)
                yield from ((policy, list_id, "added", cells) for cells in after if cells not in before)

    def _cells(self, side: Side, list_id: str) -> Iterator[tuple[str, ...]]:
        locales = side.document.policy.locales
        naming = Naming(side.document, self.locale if self.locale in locales else locales[0], side.library)
        for row in naming.rows(list_id):
            yield tuple("; ".join(named.text for named in cell) for cell in row.cells)


def _opened(tree: FileTree, settings: Settings) -> Project:
    return project.open(Path(), tree, settings)


def _judged(side: Project) -> tuple[Problem, ...]:
    """Return what is found on one side; where translations stand is told apart."""
    return tuple(found for found in (*side.problems, *side.findings) if not found.code.startswith("translation-"))


def _grouped(found: Iterable[tuple[K, T]]) -> list[list[T]]:
    groups: dict[K, list[T]] = {}
    for key, item in found:
        groups.setdefault(key, []).append(item)
    return list(groups.values())


def _outcome(one: Judged, record: ChangeRecord) -> tuple[Any, ...]:
    """Return what makes a change the same for readers of two policies: kind, weight and words, whatever else their facts say."""
    said = tuple(sorted(record.sentence.items()))
    return said, one.kind, one.level, one.direction, one.practice, one.notice, one.reconsent


def _worst_first(row: Row) -> tuple[int, int, str, str]:
    change = row.change
    return LEVELS.index(change.level), DIRECTIONS.index(change.direction), change.kind, change.id


def _look(locale: str, mark: Marked) -> tuple[Any, ...]:
    return locale, mark.id, mark.status, mark.title, mark.lines


def _passages(document: Document, locale: str) -> dict[str, Passage]:
    found = (Passage(entry.anchor, entry.titles.get(locale, ""), entry.blocks.get(locale, ())) for entry in document.entries())
    return {passage.id: passage for passage in found}


def _beyond(some: Iterable[Problem], others: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems whose like is not among others; on which line one stands does not count."""
    known = {_alike(found) for found in others}
    return tuple(found for found in some if _alike(found) not in known)


def _alike(found: Problem) -> tuple[Any, ...]:
    values = tuple((name, value) for name, value in found.values if name != "against")
    return found.code, found.severity, found.place.path, values
