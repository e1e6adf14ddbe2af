"""A review for machines: marks on the lines of a pull request, code quality, SARIF, and all of it as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from clausebook import listing, messages
from clausebook.errors import Problem, Severity, problem, rule_of
from clausebook.git import Edit
from clausebook.redline import to_text
from clausebook.reports.links import Links
from clausebook.reviewed import PolicyRow, Report, Row

SEVERITIES: dict[str, Severity] = {"material": "error", "unclassified": "warning", "substantive": "warning"}
QUALITY = {"error": "critical", "warning": "major", "info": "info"}
NOWHERE = Path()


def problems(found: Report) -> Iterator[Problem]:
    """Yield everything in a review that stands on a line."""
    yield from (*found.broken, *found.errors)
    for row in found.rows:
        said = {f"sentence@{locale}": text for locale, text in row.change.sentence.items()}
        said |= {f"level@{locale}": messages.say(f"level-{row.change.level}", locale) for locale in row.change.sentence}
        made = problem(row.place, "review-change", rule=row.change.kind, policies=", ".join(row.policies), **said)
        yield replace(made, severity=SEVERITIES.get(row.change.level, "info"))
    for state in found.translations:
        if state.now not in ("current", "attested"):
            yield replace(problem(state.place, "review-behind", rule="translation-stale", locale=state.locale), severity="warning")
    yield from found.gained


def github(found: Report, locale: str, links: Links) -> str:
    """Return workflow commands that mark the changed lines; a level is no fault, so nothing is called an error but faults."""
    shown = [
        replace(one, severity="warning") if one.code == "review-change" and one.severity == "error" else one for one in problems(found)
    ]
    return listing.github([replace(one, severity="notice") if one.severity == "info" else one for one in shown], locale, NOWHERE)  # type: ignore[arg-type]  # the host's word


def sarif(found: Report, locale: str, links: Links) -> str:
    """Return SARIF 2.1.0."""
    shown = [replace(one, severity="note") if one.severity == "info" else one for one in problems(found)]  # type: ignore[arg-type]  # SARIF's word
    return listing.sarif(shown, locale, NOWHERE)


def gitlab(found: Report, locale: str, links: Links) -> str:
    """Return a Code Quality report."""
    items = []
    for one in problems(found):
        said = messages.sentence(one, locale)
        name = hashlib.sha256(f"{rule_of(one)}\0{one.place.path}\0{said}".encode()).hexdigest()
        lines = {"begin": max(one.place.line, 1)}
        severity, where = QUALITY[one.severity], {"path": one.place.path, "lines": lines}
        items.append({"description": said, "check_name": rule_of(one), "fingerprint": name, "severity": severity, "location": where})
    return json.dumps(items, ensure_ascii=False, indent=2)


def as_json(found: Report, locale: str, links: Links) -> str:
    """Return all of a review as JSON: a stable contract, version 1."""
    data = {
        "version": 1,
        "base": found.sides.base_name,
        "head": found.sides.head_name,
        "as_of": found.as_of.isoformat(),
        "level": found.level,
        "direction": found.direction,
        "errors": [_problem(one, locale) for one in found.errors],
        "base_errors": [_problem(one, locale) for one in found.base_errors],
        "releases": {"edits": [_edit(edit) for edit in found.releases], "problems": [_problem(one, locale) for one in found.broken]},
        "code": [_edit(edit) for edit in found.code],
        "not_counted": list(found.tables),
        "changes": [_row(row) for row in found.rows],
        "policies": [_policy(row) for row in found.policies],
        **_pages(found, links),
        **({"pages": list(found.moved)} if found.moved else {}),
        **_refused(found, locale),
        "texts": [
            {"clause": text.mark.id, "locale": text.locale, "status": text.mark.status, "policies": list(text.policies)}
            | {"redline": to_text(text.mark.lines)}
            for text in found.texts
        ],
        "translations": [
            {"clause": state.clause, "locale": state.locale, "was": state.was, "now": state.now} | _place(state)
            for state in found.translations
        ],
        "findings": {
            "gained": [_problem(one, locale) for one in found.gained],
            "lost": [_problem(one, locale) for one in found.lost],
        },
        "lists": [
            {"list": row.list_id, "action": row.action, "cells": list(row.cells), "policies": list(row.policies)} for row in found.lists
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def _refused(found: Report, locale: str) -> dict[str, Any]:
    """Return the approvals that do not count, where there are any."""
    told = [_problem(one, locale) for one in (*found.sides.heard.refused, *(one for row in found.policies for one in row.fallen))]
    return {"approvals_refused": told} if told else {}


def _pages(found: Report, links: Links) -> dict[str, Any]:
    """Return the pages of the preview, where there is one."""
    pages = [{"policy": policy, "locale": locale, "url": address} for policy, locale, address in links.pages(found)]
    return {"preview": pages} if pages else {}


def _place(found: Any) -> dict[str, Any]:
    return {"path": found.place.path, "line": found.place.line, "column": found.place.col}


def _problem(found: Problem, locale: str) -> dict[str, Any]:
    return {**_place(found), "severity": found.severity, "code": rule_of(found), "message": messages.sentence(found, locale)}


def _edit(edit: Edit) -> dict[str, Any]:
    return {"path": edit.path, "action": edit.action} | ({"was": edit.was} if edit.was else {})


def _row(row: Row) -> dict[str, Any]:
    told = row.change.model_dump(mode="json", exclude_none=True)
    return {**told, "notice": list(row.notice), "reconsent": row.reconsent, "policies": list(row.policies), **_place(row)}


def _policy(row: PolicyRow) -> dict[str, Any]:
    known = {"policy": row.policy, "action": row.action, "locales": list(row.locales), "clauses": list(row.clauses)}
    if row.verdict is None:
        return known
    dates = {"released": row.released or None, "version": row.version, "effective": row.effective.isoformat() if row.effective else None}
    asked = {"notice": list(row.verdict.notice), "notice_days": row.verdict.notice_days, "reconsent": list(row.verdict.reconsent)}
    given = [{"role": role, "by": by} for role, by in row.approved]
    approval = {"changes": row.changes, "approved": given, "needs": list(row.needs)} if row.changes else {}
    return {**known, **dates, "level": row.verdict.level, **asked, **approval}
