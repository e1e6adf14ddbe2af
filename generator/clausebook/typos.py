"""What an edit touches that is never taken for a typo: numbers, periods, negations, who may and who must, names, emphasis."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from urllib.parse import urlsplit

from clausebook import redline, tokens
from clausebook.redline import Line, Look

KINDS = (
    "digit", "date", "unit", "negation", "modality", "conjunction", "bound", "open-list", "name", "email", "phone", "url-host", "emphasis",
)  # fmt: skip
_SCHEMES = {"https": "url-host", "mailto": "email", "tel": "phone"}

_Thing = tuple[str, str]  # its kind and value


def touched(lines: Iterable[Line], locale: str, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the kinds that a comparison touches, in the order of `KINDS`. What only moved touches nothing."""
    known = frozenset(names)
    found = {kind for line in lines for olds, news in _edits(line, locale, known) for kind in _differing(olds, news)}
    return tuple(kind for kind in KINDS if kind in found)


def touched_text(old: str, new: str, locale: str, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the kinds that an edit of plain text touches."""
    known = frozenset(names)
    return touched(redline.compare_text(old, new, locale, known), locale, known)


def is_punctuation_only(old: str, new: str, locale: str) -> bool:
    """Tell whether an edit touches only punctuation, spaces and the width of characters, and nothing that is never a typo."""
    return old != new and _bare(old) == _bare(new) and not touched_text(old, new, locale)


def _differing(olds: list[_Thing], news: list[_Thing]) -> set[str]:
    """Return the kinds of which two sides do not hold the same things in the same order."""
    kinds = {kind for kind, _ in olds + news}
    return {kind for kind in kinds if [v for k, v in olds if k == kind] != [v for k, v in news if k == kind]}


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def _edits(line: Line, locale: str, names: frozenset[str]) -> Iterator[tuple[list[_Thing], list[_Thing]]]:
    """Yield what each edit holds on both sides. What only moved is no edit."""
    olds, news = _things(line, "ins", locale, names), _things(line, "del", locale, names)
    for differs, places in groupby(range(len(line.pieces)), key=lambda n: line.pieces[n].op != "same"):
        if differs:
            edit = [n for n in places if line.pieces[n].at is None]
            yield [thing for n in edit for thing in olds[n]], [thing for n in edit for thing in news[n]]


def _things(line: Line, absent: str, locale: str, names: frozenset[str]) -> dict[int, list[_Thing]]:
    """Return what each piece holds on one side of a line: that of the pieces which are not `absent`."""
    present = [n for n, piece in enumerate(line.pieces) if piece.op != absent]
    texts = [line.pieces[n].text for n in present]
    starts = list(accumulate(map(len, texts), initial=0))
    found: dict[int, list[_Thing]] = {n: [] for n in range(len(line.pieces))}
    for start, kind, value in tokens.kinds("".join(texts), locale, names):
        found[present[bisect_right(starts, start) - 1]].append((kind, value))
    for n in present:
        piece = line.pieces[n]
        found[n] += _of_look(piece.was if absent == "ins" and piece.was else piece.look)
    return found


def _of_look(look: Look) -> Iterator[_Thing]:
    if look.strong or look.emphasis:
        yield "emphasis", f"{look.strong} {look.emphasis}"
    if kind := _SCHEMES.get(look.href.partition(":")[0]):
        yield kind, urlsplit(look.href).netloc or look.href
