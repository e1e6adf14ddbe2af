"""The project as a released version had it, made from the ledger alone: documents, terms, and clauses enough to judge them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from clausebook import project, snapshot
from clausebook.document import Document, Entry, Side
from clausebook.model import Clause, Library, Loaded, Source
from clausebook.project import Project


@cache
def sides(root: Path, version: str) -> dict[str, Side]:
    """Return each policy's document of a version with its library."""
    found = {}
    for policy, ledger in project.open(root).sound().ledgers.items():
        release = ledger.get(version)
        assert release is not None, f"{policy} has no {version}"
        found[policy] = snapshot.opened(release)
    return found


def project_of(root: Path, version: str) -> Project:
    """Return the project with the documents of a version; its findings stand at the head of each clause."""
    made = sides(root, version)
    documents = {policy: side.document for policy, side in made.items()}
    return replace(project.open(root).sound(), documents=documents, library=_library(made))


def _library(made: dict[str, Side]) -> Library:
    """Join the libraries of some documents. Terms are alike: all are of one day."""
    first, *others = [side.library for side in made.values()]
    terms, policies, vocabularies = dict(first.terms), dict(first.policies), dict(first.vocabularies)
    for other in others:
        terms |= other.terms
        policies |= other.policies
        for scheme, loaded in other.vocabularies.items():
            mine = vocabularies.get(scheme)
            more = [term for term in loaded.value.terms if not mine or term.id not in {t.id for t in mine.value.terms}]
            whole = loaded.value.model_copy(update={"terms": [*(mine.value.terms if mine else ()), *more]})
            vocabularies[scheme] = Loaded(whole, loaded.source)
    clauses = {entry.clause: _clause(entry) for side in made.values() for entry in side.document.entries()}
    return replace(first, clauses=clauses, terms=terms, policies=policies, vocabularies=vocabularies)


def _clause(entry: Entry) -> Loaded[Clause]:
    text = {loc: {"title": entry.titles[loc], "body": entry.text(loc)} for loc in entry.blocks}
    return Loaded(Clause.model_validate({"id": entry.clause, "text": text}), Source(f"clauses/x/{entry.clause}.yml", {}))


def documents(root: Path, version: str) -> dict[str, Document]:
    """Return each policy's document of a version."""
    return {policy: side.document for policy, side in sides(root, version).items()}
