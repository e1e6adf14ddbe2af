"""A record of processing activities (GDPR art. 30(1)) as CSV: a row for each collection the policy states.

The record holds what the policy says and no more; what only the operator knows stays to be filled in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clausebook import lists
from clausebook.exports import csv_
from clausebook.lists import Item
from clausebook.naming import Named, Naming

COLUMNS = ("activity", "controller", "purposes", "subject", "data", "recipients", "transfers", "erasure", "security", "clause")


def of(naming: Naming) -> bytes:
    """Return the record."""
    return csv_.written([[naming.say(f"ropa-{column}") for column in COLUMNS], *rows(naming)])


def rows(naming: Naming) -> list[list[str]]:
    """Return the record's rows as text."""
    controller, security = _controller(naming), _terms(naming, (f.measure for f in _facts(naming, "security")))
    found = []
    for row in lists.rows(naming.document, "collected"):
        data = lists.ids(row.fact.data)
        cells = [
            controller,
            _terms(naming, lists.ids(row.fact.purposes)),
            _terms(naming, [row.fact.subject]),
            _terms(naming, data),
            _terms(naming, dict.fromkeys(r.fact.recipient for r in _touching(naming, "shared", data))),
            _transfers(naming, data),
            _erasure(naming, data),
            security,
        ]
        function = naming.term(row.fact.function) if row.fact.function else naming.heading(row.entry)
        found.append([function, *(csv_.said(naming, cell) for cell in cells), naming.heading(row.entry)])
    return found


def _facts(naming: Naming, kind: str) -> Iterable[Any]:
    return (fact for _, fact in naming.document.facts(kind))


def _controller(naming: Naming) -> list[Named]:
    """Return the operator's name and the addresses the policy gives."""
    operator = naming.document.policy.profile.get("operator", {})
    found = [naming.text(operator[key]) for key in ("legal_name", "address") if operator.get(key)]
    for contact in _facts(naming, "contacts"):
        values = contact.value if isinstance(contact.value, list) else [contact.value]
        found += [naming.text(value) for value in values]
    return [Named(text) for text in dict.fromkeys(found)]


def _terms(naming: Naming, terms: Iterable[str]) -> list[Named]:
    return [naming.item(Item("term", term)) for term in dict.fromkeys(terms)]


def _touching(naming: Naming, key: str, data: list[str]) -> list[lists.Row]:
    """Return the rows of a list that concern one of these terms: by naming it, a wider term, or no data at all."""
    found = []
    for row in lists.rows(naming.document, key):
        scopes = lists.ids(row.fact.data)
        if not scopes or any(naming.library.covers(scope, term) for scope in scopes for term in data):
            found.append(row)
    return found


def _transfers(naming: Naming, data: list[str]) -> list[Named]:
    found: list[Named] = []
    for row in _touching(naming, "transfers", data):
        cells = dict(zip((c.key for c in lists.LISTS["transfers"].columns), row.cells, strict=True))
        for key in ("recipient", "country", "mechanism", "safeguards"):
            found += naming.cell(cells[key])
    return list(dict.fromkeys(found))


def _erasure(naming: Naming, data: list[str]) -> list[Named]:
    """Return what the policy says about keeping one of these terms, or a wider one."""
    found: list[Named] = []
    for row in lists.rows(naming.document, "retention"):
        if any(naming.library.covers(str(row.fact.scope), term) for term in data):
            scope, *words = [v.text for cell in row.cells for v in naming.cell(cell)]
            said = naming.say("semicolon").join(words) or naming.say("not-stated")
            found.append(Named(naming.say("retention", scope=scope, words=said)))
    return list(dict.fromkeys(found))
