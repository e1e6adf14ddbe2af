"""Edits of YAML: one value changes and no other byte; what is not certain is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from clausebook import edits, yamltree
from clausebook.errors import UserError
from clausebook.model import Path as At

ROOT = Path(__file__).parent.parent

FILE = """# first
id: a            # why
'q': 'it''s'
d: "x\\ty"
f: {a: 1, b: two}    # flow
empty:
s:
- one
-   two
t:
  zh:
    title: 条
    body: |
      甲

      - 乙
__
      丙


  # between
  en:
    title: Clause   # said so
    body: |-
      A
last: >
  folded
""".replace("__", "  ")  # a line of nothing but spaces


def replaced(text: str, at: At, value: str) -> str:
    return edits.replace("a.yml", text.encode(), at, value).decode()


def inserted(text: str, at: At, value: edits.New, after: str) -> str:
    return edits.insert("a.yml", text.encode(), at, value, after).decode()


@pytest.mark.parametrize(
    ("at", "value", "old", "new"),
    [
        (("id",), "b", "id: a            # why", "id: b            # why"),
        (("id",), "b: c", "id: a            # why", "id: 'b: c'            # why"),
        (("id",), "null", "id: a            # why", "id: 'null'            # why"),
        (("q",), "don't", "'it''s'", "'don''t'"),
        (("d",), "x\ny", '"x\\ty"', '"x\\ny"'),
        (("f", "a"), "2, 3", "{a: 1, b", "{a: '2, 3', b"),
        (("s", 1), "three", "-   two", "-   three"),
        (("t", "zh", "title"), "款", "title: 条", "title: 款"),
        (("t", "zh", "body"), "甲\n\n- 戊\n\n丙\n", "- 乙", "- 戊"),
        (("t", "zh", "body"), "甲\n", "\n\n      - 乙\n  \n      丙\n", "\n"),
        (("t", "zh", "body"), "甲\n\n- 乙\n\n丙\n丁\n", "      丙\n", "      丙\n      丁\n"),
        (("t", "en", "body"), "B", "      A\n", "      B\n"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_replace_changes_one_place(at: At, value: str, old: str, new: str, end: str, mark: str) -> None:
    assert FILE.count(old) == 1
    file, meant = (mark + text.replace("\n", end) for text in (FILE, FILE.replace(old, new)))
    assert replaced(file, at, value) == meant


@pytest.mark.parametrize("path", sorted(ROOT.glob("clauses/*/*.yml"))[::5], ids=lambda path: path.stem)
def test_a_value_replaced_and_put_back_leaves_a_clause_as_it_was(path: Path) -> None:
    raw = path.read_bytes()
    data = yamltree.read(path.name, raw).data
    for locale, text in data.get("text", {}).items():
        for key, value in text.items():
            changed = value.replace("\n", "x\n") if key == "body" else value + ": x"
            there = edits.replace(path.name, raw, ("text", locale, key), changed)
            assert there != raw
            assert edits.replace(path.name, there, ("text", locale, key), value).replace(b"'", b"") == raw.replace(b"'", b"")


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("last",), "other\n"),  # a folded text has no one form
        (("t",), "x"),  # a mapping is no text
        (("t", "zh", "body"), "no end of line"),  # `|` always ends one
        (("t", "zh", "body"), "  indented\nless\n"),  # the first line says how far the others are indented
    ],
)
def test_replace_refuses_what_is_not_certain(at: At, value: str) -> None:
    with pytest.raises(UserError) as error:
        replaced(FILE, at, value)
    assert [p.code for p in error.value.problems] == ["edit-uncertain"]


@pytest.mark.parametrize(
    ("at", "value", "after", "old", "new"),
    [
        (("t", "en", "by"), "Li", "title", "title: Clause   # said so\n", "title: Clause   # said so\n    by: Li\n"),
        (("t", "en", "by"), "a: b", "body", "      A\n", "      A\n    by: 'a: b'\n"),
        (("t", "zh", "by"), "Li", "body", "      丙\n", "      丙\n    by: Li\n"),
        (("f", "c"), "3", "a", "{a: 1, b", "{a: 1, c: 3, b"),
        (("t", "fr"), {"body": "X\n\nY\n"}, "zh", "      丙\n", "      丙\n  fr:\n    body: |\n      X\n\n      Y\n"),
        (("t", "fr"), {"title": "T"}, "en", "      A\n", "      A\n  fr:\n    title: T\n"),
        (("x",), "1", "empty", "empty:\n", "empty:\nx: 1\n"),
        (("x",), "1", "t", "      A\n", "      A\nx: 1\n"),
        (("x",), "1", "last", "  folded\n", "  folded\nx: 1\n"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_insert_adds_lines_and_changes_none(at: At, value: edits.New, after: str, old: str, new: str, end: str) -> None:
    assert FILE.count(old) == 1
    file, meant = (text.replace("\n", end) for text in (FILE, FILE.replace(old, new)))
    assert inserted(file, at, value, after) == meant


def test_insert_after_a_last_line_that_has_no_end() -> None:
    assert inserted("a: 1\nb: 2", ("c",), "3", "b") == "a: 1\nb: 2\nc: 3\n"


@pytest.mark.parametrize(("at", "after"), [(("id",), "q"), (("x",), "absent")])
def test_insert_refuses_what_is_not_certain(at: At, after: str) -> None:
    with pytest.raises(UserError) as error:
        inserted(FILE, at, "v", after)
    assert [p.code for p in error.value.problems] == ["edit-uncertain"]


def test_a_broken_file_is_told_with_its_own_problem() -> None:
    with pytest.raises(UserError) as error:
        replaced("a: [", ("a",), "x")
    assert [p.code for p in error.value.problems] == ["yaml-syntax"]
