"""The clause language: what passes, what is refused and where; what a value makes is never read as Markdown again.

Every refused construct with its line is in tests/bad/language.txt.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from clausebook import blocks, characters, language
from clausebook.language import MAX_OPENERS, MAX_RENDERED, OPENERS, Fault, RenderError, Said, Use, Words

SECONDS = 5.0  # of processor time, on a slow machine; what is quadratic takes minutes


def filters(**more: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    return dict.fromkeys(language.FILTERS, lambda value, *_: Words(str(value))) | more


def faults(source: str) -> list[tuple[str, int, int]]:
    return [(f.code, f.line, f.col) for f in language.parse(source).faults]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("plain", []),
        ("a {{ x }} b {{ x }}", [(("x",), 1, 6), (("x",), 1, 16)]),
        ("{{ a.b }}\n{{ facts.shares.data | terms }}", [(("a", "b"), 1, 4), (("facts", "shares", "data"), 2, 4)]),
        ("{% if a and not b.c or 1 < d <= 3 %}x{% elif e in ['f', 'g'] %}y{% else %}{{ h }}{% endif %}",
         [(("a",), 1, 7), (("b", "c"), 1, 17), (("d",), 1, 28), (("e",), 1, 46), (("h",), 1, 78)]),
        ("name {{ name }}", [(("name",), 1, 9)]),
        ("{{ other.name }} {{ name }}", [(("other", "name"), 1, 4), (("name",), 1, 21)]),
        ("{{ names }} {{ name }}", [(("names",), 1, 4), (("name",), 1, 16)]),
        ("{% if x == 'name' and name %}y{% endif %}", [(("x",), 1, 7), (("name",), 1, 23)]),
        ("{{\n  name\n}}", [(("name",), 2, 3)]),
        ("{%- if a -%} x {%- endif -%}", [(("a",), 1, 8)]),
    ],
)  # fmt: skip
def test_names_and_their_places(source: str, names: list[tuple[tuple[str, ...], int, int]]) -> None:
    body = language.parse(source)
    assert body.faults == []
    assert [(use.parts, use.line, use.col) for use in body.names] == names


def test_refs_and_terms() -> None:
    body = language.parse("见{{ ref('contact') }}，{{ 'wechat' | term }}。\n{{ 'pipl' | law('short') }}")
    assert body.refs == [Use(("contact",), 1, 10)]
    assert body.terms == [Use(("wechat",), 1, 27), Use(("pipl",), 2, 5)]


@pytest.mark.parametrize(
    "source",
    [
        "{{ x | terms('or') }}",
        "{{ x | series('or') }}",
        "{{ x | law('short') }}",
        "{{ x | count }}",
        "{{ x | term | capital }}",
        "{{ x or y }}",
    ],
)
def test_accepted(source: str) -> None:
    assert faults(source) == []


@pytest.mark.parametrize(
    ("source", "what", "col"),
    [
        ("{{ 1 + x }}", "+", 6), ("{{ x - 1 }}", "-", 6), ("{{ x // 2 }}", "//", 6), ("{{ x % 2 }}", "%", 6), ("{{ +x }}", "+", 4),
        ("{{ x['a'] }}", "[]", 5), ("{{ x[1:] }}", "[]", 5), ("{{ x ~ y }}", "~", 6), ("{{ {} }}", "{}", 4), ("{{ (x, y) }}", ",", 6),
        ("{{ x if y }}", "if inside {{ }}", 6), ("{% if x is none %}{% endif %}", "is", 9), ("{{ x() }}", "()", 5),
        ("{# x #}", "{#", 1), ("a {%- raw %}{% endraw %}", "raw", 3), ("{% autoescape true %}{% endautoescape %}", "autoescape", 4),
    ],
)  # fmt: skip
def test_refused_by_the_name_it_is_written_with(source: str, what: str, col: int) -> None:
    assert language.parse(source).faults == [Fault("body-refused", {"what": what}, 1, col)]


@pytest.mark.parametrize(
    ("source", "what", "line", "col"),
    [
        ("a\n{{ x", "unexpected end of template, expected 'end of print statement'", 2, 1),
        ("a {% foo %}", "Encountered unknown tag 'foo'", 1, 3),
        ("a {% endif %}", "Encountered unknown tag 'endif'", 1, 3),
        ("{% if x %}\na", "Unexpected end of template", 2, 1),
        ("{% if x == " + "9" * 5000 + " %}{% endif %}", "a number is too long", 1, 1),
    ],
)
def test_syntax(source: str, what: str, line: int, col: int) -> None:
    assert language.parse(source).faults == [Fault("body-syntax", {"what": what}, line, col)]


@pytest.mark.parametrize("condition", ["a %}{% if b", "a }}{{ b", "a\nb", "{# a #} b", "a #}"])
def test_condition_is_one_expression(condition: str) -> None:
    assert language.parse_condition(condition).faults == [Fault("condition-form", {}, 1, 1)]


def test_condition() -> None:
    body = language.parse_condition("product.name == 'x' or not fee")
    assert ([use.parts for use in body.names], body.faults) == ([("product", "name"), ("fee",)], [])


@pytest.mark.parametrize("character", OPENERS)
def test_limit_of_openers(character: str) -> None:
    assert [code for code, _, _ in faults("a" + character * MAX_OPENERS) if code == "body-openers"] == []
    assert faults("a\nb" + character * (MAX_OPENERS + 1)) == [("body-openers", 2, MAX_OPENERS + 2)]


@pytest.mark.parametrize(("depth", "expected"), [(18, []), (19, ["body-nesting"])])
def test_limit_of_nesting(depth: int, expected: list[str]) -> None:
    """The document and the text inside the last condition are levels too."""
    source = "{% if a %}" * depth + "x" + "{% endif %}" * depth
    assert [code for code, _, _ in faults(source)][:1] == expected


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("a\n{% if yes %}\nb\n{% endif %}\nc", "a\nb\nc"),
        ("a\n{% if no %}\nb\n{% else %}\nd\n{% endif %}\nc", "a\nd\nc"),
        ("a {% if yes %}b{% endif %}\nc", "a b\nc"),
        ("a {% if no %}b{% endif %}\nc", "a \nc"),
        ("- a\n  {% if yes %}\n- b\n  {% endif %}\n- c", "- a\n- b\n- c"),
    ],
)
def test_a_line_of_nothing_but_a_tag_vanishes(source: str, lines: str) -> None:
    assert language.render(source, {"yes": True, "no": False}, filters()) == lines


@pytest.mark.parametrize(
    ("source", "names", "code", "line"),
    [
        ("a\n{{ x }}", {"x": True}, "body-not-text", 2),
        ("a\n\n{{ x }}", {"x": None}, "body-not-text", 3),
        ("{{ x }}", {"x": ["a"]}, "body-not-text", 1),
        ("{{ x }}", {"x": "a plain text"}, "body-not-text", 1),
        ("a\n{% if y < 3 %}b{% endif %}", {"y": Words("x")}, "body-failed", 2),
        ("a\n{% if nothing == 1 %}b{% endif %}", {}, "body-failed", 2),
        ("a\n{{ x }}", {"x": Words("y" * MAX_RENDERED)}, "body-too-long", 1),
    ],
)
def test_render_error(source: str, names: dict[str, Any], code: str, line: int) -> None:
    with pytest.raises(RenderError) as error:
        language.render(source, names, filters())
    assert error.value.code == code
    assert code == "body-too-long" or error.value.line == line


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Words("a*b"), r"a\*b"), (Said("[a](#b)"), "[a](#b)"), (3, "3"), (Words(" a \n b\t"), "a b"), (Words("\ue000x\ue001"), "x")],
)
def test_what_is_printed(value: object, expected: str) -> None:
    assert language.render("{{ x }}", {"x": value}, filters()) == f"{language.START}{expected}{language.END}"


BODIES = st.one_of(
    st.text(),
    st.text(alphabet="{}%#ab. |()[]'\"\n-+*_`<>!~="),
    st.lists(
        st.sampled_from(
            [
                "{{",
                "}}",
                "{%",
                "%}",
                " if ",
                " else ",
                " endif ",
                " x ",
                "x.y",
                "|term",
                "ref('a')",
                "\n",
                "- ",
                "**",
                "text",
                "1. ",
                "(",
                ")",
                "is",
                "not ",
            ]
        )
    ).map("".join),
)


@settings(max_examples=300)
@given(BODIES)
@example("{% if x %}" * 400)
@example("{{ " + "(" * 490)
@example("{{ " + "not " * 9000 + "x }}")
@example("{{ x" + ".y" * 9000 + " }}")
@example("{{ '" + "\\" * 999)
def test_any_text_ends_in_blocks_or_faults(source: str) -> None:
    body = language.parse(source)
    rows = source.count("\n") + 1
    assert all(1 <= f.line <= rows and f.col >= 1 for f in body.faults)
    if any(f.code == "body-openers" for f in body.faults):
        return
    assert all(1 <= bad.line <= rows for bad in blocks.faults(source))
    if body.faults:
        return
    try:
        text = language.render(source, {"x": Words("v"), "ref": lambda _: Said("r")}, filters())
        blocks.parse(text, "han")
    except (RenderError, blocks.BadRendering):
        pass


PLACES = [
    "{{ x }}",
    "a {{ x }} b",
    "您{{ x }}好",
    "- {{ x }}",
    "1. {{ x }}\n1. b",
    "**{{ x }}**",
    "*a* {{ x }}",
    "{{ x }} <",
    "a\n{{ x }}\nb",
    "{{ x }}\n---x",
]
MARKS = str.maketrans("", "", language.START + language.END + language.SOFT)
VALUES = st.one_of(st.text(min_size=1), st.text(alphabet="*_`[]()<>!#&;:/\\|~-+=1. \n\tab{}%'\"", min_size=1))


@settings(max_examples=300)
@given(st.sampled_from(PLACES), VALUES, st.sampled_from(["han", "latin"]))
@example("- {{ x }}", "1. a", "latin")
@example("{{ x }}", "    code", "latin")
@example("{{ x }}", "[a](javascript:x)", "latin")
@example("{{ x }}", "<script>", "latin")
@example("{{ x }}", "&lt;", "latin")
@example("{{ x }}", "a\\", "latin")
@example("a\n{{ x }}\nb", "===", "latin")
@example("{{ x }}", "https://a.b www.a.b a@b.c", "latin")
def test_a_value_stays_the_text_it_is(place: str, value: str, spacing: str) -> None:
    """A value comes out as its own text, spaces joined, in the blocks the body makes with any other value."""
    assume(not any(characters.refused(value)))
    flat = " ".join(value.translate(MARKS).split())
    assume(flat)
    made = blocks.parse(language.render(place, {"x": Words(value)}, filters()), spacing)
    plain = blocks.parse(language.render(place, {"x": Words("v")}, filters()), spacing)
    shape = [(b.kind, b.depth, b.number, [(r.strong, r.emphasis, r.href) for r in b.runs]) for b in plain]
    assert [(b.kind, b.depth, b.number, [(r.strong, r.emphasis, r.href) for r in b.runs]) for b in made] == shape
    assert sum(flat in b.text for b in made) >= 1
    assert re.sub(r"\s", "", "".join(b.text for b in made)) == re.sub(r"\s", "", "".join(b.text for b in plain).replace("v", flat, 1))


def _spread(unit: str) -> str:
    return (unit + "x" * 120) * 500


HOSTILE = {
    **{f"{o} at the limit": o * MAX_OPENERS + "x" * 65_000 for o in OPENERS if o != "{"},
    **{f"{o} spread": _spread(o) for o in OPENERS if o != "{"},
    "braces": "{ " * MAX_OPENERS + "x" * 64_000,
    "emphasis": "*a_b" * 500,
    "strong": "**a" * 250 + "x" * 60_000,
    "brackets in brackets": "[" * 490 + "]" * 490,
    "links in links": "[" * 249 + "a" + "](b)" * 249,
    "image in image": "![" * 249 + "a" + "](b)" * 249,
    "link destination": "[a](" + "(" * 490 + ")" * 60_000,
    "link title": "[a](https://a.b '" + "x\n" * 30_000,
    "link definitions": "".join(f"[a{n}]: x\n" for n in range(240)) + "".join(f"[a{n}]" for n in range(240)),
    "tags": "<a " * 490 + "b" * 60_000,
    "attributes": "<a" + " b" * 30_000,
    "comments": "<!--" * 490,
    "list of lists": "- a\n  - b\n" * 6_000,
    "list 20 deep": ("- " * 20 + "a\n") * 1_500,
    "list in one line": "- " * 32_000,
    "list going in": "\n".join(" " * (2 * n) + "- a" for n in range(250)),
    "lazy lines": "- a\n" + "a\n" * 30_000,
    "quotes": "> " * 32_000,
    "lines": "\n" * 65_000,
    "one line": "好" * 65_000,
    "spaces": " " * 65_000,
    "backslashes": "\\" * 65_000,
    "ampersands": "&" * 65_000,
    "entity": "&#" + "0" * 65_000 + ";",
    "table": "|".join("a" * 500) + "\n" + "|".join("-" * 500) + "\n" + "a\n" * 20_000,
    "underline": "=\n" * 32_000,
    "statement": "{% if a %}" + " " * 65_000 + "x{% endif %}",
    "names": "{{ a }}" * 250 + "a " * 30_000,
    "name in a long line": "a" * 60_000 + "{{ a }}" * 250,
    "name of a": "{{ " + "a" * 60_000 + " }}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_body_is_read_in_time(name: str) -> None:
    source = HOSTILE[name][:65_536]
    start = time.process_time()
    body = language.parse(source)
    assert [f for f in body.faults if f.code == "body-openers"] == []
    blocks.faults(source)
    assert time.process_time() - start < SECONDS
