"""Finished pages to Markdown: what an author would have written by hand to get the same page from another generator.

Headings keep their ids, lists of facts are tables, marked words stay `<ins>` and `<del>`, and rows of two columns stay
HTML, as they have to in Markdown. A page comes out as chunks that begin at its headings: joined they are the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

_VOID = {"br", "hr", "img", "input"}
_BLOCKS = {"article", "div", "dl", "nav", "section", "table", "ul", "ol", "p", "h1", "h2", "h3", "h4", "h5", "h6"}
_MARKS = re.compile(r"([\\`*_\[\]<>&|])")
_SIGN = re.compile(r"^(?=[#+-])")
_NUMBER = re.compile(r"^(\d+)([.)]\s)")
_SPACE = re.compile(r"\s+")


@dataclass
class Element:
    """An element with its texts and elements in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    @property
    def elements(self) -> list[Element]:
        return [part for part in self.inside if isinstance(part, Element)]

    def is_a(self, name: str) -> bool:
        """Tell whether the element has a class."""
        return name in self.attributes.get("class", "").split()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(made)
        if tag not in _VOID:
            self.open.append(made)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].tag != tag:
            raise ValueError(f"</{tag}> ends <{self.open[-1].tag}>")
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(html: str) -> Element:
    """Return the elements of well-formed HTML. Raises ValueError where an element ends that is not the last one open."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.open[0]


def chunks(html: str) -> list[str]:
    """Return a page's content as Markdown, cut before each heading."""
    found: list[list[str]] = [[]]
    for block in _blocks(read(html), ""):
        if block.startswith("#") and found[-1]:
            found.append([])
        found[-1].append(block)
    return ["\n\n".join(part) for part in found if part]


def _blocks(parent: Element, anchor: str) -> Iterator[str]:
    """Yield the blocks of an element. `anchor` is the id of the section whose heading may follow."""
    loose: list[Element | str] = []
    for part in parent.inside:
        if isinstance(part, Element) and part.tag in _BLOCKS:
            yield from _paragraph(loose)
            loose = []
            yield from _block(part, anchor)
        else:
            loose.append(part)
    yield from _paragraph(loose)


def _block(found: Element, anchor: str) -> Iterator[str]:
    if found.tag[0] == "h" and found.tag[1:].isdigit():
        yield _heading(found, anchor)
    elif found.tag in ("ul", "ol"):
        yield "\n".join(_list(found, ""))
    elif found.tag == "table":
        yield from _table(found)
    elif found.tag == "dl":
        yield "\n".join(f"- **{_line(pair.elements[0].inside)}:** {_line(pair.elements[1].inside)}" for pair in found.elements)
    elif found.tag == "p":
        yield from _paragraph(found.inside)
    elif found.is_a("cb-row"):
        yield _raw(found)
    else:
        yield from _blocks(found, found.attributes.get("id", anchor) if found.tag == "section" else anchor)


def _heading(found: Element, anchor: str) -> str:
    """Return a heading with its id; one in two languages has both in one line."""
    name = found.attributes.get("id", anchor)
    words = " · ".join(_line([part]) for part in found.elements) if found.is_a("cb-both") else _line(found.inside)
    return f"{'#' * int(found.tag[1])} {words}" + (f" {{ #{name} }}" if name else "")


def _paragraph(inside: Sequence[Element | str]) -> Iterator[str]:
    if text := _line(inside):
        yield _plain_start(text)


def _plain_start(text: str) -> str:
    """Return a line of which the start is not taken for a heading, a list or its number."""
    return _NUMBER.sub(r"\1\\\2", _SIGN.sub(r"\\", text))


def _list(found: Element, indent: str) -> Iterator[str]:
    """Yield the lines of a list; numbers that are text of the page stay text."""
    sign = "1." if found.tag == "ol" and not found.is_a("cb-list") else "-"
    for item in found.elements:
        yield f"{indent}{sign} {_plain_start(_line([part for part in item.inside if not _listed(part)]))}"
        for part in item.elements:
            if _listed(part):
                yield from _list(part, indent + "    ")


def _listed(part: Element | str) -> bool:
    return isinstance(part, Element) and part.tag in ("ul", "ol")


def _table(found: Element) -> Iterator[str]:
    caption, rows = "", []
    for part in found.elements:
        if part.tag == "caption":
            caption = _line(part.inside)
        rows += [row for row in part.elements if row.tag == "tr"]
    if caption:
        yield f"*{caption}*"
    lines = [" | ".join(["", *(_cell(cell) for cell in row.elements), ""]).strip() for row in rows]
    yield "\n".join([lines[0], "| --- " * len(rows[0].elements) + "|", *lines[1:]])


def _cell(cell: Element) -> str:
    """Return a cell in one line; paragraphs and the items of a list in it stand one below another."""
    lines: list[list[Element | str]] = [[]]
    for part in cell.inside:
        if isinstance(part, Element) and part.tag in ("p", "ul", "ol"):
            for item in part.elements if _listed(part) else [part]:
                lines += [[item], []]
        else:
            lines[-1].append(part)
    return "<br>".join(text for text in map(_line, lines) if text)


def _line(inside: Sequence[Element | str]) -> str:
    return _SPACE.sub(" ", "".join(_inline(part, alone=len(inside) == 1) for part in inside)).strip()


def _inline(part: Element | str, *, alone: bool = False) -> str:
    if isinstance(part, str):
        return _MARKS.sub(r"\\\1", part)
    if part.is_a("headerlink"):
        return ""
    inner = "".join(_inline(inside) for inside in part.inside)
    if part.tag == "a" and "href" in part.attributes:
        return f"[{inner}]({part.attributes['href']})"
    if part.tag == "code":
        return f"`{''.join(text for text in part.inside if isinstance(text, str))}`"
    if part.tag == "strong" and alone:
        return f"**{inner.strip()}**"
    if part.tag in ("strong", "em", "ins", "del"):  # as HTML: stars between Chinese characters and marks do not always count
        return f"<{part.tag}>{inner}</{part.tag}>"
    return inner + (" " if part.tag == "p" else "")


def _raw(found: Element | str) -> str:
    """Return an element as HTML without blank lines, which would end it in Markdown."""
    if isinstance(found, str):
        return _SPACE.sub(" ", escape(found, quote=False)) if found.strip() else ""
    if found.is_a("headerlink"):
        return ""
    kept = "".join(f' {name}="{escape(value)}"' for name, value in found.attributes.items() if name in ("class", "href", "id", "lang"))
    return f"<{found.tag}{kept}>{''.join(_raw(part) for part in found.inside)}</{found.tag}>"
