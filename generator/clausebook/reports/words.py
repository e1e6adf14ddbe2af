"""What every form of a review says alike: headings, rows and warnings as plain words, of which none is markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clausebook import messages
from clausebook.errors import Problem
from clausebook.git import Edit
from clausebook.redline import Piece
from clausebook.reviewed import ListRow, PolicyRow, Report, Row, State, Text

SIGNS = {"worse": "−", "better": "+", "neutral": "="}
PAGES = 50  # more pages than these are counted
NAMED = 5  # more policies than these are counted
AROUND = 30  # letters of unchanged text shown on either side of a change


@dataclass(frozen=True)
class Words:
    """A report in one language."""

    report: Report
    locale: str

    def say(self, key: str, **values: object) -> str:
        """Return a sentence about the review."""
        return messages.say(key, self.locale, **values)

    @property
    def title(self) -> str:
        """Return what it all amounts to, in one line."""
        found = self.report
        if found.broken or found.releases:
            return self.say("review-title-release")
        if found.errors:
            return self.say("review-title-broken", n=len(found.errors))
        if found.quiet:
            return self.say("review-title-quiet")
        if not found.rows and not found.reached:
            return self.say("review-title-nothing")
        versions = sorted({row.version for row in found.reached if row.version})
        dates = [row.effective for row in found.reached if row.effective]
        said = [self.say("review-title", level=self.level(found.level))]
        said += [self.say("review-title-version", versions=", ".join(versions))] if versions else []
        said += [self.say("review-title-date", date=max(dates))] if dates else []
        return " · ".join(said)

    @property
    def summary(self) -> str:
        """Return how far the edit reaches and what it leaves to be done, in one line."""
        found = self.report
        clauses = {anchor for row in found.policies for anchor in row.clauses}
        locales = {locale for row in found.reached for locale in row.locales}
        counts = {"changes": len(found.rows), "clauses": len(clauses), "policies": len(found.reached), "known": found.known}
        behind = sum(state.now not in ("current", "attested") for state in found.translations)
        said = [self.say("review-reach", locales=len(locales), **counts)]
        said += [self.say("review-behind", n=behind)] if behind else []
        said.append(self.say("review-found", gained=len(found.gained), lost=len(found.lost)))
        return " · ".join(said)

    def level(self, level: str) -> str:
        """Return the word for a level."""
        return messages.say(f"level-{level}", self.locale)

    def mark(self, row: Row) -> str:
        """Return level and direction of a change."""
        return f"{self.level(row.change.level)} {SIGNS[row.change.direction]}"

    def sentence(self, row: Row) -> str:
        """Return what a change is, in words."""
        said = row.change.sentence
        return said.get(self.locale) or next(iter(said.values()), "")

    def why(self, row: Row) -> str:
        """Return the kind of a change and what it rests on."""
        return " · ".join(filter(None, [row.change.kind, row.why.get(self.locale, "")]))

    def policies(self, names: Sequence[str]) -> str:
        """Return some policies by name, or many by their number."""
        return ", ".join(names) if len(names) <= NAMED else self.say("review-policies", n=len(names))

    def alarms(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield what stands above everything else: a heading and its lines, the loudest first."""
        found = self.report
        touched = [self.edit(edit) for edit in found.releases]
        broken = [messages.tell(problem, self.locale) for problem in found.broken]
        if touched or broken:
            yield self.say("review-releases"), tuple(dict.fromkeys([*touched, *broken]))
        if found.errors:
            yield self.say("review-errors"), tuple(messages.tell(problem, self.locale) for problem in found.errors)
        if found.base_errors:
            yield self.say("review-base-errors"), tuple(messages.tell(problem, self.locale) for problem in found.base_errors)
        if found.code:
            yield self.say("review-code"), tuple(self.edit(edit) for edit in found.code)
        if found.tables:
            yield self.say("review-tables"), found.tables

    def edit(self, edit: Edit) -> str:
        """Return a file with what happened to it."""
        return self.say(f"review-edit-{edit.action}", path=edit.path, was=edit.was)

    def policy(self, row: PolicyRow) -> tuple[str, ...]:
        """Return the cells of a policy: name, version, date, notice, consent, clauses."""
        if row.verdict is None:
            return row.policy, self.say(f"review-policy-{row.action}"), "", "", "", ""
        step = f"{row.released} → {row.version}" if row.released else row.version
        words = messages.catalogue(self.locale)["change-words"]
        notice = words["comma"].join(words["notice"][channel] for channel in row.verdict.notice)
        needs = self.say("review-needs", roles=", ".join(row.needs), changes=row.changes) if row.needs else ""
        asked = ", ".join(messages.say(f"review-consent-{kind}", self.locale) for kind in row.verdict.reconsent)
        given = ", ".join(self.say("review-approval", role=role, by=by) for role, by in row.approved)
        given = self.say("review-approved", people=given) if given else ""
        asked = "; ".join(filter(None, [asked or self.say("review-consent-none"), given, needs]))
        return row.policy, step, str(row.effective or ""), notice, asked, ", ".join(row.clauses)

    def refused(self) -> Iterator[str]:
        """Yield the approvals that do not count, and why."""
        fallen = (found for row in self.report.policies for found in row.fallen)
        return map(self.problem, (*self.report.sides.heard.refused, *fallen))

    def moved(self) -> Iterator[str]:
        """Yield the pages that look different although no text of theirs does."""
        yield from self.report.moved[:PAGES]
        if len(self.report.moved) > PAGES:
            yield self.say("review-more", n=len(self.report.moved) - PAGES)

    def text_title(self, text: Text) -> str:
        """Return the heading of a redline."""
        return f"{text.mark.id} · {text.locale} · {self.policies(text.policies)}"

    def state(self, state: State) -> str:
        """Return what became of a translation."""
        return self.say("review-state", clause=state.clause, locale=state.locale, was=state.was or "—", now=state.now)

    def problem(self, found: Problem) -> str:
        """Return a finding as one line."""
        return messages.tell(found, self.locale)

    def list_row(self, row: ListRow) -> tuple[str, str, str, str]:
        """Return the cells of a row of a list: what happened, the list, the row, the policies."""
        words = " | ".join(cell for cell in row.cells if cell)
        title = messages.say(f"title-lists-{row.list_id}", self.locale)
        return self.say(f"review-row-{row.action}"), title, words, self.policies(row.policies)


def shortened(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the pieces of a line with unchanged text cut to what stands around the changes."""
    for index, piece in enumerate(pieces):
        text = piece.text
        if piece.op != "same" or len(text) <= 3 * AROUND:
            yield piece
            continue
        head = text[:AROUND] if index else ""
        tail = text[-AROUND:] if index + 1 < len(pieces) else ""
        yield Piece("same", f"{head} … {tail}")
