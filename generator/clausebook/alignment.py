"""Which parts of two sequences belong together: units such as blocks and sentences by likeness, then their tokens.

A redline is read by people, so what is aligned is cleaned up: equal words too small to be worth their two marks are
taken into the change around them, and a change begins and ends at punctuation where it can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from rapidfuzz.distance import Indel, LCSseq

from clausebook.tokens import is_mark

ALIKE = 0.4  # the least likeness at which two units are one that changed
WHOLE = 0.65  # the same for a unit and the units it was split into
CONTAINED, EXTENDED = 0.85, 6  # the share of a unit that stands in a longer one it became, and its least number of words
SETTLED = 0.9  # units so alike are not looked at as parts of others
INSIDE = 0.6  # the share of each such part that stands in the whole
KEPT = 0.3  # units of which less stays are shown as replaced, not as edited
_PARTS = 6
_ISLAND = 6
_SLIDE = 40

Units = Sequence[str]
Tokens = Sequence[str]
Words = Sequence[str]


@dataclass(frozen=True)
class Group:
    """Old units `i1:i2` that became new units `j1:j2`; one of the two may be empty."""

    i1: int
    i2: int
    j1: int
    j2: int


@dataclass(frozen=True)
class Region(Group):
    """Old tokens and the new tokens that took their place, or the same tokens."""

    same: bool = False


class Budget:
    """How much work one comparison may still do, in steps of about a microsecond; when it is spent, alignment is coarse."""

    def __init__(self, steps: int = 50_000) -> None:
        self.left = steps

    def spend(self, steps: int) -> bool:
        """Take steps off, or say that there are not enough."""
        if steps > self.left:
            return False
        self.left -= steps
        return True


# Units.


def groups(old: Units, new: Units, tokens: Callable[[str], Tokens], budget: Budget) -> list[Group]:
    """Align units in order: equal ones, then like ones, split ones and merged ones. Equal units out of order stay single."""
    found: list[Group] = []
    shared = set(old) & set(new)
    i = j = 0
    for a, b in [*_equal(old, new, budget), (len(old), len(new))]:
        here = {n: old[n] for n in range(i, a) if old[n] not in shared}
        there = {n: new[n] for n in range(j, b) if new[n] not in shared}
        if i < a or j < b:
            found += _gap(Group(i, a, j, b), here, there, tokens, budget)
        if a < len(old):
            found.append(Group(a, a + 1, b, b + 1))
        i, j = a + 1, b + 1
    return found


def _equal(old: Sequence[str], new: Sequence[str], budget: Budget) -> list[tuple[int, int]]:
    """Return the pairs of equal units on a longest common subsequence; only those at both ends when there are too many."""
    if budget.spend((len(old) + len(new)) // 4 + len(old) * len(new) // 1000):
        return [
            (o.src_start + n, o.dest_start + n)
            for o in LCSseq.opcodes(old, new)
            if o.tag == "equal"
            for n in range(o.src_end - o.src_start)
        ]
    head, tail = ends(old, new)
    return [(n, n) for n in range(head)] + [(len(old) - n, len(new) - n) for n in range(tail, 0, -1)]


def ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """Return how many units are equal at the beginning and, of the others, at the end."""
    short = min(len(old), len(new))
    head = next((n for n in range(short) if old[n] != new[n]), short)
    return head, next((n for n in range(short - head) if old[-1 - n] != new[-1 - n]), short - head)


def _gap(gap: Group, old: dict[int, str], new: dict[int, str], tokens: Callable[[str], Tokens], budget: Budget) -> Iterator[Group]:
    """Align what lies between two equal units: `old` and `new` without what stands elsewhere on the other side."""
    here, there = list(old), list(new)
    i, j = gap.i1, gap.j1
    for pair in _pairs([words(tokens(t)) for t in old.values()], [words(tokens(t)) for t in new.values()], budget):
        real = Group(here[pair.i1], here[pair.i2 - 1] + 1, there[pair.j1], there[pair.j2 - 1] + 1)
        if (real.i2 - real.i1, real.j2 - real.j1) != (pair.i2 - pair.i1, pair.j2 - pair.j1):
            continue  # something that moved stands between the parts
        yield from _single(i, real.i1, j, real.j1)
        yield real
        i, j = real.i2, real.j2
    yield from _single(i, gap.i2, j, gap.j2)


def _single(i1: int, i2: int, j1: int, j2: int) -> Iterator[Group]:
    yield from (Group(i, i + 1, j1, j1) for i in range(i1, i2))
    yield from (Group(i2, i2, j, j + 1) for j in range(j1, j2))


def words(tokens: Tokens) -> Words:
    """Return the tokens but for punctuation and space."""
    return [t for t in tokens if t.isalnum() or not is_mark(t)]


def likeness(old: Words, new: Words, budget: Budget) -> float:
    """Return how alike two rows of words are, from 0 to 1."""
    return 2 * _common(old, new, budget) / max(1, len(old) + len(new))


def _common(old: Tokens, new: Tokens, budget: Budget) -> int:
    """Return how many words two units share, in order; none when the budget is spent."""
    if not budget.spend(2 + len(old) * len(new) // 6400 + (len(old) + len(new)) // 20):
        return 0
    return int(LCSseq.similarity(old, new))


def _pairs(old: list[Tokens], new: list[Tokens], budget: Budget) -> list[Group]:
    """Return the groups that keep most words, in order. Scores are words kept; nothing is paired below its threshold."""
    rows, columns = len(old), len(new)
    if not rows or not columns or not budget.spend(2 * rows * columns):
        return []
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    step: dict[tuple[int, int], Group] = {}
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            for score, group in _candidates(old, new, i, j, budget):
                total = score + best[group.i2][group.j2]
                if total > best[i][j]:
                    best[i][j], step[i, j] = total, group
    return _path(best, step)


def _path(best: list[list[float]], step: dict[tuple[int, int], Group]) -> list[Group]:
    found, i, j = [], 0, 0
    while i < len(best) - 1 and j < len(best[0]) - 1:
        if group := step.get((i, j)):
            found.append(group)
            i, j = group.i2, group.j2
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _candidates(old: list[Tokens], new: list[Tokens], i: int, j: int, budget: Budget) -> Iterator[tuple[float, Group]]:
    common, short = _common(old[i], new[j], budget), min(len(old[i]), len(new[j]))
    like = 2 * common / max(1, len(old[i]) + len(new[j]))
    if like >= ALIKE or (short >= EXTENDED and common >= CONTAINED * short):
        yield 2 * common, Group(i, i + 1, j, j + 1)
    if like < SETTLED:
        yield from ((score, Group(i, i + 1, j, j + n)) for n, score in _splits(old[i], new[j : j + _PARTS], budget))
        yield from ((score, Group(i, i + n, j, j + 1)) for n, score in _splits(new[j], old[i : i + _PARTS], budget))


def _splits(whole: Tokens, parts: list[Tokens], budget: Budget) -> Iterator[tuple[int, float]]:
    """Yield (number of parts, score) for every way to read a unit as the first of these parts joined."""
    joined: list[str] = []
    for n, part in enumerate(parts, 1):
        joined = [*joined, *part]
        if not part or len(joined) > 2 * len(whole) or not budget.spend(2 + len(part) * len(whole) // 6400):
            return
        if LCSseq.similarity(part, whole) < INSIDE * len(part):
            return
        twice = 2 * _common(joined, whole, budget) if n > 1 else 0
        if twice >= WHOLE * (len(joined) + len(whole)):
            yield n, 0.98 * twice


# Tokens.


def regions(old: Tokens, new: Tokens, budget: Budget) -> list[Region]:
    """Align the tokens of two units: the same and the changed by turns, as a reader would mark them."""
    steps = (len(old) + len(new)) // 2 + len(old) * len(new) // 1000
    raw = _raw(old, new) if budget.spend(steps) else _coarse(old, new)
    clean = _absorbed(_slid(raw, old, new), old, new)
    kept = sum(_size(old, r.i1, r.i2) for r in clean if r.same)
    if kept < KEPT * min(_size(old, 0, len(old)), _size(new, 0, len(new))):
        return [Region(0, len(old), 0, len(new))]
    return clean


def _raw(old: Tokens, new: Tokens) -> list[Region]:
    ops = Indel.opcodes(old, new)
    return _merged(Region(op.src_start, op.src_end, op.dest_start, op.dest_end, op.tag == "equal") for op in ops)


def _merged(found: Iterable[Region]) -> list[Region]:
    """Leave out what is empty, and join neighbours of one kind."""
    out: list[Region] = []
    for region in found:
        if region.i1 == region.i2 and region.j1 == region.j2:
            continue
        if out and out[-1].same == region.same:
            region = _joined(out.pop(), region)
        out.append(region)
    return out


def _coarse(old: Tokens, new: Tokens) -> list[Region]:
    head, tail = ends(old, new)
    a, b = len(old) - tail, len(new) - tail
    return _merged([Region(0, head, 0, head, True), Region(head, a, head, b), Region(a, len(old), b, len(new), True)])


def _joined(first: Region, second: Region) -> Region:
    return replace(first, i2=second.i2, j2=second.j2)


def _slid(found: list[Region], old: Tokens, new: Tokens) -> list[Region]:
    """Move each pure insertion or deletion to where it begins and ends best: the same text can often be marked in several places."""
    out = list(found)
    for n in range(1, len(out) - 1):
        region = out[n]
        if region.same or (region.i1 < region.i2 and region.j1 < region.j2):
            continue
        side, start, end = (old, region.i1, region.i2) if region.i1 < region.i2 else (new, region.j1, region.j2)
        before, after = out[n - 1], out[n + 1]
        shift = _best_shift(side, start, end, before.i2 - before.i1, after.i2 - after.i1)
        out[n - 1] = replace(before, i2=before.i2 + shift, j2=before.j2 + shift)
        out[n] = replace(region, i1=region.i1 + shift, i2=region.i2 + shift, j1=region.j1 + shift, j2=region.j2 + shift)
        out[n + 1] = replace(after, i1=after.i1 + shift, j1=after.j1 + shift)
    return _merged(out)


def _best_shift(side: Tokens, start: int, end: int, left: int, right: int) -> int:
    shifts = [0]
    for n in range(1, min(left, _SLIDE) + 1):
        if side[start - n] != side[end - n]:
            break
        shifts.append(-n)
    for n in range(min(right, _SLIDE)):
        if side[start + n] != side[end + n]:
            break
        shifts.append(n + 1)
    return max(shifts, key=lambda s: (_edges(side, start + s, end + s), -abs(s)))


def _edges(side: Tokens, start: int, end: int) -> int:
    """Return how well a change begins and ends: at punctuation best, then at a space."""
    before = 2 if start == 0 else _edge(side[start - 1])
    return before + _edge(side[end - 1])


def _edge(token: str) -> int:
    return 0 if not is_mark(token) else 1 if token.isspace() else 2


def _absorbed(found: list[Region], old: Tokens, new: Tokens) -> list[Region]:
    """Take equal stretches that are small beside the changes on both sides into these changes."""
    olds, news = _sizes(old), _sizes(new)

    def changed(r: Region) -> int:
        return max(olds[r.i2] - olds[r.i1], news[r.j2] - news[r.j1])

    out: list[Region] = []
    for region in found:
        out.append(region)
        while len(out) >= 3 and not out[-1].same and out[-2].same and not out[-3].same:
            island = olds[out[-2].i2] - olds[out[-2].i1]
            if island > min(_ISLAND, changed(out[-3]), changed(out[-1])):
                break
            last, _, first = out.pop(), out.pop(), out.pop()
            out.append(_joined(first, last))
    return out


def _sizes(tokens: Tokens) -> list[int]:
    return list(accumulate((_worth(t) for t in tokens), initial=0))


def _size(tokens: Tokens, start: int, end: int) -> int:
    return sum(_worth(t) for t in tokens[start:end])


def _worth(token: str) -> int:
    """Return how much a token counts: marks nothing, a Han character one, a word two, what is longer three."""
    if is_mark(token):
        return 0
    return min(len(token), 2) + (not token.isalpha() and len(token) > 1)
