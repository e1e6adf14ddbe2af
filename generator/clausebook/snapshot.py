"""A document as plain data in one fixed order, its fingerprint, and the way back: frozen data loads into a document again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import rfc8785

from clausebook import alike, contract
from clausebook.blocks import Block, Run
from clausebook.document import Document, Entry, Number, Part, Side, terms_of
from clausebook.facts import KINDS
from clausebook.model import ClauseUse, Group, Library, Loaded, Policy, Section, Source, Term, Vocabulary
from clausebook.release import FrozenDocument, FrozenTerm, Release

# Keys, for beyond ASCII their order differs; numbers that may be written in another way, or what looks like one within a text.
_KEY = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)":')
_NUMBER = re.compile(rb"(?:^|[:,\[])-?(?:[0-9]+[.eE]|[0-9]{16})")
_TERMS, _ENTRIES, _PARTS, _FINGERPRINTS = alike.Made(), alike.Made(), alike.Made(), alike.Made(64)


def of(side: Side) -> dict[str, Any]:
    """Return what a document means, without how it is shown: policy, titles, numbers, text by block, facts, terms it names."""
    document = side.document
    uses = {use.anchor: use for section in document.policy.sections for use in _uses(section)}
    terms = dict(_terms(document, side.library))
    return {
        "policy": document.policy.model_dump(mode="json", exclude_none=True, exclude={"id", "sections", "waivers"}),
        "sections": [_part(part, uses) for part in document.parts],
        "terms": terms,
        "groups": list(_groups(side.library, terms)),
    }


def fingerprint(side: Side) -> str:
    """Return the SHA-256 of the document's canonical bytes (RFC 8785), in hex."""
    made = side.document, side.library
    return _FINGERPRINTS.of(*made, make=lambda: digest({"id": side.document.policy.id, **of(side)}))


def digest(data: Any) -> str:
    """Return the SHA-256 of plain data's canonical bytes (RFC 8785), in hex."""
    return hashlib.sha256(canonical(data)).hexdigest()


def canonical(data: Any) -> bytes:
    """Return the canonical bytes of plain data. A fast writer gives the same where keys are ASCII and numbers short and whole."""
    try:
        found = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # whole numbers beyond 64 bits, text that is no Unicode
        return rfc8785.dumps(data)
    return found if all(map(bytes.isascii, _KEY.findall(found))) and not _NUMBER.search(found) else rfc8785.dumps(data)


def _uses(section: Section) -> Iterator[ClauseUse]:
    yield from section.clauses
    for inner in section.sections:
        yield from _uses(inner)


def _terms(document: Document, library: Library) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every term the document names, and every broader one above it, with its scheme."""
    wanted = set(document.terms)
    for term in document.terms:
        while (above := library.terms[term][1].broader) and above not in wanted:
            wanted.add(above)
            term = above
    for term in sorted(wanted):
        scheme, found = library.terms[term]
        yield term, {"scheme": scheme, **found.model_dump(mode="json", exclude_none=True, exclude={"id", "note"})}


def _groups(library: Library, terms: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the headings under which the lists sort these terms, in the vocabulary's order."""
    used = {(found["scheme"], found.get("group")) for found in terms.values()}
    for scheme, vocabulary in sorted(library.vocabularies.items()):
        for group in vocabulary.value.groups:
            if (scheme, group.id) in used:
                yield {"scheme": scheme, **group.model_dump(mode="json")}


def _part(part: Part, uses: dict[str, ClauseUse]) -> dict[str, Any]:
    return {
        "id": part.anchor,
        "title": dict(part.titles),
        **_numbered(part.number),
        "clauses": [_entry(entry, uses[entry.anchor]) for entry in part.entries],
        "sections": [_part(inner, uses) for inner in part.parts],
    }


def _numbered(number: Number | None) -> dict[str, Any]:
    return {"number": dict(number.labels), "reference": dict(number.refs)} if number else {"number": None}


def _entry(entry: Entry, use: ClauseUse) -> dict[str, Any]:
    return {
        "id": entry.anchor,
        "clause": entry.clause,
        "title": dict(entry.titles),
        **_numbered(entry.number),
        "text": {loc: [_block(b, m) for b, m in zip(found, entry.markers[loc], strict=True)] for loc, found in entry.blocks.items()},
        "facts": _facts(entry),
        **({"params": use.params} if use.params else {}),
        **({"stale": sorted(entry.stale)} if entry.stale else {}),
        **({"drafts": sorted(entry.drafts)} if entry.drafts else {}),
    }


def _facts(entry: Entry) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, fact in entry.facts:
        found.setdefault(kind, []).append(fact.model_dump(mode="json", exclude_none=True, by_alias=True))
    return found


def _block(block: Block, marker: str) -> dict[str, Any]:
    runs = [{"text": r.text, **_look(r)} for r in block.runs]
    number = {"number": block.number} if block.number else {}
    return {"kind": block.kind, "depth": block.depth, **number, "marker": marker, "runs": runs}


def _look(run: Any) -> dict[str, Any]:
    return {name: value for name in ("strong", "emphasis", "href") if (value := getattr(run, name))}


# The way back.


def opened(release: Release, path: str = "") -> Side:
    """Return the document a release froze, with its version and dates. `path` is the file it stands in."""
    side = load(release.document, release.policy, path or f"{release.policy}/releases/{release.version}.json")
    dated = replace(side.document, version=release.version, published=release.published, effective=release.effective)
    return Side(dated, side.library)


def load(frozen: FrozenDocument, policy_id: str, path: str) -> Side:
    """Return the document that was frozen, with a library of the terms it names. `path` is the file it stands in."""
    library = _library(frozen)
    policy = Policy.model_validate(
        {
            "id": policy_id,
            **frozen.policy.model_dump(mode="json", exclude_none=True),
            "sections": [_section(s) for s in frozen.sections],
        }
    )
    library.policies[policy_id] = Loaded(policy, Source(path, {}))
    parts = tuple(_part_of(section, policy.locales, 1) for section in frozen.sections)
    used = sorted(terms_of(parts) | set(policy.sensitive))
    names = {term: {**frozen.terms[term].name, **policy.names.get(term, {})} for term in used}
    shown = {term: {loc: name.get(loc, name[policy.source]) for loc in policy.locales} for term, name in names.items()}
    marked = {term for term in used if frozen.terms[term].sensitive in ("law", "stated")}
    return Side(Document(policy, parts, shown, frozenset(marked | set(policy.sensitive))), library)


def _library(frozen: FrozenDocument) -> Library:
    terms = {term: (found.scheme, _term(term, found)) for term, found in frozen.terms.items()}
    schemes: dict[str, Loaded[Vocabulary]] = {}
    for scheme in sorted({s for s, _ in terms.values()} | {g.scheme for g in frozen.groups}):
        groups = [Group(id=group.id, name=group.name) for group in frozen.groups if group.scheme == scheme]
        inside = [term for found, term in terms.values() if found == scheme]
        schemes[scheme] = Loaded(Vocabulary(scheme=scheme, groups=groups, terms=inside), Source(scheme, {}))
    return Library({}, {}, schemes, terms)


def _term(term: str, found: FrozenTerm) -> Term:
    made = Term.model_validate
    return _TERMS.of(found, beside=(term,), make=lambda: made({"id": term, **found.model_dump(exclude={"scheme"}, exclude_none=True)}))


def _section(section: contract.SectionExport) -> dict[str, Any]:
    clauses = [{"id": c.clause, **({"as": c.id} if c.id != c.clause else {}), "params": c.params} for c in section.clauses]
    return {"id": section.id, "title": section.title, "clauses": clauses, "sections": [_section(s) for s in section.sections]}


def _part_of(section: contract.SectionExport, locales: list[str], level: int) -> Part:
    entries = tuple(_entry_once(clause, tuple(locales), level + 1) for clause in section.clauses)
    parts = tuple(_part_of(inner, locales, level + 1) for inner in section.sections)
    number = _number_of(section.number, section.reference)
    beside = (section.id, level, str(number), *section.title.items())
    return _PARTS.of(*entries, *parts, beside=beside, make=lambda: Part(section.id, level, number, dict(section.title), entries, parts))


def _number_of(labels: dict[str, str] | None, refs: dict[str, str] | None) -> Number | None:
    return Number(dict(labels), dict(refs or labels)) if labels else None


def _entry_once(clause: contract.ClauseExport, locales: tuple[str, ...], level: int) -> Entry:
    """Return the same entry for what several releases hold alike: whatever is made of it later is made once too."""
    return _ENTRIES.of(clause, beside=(locales, level), make=lambda: _entry_of(clause, locales, level))


def _entry_of(clause: contract.ClauseExport, locales: tuple[str, ...], level: int) -> Entry:
    facts = tuple((kind, fact) for kind in KINDS for fact in getattr(clause.facts, kind))
    return Entry(
        anchor=clause.id,
        clause=clause.clause,
        level=level,
        number=_number_of(clause.number, clause.reference),
        titles=dict(clause.title),
        blocks={loc: tuple(_block_of(block) for block in found) for loc, found in clause.text.items()},
        markers={loc: tuple(block.marker for block in found) for loc, found in clause.text.items()},
        facts=facts,
        missing=frozenset(loc for loc in locales if loc not in clause.text),
        stale=frozenset(clause.stale),
        drafts=frozenset(clause.drafts),
    )


def _block_of(block: contract.Block) -> Block:
    runs = tuple(Run(run.text, run.strong, run.emphasis, run.href) for run in block.runs)
    return Block(block.kind, block.depth, runs, block.number)
