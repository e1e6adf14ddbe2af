"""Who must approve which changes, and who has not.

An approval names the fingerprint of all changes together. It is made of what changes from what to what, not of where that is written,
so it outlives a rebase that leaves the changes equal and falls with the first letter that moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clausebook.changelog import Report
from clausebook.diff import Item
from clausebook.release import Approval, ChangeRecord
from clausebook.snapshot import digest


def fingerprint(report: Report) -> str:
    """Return the fingerprint of everything that changes, texts in every language among it."""
    return digest([[change.kind, list(change.key), _plain(change.old), _plain(change.new)] for change in report.comparison.changes])


def _plain(item: Item | None) -> Any:
    return {name: list(values) for name, values in item.fields.items()} if item else None


def needed(changes: Iterable[ChangeRecord], asked: Mapping[Any, list[str]]) -> dict[str, str]:
    """Return each role that must approve, with the level because of which it must. `asked` has the roles by level."""
    levels = {change.level for change in changes}
    found: dict[str, str] = {}
    for level, roles in asked.items():
        found |= {role: level for role in roles if level in levels and role not in found}
    return found


def holding(given: Iterable[Approval], name: str) -> list[Approval]:
    """Return the approvals that name just these changes."""
    return [approval for approval in given if name.startswith(approval.changes)]


def missing(given: Iterable[Approval], report: Report | None, asked: Mapping[Any, list[str]]) -> dict[str, str]:
    """Return the roles that have not approved, each with the level. One person stands for one role only."""
    if report is None:
        return {}
    open_, people = needed(report.changes, asked), set[str]()
    for approval in holding(given, fingerprint(report)) if open_ else ():
        if approval.role in open_ and approval.by not in people:
            people.add(approval.by)
            del open_[approval.role]
    return open_
