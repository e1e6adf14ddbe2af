"""Where a change was written: the line a reviewer would look at."""

from __future__ import annotations

from clausebook.diff import Change
from clausebook.document import Entry
from clausebook.errors import Place
from clausebook.model import Library
from clausebook.project import Project
from clausebook.rules import Judged


def place(one: Judged, base: Project, head: Project, policy: str) -> Place:
    """Return where a change was written: in a clause that was edited rather than in one that says the same."""
    stated = [(change, anchor) for change in one.changes for anchor in (change.new.entries if change.new else ())]
    known = {entry.anchor: entry for entry in head.documents[policy].entries()}
    found = [(change, known[anchor]) for change, anchor in stated if anchor in known]
    for change, entry in sorted(found, key=lambda pair: not _edited(pair[1].clause, base.library, head.library)):
        return _in_clause(change, entry, base.library, head.library)
    for anchor in (*one.clauses, *one.was):
        if anchor in known:
            return head.library.clauses[known[anchor].clause].source.place(("facts",))
    return head.library.policies[policy].source.place(("sections",))


def _edited(clause: str, base: Library, head: Library) -> bool:
    before = base.clauses.get(clause)
    return before is None or before.value != head.clauses[clause].value


def _in_clause(change: Change, entry: Entry, base: Library, head: Library) -> Place:
    loaded, before = head.clauses[entry.clause], base.clauses.get(entry.clause)
    if change.kind == "text":
        locale = change.key[1]
        path = ("text", locale, "body")
        old = before.value.text.get(locale) if before else None
        text = loaded.value.text.get(locale)
        lines = (old.body if old else "").split("\n"), (text.body if text else "").split("\n")
        first = next((n for n, (a, b) in enumerate(zip(*lines, strict=False)) if a != b), min(map(len, lines)) - 1)
        return loaded.source.inside(path, max(first, 0) + 1, 1)
    facts = getattr(loaded.value.facts, change.kind, None) or []
    known = getattr(before.value.facts, change.kind, None) or [] if before else []
    index = next((n for n, fact in enumerate(facts) if fact not in known), None)
    return loaded.source.place(("facts", change.kind) if index is None else ("facts", change.kind, index))
