"""Releases and comparisons as text, Markdown, HTML and JSON: what `release` and `diff` print."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from clausebook import messages
from clausebook.changelog import Report
from clausebook.errors import visible
from clausebook.freeze import Plan
from clausebook.release import ChangeRecord

GATES = {
    "version": ("release-version-form", "release-exists", "release-unchanged", "release-bump", "release-corrects"),
    "dates": ("release-clock", "release-future", "release-dates", "release-notice", "release-order"),
    "changes": (),  # whatever no other gate knows: changes nobody has classified, words that do not hold
    "findings": ("release-finding",),
    "translation": ("release-stale",),
    "approvals": ("release-approval",),
}
SHORT = 8


def plan(found: Plan, title: str, fingerprint: str, locale: str, file: str) -> str:
    """Return a release as it would be: the step, the dates, each gate, what changed, what refuses it, what would be written."""
    say = messages.say
    lines = [_step(found, title, locale)]
    locales = ", ".join(found.data["document"]["policy"]["locales"])
    dates = {"published": found.published, "effective": found.effective, "days": found.verdict.notice_days, "locales": locales}
    lines.append(" " + say("plan-dates", locale, **dates))
    lines.append(" " + say("plan-gate", locale, checks="  ".join(_gates(found, locale))))
    if found.report is not None and found.report.changes:
        lines += [" " + say("plan-changes", locale), *(f"  {line}" for line in _changes(found.report.changes, locale))]
    if found.refusals:
        lines += [say("plan-refused", locale), *(messages.tell(refusal, locale) for refusal in found.refusals)]
    else:
        previous = found.data["previous"]
        after = f"{previous['version']} {previous['fingerprint'][:SHORT]}…" if previous else say("plan-nothing", locale)
        lines.append(" " + say("plan-would", locale, file=file, fingerprint=f"{fingerprint[:SHORT]}…", after=after))
    return visible("\n".join(lines))


def _step(found: Plan, title: str, locale: str) -> str:
    if found.base is None or found.report is None:
        return messages.say("plan-first", locale, title=title, version=found.version)
    if not found.report.changes:
        return messages.say("plan-same", locale, title=title, base=found.base.version)
    counts = Counter(change.level for change in found.report.changes)
    worst = found.verdict.level
    why = messages.say("plan-count", locale, n=counts[worst], level=messages.say(f"level-{worst}", locale), s="s" * (counts[worst] != 1))
    values = {"base": found.base.version, "version": found.version, "bump": found.verdict.bump.upper(), "why": why}
    return messages.say("plan-step", locale, title=title, **values)


def _gates(found: Plan, locale: str) -> Iterator[str]:
    codes = {refusal.code for refusal in found.refusals}
    known = {code for group in GATES.values() for code in group}
    for gate, group in GATES.items():
        fails = codes & set(group) if group else codes - known
        yield f"{messages.say(f'gate-{gate}', locale)} {'✗' if fails else '✓'}"


def _changes(changes: Iterable[ChangeRecord], locale: str) -> Iterator[str]:
    for change in changes:
        yield f"{_mark(change)} {change.sentence.get(locale, '')}  [{change.kind}{_where(change)}; {change.id}]"


_SIGNS = {"worse": "−", "better": "+", "neutral": "="}


def _mark(change: ChangeRecord) -> str:
    return f"{change.level} {_SIGNS[change.direction]}"


def _where(change: ChangeRecord) -> str:
    places = change.clauses or change.was
    return f" {', '.join(places)}" if places else ""


@dataclass(frozen=True)
class Compared:
    """One policy compared: its title, what the two sides are called, the report, the version the changes ask for."""

    policy: str
    title: str
    old: str
    new: str
    report: Report
    suggested: str

    def heads(self, locale: str) -> tuple[str, str]:
        """Return the heading and what the changes amount to, in one line each."""
        names = {"title": self.title, "old": self.old, "new": self.new}
        if not self.report.changes:
            return messages.say("diff-same", locale, **names), ""
        found = self.report.verdict
        words = {"level": messages.say(f"level-{found.level}", locale), "direction": messages.say(f"direction-{found.direction}", locale)}
        verdict = messages.say("diff-verdict", locale, version=self.suggested, days=found.notice_days, **words)
        return messages.say("diff-title", locale, **names), verdict


def text(found: Sequence[Compared], locale: str) -> str:
    """Return comparisons as text: title, verdict, a line a change."""
    blocks = ["\n".join(filter(None, [*one.heads(locale), *_changes(one.report.changes, locale)])) for one in found]
    return visible("\n\n".join(blocks))


def markdown(found: Sequence[Compared], locale: str) -> str:
    """Return comparisons as Markdown; what comes from policies cannot act as markup or mention anybody."""
    lines = []
    for one in found:
        title, verdict = one.heads(locale)
        lines += [f"### {plain(title)}", "", *([f"**{plain(verdict)}**", ""] if verdict else [])]
        for change in one.report.changes:
            lines.append(f"- **{_mark(change)}** {plain(change.sentence.get(locale, ''))} (`{change.kind}`)")
        lines.append("")
    return visible("\n".join(lines).rstrip())


def plain(words: str) -> str:
    """Return words that Markdown leaves as they are: no markup, no mention, no HTML."""
    escaped = "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|~<>" else c for c in words.replace("\n", " "))
    return escaped.replace("&", "&amp;").replace("@", "@<!-- -->")


def html(found: Sequence[Compared], locale: str) -> str:
    """Return comparisons as one HTML page without scripts."""
    row = Markup("<tr><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td></tr>")
    parts = []
    for one in found:
        title, verdict = one.heads(locale)
        rows = [row.format(_mark(c), c.sentence.get(locale, ""), c.kind, ", ".join(c.clauses or c.was)) for c in one.report.changes]
        parts.append(Markup("<h1>{}</h1><p>{}</p><table>{}</table>").format(title, verdict, Markup("\n").join(rows)))
    style = "body{font:1rem/1.6 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}td{vertical-align:top;padding:.3rem}"
    head = Markup('<meta charset="utf-8"><title>Clausebook</title><style>{}</style>').format(Markup(style))
    return str(Markup('<!doctype html><html lang="{}"><head>{}</head><body>{}</body></html>').format(locale, head, Markup("").join(parts)))


def as_json(found: Sequence[Compared], locale: str) -> str:
    """Return comparisons as JSON: a stable contract, version 1."""
    policies = {one.policy: {"old": one.old, "new": one.new, "suggested": one.suggested, **data(one.report)} for one in found}
    return json.dumps({"version": 1, "policies": policies}, ensure_ascii=False, indent=2)


def data(report: Report) -> dict[str, Any]:
    """Return a report as plain data."""
    found = report.verdict
    verdict = {"level": found.level, "direction": found.direction, "bump": found.bump, "notice_days": found.notice_days}
    whole = {**verdict, "notice": list(found.notice), "reconsent": list(found.reconsent)}
    return {"verdict": whole, "changes": [change.model_dump(mode="json", exclude_none=True) for change in report.changes]}


DIFFS: dict[str, Callable[[Sequence[Compared], str], str]] = {"text": text, "markdown": markdown, "html": html, "json": as_json}
