"""Characters that must not hide in a legal text: the ones a reviewer cannot see, or sees in another order.

Sources: Unicode Technical Report 36 (bidirectional text spoofing), Technical Standard 39 (mixed scripts).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from clausebook.errors import Place, Problem, name_of, problem, warning

MAX_TOLD = 100  # of a file full of such characters
_REORDERING = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_INVISIBLE = {0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180E, 0x200B, 0x2028, 0x2029,
              *range(0x2060, 0x2066), *range(0x206A, 0x2070), 0x2800, 0x3164, 0xFEFF, 0xFFA0, *range(0xFFF0, 0xFFFC),
              *range(0xFE00, 0xFE0F), *range(0xE0000, 0xE1000)}  # fmt: skip
_JOINERS = {0x200C, 0x200D, 0xFE0F}
# Scripts whose spelling needs joiners: Arabic to Thaana, the Brahmic scripts, Mongolian.
_JOINING = re.compile("[\u0600-\u07bf\u0900-\u0dff\u1000-\u109f\u1780-\u18af]")
_EMOJI = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff\u0023\u002a0-9\ufe0f]")
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x0d\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800"
    "\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
    "|[\U0001fffe-\U0001ffff\U0002fffe-\U0002ffff\U0010fffe-\U0010ffff]"
)
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_RADICAL = re.compile("[\u2e80-\u2fdf]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MIXABLE = re.compile(  # all letters of the scripts below but the Latin ones; what holds none mixes nothing
    "[\u0370-\u03ff\u0400-\u058f\u13a0-\u13ff\u1c80-\u1c8f\u1d26-\u1d2b\u1d5d-\u1d6a\u1d78\u1dbf\u1f00-\u1fff\u2de0-\u2dff\ua640-\ua69f"
    "\uab65\uab70-\uabbf\ufb13-\ufb17\U00010140-\U0001018f\U0001d200-\U0001d245\U0001e030-\U0001e08f]"
)
_ANY = re.compile("|".join(found.pattern for found in (_SUSPECT, _PRIVATE, _RADICAL, _MIXABLE)))  # hardly any text holds one
_LATIN_LIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}


def suspect(text: str) -> bool:
    """Tell whether a text holds any character that may be refused."""
    return _SUSPECT.search(text) is not None


def refused(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (index, code, character) for every character that is never allowed where it stands."""
    for match in _SUSPECT.finditer(text):
        index, character = match.start(), match.group()
        if not _allowed(text, index, character):
            yield index, _code(character), character


def doubtful(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (index, code, text) for what a reviewer should look at: mixed scripts, radicals, private use."""
    for match in _PRIVATE.finditer(text):
        yield match.start(), "character-private", match.group()
    for match in _RADICAL.finditer(text):
        yield match.start(), "character-radical", match.group()
    if _MIXABLE.search(text):
        for match in _WORD.finditer(text):
            if not match.group().isascii() and len(_scripts(match.group())) > 1:
                yield match.start(), "character-mixed-script", match.group()


def problems(path: str, text: str) -> Iterator[Problem]:
    """Yield the problems of a whole file's text, each at its line and column."""
    if not _ANY.search(text):
        return
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    for make, finder in ((problem, refused), (warning, doubtful)):
        for index, code, what in islice(finder(text), MAX_TOLD):
            line = _line(starts, index)
            place = Place(path, line + 1, index - starts[line] + 1)
            shown = name_of(what) if len(what) == 1 else what
            yield make(place, code, what=shown)


def _line(starts: list[int], index: int) -> int:
    low, high = 0, len(starts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if starts[middle] <= index else (low, middle)
    return low


def _code(character: str) -> str:
    point = ord(character)
    if point in _REORDERING:
        return "character-reordering"
    if point in _INVISIBLE or point in _JOINERS:
        return "character-invisible"
    return "character-control"


def _allowed(text: str, index: int, character: str) -> bool:
    if ord(character) not in _JOINERS or index == 0:
        return False
    before = text[index - 1]
    if character == "\u200c":
        return bool(_JOINING.match(before))
    return bool(_EMOJI.match(before) or _JOINING.match(before))


def _scripts(word: str) -> set[str]:
    """Return which of the scripts that look like Latin a word uses."""
    names = (unicodedata.name(c, "").split(" ", 1)[0] for c in word)
    return _LATIN_LIKE.intersection(names)
