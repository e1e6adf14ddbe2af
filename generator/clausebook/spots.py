"""Where rendered words stand in the body that made them: the line and column to show an author."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from clausebook.blocks import Block
from clausebook.document import Entry
from clausebook.errors import Place
from clausebook.model import Library, Path

_PIECE = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\*\*|\]\([^)]*\)|\[)")
_MARKER = re.compile(r"\s*(?:- |\d+\. )?")


@dataclass(frozen=True)
class _Piece:
    """A stretch of one line of a body: text as written, or a tag that prints a value (`text` is empty)."""

    text: str
    col: int


@dataclass(frozen=True)
class _Span:
    """Which characters of a block a piece has made."""

    start: int
    end: int
    piece: _Piece


@dataclass(frozen=True)
class _Fit:
    """How well one line accounts for a block: characters found less characters that are not there."""

    line: int
    score: int
    spans: tuple[_Span, ...]

    def column(self, offset: int) -> int | None:
        """Return the column of a character of the block, None where this line has not made it."""
        for span in self.spans:
            if span.start <= offset < span.end:
                return span.piece.col + (offset - span.start if span.piece.text else 0)
        return None


def place(library: Library, entry: Entry, locale: str, index: int, offset: int) -> Place:
    """Return the place in a clause's file of a character of one of its blocks."""
    loaded = library.clauses[entry.clause]
    path: Path = ("text", locale, "body")
    spot = find(loaded.value.text[locale].body, entry.blocks[locale], index, offset)
    return loaded.source.inside(path, *spot) if spot else loaded.source.place(path)


@lru_cache(maxsize=65536)
def find(body: str, blocks: Sequence[Block], index: int, offset: int) -> tuple[int, int] | None:
    """Return line and column (from 1) in a body of the character at `offset` of a block; of the tag, where a tag printed it."""
    after = 0
    for number in range(index + 1):
        fits = [fit for line, pieces in _lines(body) if (fit := _fit(line, pieces, blocks[number].text)).score >= 0 and fit.spans]
        if number == index:
            fits = [fit for fit in fits if fit.column(offset) is not None]
        if fits:
            best = max(fits, key=lambda fit: (fit.score, fit.line > after, -fit.line))
            if number == index:
                return best.line, best.column(offset) or 1
            after = best.line
    return None


@lru_cache(maxsize=4096)
def _lines(body: str) -> tuple[tuple[int, tuple[_Piece, ...]], ...]:
    return tuple((number, tuple(_pieces(line))) for number, line in enumerate(body.split("\n"), 1) if line.strip())


def _pieces(line: str) -> list[_Piece]:
    marker = _MARKER.match(line)
    at, found = (marker.end() if marker else 0), []
    for part in _PIECE.split(line[at:]):
        if part.startswith("{{"):
            found.append(_Piece("", at + 1))
        elif part and not _PIECE.fullmatch(part):
            lead = len(part) - len(part.lstrip())
            found.append(_Piece(part.strip(), at + lead + 1))
        at += len(part)
    return [piece for piece in found if piece.text or line[piece.col - 1 : piece.col + 1] == "{{"]


def _fit(line: int, pieces: tuple[_Piece, ...], text: str) -> _Fit:
    """Lay the pieces of a line along a block from left to right; a tag takes what lies between its neighbours."""
    spans: list[_Span] = []
    at = score = 0
    value: _Piece | None = None
    for piece in pieces:
        if not piece.text:
            value = value or piece
            continue
        found = text.find(piece.text, at)
        if found < 0:
            score -= len(piece.text)
            continue
        if value and found > at:
            spans.append(_Span(at, found, value))
        spans.append(_Span(found, found + len(piece.text), piece))
        score += len(piece.text)
        at, value = found + len(piece.text), None
    if value and at < len(text):
        spans.append(_Span(at, len(text), value))
    return _Fit(line, score, tuple(spans))
