"""A document as plain data in one fixed order, and its fingerprint."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785

from clausebook.blocks import Block
from clausebook.document import Document, Entry, Part


def of(document: Document) -> dict[str, Any]:
    """Return what a document means, without how it is shown: titles, numbers, text by block, facts."""
    policy = document.policy
    return {
        "policy": policy.id,
        "title": dict(policy.title),
        "locales": list(policy.locales),
        "sections": [_part(part) for part in document.parts],
    }


def fingerprint(document: Document) -> str:
    """Return the SHA-256 of the document's canonical bytes (RFC 8785), in hex."""
    return hashlib.sha256(rfc8785.dumps(of(document))).hexdigest()


def _part(part: Part) -> dict[str, Any]:
    return {
        "id": part.anchor,
        "title": dict(part.titles),
        "number": dict(part.number.labels) if part.number else None,
        "clauses": [_entry(entry) for entry in part.entries],
        "sections": [_part(inner) for inner in part.parts],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.anchor,
        "clause": entry.clause,
        "title": dict(entry.titles),
        "number": dict(entry.number.labels) if entry.number else None,
        "text": {loc: [_block(b, m) for b, m in zip(found, entry.markers[loc], strict=True)] for loc, found in entry.blocks.items()},
        "facts": [{"fact": kind, **fact.model_dump(exclude_none=True, by_alias=True)} for kind, fact in entry.facts],
    }


def _block(block: Block, marker: str) -> dict[str, Any]:
    runs = [{"text": r.text, **_look(r)} for r in block.runs]
    return {"kind": block.kind, "depth": block.depth, "marker": marker, "runs": runs}


def _look(run: Any) -> dict[str, Any]:
    return {name: value for name in ("strong", "emphasis", "href") if (value := getattr(run, name))}
