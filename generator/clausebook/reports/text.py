"""A review for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from clausebook.errors import visible
from clausebook.redline import to_text
from clausebook.reports.links import Links
from clausebook.reports.words import Words
from clausebook.reviewed import Report


def text(found: Report, locale: str, links: Links) -> str:
    """Return a review as plain text: what is loudest first, then a line a change, then what follows."""
    words = Words(found, locale)
    lines = [f"{words.title}  ({found.sides.base_name}..{found.sides.head_name})"]
    for heading, items in words.alarms():
        lines += [f"! {heading}", *(f"    {item}" for item in items)]
    if found.rows or found.reached:
        lines.append(words.summary)
    for row in found.rows:
        where = f"{row.place}: " if row.place.line else ""
        lines.append(f"{where}{words.mark(row)}: {words.sentence(row)} [{words.why(row)}; {words.policies(row.policies)}]")
    lines += [words.say("review-policy-line", **_named(words.policy(row))) for row in found.policies]
    lines += _part(words.say("review-refused"), words.refused())
    lines += _part(words.say("review-translation"), map(words.state, found.translations))
    lines += _part(words.say("review-gained"), map(words.problem, found.gained))
    lines += _part(words.say("review-lost"), map(words.problem, found.lost))
    lines += _part(words.say("review-lists"), (": ".join(words.list_row(row)) for row in found.lists))
    lines += _part(words.say("review-moved", n=len(found.moved)), words.moved())
    for one in found.texts:
        changed = [line for line in one.mark.lines if line.status != "same"]
        lines += [f"--- {words.text_title(one)}", to_text(changed)]
    return visible("\n".join(lines))


def _named(cells: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(("policy", "step", "date", "notice", "consent", "clauses"), cells, strict=True))


def _part(heading: str, items: Iterable[str]) -> list[str]:
    found = [f"    {item}" for item in items]
    return [heading, *found] if found else []
