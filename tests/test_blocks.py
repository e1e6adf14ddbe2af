"""Markdown to blocks. A block is written here as `kind depth number | runs`; `*bold*`, `/emphasis/`, `[text](href)` mark looks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clausebook import blocks
from clausebook.blocks import BadMarkdown, BadRendering, Block, Run
from clausebook.language import END, SOFT, START

SIGNS = {"paragraph": "p", "bullet": "-", "number": "1"}


def shown(found: tuple[Block, ...]) -> list[str]:
    return [f"{SIGNS[b.kind]}{b.depth}{f'#{b.number}' if b.number else ''} {''.join(map(_run, b.runs))}" for b in found]


def _run(run: Run) -> str:
    text = f"*{run.text}*" if run.strong else run.text
    text = f"/{text}/" if run.emphasis else text
    return f"[{text}]({run.href})" if run.href else text


GOLDEN = {
    "paragraphs": ("One.\n\nTwo.\n", ["p0 One.", "p0 Two."]),
    "bullets": ("- a\n- b\n", ["-1 a", "-1 b"]),
    "numbers": ("1. a\n1. b\n1. c\n", ["11#1 a", "11#2 b", "11#3 c"]),
    "nested": (
        "Intro:\n\n1. a\n   - x\n   - y\n1. b\n   1. z\n\nEnd.\n",
        ["p0 Intro:", "11#1 a", "-2 x", "-2 y", "11#2 b", "12#1 z", "p0 End."],
    ),
    "a paragraph inside an item": ("1. a\n\n   More.\n1. b\n", ["11#1 a", "p1 More.", "11#2 b"]),
    "a list restarts after a paragraph": ("1. a\n1. b\n\nText.\n\n1. c\n", ["11#1 a", "11#2 b", "p0 Text.", "11#1 c"]),
    "nested lists restart under each item": ("1. a\n   1. x\n   1. y\n1. b\n   1. z\n", ["11#1 a", "12#1 x", "12#2 y", "11#2 b", "12#1 z"]),
    "numbers as written do not count": ("7. a\n9. b\n", ["11#1 a", "11#2 b"]),
    "two kinds of list": ("- a\n\n1. b\n", ["-1 a", "11#1 b"]),
    "looks": ("a **b** *c* ***d*** e", ["p0 a *b* /c/ /*d*/ e"]),
    "a link": ("See [here](https://a.example/).", ["p0 See [here](https://a.example/)."]),
    "a link to a clause": ("[第一章](#one)", ["p0 [第一章](#one)"]),
    "bold inside a link": ("[a **b**](#c)", ["p0 [a ](#c)[*b*](#c)"]),
    "escapes are text": (r"\*a\* \<b\> \[c\](d)", ["p0 *a* <b> [c](d)"]),
    "entities are text": ("&lt;b&gt; &amp;amp;", ["p0 <b> &amp;"]),
    "an item without text is no block": ("- \n- b\n", ["-1 b"]),
    "nothing": ("\n", []),
}


@pytest.mark.parametrize(("markdown", "expected"), GOLDEN.values(), ids=GOLDEN)
def test_golden(markdown: str, expected: list[str]) -> None:
    assert shown(blocks.parse(markdown, "latin")) == expected


# Bold beside Han text: CommonMark leaves these stars standing.
FLANKING = [
    ("**甲。**乙", "*甲。*乙"),
    ("**“甲”**乙", "*“甲”*乙"),
    ("甲**“乙”**丙", "甲*“乙”*丙"),
    ("甲**（乙）**丙", "甲*（乙）*丙"),
    ("甲，**乙，丙；**丁", "甲，*乙，丙；*丁"),
    ("**《甲法》**和**《乙法》**", "*《甲法》*和*《乙法》*"),
    ("**甲：**https", "*甲：*https"),
    ("1**甲**2", "1*甲*2"),
    ("**甲。** 乙", "*甲。* 乙"),
    # Stars with a space inside stay stars.
    ("甲 ** 乙 ** 丙", "甲 ** 乙 ** 丙"),
    # Latin text keeps CommonMark's rule.
    ('a**"b"**c', 'a**"b"**c'),
]


@pytest.mark.parametrize(("markdown", "runs"), FLANKING)
def test_bold_beside_han(markdown: str, runs: str) -> None:
    assert shown(blocks.parse(markdown, "han")) == [f"p0 {runs}"]


# text, joined as Chinese, joined as English
SOFT_BREAKS = [
    ("甲乙\n丙丁", "甲乙丙丁", "甲乙 丙丁"),
    ("甲乙，\n丙丁", "甲乙，丙丁", "甲乙， 丙丁"),
    ("甲乙\nAPP", "甲乙 APP", "甲乙 APP"),
    ("APP\n甲乙", "APP 甲乙", "APP 甲乙"),
    ("one\ntwo", "one two", "one two"),
    ("one,\ntwo", "one,two", "one, two"),
    ("甲  \n乙", "甲乙", "甲 乙"),  # two spaces: a hard break is a soft one
    ("**甲\n乙**丙", "甲乙丙", "甲 乙丙"),
]


@pytest.mark.parametrize(("markdown", "han", "latin"), SOFT_BREAKS)
def test_soft_breaks(markdown: str, han: str, latin: str) -> None:
    assert [b.text for b in blocks.parse(markdown, "han")] == [han]
    assert [b.text for b in blocks.parse(markdown, "latin")] == [latin]


def value(text: str) -> str:
    return f"{START}{text}{END}"


# text with an inserted value, spaced in Chinese (English never adds spaces)
EDGES = [
    (f"您用{value('QQ')}登录", "您用 QQ 登录"),
    (f"您用{value('微信')}登录", "您用微信登录"),
    (f"保存{value('6')}个月", "保存 6 个月"),
    (f"满{value('90%')}时", "满 90% 时"),
    (f"您用 {value('QQ')} 登录", "您用 QQ 登录"),
    (f"（{value('QQ')}）", "（QQ）"),
    (f"、{value('QQ')}、", "、QQ、"),
    (f"APP{value('登录')}ID", "APP 登录 ID"),
    (f"{value('QQ')}登录", "QQ 登录"),
    (f"登录{value('QQ')}", "登录 QQ"),
    (f"用**{value('QQ')}**登录", "用 QQ 登录"),
    (f"用{value('QQ')}{value('微信')}登录", "用 QQ 微信登录"),
    (f"用{value('')}QQ", "用 QQ"),
    ("用QQ登录", "用QQ登录"),  # what the author wrote stays
]


@pytest.mark.parametrize(("markdown", "han"), EDGES)
def test_spacing_at_the_edges_of_values(markdown: str, han: str) -> None:
    assert [b.text for b in blocks.parse(markdown, "han")] == [han]
    latin = markdown.translate({ord(mark): None for mark in (START, END, "*")})
    assert [b.text for b in blocks.parse(markdown, "latin")] == [latin]


def test_a_value_at_a_line_break_gets_one_space_at_most() -> None:
    markdown = f"您用{value('QQ')}\n登录\n{value('ID')}\nAPP"
    assert [b.text for b in blocks.parse(markdown, "han")] == ["您用 QQ 登录 ID APP"]
    assert [b.text for b in blocks.parse(markdown, "latin")] == ["您用QQ 登录 ID APP"]


def test_no_mark_is_left_in_a_block() -> None:
    found = blocks.parse(f"- **{value('QQ')}**\n- [{value('微信')}](#a)\n", "han")
    assert not set("".join(b.text for b in found)) & set(START + END + SOFT)


# Markdown a clause may not hold: what, the line (from 1), the value shown
FAULTS = [
    ("# a", "markdown-heading", 1, ""),
    ("a\n\nb\n===", "markdown-heading", 3, ""),
    ("a\n\n<div>b</div>", "markdown-html", 3, ""),
    ("a\nb <b>c</b>", "markdown-html", 2, "<b>"),
    ("a <!-- b -->", "markdown-html", 1, "<!-- b -->"),
    ("a\n\n    b", "markdown-code", 3, ""),
    ("```\na\n```", "markdown-code", 1, ""),
    ("a `b` c", "markdown-code", 1, "b"),
    ("> a", "markdown-quote", 1, ""),
    ("a\n\n---", "markdown-rule", 3, ""),
    ("a ![b](https://c.example/d.png)", "markdown-image", 1, "b"),
    ("a | b\n--|--\n1 | 2", "markdown-table", 1, ""),
    ("[a](javascript:alert(1))", "link-scheme", 1, "javascript:"),
    ("[a](JavaScript:alert(1))", "link-scheme", 1, "javascript:"),
    ("[a](data:text/html,b)", "link-scheme", 1, "data:"),
    ("[a](http://b.example/)", "link-scheme", 1, "http:"),
    ("[a](b/c)", "link-scheme", 1, "b/c"),
    ("[a](//b.example/c)", "link-scheme", 1, "//b.example/c"),
    ("[a](#)", "link-scheme", 1, "#"),
    ("x\n[a](https:b)", "link-host", 2, "https:b"),
    ("[a](https://u@b.example/)", "link-host", 1, "https://u@b.example/"),
    ("[a](https:///b)", "link-host", 1, "https:///b"),
    ("<javascript:alert(1)>", "link-scheme", 1, "javascript:"),
]


@pytest.mark.parametrize(("markdown", "code", "line", "what"), FAULTS)
def test_faults(markdown: str, code: str, line: int, what: str) -> None:
    assert BadMarkdown(code, line, what) in blocks.faults(markdown)
    with pytest.raises(BadRendering) as caught:
        blocks.parse(markdown, "latin")
    assert caught.value.fault == blocks.faults(markdown)[0]


@pytest.mark.parametrize(
    "markdown",
    [
        "a **b** *c*", "- a\n  1. b", "[a](https://b.example/c?d=e#f)", "[a](mailto:b@c.example)", "[a](tel:12345678)", "[a](#b)",
        "a < b > c", r"\# a", "{{ a | b }}", "{% if a < b %}\nx\n{% endif %}", "- a\n{% if x %}\n- b\n{% endif %}", "[{{ a }}](#b)",
    ],
)  # fmt: skip
def test_what_a_clause_may_hold_has_no_fault(markdown: str) -> None:
    assert not blocks.faults(markdown)


def test_lists_may_nest_to_a_limit() -> None:
    def nested(depth: int) -> str:
        return "\n".join("  " * n + "- a" for n in range(depth))

    assert not blocks.faults(nested(20))
    assert blocks.faults(nested(21)) == (BadMarkdown("markdown-depth", 21, "20"),)


PIECES = st.text("a中 。%9" + START + END, max_size=8)


@given(PIECES, st.sampled_from(["han", "latin"]))
def test_a_block_of_one_look_is_spaced_as_one_of_several(text: str, spacing: str) -> None:
    """The short way for what is commonest finds what the long way does."""
    runs = (Run(text),)
    assert blocks._spaced(runs, spacing) == blocks._trimmed(blocks._joined(blocks._unmarked(runs, text, spacing)))


def test_equal_blocks_are_one_object() -> None:
    """Texts that share a block share what is found about it."""
    (first, _), (second, _) = (blocks.parse(f"甲\n\n{word}", "han") for word in "乙丙")
    assert first is second
