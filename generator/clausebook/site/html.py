"""Blocks to HTML. Every element a clause can become is written here; the result is cleaned once more all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import nh3
from markupsafe import Markup, escape

from clausebook.blocks import SCHEMES, Block, Run

_TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "span", "div", "ins", "del"}
_ATTRIBUTES = {
    "a": {"class", "href"},
    "ol": {"class"},
    "ul": {"class"},
    "span": {"class"},
    "p": {"class", "id"},
    "li": {"id"},
    "div": {"class"},
}


@dataclass(frozen=True)
class Defined(Run):
    """A word that leads to where it is defined."""


_LINK, _TERM = Markup('<a href="{}">{}</a>'), Markup('<a class="cb-defined" href="{}">{}</a>')


def clean(html: str) -> Markup:
    """Return HTML with nothing but the allowed elements, attributes and link schemes."""
    done = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=set(SCHEMES), link_rel=None)
    return Markup(done)


def runs(found: Sequence[Run]) -> Markup:
    """Return the HTML of one block's text; neighbouring runs of one link become one link."""
    parts = []
    for (href, is_term), group in groupby(found, key=lambda run: (run.href, isinstance(run, Defined))):
        inner = Markup("").join(_run(run) for run in group)
        link = _TERM if is_term else _LINK
        parts.append(link.format(href, inner) if href else inner)
    return Markup("").join(parts)


def _run(run: Run) -> Markup:
    text = escape(run.text)
    if run.emphasis:
        text = Markup("<em>{}</em>").format(text)
    return Markup("<strong>{}</strong>").format(text) if run.strong else text


@lru_cache(maxsize=8192)
def block(found: Block, marker: str) -> Markup:
    """Return one block alone, with its marker as text: for the page that sets two languages side by side."""
    sign = marker or ("•" if found.kind == "bullet" else "")
    label = Markup('<span class="cb-marker">{}</span> ').format(sign) if sign else Markup("")
    return clean(Markup('<p class="cb-block cb-depth-{}">{}{}</p>').format(found.depth, label, runs(found.runs)))


def block_id(anchor: str, index: int) -> str:
    """Return the id of a block on the policy page: the same in every language, for blocks pair by position."""
    return f"{anchor}--{index + 1}"


@dataclass(frozen=True)
class _Item:
    """A block with its marker and its id attribute."""

    block: Block
    marker: str
    id: str


@lru_cache(maxsize=8192)
def body(blocks: tuple[Block, ...], markers: tuple[str, ...], anchor: str = "") -> Markup:
    """Return the HTML of a whole clause; with its anchor, each block has an id that evidence can point at.

    Numbers of list items are text, so they are read out and copied.
    """
    pairs = enumerate(zip(blocks, markers, strict=True))
    items = [_Item(block, marker, f' id="{block_id(anchor, n)}"' if anchor else "") for n, (block, marker) in pairs]
    return clean("".join(_level(items, 0)))


def _level(items: list[_Item], depth: int) -> list[str]:
    """Write the blocks of one depth; deeper ones go inside the item before them."""
    out: list[str] = []
    index = 0
    while index < len(items):
        found = items[index].block
        if found.kind == "paragraph" or found.depth <= depth:
            out.append(f"<p{items[index].id}>{runs(found.runs)}</p>")
            index += 1
            continue
        end = index
        while end < len(items) and items[end].block.depth > depth and not (end > index and _restarts(items[index], items[end])):
            end += 1
        out.extend(_list(items[index:end], depth + 1))
        index = end
    return out


def _restarts(first: _Item, here: _Item) -> bool:
    block = here.block
    return block.depth == first.block.depth and block.kind != "paragraph" and (block.kind != first.block.kind or block.number == 1)


def _list(items: list[_Item], depth: int) -> list[str]:
    kind = "ol" if items[0].block.kind == "number" else "ul"
    out = [f'<{kind} class="cb-list">']
    starts = [n for n, item in enumerate(items) if n == 0 or (item.block.depth <= depth and item.block.kind != "paragraph")]
    for start, end in zip(starts, [*starts[1:], len(items)], strict=True):
        item = items[start]
        sign = f'<span class="cb-marker">{escape(item.marker)}</span> ' if item.marker else ""
        inside = "".join(_level(items[start + 1 : end], depth))
        out.append(f"<li{item.id}>{sign}{runs(item.block.runs)}{inside}</li>")
    return [*out, f"</{kind}>"]
