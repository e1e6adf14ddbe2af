"""Markdown to blocks: the paragraphs and list items a clause is made of, each a row of runs of text.

Blocks are data. They are what is compared, paired between languages and frozen; HTML is written from them and from
nothing else, so a clause can only ever make the elements listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common import normalize_url
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token

from clausebook.language import END, MAX_NESTING, SOFT, START

Kind = Literal["paragraph", "bullet", "number"]
SCHEMES = ("https", "mailto", "tel")

_HAN = "\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_IS_HAN = re.compile(f"[{_HAN}]")
_HANS, _LATINS = "[\u3400-\u9fff\uf900-\ufaff]", "[A-Za-z0-9%]"
_HAN_LETTER, _LATIN = re.compile(_HANS), re.compile(_LATINS)


@dataclass(frozen=True)
class Run:
    """A stretch of text with one look. `href` is set on links; `#id` is a place on the same page."""

    text: str
    strong: bool = False
    emphasis: bool = False
    href: str = ""


@dataclass(frozen=True)
class Block:
    """A paragraph or list item. `depth` counts the lists around it; `number` is the position in a numbered list."""

    kind: Kind
    depth: int
    runs: tuple[Run, ...]
    number: int = 0

    @cached_property
    def text(self) -> str:
        """Return the plain text of the block."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class BadMarkdown:
    """Markdown a clause may not hold: a problem code, the line (from 1), a value."""

    code: str
    line: int
    what: str = ""


class _HanInline(StateInline):
    """Treats Han punctuation as a letter beside `**`, so that bold may end in 。 before another word.

    CommonMark's flanking rules were made for spaces between words and leave such stars standing.
    """

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        scanned = super().scanDelims(start, canSplitWord)
        before = self.src[start - 1] if start else " "
        after = self.src[start + scanned.length] if start + scanned.length < len(self.src) else " "
        if not (_IS_HAN.match(before) or _IS_HAN.match(after)):
            return scanned
        return Scanned(can_open=not after.isspace(), can_close=not before.isspace(), length=scanned.length)


class _HanParser(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _HanInline(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 100}).enable("table")
    inline = _HanParser()
    inline.ruler, inline.ruler2 = parser.inline.ruler, parser.inline.ruler2
    parser.inline = inline
    parser.normalizeLink = lambda url: url if START in url else normalize_url.normalizeLink(url)  # type: ignore[method-assign]
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # judged in _link_faults, with a message
    return parser


_REFUSED = {
    "heading_open": "markdown-heading", "html_block": "markdown-html", "html_inline": "markdown-html", "code_block": "markdown-code",
    "fence": "markdown-code", "code_inline": "markdown-code", "blockquote_open": "markdown-quote", "hr": "markdown-rule",
    "image": "markdown-image", "table_open": "markdown-table",
}  # fmt: skip


@lru_cache(maxsize=8192)
def faults(source: str) -> tuple[BadMarkdown, ...]:
    """Return what a body's Markdown may not hold, judged on the text the author wrote, before anything runs."""
    neutral = re.sub(r"\{%.*?%\}", _blank, source, flags=re.DOTALL)
    neutral = re.sub(r"\{\{.*?\}\}", _letters, neutral, flags=re.DOTALL)
    return tuple(_faults(_markdown().parse(neutral)))


def _blank(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")


def _letters(match: re.Match[str]) -> str:
    return START + re.sub(r"[^\n]", "x", match.group())[1:]


def _faults(tokens: list[Token]) -> Iterator[BadMarkdown]:
    line = depth = 0
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        depth += token.nesting if token.type in _LISTS else 0
        if depth > MAX_NESTING:
            yield BadMarkdown("markdown-depth", line, str(MAX_NESTING))
            return
        if token.type in _REFUSED:
            yield BadMarkdown(_REFUSED[token.type], line)
        for offset, child in _children(token):
            if child.type in _REFUSED:
                yield BadMarkdown(_REFUSED[child.type], line + offset, child.content)
            if child.type == "link_open":
                yield from _link_faults(str(child.attrGet("href") or ""), line + offset)


def _children(token: Token) -> Iterator[tuple[int, Token]]:
    offset = 0
    for child in token.children or ():
        yield offset, child
        offset += child.type in ("softbreak", "hardbreak")


def _link_faults(href: str, line: int) -> Iterator[BadMarkdown]:
    if START in href:
        yield BadMarkdown("link-value", line, "{{")
        return
    if href.startswith("#") and len(href) > 1:
        return
    scheme = href.split(":", 1)[0].lower() if ":" in href else ""
    if scheme not in SCHEMES:
        yield BadMarkdown("link-scheme", line, f"{scheme}:" if scheme else href or "()")
    elif scheme == "https" and not _good_host(href):
        yield BadMarkdown("link-host", line, href)


_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


def _good_host(href: str) -> bool:
    try:
        parts = urlsplit(href)
        return bool(_HOST.fullmatch(parts.hostname or "")) and parts.username is None
    except ValueError:
        return False


_LISTS = {"bullet_list_open", "ordered_list_open", "bullet_list_close", "ordered_list_close"}


class BadRendering(Exception):
    """The rendered Markdown holds what its source did not show."""

    def __init__(self, fault: BadMarkdown) -> None:
        super().__init__(fault.code)
        self.fault = fault


@lru_cache(maxsize=8192)
def parse(markdown: str, spacing: str) -> tuple[Block, ...]:
    """Turn rendered Markdown into blocks. `spacing` is `han` or `latin`: how words of that script are set apart.

    Values that a filter escaped are nothing to Markdown, so bodies that differ in them only are parsed once.
    """
    values = [_UNESCAPED.sub(r"\1", match[1]) for match in _VALUE.finditer(markdown)]
    drafts = _settled(_VALUE.sub(HOLE, markdown), spacing)
    if sum(draft.holes for draft in drafts) != len(values):
        drafts, values = _settled(markdown, spacing), []
    left = iter(values)
    made = (_same(_filled(draft.block, left, spacing)) if draft.holes else draft.block for draft in drafts)
    return tuple(block for block in made if block.runs)


@dataclass(frozen=True)
class _Draft:
    """A block with holes for values; one without is finished."""

    block: Block
    holes: int


@lru_cache(maxsize=8192)
def _settled(markdown: str, spacing: str) -> tuple[_Draft, ...]:
    """Return the blocks of some Markdown, finished where no value is missing."""
    drafts = ((block, sum(run.text.count(HOLE) for run in block.runs)) for block in _parsed(markdown))
    return tuple(_Draft(block if holes else _same(replace(block, runs=_spaced(block.runs, spacing))), holes) for block, holes in drafts)


@lru_cache(maxsize=65536)
def _same(block: Block) -> Block:
    """Return one object for equal blocks, so that what is found about one is known of all."""
    return block


HOLE = f"{START}\ue003{END}"  # where a value goes
_VALUE = re.compile(f"{START}((?:[^!-/:-@\\[-`{{-~\n{START}{END}{SOFT}\ue003]++|\\\\[!-/:-@\\[-`{{-~])+){END}")
_UNESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def _filled(draft: Block, values: Iterator[str], spacing: str) -> Block:
    """Return a block with the next values in its holes."""
    runs = _spaced(tuple(_held(run, values) for run in draft.runs), spacing)
    return Block(draft.kind, draft.depth, runs, draft.number)


def _held(run: Run, values: Iterator[str]) -> Run:
    first, *rest = run.text.split(HOLE)
    if not rest:
        return run
    return Run(first + "".join(f"{START}{next(values)}{END}{text}" for text in rest), run.strong, run.emphasis, run.href)


@lru_cache(maxsize=8192)
def _parsed(markdown: str) -> tuple[Block, ...]:
    """Return the blocks of some Markdown with the marks still in their text."""
    tokens = _markdown().parse(markdown)
    for fault in _faults(tokens):
        raise BadRendering(fault)
    return tuple(_blocks(tokens))


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    lists: list[list[Any]] = []  # [kind, number of the current item, item has begun]
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(["bullet" if token.type.startswith("bullet") else "number", 0, False])
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            lists[-1][1] += 1
            lists[-1][2] = True
        elif token.type == "inline":
            runs = tuple(_runs(token.children or []))
            if lists and lists[-1][2]:
                lists[-1][2] = False
                kind, number = lists[-1][0], lists[-1][1]
                yield Block(kind, len(lists), runs, number if kind == "number" else 0)
            else:
                yield Block("paragraph", len(lists), runs)


def _runs(children: list[Token]) -> Iterator[Run]:
    strong = emphasis = 0
    href = ""
    for child in children:
        if child.type in ("strong_open", "strong_close"):
            strong += child.nesting
        elif child.type in ("em_open", "em_close"):
            emphasis += child.nesting
        elif child.type == "link_open":
            href = str(child.attrGet("href"))
        elif child.type == "link_close":
            href = ""
        elif child.type in ("softbreak", "hardbreak"):
            yield Run(SOFT, bool(strong), bool(emphasis), href)
        elif child.content:
            yield Run(child.content, bool(strong), bool(emphasis), href)


def _spaced(runs: tuple[Run, ...], spacing: str) -> tuple[Run, ...]:
    """Replace the marks at the edges of values and at line breaks with a space or nothing, then join equal looks."""
    flat = "".join(run.text for run in runs)
    if not _MARK.search(flat):
        return _trimmed(_joined((run.text, run) for run in runs))
    if len(runs) == 1 and SOFT not in flat:  # what is commonest; the long way finds the same
        text = _BETWEEN.sub(" ", flat) if spacing == "han" else flat
        return _trimmed(_joined([(_MARK.sub("", text), runs[0])]))
    return _trimmed(_joined(_unmarked(runs, flat, spacing)))


def _unmarked(runs: tuple[Run, ...], flat: str, spacing: str) -> Iterator[tuple[str, Run]]:
    at = 0
    for run in runs:
        yield _MARK.sub(lambda match, at=at: _mark(flat, at + match.start(), spacing), run.text), run  # type: ignore[misc]  # mypy: default
        at += len(run.text)


def _joined(texts: Iterable[tuple[str, Run]]) -> list[Run]:
    """Return texts as runs that look like those beside them; neighbours that look alike are one."""
    out: list[Run] = []
    for text, run in texts:
        if text and out and _look(out[-1]) == _look(run):
            out[-1] = Run(out[-1].text + text, *_look(run))
        elif text:
            out.append(run if text == run.text else Run(text, *_look(run)))
    return out


def _look(run: Run) -> tuple[bool, bool, str]:
    return run.strong, run.emphasis, run.href


_MARKS = START + END + SOFT
_MARK = re.compile(f"[{_MARKS}]")
_BETWEEN = re.compile(f"(?<={_HANS})[{_MARKS}]+(?={_LATINS})|(?<={_LATINS})[{_MARKS}]+(?={_HANS})")


def _mark(flat: str, at: int, spacing: str) -> str:
    if flat[at - 1 : at] and flat[at - 1] in _MARKS:
        return ""  # the first of several marks has decided
    end = at
    while end < len(flat) and flat[end] in _MARKS:
        end += 1
    before, after = flat[at - 1 : at], flat[end : end + 1]
    soft = SOFT in flat[at:end]
    if spacing == "latin":
        return " " if soft else ""
    if not before or not after or before.isspace() or after.isspace():
        return ""
    han = (bool(_HAN_LETTER.match(before)), bool(_HAN_LETTER.match(after)))
    latin = (bool(_LATIN.match(before)), bool(_LATIN.match(after)))
    if (han[0] and latin[1]) or (latin[0] and han[1]):
        return " "
    return " " if soft and latin == (True, True) else ""


def _trimmed(runs: list[Run]) -> tuple[Run, ...]:
    if runs and runs[0].text[:1].isspace():
        runs[0] = replace(runs[0], text=runs[0].text.lstrip())
    if runs and runs[-1].text[-1:].isspace():
        runs[-1] = replace(runs[-1], text=runs[-1].text.rstrip())
    return tuple(run for run in runs if run.text)
