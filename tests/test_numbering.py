"""Generated numbers: which number each section and clause has, and how each language writes it."""

from __future__ import annotations

from typing import Any

import pytest

from clausebook import messages, numbering
from clausebook.model import Policy
from clausebook.numbering import Position

TITLE = {"zh": "章", "en": "Chapter"}


def policy(scheme: str, sections: list[dict[str, Any]]) -> Policy:
    return Policy.model_validate(
        {"id": "p", "title": TITLE, "locales": ["zh", "en"], "numbering": scheme, "sections": [_titled(s) for s in sections]}
    )


def _titled(section: dict[str, Any]) -> dict[str, Any]:
    return {"title": TITLE, **section, "sections": [_titled(inner) for inner in section.get("sections", [])]}


def labels(scheme: str, sections: list[dict[str, Any]]) -> dict[str, tuple[str, str] | None]:
    found = numbering.positions(policy(scheme, sections))
    made = {anchor: numbering.number(position, ["zh", "en"]) for anchor, position in found.items()}
    return {anchor: (n.labels["zh"], n.labels["en"]) if n else None for anchor, n in made.items()}


PLAIN: list[dict[str, Any]] = [
    {"id": "intro", "numbered": False, "clauses": ["hello"]},
    {"id": "one", "clauses": ["a", "b"], "sections": [{"id": "deep", "clauses": ["c"], "sections": [{"id": "deeper", "clauses": ["d"]}]}]},
    {"id": "two", "clauses": [{"id": "e", "numbered": False}, "f"]},
]

LABELS = {
    "chapters": {
        # A section without number gives none to its clauses and does not count.
        "intro": None, "hello": None,
        "one": ("一、", "1."), "a": ("（一）", "(a)"), "b": ("（二）", "(b)"),
        # Sections below go on counting where the clauses stopped.
        "deep": ("（三）", "(c)"), "c": ("1.", "(i)"), "deeper": ("2.", "(ii)"), "d": ("（1）", "(A)"),
        # A clause without number does not count.
        "two": ("二、", "2."), "e": None, "f": ("（一）", "(a)"),
    },
    "statute": {
        "intro": None, "hello": None,
        "one": ("第一条", "Article 1"), "a": ("（一）", "(1)"), "b": ("（二）", "(2)"),
        "deep": ("（三）", "(3)"), "c": ("1.", "(a)"), "deeper": ("2.", "(b)"), "d": ("（1）", "(i)"),
        "two": ("第二条", "Article 2"), "e": None, "f": ("（一）", "(1)"),
    },
    "decimal": {
        "intro": None, "hello": None,
        "one": ("1", "1"), "a": ("1.1", "1.1"), "b": ("1.2", "1.2"),
        "deep": ("1.3", "1.3"), "c": ("1.3.1", "1.3.1"), "deeper": ("1.3.2", "1.3.2"), "d": ("1.3.2.1", "1.3.2.1"),
        "two": ("2", "2"), "e": None, "f": ("2.1", "2.1"),
    },
}  # fmt: skip


@pytest.mark.parametrize("scheme", LABELS)
def test_labels(scheme: str) -> None:
    assert labels(scheme, PLAIN) == LABELS[scheme]


def test_every_scheme_of_the_catalogue_is_in_the_table() -> None:
    rules = messages.catalogue("zh")["numbering"]
    assert set(rules) - {"part", "ref"} == set(LABELS)


PARTS: list[dict[str, Any]] = [
    {"id": "before", "clauses": []},
    {"id": "first", "part": True, "clauses": ["a"], "sections": [{"id": "x", "clauses": ["b"]}]},
    {"id": "second", "part": True, "numbering": "statute", "sections": [{"id": "y", "clauses": ["c"]}, {"id": "z", "clauses": ["d"]}]},
    {"id": "after", "clauses": []},
]


def test_a_part_has_its_own_number_and_numbers_begin_anew_inside_it() -> None:
    assert labels("chapters", PARTS) == {
        "before": ("一、", "1."),
        "first": ("第一部分", "Part 1"), "a": ("一、", "1."), "x": ("二、", "2."), "b": ("（一）", "(a)"),
        "second": ("第二部分", "Part 2"), "y": ("第一条", "Article 1"), "c": ("（一）", "(1)"),
        "z": ("第二条", "Article 2"), "d": ("（一）", "(1)"),
        "after": ("二、", "2."),
    }  # fmt: skip


def test_a_section_may_change_the_scheme_of_what_is_inside_it() -> None:
    sections: list[dict[str, Any]] = [
        {"id": "one", "numbering": "decimal", "clauses": ["a"]},
        {"id": "loose", "numbered": False, "numbering": "statute", "sections": [{"id": "two", "clauses": ["b"]}]},
    ]
    assert labels("chapters", sections) == {
        "one": ("一、", "1."), "a": ("1.1", "1.1"), "loose": None, "two": ("第一条", "Article 1"), "b": ("（一）", "(1)"),
    }  # fmt: skip


# position, Chinese reference, English reference (numbers as running text says them), then both with the title
REFS = [
    (Position("chapters", (9,)), "第九章“联系”", "Section 9 (Contact)"),
    (Position("chapters", (9, 2)), "第九章第（二）节“联系”", "Section 9(b) (Contact)"),
    (Position("chapters", (9, 2, 3)), "第九章第（二）节第 3 条“联系”", "Section 9(b)(iii) (Contact)"),
    (Position("chapters", (9, 2, 3, 4)), "第九章第（二）节第 3 条第（4）项“联系”", "Section 9(b)(iii)(D) (Contact)"),
    (Position("statute", (12,)), "第十二条“联系”", "Section 12 (Contact)"),
    (Position("statute", (12, 1)), "第十二条第（一）项“联系”", "Section 12(1) (Contact)"),
    (Position("statute", (12, 1, 2)), "第十二条第（一）项第 2 目“联系”", "Section 12(1)(b) (Contact)"),
    (Position("decimal", (3,)), "第 3 条“联系”", "Section 3 (Contact)"),
    (Position("decimal", (3, 2, 1)), "第 3.2.1 条“联系”", "Section 3.2.1 (Contact)"),
    (Position("chapters", (1,), part=2), "第二部分第一章“联系”", "Part 2, Section 1 (Contact)"),
    (Position("statute", (4, 1), part=2), "第二部分第四条第（一）项“联系”", "Part 2, Section 4(1) (Contact)"),
    (Position("chapters", (), part=2, is_part=True), "第二部分“联系”", "Part 2 (Contact)"),
    (None, "“联系”", "“Contact”"),
]


@pytest.mark.parametrize(("position", "zh", "en"), REFS)
def test_full_reference(position: Position | None, zh: str, en: str) -> None:
    assert numbering.full_reference(position, "联系", "zh") == zh
    assert numbering.full_reference(position, "Contact", "en") == en


def markers(numbers: list[tuple[int, int]], position: Position | None, scheme: str) -> tuple[list[str], list[str]]:
    zh, en = (list(numbering.markers(tuple(numbers), position, scheme, locale)) for locale in ("zh", "en"))
    return zh, en


FLAT = [(0, 0), (1, 1), (1, 2), (1, 0), (0, 0)]  # paragraph, two numbered items, a bullet, paragraph
NESTED = [(1, 1), (2, 1), (2, 2), (1, 2), (2, 0), (2, 1), (3, 1)]

MARKERS = [
    # A list goes on one level below its clause: 一、（一）1.（1） and 1. (a) (i) (A).
    (FLAT, Position("chapters", (1, 2)), "chapters", ["", "1.", "2.", "", ""], ["", "(i)", "(ii)", "", ""]),
    (FLAT, Position("chapters", (3,)), "chapters", ["", "（一）", "（二）", "", ""], ["", "(a)", "(b)", "", ""]),
    (FLAT, Position("chapters", (1, 2, 3)), "chapters", ["", "（1）", "（2）", "", ""], ["", "(A)", "(B)", "", ""]),
    (FLAT, Position("statute", (7,)), "statute", ["", "（一）", "（二）", "", ""], ["", "(1)", "(2)", "", ""]),
    (FLAT, Position("decimal", (1, 2)), "decimal", ["", "1.2.1", "1.2.2", "", ""], ["", "1.2.1", "1.2.2", "", ""]),
    # A clause without a number has the same lists as one at the second level; a decimal list then counts for itself.
    (FLAT, None, "chapters", ["", "1.", "2.", "", ""], ["", "(i)", "(ii)", "", ""]),
    (FLAT, None, "decimal", ["", "1", "2", "", ""], ["", "1", "2", "", ""]),
    (
        NESTED, Position("chapters", (1, 2)), "chapters",
        ["1.", "（1）", "（2）", "2.", "", "（1）", "1）"], ["(i)", "(A)", "(B)", "(ii)", "", "(A)", "(1)"],
    ),
    (
        NESTED, Position("decimal", (4,)), "decimal",
        ["4.1", "4.1.1", "4.1.2", "4.2", "", "4.2.1", "4.2.1.1"], ["4.1", "4.1.1", "4.1.2", "4.2", "", "4.2.1", "4.2.1.1"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("numbers", "position", "scheme", "zh", "en"), MARKERS)
def test_markers(numbers: list[tuple[int, int]], position: Position | None, scheme: str, zh: list[str], en: list[str]) -> None:
    assert markers(numbers, position, scheme) == (zh, en)


def test_levels_below_the_last_pattern_use_the_last_pattern() -> None:
    deep = Position("chapters", (1, 1, 1, 1, 1, 1, 1, 5))
    assert (numbering.label(deep, "zh"), numbering.label(deep, "en")) == ("5）", "(5)")
