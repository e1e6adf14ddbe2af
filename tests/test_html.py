"""Blocks to HTML: the only elements a clause can become, and whatever is attacked stays text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clausebook import blocks, numbering
from clausebook.blocks import Block, Run
from clausebook.numbering import Position
from clausebook.site import html

ALLOWED = {"p": {"class"}, "ul": {"class"}, "ol": {"class"}, "li": set(), "strong": set(), "em": set(), "a": {"href"}, "span": {"class"}}


class _Reader(HTMLParser):
    """Collects elements, attributes and text; complains about what is not allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.hrefs, self.open, self.wrong = "", [], [], []  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.wrong += [tag] if tag not in ALLOWED else [name for name, _ in attrs if name not in ALLOWED[tag]]
        self.hrefs += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        if self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data


def read(markup: str) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    assert (reader.wrong, reader.open) == ([], [])
    return reader


def body(markdown: str) -> str:
    made = tuple(blocks.parse(markdown, "latin"))
    markers = numbering.markers(tuple((b.depth, b.number) for b in made), Position("chapters", (1, 1)), "chapters", "en")
    return str(html.body(made, markers))


OL, UL = '<ol class="cb-list">', '<ul class="cb-list">'


def number(text: str) -> str:
    return f'<span class="cb-marker">{text}</span> '


GOLDEN = {
    "paragraphs": ("One.\n\nTwo.", "<p>One.</p><p>Two.</p>"),
    "looks": ("a **b** *c* ***d***", "<p>a <strong>b</strong> <em>c</em> <strong><em>d</em></strong></p>"),
    "links": (
        "[a](https://b.example/?c=d&e=f) [g](#h) [i](mailto:j@k.example) [l](tel:123)",
        '<p><a href="https://b.example/?c=d&amp;e=f">a</a> <a href="#h">g</a> '
        '<a href="mailto:j@k.example">i</a> <a href="tel:123">l</a></p>',
    ),
    "one link around two looks": ("[a **b** c](#d)", '<p><a href="#d">a <strong>b</strong> c</a></p>'),
    "bullets": ("- a\n- b", f"{UL}<li>a</li><li>b</li></ul>"),
    "numbers are text": ("1. a\n1. b", f"{OL}<li>{number('(i)')}a</li><li>{number('(ii)')}b</li></ol>"),
    "nested": (
        "p\n\n1. a\n   - x\n   - y\n1. b\n   1. z\n\nq",
        f"<p>p</p>{OL}<li>{number('(i)')}a{UL}<li>x</li><li>y</li></ul></li>"
        f"<li>{number('(ii)')}b{OL}<li>{number('(A)')}z</li></ol></li></ol><p>q</p>",
    ),
    "a paragraph inside an item": (
        "1. a\n\n   more\n1. b",
        f"{OL}<li>{number('(i)')}a<p>more</p></li><li>{number('(ii)')}b</li></ol>",
    ),
    "a paragraph after a nested list": ("- a\n  - x\n\n  more\n- b", f"{UL}<li>a{UL}<li>x</li></ul><p>more</p></li><li>b</li></ul>"),
    "a list of another kind": ("- a\n\n1. b", f"{UL}<li>a</li></ul>{OL}<li>{number('(i)')}b</li></ol>"),
    "a list that restarts": (
        "1. a\n1. b\n\n- x\n\n1. c",
        f"{OL}<li>{number('(i)')}a</li><li>{number('(ii)')}b</li></ol>{UL}<li>x</li></ul>{OL}<li>{number('(i)')}c</li></ol>",
    ),
    "three levels": ("- a\n  - b\n    - c\n- d", f"{UL}<li>a{UL}<li>b{UL}<li>c</li></ul></li></ul></li><li>d</li></ul>"),
    "escapes": (r"\<script\>alert(1)\</script\> & &lt;b&gt; \"", '<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt; "</p>'),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("markdown", "expected"), GOLDEN.values(), ids=GOLDEN)
def test_golden(markdown: str, expected: str) -> None:
    made = body(markdown)
    assert made == expected
    read(made)


@pytest.mark.parametrize(
    ("found", "marker", "expected"),
    [
        (Block("paragraph", 0, (Run("a<b"),)), "", '<p class="cb-block cb-depth-0">a&lt;b</p>'),
        (Block("bullet", 1, (Run("a"),)), "", f'<p class="cb-block cb-depth-1">{number("•")}a</p>'),
        (
            Block("number", 2, (Run("a", strong=True),), 1),
            "（1）",
            f'<p class="cb-block cb-depth-2">{number("（1）")}<strong>a</strong></p>',
        ),
    ],
)
def test_one_block_alone(found: Block, marker: str, expected: str) -> None:
    assert html.block(found, marker) == expected


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</p></div></body><iframe src=//x>",
    "<!--",
    "]]>",
    "&lt;script&gt;",
    "<a href=javascript:alert(1)>x</a>",
    "{{ 7*7 }}{% raw %}",
    "'\"`",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_text_of_a_run_comes_out_as_text(attack: str) -> None:
    for run in (Run(attack), Run(attack, strong=True, emphasis=True), Run(attack, href="#a")):
        assert read(str(html.body((Block("paragraph", 0, (run,)),), ("",)))).text == attack
    assert read(str(html.body((Block("number", 1, (Run("a"),), 1),), (attack,)))).text == f"{attack} a"


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "http://a",
    ],
)
def test_a_link_of_another_scheme_loses_its_address(href: str) -> None:
    """The clause language refuses such links with a message; this is the second line."""
    made = read(str(html.body((Block("paragraph", 0, (Run("a", href=href),)),), ("",))))
    assert (made.text, made.hrefs) == ("a", [])


def test_quotes_in_an_address_do_not_end_the_attribute() -> None:
    made = read(str(html.body((Block("paragraph", 0, (Run("a", href='#b" onclick="alert(1)'),)),), ("",))))
    assert made.hrefs == ['#b" onclick="alert(1)']


texts = st.text(st.sampled_from("<>&\"'`/=a甲 \u00a0;:#-!"), min_size=1, max_size=12)
found_runs = st.builds(Run, texts, st.booleans(), st.booleans(), st.sampled_from(["", "#a", "https://b.example/"]))
found_blocks = st.tuples(
    st.sampled_from(["paragraph", "bullet", "number"]), st.integers(0, 4), st.lists(found_runs, min_size=1, max_size=3)
)


@given(st.lists(found_blocks, max_size=8))
def test_any_blocks_keep_their_text_in_order(made: list[tuple[str, int, list[Run]]]) -> None:
    """Whatever the depths, no block is lost or moved and every element is closed."""
    rows = [Block(kind, depth if kind == "paragraph" else max(depth, 1), tuple(runs), 1) for kind, depth, runs in made]  # type: ignore[arg-type]
    assert read(str(html.body(tuple(rows), ("",) * len(rows)))).text == "".join(block.text for block in rows)
