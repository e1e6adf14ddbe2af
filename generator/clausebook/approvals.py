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
    """Return the roles that have not approved, each with the level because of which it must. One person stands for one role only."""
    if report is None:
        return {}
    open_ = needed(report.changes, asked)
    held = standing(given, report, asked)
    return {role: level for role, level in open_.items() if role not in held}


def standing(given: Iterable[Approval], report: Report, asked: Mapping[Any, list[str]]) -> dict[str, str]:
    """Return each role that has approved and who stands for it: as many roles as people can stand for."""
    roles = needed(report.changes, asked)
    people: dict[str, list[str]] = {role: [] for role in roles}
    for approval in holding(given, fingerprint(report)) if roles else ():
        if approval.role in people:
            people[approval.role].append(approval.by)
    stands: dict[str, str] = {}  # the role each person stands for
    for role in roles:
        _stand(role, people, stands, set())
    return {role: person for person, role in stands.items()}


def _stand(role: str, people: Mapping[str, list[str]], stands: dict[str, str], tried: set[str]) -> bool:
    """Find somebody for a role, if need be by letting one who stands for another role be replaced there."""
    for person in people[role]:
        if person not in tried:
            tried.add(person)
            if person not in stands or _stand(stands[person], people, stands, tried):
                stands[person] = role
                return True
    return False
