"""Characters a reader cannot see or sees in another order: each by name, at its column, where it does not belong."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausebook import characters
from clausebook.errors import Place, name_of, visible
from clausebook.messages import tell


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(((f"a{chr(n)}b"), "character-reordering") for n in [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]),
        *(
            ((f"a{chr(n)}b"), "character-invisible")
            for n in [0xAD, 0x34F, 0x180E, 0x200B, 0x200C, 0x200D, 0x2028, 0x2029, 0x2060, 0x2800, 0xFE0F, 0xFEFF]
        ),
        *(((f"a{chr(n)}b"), "character-invisible") for n in [0x115F, 0x3164, 0xFFA0, 0xFE00, 0xE0001, 0xE0041, 0xE007F, 0xE0100]),
        *(
            ((f"a{chr(n)}b"), "character-control")
            for n in [0x00, 0x07, 0x08, 0x0B, 0x0C, 0x0D, 0x1B, 0x7F, 0x80, 0x85, 0x9F, 0xD800, 0xFDD0, 0xFFFF, 0x10FFFF]
        ),
    ],
    ids=lambda value: name_of(value[1]) if len(value) == 3 else "",
)
def test_refused(text: str, code: str) -> None:
    assert list(characters.refused(text)) == [(1, code, text[1])]


@pytest.mark.parametrize(
    "text",
    [
        "a\tb\nc",
        "中文，全角。“引号”……——",
        "a\u00a0b\u3000c",
        "👩\u200d👩\u200d👧",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "क\u094d\u200dष",
        "می\u200cخواهم",
        "e\u0301",
    ],
)
def test_accepted(text: str) -> None:
    assert list(characters.refused(text)) == []


@pytest.mark.parametrize("text", ["\u200d", "\u200ca", "a\u200cb", "中\u200d文", "a\ufe0f"])
def test_joiner_out_of_place(text: str) -> None:
    assert [code for _, code, _ in characters.refused(text)] == ["character-invisible"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ue000", [(0, "character-private", "\ue000")]),
        ("a\U000f0000", [(1, "character-private", "\U000f0000")]),
        ("⼀", [(0, "character-radical", "⼀")]),
        ("say p\u0430ypal", [(4, "character-mixed-script", "p\u0430ypal")]),
        ("A\u03b1", [(0, "character-mixed-script", "A\u03b1")]),
        ("Latin кириллица ελληνικά 中文abc", []),
        ("café naïve", []),
    ],
)
def test_doubtful(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert list(characters.doubtful(text)) == expected


def test_problems_stand_at_line_and_column() -> None:
    found = list(characters.problems("a.yml", "一\n你\u202e好\n\n\u200bp\u0430\n"))
    assert [tell(p) for p in found] == [
        "a.yml:2:2: U+202E RIGHT-TO-LEFT OVERRIDE reorders the text readers see (delete it)",
        "a.yml:4:1: U+200B ZERO WIDTH SPACE cannot be seen by readers (delete it)",
        "a.yml:4:2: warning: “p\u0430” mixes letters of two alphabets that look alike (retype the word)",
    ]


def test_a_file_full_of_them_is_not_told_in_full() -> None:
    found = list(characters.problems("a.yml", "\u200b" * 80_000))
    assert len(found) == characters.MAX_TOLD
    assert found[-1].place == Place("a.yml", 1, characters.MAX_TOLD)


@settings(max_examples=200)
@given(st.text())
def test_what_is_not_refused_can_be_printed(text: str) -> None:
    """No control, format or surrogate character gets past, but for tabs, line ends and joiners in their place."""
    indexes = {index for index, _, _ in characters.refused(text)}
    for index, character in enumerate(text):
        if index not in indexes and character not in "\t\n\u200c\u200d":
            assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
            assert unicodedata.bidirectional(character) not in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@settings(max_examples=200)
@given(st.text())
def test_visible_text_can_be_printed(text: str) -> None:
    assert all(c.isprintable() for c in visible(text).replace("\n", ""))


def test_every_letter_that_can_be_mixed_with_latin_is_looked_for() -> None:
    """A text without such letters is not read word by word; a Unicode with more of them shows here."""
    others = characters._LATIN_LIKE - {"LATIN"}
    letters = (chr(n) for n in range(sys.maxunicode + 1) if unicodedata.name(chr(n), "").split(" ", 1)[0] in others)
    assert [hex(ord(c)) for c in letters if characters._WORD.fullmatch(c * 2) and not characters._MIXABLE.match(c)] == []
