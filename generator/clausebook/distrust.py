"""What an edit says in its own favour: waivers and notes it changes do not count for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from clausebook.model import Library, Loaded, Policy
from clausebook.project import Project


def tables(base: Library, head: Library) -> Iterator[str]:
    """Yield the files in which the head changes waivers or notes."""
    for policy, loaded in head.policies.items():
        before = base.policies.get(policy)
        if loaded.value.waivers != (before.value.waivers if before else []):
            yield loaded.source.path
    for clause, held in head.clauses.items():
        was = base.clauses.get(clause)
        if held.value.waived != (was.value.waived if was else {}):
            yield held.source.path
    for policy, notes in head.notes.items():
        noted = base.notes.get(policy)
        if noted is None or noted.value != notes.value:
            yield notes.source.path


def with_waivers(head: Project, base: Library) -> Project:
    """Return the head with the waivers of the base in place of its own."""
    policies = {key: _policy_waivers(loaded, base.policies.get(key)) for key, loaded in head.library.policies.items()}
    clauses = {}
    for key, loaded in head.library.clauses.items():
        before = base.clauses.get(key)
        waived = before.value.waived if before else {}
        clauses[key] = replace(loaded, value=loaded.value.model_copy(update={"waived": waived}))
    documents = {
        key: replace(document, policy=document.policy.model_copy(update={"waivers": policies[key].value.waivers}))
        for key, document in head.documents.items()
    }
    return replace(head, library=replace(head.library, policies=policies, clauses=clauses), documents=documents)


def _policy_waivers(loaded: Loaded[Policy], base: Loaded[Policy] | None) -> Loaded[Policy]:
    return replace(loaded, value=loaded.value.model_copy(update={"waivers": base.value.waivers if base else []}))
