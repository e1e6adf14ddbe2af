"""What is written into a clause's file about its translations; every other byte stays."""

from __future__ import annotations

from clausebook import edits, translation
from clausebook.model import Clause, Loaded, Path
from clausebook.translation import Translation


def attest(raw: bytes, loaded: Loaded[Clause], found: Translation, by: str, reason: str) -> bytes:
    """Return a clause's file in which somebody says that a translation holds for the source text and the facts of today."""
    name, text, at = loaded.source.path, loaded.value.text[found.locale], ("text", found.locale)
    raw = fingerprints(raw, loaded, found)
    if text.machine_draft:
        raw = edits.replace(name, raw, (*at, "machine_draft"), "false")
    said = {"source": translation.fingerprint(loaded.value.text[found.source]), "by": by, "reason": reason}
    if text.attested is None:
        return edits.insert(name, raw, (*at, "attested"), said, "facts")
    for key, after in (("source", ""), ("by", "source"), ("reason", "by")):
        raw = edits.put(name, raw, (*at, "attested", key), said[key], after)
    return raw


def fingerprints(raw: bytes, loaded: Loaded[Clause], found: Translation) -> bytes:
    """Return a clause's file in which a translation names the source text and the facts of today."""
    name, clause = loaded.source.path, loaded.value
    at: Path = ("text", found.locale)
    raw = edits.put(name, raw, (*at, "translates"), translation.fingerprint(clause.text[found.source]), "title")
    return edits.put(name, raw, (*at, "facts"), translation.fact_fingerprint(clause, found.source), "translates")
