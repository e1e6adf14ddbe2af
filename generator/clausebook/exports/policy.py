"""A whole policy as JSON: facts, text by block, lists. `contract` is its shape, schemas/policy-export.json its schema."""

from __future__ import annotations

from typing import Any

from clausebook import lists, snapshot
from clausebook.contract import FORMAT
from clausebook.document import Document, Side
from clausebook.exports import json_
from clausebook.naming import Naming


def of(naming: Naming) -> bytes:
    """Return `policy.json`."""
    return json_.dumped(data(naming))


def data(naming: Naming) -> dict[str, Any]:
    """Return a policy as data."""
    document = naming.document
    side = Side(document, naming.library)
    policy = document.policy
    return {
        "format": FORMAT,
        "policy": policy.id,
        "title": dict(policy.title),
        "locales": list(policy.locales),
        "prevails": policy.source,
        "jurisdictions": list(policy.jurisdictions),
        "sample": policy.sample,
        "fingerprint": snapshot.fingerprint(side),
        "terms": {term: _term(document, term) for term in sorted(document.terms)},
        "sections": snapshot.of(side)["sections"],
        "lists": {key: json_.listed(naming, key) for key in lists.LISTS},
    }


def _term(document: Document, term: str) -> dict[str, Any]:
    return {"name": dict(document.terms[term]), "sensitive": term in document.sensitive}
