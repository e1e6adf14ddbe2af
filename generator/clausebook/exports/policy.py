"""A whole policy as JSON: facts, text by block, lists. `contract` is its shape, schemas/policy-export.json its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clausebook import lists, snapshot
from clausebook.contract import FORMAT
from clausebook.document import Document, Entry
from clausebook.exports import json_
from clausebook.naming import Naming


def of(naming: Naming) -> bytes:
    """Return `policy.json`."""
    return json_.dumped(data(naming))


def data(naming: Naming) -> dict[str, Any]:
    """Return a policy as data."""
    document = naming.document
    policy, whole = document.policy, snapshot.of(document)
    entries = {entry.anchor: entry for entry in document.entries()}
    for clause in _clauses(whole["sections"]):
        clause["facts"] = _facts(entries[clause["id"]])
    return {
        "format": FORMAT,
        "policy": policy.id,
        "title": whole["title"],
        "locales": whole["locales"],
        "prevails": policy.source,
        "jurisdictions": list(policy.jurisdictions),
        "sample": policy.sample,
        "fingerprint": snapshot.fingerprint(document),
        "terms": {term: _term(document, term) for term in sorted(document.terms)},
        "sections": whole["sections"],
        "lists": {key: json_.listed(naming, key) for key in lists.LISTS},
    }


def _clauses(sections: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for section in sections:
        yield from section["clauses"]
        yield from _clauses(section["sections"])


def _facts(entry: Entry) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, fact in entry.facts:
        found.setdefault(kind, []).append(fact.model_dump(mode="json", exclude_none=True, by_alias=True))
    return found


def _term(document: Document, term: str) -> dict[str, Any]:
    return {"name": dict(document.terms[term]), "sensitive": term in document.sensitive}
