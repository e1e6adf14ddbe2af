"""The marked comparison of two documents, clause by clause in one locale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from clausebook import alike
from clausebook.alignment import Budget, groups
from clausebook.blocks import Block
from clausebook.redline import Line, Piece, Status, changed, compare, compare_text

_KNOWN = alike.Made()


@dataclass(frozen=True)
class Passage:
    """The text of one clause in one locale. `id` is its anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Marked:
    """The comparison of one clause of two documents. `moved` tells that it stands elsewhere; what is the same has no lines."""

    id: str
    status: Status
    moved: bool
    title: tuple[Piece, ...]
    lines: tuple[Line, ...]


def documents(old: Iterable[Passage], new: Iterable[Passage], locale: str, names: Iterable[str] = ()) -> tuple[Marked, ...]:
    """Compare two documents clause by clause, in the order of the new one; removed clauses stand where they stood."""
    before, after = {p.id: p for p in old}, {p.id: p for p in new}
    was, now, known = list(before), list(after), frozenset(names)
    found: list[Marked] = []
    for group in groups(was, now, lambda _: (), Budget()):
        found += (_marked(before[i], None, False, locale, known) for i in was[group.i1 : group.i2] if i not in after)
        moved = group.i1 == group.i2
        found += (_marked(before.get(i), after[i], moved and i in before, locale, known) for i in now[group.j1 : group.j2])
    return tuple(found)


def _marked(old: Passage | None, new: Passage | None, moved: bool, locale: str, names: frozenset[str]) -> Marked:
    """Return the comparison of a clause, made once: many pairs of versions have the same clause on both sides."""
    return _KNOWN.of(old, new, beside=(moved, locale, names), make=partial(_compared, old, new, moved, locale, names))


def _compared(old: Passage | None, new: Passage | None, moved: bool, locale: str, names: frozenset[str]) -> Marked:
    if old and old == new:
        return Marked(new.id, "same", moved, (Piece("same", new.title),), ())
    lines = compare(old.blocks if old else (), new.blocks if new else (), locale, names)
    title = _title(old.title if old else "", new.title if new else "", locale, names)
    edited = changed(lines) or any(piece.op != "same" for piece in title)
    status: Status = "added" if old is None else "removed" if new is None else "changed" if edited else "same"
    return Marked((new or old).id, status, moved, title, lines)  # type: ignore[union-attr]  # one of them is there


def _title(old: str, new: str, locale: str, names: frozenset[str]) -> tuple[Piece, ...]:
    lines = compare_text(old, new, locale, names)
    return tuple(piece for line in lines for piece in line.pieces)
