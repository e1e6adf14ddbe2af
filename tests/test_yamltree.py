"""Strict YAML: every scalar stays the text that was written, with its place; the limits stop a file before anything is built."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clausebook import yamltree
from clausebook.errors import Place
from clausebook.yamltree import MAX_BYTES, MAX_DEPTH, MAX_NODES, Plain, Tree


def read(text: str | bytes, **options: bool) -> Tree:
    return yamltree.read("a.yml", text.encode() if isinstance(text, str) else text, **options)


def codes(tree: Tree) -> list[tuple[int, int, str]]:
    return [(p.place.line, p.place.col, p.code) for p in tree.problems]


@pytest.mark.parametrize(
    "scalar",
    [
        "no",
        "yes",
        "on",
        "off",
        "y",
        "2026-01-01",
        "1:30",
        "190:20:30",
        "1.10",
        "0777",
        "0o17",
        "0x1F",
        "1_000",
        "1e3",
        ".inf",
        ".nan",
        "=",
        "true",
    ],
)
def test_scalar_stays_text(scalar: str) -> None:
    tree = read(f"a: {scalar}\n")
    assert (tree.data, tree.problems) == ({"a": scalar}, [])
    assert isinstance(tree.data["a"], Plain)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("~", None), ("null", None), ("", None), ("Null", "Null"), ("NULL", "NULL"), ('"~"', "~"), ("'null'", "null"), ('""', ""),
        ('"a\\u00e9\\n"', "aé\n"), ("'it''s'", "it's"), ("a  # note", "a"), ("a\n  b", "a b"),
        ("|\n  a\n  b", "a\nb\n"), (">-\n  a\n  b", "a b"),
    ],
)  # fmt: skip
def test_scalar_is_read_as(written: str, expected: str | None) -> None:
    tree = read(f"a: {written}\n")
    assert (tree.data, tree.problems) == ({"a": expected}, [])
    assert not isinstance(tree.data["a"], Plain) or "'" not in written


def test_quoted_scalar_is_not_plain() -> None:
    """A flag is told from the word by its quotes."""
    tree = read("a: true\nb: 'true'\n")
    assert [type(v) for v in tree.data.values()] == [Plain, str]


def test_places() -> None:
    tree = read("a: 1\nb:\n  - x\n  - {c: y}\n")
    assert tree.source.places == {
        (): (1, 1), ("a",): (1, 4), ("b",): (3, 3), ("b", 0): (3, 5), ("b", 1): (4, 5), ("b", 1, "c"): (4, 9),
    }  # fmt: skip
    assert tree.source.keys == {("a",): (1, 1), ("b",): (2, 1), ("b", 1, "c"): (4, 6)}


@pytest.mark.parametrize(
    ("text", "row", "expected"),
    [
        ("a: |\n  one\n  two\n", 2, (3, 3)),
        ("a: |\n  one\n    two\n", 2, (3, 3)),
        ("a: |\n\n  one\n\n  two\n", 4, (5, 3)),
        ("a: |2-\n    one\n  two\n", 2, (3, 3)),
        ("a: | # note\n  one\n", 1, (2, 3)),
        ("a:\r\n  b: |\r\n    one\r\n    two\r\n", 2, (4, 5)),
        ("a: >\n  one\n  two\n", 1, (1, 4)),
        ('a: "one\\ntwo"\n', 2, (1, 4)),
    ],
)
def test_place_inside_a_text(text: str, row: int, expected: tuple[int, int]) -> None:
    """The first column of a row of the text; a text that is not a literal block has one place."""
    tree = read(text)
    path = ("a", "b") if isinstance(tree.data["a"], dict) else ("a",)
    place = tree.source.inside(path, row, 1)
    assert (place.line, place.col) == expected


def test_place_of_what_is_missing_is_that_around_it() -> None:
    tree = read("a:\n  b: 1\n")
    assert tree.source.place(("a", "c", 0)) == Place("a.yml", 2, 3)
    assert tree.source.key_place(("a", "c")) == Place("a.yml", 2, 3)
    assert read("").source.place(("a",)) == Place("a.yml", 1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", [(2, 1, "yaml-duplicate")]),
        ("a: {b: 1, b: 2, b: 3}\n", [(1, 11, "yaml-duplicate"), (1, 17, "yaml-duplicate")]),
        ("a: &x 1\n", [(1, 4, "yaml-anchor")]),
        ("a: *x\n", [(1, 4, "yaml-alias")]),
        ("a: !x 1\n", [(1, 4, "yaml-tag")]),
        ("<<: {a: 1}\n", [(1, 1, "yaml-merge")]),
        ("a: 1\n--- \nb: 2\n", [(2, 1, "yaml-documents")]),
        ("? [a]\n: 1\n", [(1, 3, "yaml-key")]),
        ("a: b: c\n", [(1, 5, "yaml-colon")]),
        ("a:\n\tb: 1\n", [(2, 1, "yaml-tab")]),
        ("a: b\t: c\n", [(1, 6, "yaml-colon")]),
        ("a: 'b\n", [(1, 4, "yaml-syntax")]),
        ("", [(1, 1, "file-empty")]),
    ],
)
def test_refused(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert codes(read(text)) == expected


def test_first_of_two_values_stays() -> None:
    """The value of a key written twice does not overwrite, and what hangs under it has no place."""
    tree = read("a: {b: 1}\na: {c: 2}\n")
    assert tree.data == {"a": {"b": "1"}}
    assert ("a", "c") not in tree.source.places


@pytest.mark.parametrize("text", ["a: {b: 1\nc: 2\n", "a: 1\nb: *x\n", "a: 1\n  b: 2\n", "a\nb: 1\n"])
def test_nothing_is_made_of_half_a_file(text: str) -> None:
    tree = read(text)
    assert tree.data is None
    assert len(tree.problems) == 1


@pytest.mark.parametrize(
    ("raw", "byte", "like"),
    [
        ("a: 你好".encode("gb18030"), "4", "GB18030"),
        ("a: 你好".encode("utf-16"), "1", "UTF-16"),
        ("a: hello, world".encode("utf-16-le"), "2", "UTF-16"),
        ("a: hello, world".encode("utf-16-be"), "1", "UTF-16"),
        (b"a: caf\xe9", "7", "another encoding"),
        (b"a: \xed\xa0\x80", "4", "another encoding"),
        (b"\xef\xbb\xbfa: \xff", "4", "another encoding"),
    ],
)
def test_not_utf8(raw: bytes, byte: str, like: str) -> None:
    (found,) = read(raw).problems
    assert (str(found.place), found.code, dict(found.values)) == ("a.yml:1:1", "file-not-utf8", {"byte": byte, "like": like})


def test_byte_order_mark_and_line_ends() -> None:
    tree = read(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n")
    assert (tree.data, tree.problems) == ({"a": "1", "b": "x\ny\n"}, [])


def test_tolerant_reads_past_what_a_host_may_write() -> None:
    text = "a: &x !!python/name:os.system\nb: !ENV [HOME, x]\nc: *x\n*x : d\n<<: *x\n"
    assert codes(read(text)) == [(1, 4, "yaml-anchor")]
    tree = read(text, tolerant=True)
    assert (tree.data, tree.problems) == ({"a": None, "b": ["HOME", "x"], "c": None, "*": "d", "<<": None}, [])


def _nested(levels: int) -> str:
    return "a: " + "[" * (levels - 1) + "]" * (levels - 1)


@pytest.mark.parametrize(
    ("fits", "over", "code"),
    [
        (_nested(MAX_DEPTH), _nested(MAX_DEPTH + 1), "yaml-depth"),
        ("- a\n" * (MAX_NODES - 1), "- a\n" * MAX_NODES, "yaml-nodes"),
        ("a: " + "b" * (MAX_BYTES - 3), "a: " + "b" * (MAX_BYTES - 2), "file-too-big"),
    ],
)
def test_limit(fits: str, over: str, code: str) -> None:
    assert codes(read(fits)) == []
    assert [found for _, _, found in codes(read(over))] == [code]


def _every_kind(data: object) -> set[type]:
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return {type(data)}.union(*map(_every_kind, inner))


@settings(max_examples=200)
@given(st.one_of(st.binary(), st.text().map(str.encode), st.text(alphabet="ab:-[]{}?,&*!|>'\"%@`# \n\t~").map(str.encode)))
@example(b"*a : b")
@example(b"\x00")
@example(b"? ")
@example(b"%TAG ! x\n--- !a b")
def test_any_bytes_end_in_data_or_problems(raw: bytes) -> None:
    for tolerant in (False, True):
        tree = yamltree.read("a.yml", raw, tolerant=tolerant)
        assert tree.data is not None or tree.problems
        assert _every_kind(tree.data) <= {dict, list, str, Plain, type(None)}
        lines = raw.count(b"\n") + 2
        assert all(1 <= p.place.line <= lines and p.place.col >= 1 for p in tree.problems)
