"""Two languages of a clause held against each other, block by block: what one states and the other does not.

Nothing here knows which languages there are: how each is read comes from the tables, and what needs a table that a
language lacks is not compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from itertools import zip_longest

from clausebook import evidence
from clausebook.blocks import Block, Run
from clausebook.detectors import Compared, Modal
from clausebook.model import Memory
from clausebook.readings import Reader, Token

_MASK = "\ufffc"
_SHORT = 40
_EVERYWHERE: tuple[Compared, ...] = ("phone", "email", "url")
_READ: tuple[Compared, ...] = ("number", "period", "date", "money")


@dataclass(frozen=True)
class Mark:
    """Words in one language of a clause: the block and the character where they begin."""

    index: int
    start: int = 0
    words: str = ""


@dataclass(frozen=True)
class Difference:
    """What two languages of a clause do not both say: where it stands in the source and where in the translation, or should."""

    kind: Compared
    source: Mark
    other: Mark


@dataclass(frozen=True, eq=False)
class Side:
    """One language of a clause. What is found about sides is kept by object, so equal texts had better be one."""

    locale: str
    blocks: tuple[Block, ...]
    reader: Reader

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Return the text of each block; references, whose numbers are generated, are blotted out."""
        return tuple("".join(_MASK * len(r.text) if r.href.startswith("#") else r.text for r in b.runs) for b in self.blocks)

    @cached_property
    def lowered(self) -> tuple[str, ...]:
        """Return the text of each block in lower case."""
        return tuple(text.lower() if len(text.lower()) == len(text) else text for text in self.texts)

    @cached_property
    def body(self) -> str:
        """Return the whole text in lower case, a line a block."""
        return "\n".join(self.lowered)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of what the text states."""
        links = {token.kind for block in self.blocks for token in _links(block)}
        return frozenset(links | {token.kind for text in self.texts for token in self.reader.tokens(text)})

    @cached_property
    def shape(self) -> list[tuple[str, int]]:
        """Return the kind and depth of each block."""
        return [(block.kind, block.depth) for block in self.blocks]


@dataclass(frozen=True)
class Pair:
    """A translation beside its source, and which blocks belong together: one to one, or all to all where they do not pair."""

    source: Side
    other: Side

    @cached_property
    def paired(self) -> bool:
        """Tell whether the blocks of both sides pair one to one."""
        return self.source.shape == self.other.shape

    def groups(self) -> Iterator[tuple[range, range]]:
        """Yield which blocks belong together."""
        if self.paired:
            yield from ((range(n, n + 1), range(n, n + 1)) for n in range(len(self.source.blocks)))
        else:
            yield range(len(self.source.blocks)), range(len(self.other.blocks))

    def texts(self) -> Iterator[tuple[int, str, str]]:
        """Yield the texts of blocks that pair."""
        if self.paired:
            yield from ((n, a, b) for n, (a, b) in enumerate(zip(self.source.texts, self.other.texts, strict=True)))


Comparison = Callable[[Pair], Iterator[Difference]]


def _structure(pair: Pair) -> Iterator[Difference]:
    """Tell one thing about blocks that do not pair: the first place where they part."""
    if pair.paired:
        return
    both = zip_longest(pair.source.shape, pair.other.shape)
    at = next(n for n, (a, b) in enumerate(both) if a != b)
    items = [sum(block.depth > 0 for block in side.blocks) for side in (pair.source, pair.other)]
    counts = items if items[0] != items[1] else [len(pair.source.blocks), len(pair.other.blocks)]
    kind: Compared = "list" if items[0] != items[1] else "blocks"
    yield Difference(kind, mark(pair.source, at, str(counts[0])), mark(pair.other, at, str(counts[1])))


def mark(side: Side, index: int, words: str = "", start: int = 0) -> Mark:
    return Mark(max(0, min(index, len(side.blocks) - 1)), start, words)


def _bold(pair: Pair) -> Iterator[Difference]:
    if pair.paired:
        for n, (a, b) in enumerate(zip(pair.source.blocks, pair.other.blocks, strict=True)):
            ours, theirs = _strong(a), _strong(b)
            if (len(ours), _entirely(a)) != (len(theirs), _entirely(b)):
                missing = next((i for i in range(max(len(ours), len(theirs))) if i >= min(len(ours), len(theirs))), 0)
                yield Difference("bold", _stretch(n, ours, missing), _stretch(n, theirs, missing))


def _stretch(index: int, found: list[tuple[int, str]], at: int) -> Mark:
    start, words = found[at] if at < len(found) else (0, "")
    return Mark(index, start, short(words))


def _strong(block: Block) -> list[tuple[int, str]]:
    """Return the bold stretches of a block, each with where it begins."""
    found: list[tuple[int, str]] = []
    at = end = 0
    for run in block.runs:
        if run.strong and found and end == at:
            found[-1] = (found[-1][0], found[-1][1] + run.text)
        elif run.strong:
            found.append((at, run.text))
        at += len(run.text)
        end = at if run.strong else end
    return found


def _entirely(block: Block) -> bool:
    return all(run.strong for run in block.runs)


def _references(pair: Pair) -> Iterator[Difference]:
    yield from _unequal(pair, "reference", lambda side, n: [t for t in _links(side.blocks[n]) if t.value.startswith("#")])


def _links(block: Block) -> Iterator[Token]:
    """Yield the addresses of a block's links, but for those the text itself shows."""
    at = 0
    for run in block.runs:
        if run.href and (run.href.startswith("#") or not _shows(run)):
            yield Token("url", run.href, at, run.text if run.href.startswith("#") else run.href)
        at += len(run.text)


def _shows(run: Run) -> bool:
    """Tell whether the text of a link is its address."""
    shown = re.sub(r"[ -]", "", run.text)
    return re.sub(r"^(mailto|tel):|[ -]|/$", "", run.href) in (shown, shown.rstrip("/"))


def _stated(pair: Pair) -> Iterator[Difference]:
    """Compare what the texts state; of a number with another bound only the bound is told."""
    known = pair.source.reader.reading is not None and pair.other.reader.reading is not None
    stated = pair.source.kinds | pair.other.kinds
    for kind in (*_EVERYWHERE, *_READ) if known else _EVERYWHERE:
        if kind in stated:
            yield from _unequal(pair, kind, _tokens(kind))
    if known:
        yield from _bounds(pair)


def _tokens(kind: str) -> Callable[[Side, int], list[Token]]:
    def found(side: Side, index: int) -> list[Token]:
        stated = [token for token in side.reader.tokens(side.texts[index]) if token.kind == kind]
        return stated + [t for t in _links(side.blocks[index]) if not t.value.startswith("#")] if kind == "url" else stated

    return found


def _unequal(pair: Pair, kind: Compared, find: Callable[[Side, int], list[Token]]) -> Iterator[Difference]:
    """Yield what only one side has, each thing beside what the other has in its stead."""
    for ours, theirs in pair.groups():
        a = [(n, token) for n in ours for token in find(pair.source, n)]
        b = [(n, token) for n in theirs for token in find(pair.other, n)]
        if a or b:
            alone = zip_longest(_alone(a, b), _alone(b, a))
            for one, two in alone:
                at = (one or two)[0]
                yield Difference(kind, _of(pair.source, one, at), _of(pair.other, two, at))


def _alone(some: list[tuple[int, Token]], others: list[tuple[int, Token]]) -> list[tuple[int, Token]]:
    left = Counter(token.value for _, token in others)
    found = []
    for n, token in some:
        if token.soft:
            continue
        left[token.value] -= 1
        if left[token.value] < 0:
            found.append((n, token))
    return found


def _of(side: Side, found: tuple[int, Token] | None, at: int) -> Mark:
    if found is None:
        return mark(side, at)
    return Mark(found[0], found[1].start, found[1].words)


def _bounds(pair: Pair) -> Iterator[Difference]:
    for n, _, _ in pair.texts():
        ours, theirs = ([t for t in side.reader.tokens(side.texts[n]) if not t.soft] for side in (pair.source, pair.other))
        for token in ours:
            same = [t for t in theirs if (t.kind, t.value) == (token.kind, token.value)]
            if same and all(t.bound != token.bound for t in same):
                yield Difference("bound", Mark(n, token.start, token.words), Mark(n, same[0].start, same[0].words))


def _modality(pair: Pair) -> Iterator[Difference]:
    """A strong word of duty, ban, leave or denial asks for a word of the kind in the sentence that renders its own."""
    ours, theirs = pair.source.reader.reading, pair.other.reader.reading
    if ours is None or theirs is None:
        return
    here, there = (_strong_words(tuple(modal.strong for modal in reading.modals.values())) for reading in (ours, theirs))
    for n, a, b in pair.texts():
        for (start, said), (begin, told) in _sentences(pair, a, b) if here.search(a) or there.search(b) else ():
            for name in ours.modals.keys() & theirs.modals.keys():
                one, two = (
                    _lacks(ours.modals[name], theirs.modals[name], said, told),
                    _lacks(theirs.modals[name], ours.modals[name], told, said),
                )
                if one or two:
                    yield Difference("modality", _word(n, start, said, one), _word(n, begin, told, two))
                    break


@cache
def _strong_words(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern that finds a word that surely binds, forbids, allows or denies."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or "(?!)")


def _sentences(pair: Pair, a: str, b: str) -> Iterator[tuple[tuple[int, str], tuple[int, str]]]:
    ours, theirs = list(evidence.sentences(a, pair.source.locale)), list(evidence.sentences(b, pair.other.locale))
    yield from zip(ours, theirs, strict=True) if len(ours) == len(theirs) else [((0, a), (0, b))]


def _lacks(here: Modal, there: Modal, text: str, other: str) -> re.Match[str] | None:
    found = re.search(here.strong, text)
    return found if found and not re.search(there.wide, other, re.IGNORECASE) else None


def _word(index: int, start: int, sentence: str, found: re.Match[str] | None) -> Mark:
    return Mark(index, start + (found.start() if found else 0), found.group() if found else short(sentence))


def short(text: str) -> str:
    return text if len(text) <= _SHORT else text[:_SHORT].rstrip() + "…"


_COMPARISONS: tuple[Comparison, ...] = (_structure, _bold, _references, _stated, _modality)
_blocks = Memory()  # texts that differ in one block share what was found in the others


@lru_cache(maxsize=32768)
def differences(source: Side, other: Side) -> tuple[Difference, ...]:
    """Return what a translation and its source do not both say; policies share most texts, so what was found is kept."""
    pair = Pair(source, other)
    if not (source.blocks and other.blocks):
        return tuple(_structure(pair))
    if not pair.paired:
        return tuple(found for compare in _COMPARISONS for found in compare(pair))
    alone = [_alone_differ(source, other, n) for n in range(len(source.blocks))]
    return tuple(_at(found, n) for kind in zip(*alone, strict=True) for n, every in enumerate(kind) for found in every)


def _alone_differ(source: Side, other: Side, n: int) -> tuple[tuple[Difference, ...], ...]:
    """Return what two blocks that pair do not both say, by comparison."""

    def make() -> tuple[tuple[Difference, ...], ...]:
        pair = Pair(*(Side(side.locale, side.blocks[n : n + 1], side.reader) for side in (source, other)))
        return tuple(tuple(compare(pair)) for compare in _COMPARISONS)

    parts = source.blocks[n], other.blocks[n], source.reader, other.reader
    return _blocks.once((source.locale, other.locale), parts, make)


def _at(found: Difference, n: int) -> Difference:
    """Return a difference of two blocks that stand alone as one of the texts they stand in."""
    return Difference(found.kind, replace(found.source, index=n), replace(found.other, index=n))
