"""The marked comparison of two texts: what was added, removed, moved, and what only looks different.

Records only; pages and reports write them in their own form. Joined, the pieces that are not `ins` give the old text
and those that are not `del` the new one, block by block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import accumulate, chain, groupby, repeat
from typing import Literal

from clausebook.alignment import Budget, Group, ends, groups, likeness, regions, words
from clausebook.blocks import Block, Run
from clausebook.tokens import ends_sentence, split

Op = Literal["same", "ins", "del", "look"]
Status = Literal["same", "added", "removed", "changed", "moved", "split", "merged"]

MAX_LETTERS, MAX_BLOCKS, MAX_SENTENCES = 40_000, 1_000, 500  # beyond these, comparison is coarse
MOVED = 0.75  # the least likeness of a block that moved and changed
MOVED_WORDS, MOVED_SEEN = 4, 100  # the fewest letters of a sentence that is worth showing as moved, and how far they are looked for


@dataclass(frozen=True)
class Look:
    """How a stretch of text looks."""

    strong: bool = False
    emphasis: bool = False
    href: str = ""


@dataclass(frozen=True)
class Piece:
    """A stretch of one look. A `look` piece has the same words but looked as `was`.

    `at` is set on a sentence that moved: the block it went to (`del`) or came from (`ins`).
    """

    op: Op
    text: str
    look: Look = Look()
    was: Look | None = None
    at: int | None = None


@dataclass(frozen=True)
class Line:
    """One block: its place among the old and the new blocks, and its pieces.

    A block that was `split` has a line for each new block, one that was `merged` a line for each old one. Where the
    kind or depth of the block is all that differs, a `changed` line has only pieces that are the same.
    """

    status: Status
    old: int | None
    new: int | None
    pieces: tuple[Piece, ...]


def compare(old: Sequence[Block], new: Sequence[Block], locale: str, names: Iterable[str] = ()) -> tuple[Line, ...]:
    """Compare two texts block by block. `names` are words that are never split, such as names and defined terms."""
    if tuple(old) == tuple(new):
        return tuple(Line("same", n, n, _plain(block, "same")) for n, block in enumerate(new))
    if len(old) + len(new) > MAX_BLOCKS or sum(len(block.text) for block in (*old, *new)) > MAX_LETTERS:
        return tuple(_coarse(old, new))
    return _Comparison(old, new, locale, frozenset(names)).lines()


def _coarse(old: Sequence[Block], new: Sequence[Block]) -> Iterator[Line]:
    """Compare texts too large to be read as a redline: whole blocks, from both ends."""
    olds, news = ([(b.kind, b.depth, b.runs) for b in blocks] for blocks in (old, new))
    head, tail = ends(olds, news)
    yield from (Line("same", n, n, _plain(new[n], "same")) for n in range(head))
    yield from (Line("removed", n, None, _plain(old[n], "del")) for n in range(head, len(old) - tail))
    yield from (Line("added", None, n, _plain(new[n], "ins")) for n in range(head, len(new) - tail))
    yield from (Line("same", len(old) - n, len(new) - n, _plain(new[-n], "same")) for n in range(tail, 0, -1))


def _one(text: str) -> tuple[Block, ...]:
    return (Block("paragraph", 0, (Run(text),)),) if text else ()


def compare_text(old: str, new: str, locale: str, names: Iterable[str] = ()) -> tuple[Line, ...]:
    """Compare two texts of one block without looks."""
    return compare(_one(old), _one(new), locale, names)


def changed(lines: Iterable[Line]) -> bool:
    """Tell whether anything differs."""
    return any(line.status != "same" for line in lines)


def to_text(lines: Iterable[Line]) -> str:
    """Write a comparison as plain text: `{+added+}`, `[-removed-]`, and `{<moved<}` to here, `[>moved>]` from here."""
    return "\n".join(_written(line) for line in lines)


def _written(line: Line) -> str:
    text = "".join(_marks(piece) for piece in line.pieces)
    return f"{{<{text}<}}" if line.status == "moved" else text


def _marks(piece: Piece) -> str:
    moved = piece.at is not None
    if piece.op == "ins":
        return f"{{<{piece.text}<}}" if moved else f"{{+{piece.text}+}}"
    if piece.op == "del":
        return f"[>{piece.text}>]" if moved else f"[-{piece.text}-]"
    if piece.was is not None:
        return f"[-{_dressed(piece.text, piece.was)}-]{{+{_dressed(piece.text, piece.look)}+}}"
    return piece.text


def _dressed(text: str, look: Look) -> str:
    stars = "*" * (look.emphasis + 2 * look.strong)
    return f"[{stars}{text}{stars}]({look.href})" if look.href else f"{stars}{text}{stars}"


# Strokes: pieces before looks are told apart.


@dataclass(frozen=True)
class _Stroke:
    """Text kept, inserted or deleted, and where it stands on both sides. `whole` marks a sentence that is all new or gone."""

    op: Literal["same", "ins", "del"]
    text: str
    old: int
    new: int
    whole: bool = False
    at: int | None = None

    def parted(self, cut: int) -> tuple[_Stroke, _Stroke]:
        """Return the first `cut` characters and the rest."""
        old, new = cut * (self.op != "ins"), cut * (self.op != "del")
        return replace(self, text=self.text[:cut]), replace(self, text=self.text[cut:], old=self.old + old, new=self.new + new)


_CLOSING = frozenset("”’」』）)\"'")


@dataclass(frozen=True)
class _Text:
    """The tokens of one or several blocks, the look of every character, and the tokens at which a block begins."""

    tokens: tuple[str, ...]
    looks: tuple[Look, ...]
    breaks: frozenset[int]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The tokens but for punctuation and space."""
        return tuple(words(self.tokens))

    def sentences(self) -> list[str]:
        """Return the sentences, each with the space after it; one for all when they are too many."""
        found = list(self._sentences())
        return found if len(found) <= MAX_SENTENCES else ["".join(self.tokens)]

    def _sentences(self) -> Iterator[str]:
        start, ended = 0, False
        for n, token in enumerate(self.tokens):
            if n in self.breaks or (ended and not (token.isspace() or token in _CLOSING)):
                yield "".join(self.tokens[start:n])
                start, ended = n, False
            ended = ended or ends_sentence(token, self.tokens[n + 1] if n + 1 < len(self.tokens) else "")
        if start < len(self.tokens):
            yield "".join(self.tokens[start:])


@dataclass(frozen=True)
class _Draft:
    """A line in the making: its strokes, and the texts their places refer to."""

    status: Status
    old: int | None
    new: int | None
    before: _Text
    after: _Text
    strokes: tuple[_Stroke, ...]


@dataclass
class _Comparison:
    olds: Sequence[Block]
    news: Sequence[Block]
    locale: str
    names: frozenset[str]
    budget: Budget = field(default_factory=Budget)
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def lines(self) -> tuple[Line, ...]:
        found = groups([b.text for b in self.olds], [b.text for b in self.news], self.tokens, self.budget)
        drafts = self.moved_blocks([draft for group in found for draft in self.drafts(group)])
        return tuple(self.line(draft) for draft in _moved_sentences(drafts))

    def tokens(self, text: str) -> tuple[str, ...]:
        if text not in self.known:
            self.known[text] = tuple(split(text, self.locale, self.names))
        return self.known[text]

    def text(self, blocks: Sequence[Block]) -> _Text:
        looks = chain.from_iterable(repeat(_look(run), len(run.text)) for block in blocks for run in block.runs)
        tokens = [self.tokens(block.text) for block in blocks]
        return _Text(tuple(chain.from_iterable(tokens)), tuple(looks), frozenset(accumulate(map(len, tokens))))

    def drafts(self, group: Group) -> Iterator[_Draft]:
        """Yield the lines of one group: one, but for a block that was split or merged."""
        olds, news = self.olds[group.i1 : group.i2], self.news[group.j1 : group.j2]
        before, after = self.text(olds), self.text(news)
        strokes = tuple(self.strokes(before, after))
        if len(olds) == 1 and len(news) > 1:
            for n, part in enumerate(_cut(strokes, [b.text for b in news], "new")):
                yield _Draft("split", group.i1, group.j1 + n, before, after, part)
        elif len(olds) > 1:
            for n, part in enumerate(_cut(strokes, [b.text for b in olds], "old")):
                yield _Draft("merged", group.i1 + n, group.j1, before, after, part)
        else:
            status: Status = "changed" if olds and news else "removed" if olds else "added"
            yield _Draft(status, group.i1 if olds else None, group.j1 if news else None, before, after, strokes)

    def strokes(self, before: _Text, after: _Text) -> Iterator[_Stroke]:
        """Compare two texts sentence by sentence, and the tokens of those that belong together."""
        olds, news = before.sentences(), after.sentences()
        old = new = 0
        for group in groups(olds, news, self.tokens, self.budget):
            for stroke in self.sentence("".join(olds[group.i1 : group.i2]), "".join(news[group.j1 : group.j2])):
                yield replace(stroke, old=old, new=new)
                old += len(stroke.text) * (stroke.op != "ins")
                new += len(stroke.text) * (stroke.op != "del")

    def sentence(self, old: str, new: str) -> Iterator[_Stroke]:
        if old == new:
            yield _Stroke("same", new, 0, 0)
        elif not old or not new:
            yield _Stroke("ins" if new else "del", old or new, 0, 0, whole=True)
        else:
            yield from self.tokenwise(self.tokens(old), self.tokens(new))

    def tokenwise(self, old: Sequence[str], new: Sequence[str]) -> Iterator[_Stroke]:
        for region in regions(old, new, self.budget):
            gone, come = "".join(old[region.i1 : region.i2]), "".join(new[region.j1 : region.j2])
            if region.same:
                yield _Stroke("same", come, 0, 0)
                continue
            if gone:
                yield _Stroke("del", gone, 0, 0)
            if come:
                yield _Stroke("ins", come, 0, 0)

    def moved_blocks(self, drafts: list[_Draft]) -> list[_Draft]:
        """Make one line of a removed and an added block that say the same, or nearly."""
        removed = {d.old: d for d in drafts if d.status == "removed" and d.before.words}
        by_words: dict[tuple[str, ...], list[int | None]] = {}
        for old, draft in removed.items():
            by_words.setdefault(draft.before.words, []).append(old)
        origins: dict[int | None, _Draft] = {}
        added = [d for d in drafts if d.status == "added"]
        for draft in added:
            if by_words.get(draft.after.words):
                origins[draft.new] = removed.pop(by_words[draft.after.words].pop(0))
        for draft in added:
            if draft.new not in origins and (origin := self.like(draft, removed)):
                origins[draft.new] = removed.pop(origin.old)
        gone = {origin.old for origin in origins.values()}
        staying = [d for d in drafts if d.status != "removed" or d.old not in gone]
        return [self.moved(origins[d.new], d) if d.status == "added" and d.new in origins else d for d in staying]

    def like(self, draft: _Draft, removed: dict[int | None, _Draft]) -> _Draft | None:
        """Return the removed block most like an added one, if it is like enough."""
        if not removed or not self.budget.spend(len(removed)):
            return None
        alike, origin = max(
            ((likeness(d.before.words, draft.after.words, self.budget), d) for d in removed.values()), key=lambda found: found[0]
        )
        return origin if alike >= MOVED else None

    def moved(self, old: _Draft, new: _Draft) -> _Draft:
        return _Draft("moved", old.old, new.new, old.before, new.after, tuple(self.strokes(old.before, new.after)))

    def line(self, draft: _Draft) -> Line:
        pieces = tuple(_pieces(draft))
        status = draft.status
        if status == "changed" and all(p.op == "same" for p in pieces) and draft.old is not None and draft.new is not None:
            old, new = self.olds[draft.old], self.news[draft.new]
            status = "same" if (old.kind, old.depth) == (new.kind, new.depth) else status
        return Line(status, draft.old, draft.new, pieces)


def _cut(strokes: Iterable[_Stroke], texts: list[str], side: Literal["old", "new"]) -> Iterator[tuple[_Stroke, ...]]:
    """Share strokes out among the blocks of one side. What the other side alone holds stays with the block before."""
    passing = "ins" if side == "old" else "del"
    rest, end = list(reversed(list(strokes))), 0
    for n, text in enumerate(texts):
        end += len(text)
        part: list[_Stroke] = []
        while rest and (n == len(texts) - 1 or getattr(rest[-1], side) < end or rest[-1].op == passing):
            stroke = rest.pop()
            room = end - getattr(stroke, side)
            if stroke.op != passing and len(stroke.text) > room:
                stroke, more = stroke.parted(room)
                rest.append(more)
            part.append(stroke)
        yield tuple(part)


def _moved_sentences(drafts: list[_Draft]) -> list[_Draft]:
    """Tell of each sentence that is gone in one place and new in another where it went and came from."""
    gone: dict[_Sentence, list[int]] = {}
    come: dict[_Sentence, list[int]] = {}
    for draft in drafts:
        for stroke in draft.strokes:
            place = draft.old if stroke.op == "del" else draft.new
            if stroke.whole and place is not None and _worth_moving(stroke.text):
                (gone if stroke.op == "del" else come).setdefault(_sentence(stroke, draft), []).append(place)
    both = {one: min(len(gone[one]), len(come[one])) for one in gone.keys() & come.keys()}
    ways = {"del": {one: iter(come[one][:n]) for one, n in both.items()}, "ins": {one: iter(gone[one][:n]) for one, n in both.items()}}
    return [replace(d, strokes=tuple(_ended(s, d, ways) for s in d.strokes)) for d in drafts]


def _ended(stroke: _Stroke, draft: _Draft, ways: dict[str, dict[_Sentence, Iterator[int]]]) -> _Stroke:
    if not stroke.whole:
        return stroke
    return replace(stroke, at=next(ways[stroke.op].get(_sentence(stroke, draft), iter(())), None))


_Sentence = tuple[str, tuple[tuple[Look, int], ...]]


def _sentence(stroke: _Stroke, draft: _Draft) -> _Sentence:
    """Return the words and looks of a sentence: one whose look changed did not only move."""
    text = stroke.text.rstrip()
    looks, start = (draft.before.looks, stroke.old) if stroke.op == "del" else (draft.after.looks, stroke.new)
    return text, tuple((look, sum(1 for _ in alike)) for look, alike in groupby(looks[start : start + len(text)]))


def _worth_moving(text: str) -> bool:
    return sum(map(str.isalnum, text[:MOVED_SEEN])) >= MOVED_WORDS


def _pieces(draft: _Draft) -> Iterator[Piece]:
    """Cut the strokes of a line where the look changes, and join what is alike."""
    found = [piece for stroke in draft.strokes for piece in _looked(stroke, draft)]
    for (op, look, was, at), pieces in groupby(found, key=lambda p: (p.op, p.look, p.was, p.at)):
        yield Piece(op, "".join(p.text for p in pieces), look, was, at)


def _looked(stroke: _Stroke, draft: _Draft) -> Iterator[Piece]:
    end = len(stroke.text)
    old = draft.before.looks[stroke.old : stroke.old + end]
    new = draft.after.looks[stroke.new : stroke.new + end]
    at = 0
    for (look, was), alike in groupby(zip(old if stroke.op == "del" else new, new if stroke.op == "ins" else old, strict=True)):
        text = stroke.text[at : at + sum(1 for _ in alike)]
        at += len(text)
        yield Piece(stroke.op, text, look, at=stroke.at) if look == was else Piece("look", text, look, was)


def _plain(block: Block, op: Op) -> tuple[Piece, ...]:
    return tuple(Piece(op, run.text, _look(run)) for run in block.runs)


@lru_cache(maxsize=1024)
def _look(run: Run) -> Look:
    return Look(run.strong, run.emphasis, run.href)
