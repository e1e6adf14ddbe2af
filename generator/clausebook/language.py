"""The clause language: a small allow-listed part of Jinja, checked before anything runs.

A body is parsed to Jinja's syntax tree and walked; only text, names, one-level attributes (two below `facts`),
`if` with comparisons, named filters and `ref()` pass. There are no loops, no arithmetic and no calls, so what a body
makes is linear in what it holds. The checked tree is then run with strict undefined, attributes read through Jinja's sandbox.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from clausebook.interpret import Frame, Program, Step

MAX_OPENERS = 500
MAX_NESTING = 20
MAX_RENDERED = 256 * 1024
OPENERS = "[(<{*_`!"

FILTERS = ("term", "terms", "series", "bullets", "duration", "date", "law", "number", "count", "capital", "link")
_WITH_ARGUMENT = {"terms": ("or",), "series": ("or",), "law": ("short",)}

_REFUSED: dict[type[nodes.Node], str] = {
    nodes.For: "for", nodes.Assign: "set", nodes.AssignBlock: "set", nodes.Macro: "macro", nodes.CallBlock: "call",
    nodes.FilterBlock: "filter", nodes.With: "with", nodes.Block: "block", nodes.Extends: "extends", nodes.Include: "include",
    nodes.Import: "import", nodes.FromImport: "import", nodes.Call: "()", nodes.Getitem: "[]", nodes.Concat: "~",
    nodes.CondExpr: "if inside {{ }}", nodes.Test: "is", nodes.Dict: "{}", nodes.Tuple: ",", nodes.Slice: "[:]",
    nodes.ScopedEvalContextModifier: "autoescape", nodes.Scope: "autoescape", nodes.ExprStmt: "do",
    nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Mod: "%",
    nodes.Pow: "**", nodes.Neg: "-", nodes.Pos: "+",
}  # fmt: skip


@dataclass(frozen=True)
class Use:
    """A name used in a body: its dotted parts and where it stands (line and column from 1)."""

    parts: tuple[str, ...]
    line: int
    col: int


@dataclass(frozen=True)
class Fault:
    """Something a body may not hold: a problem code, its values, line and column."""

    code: str
    values: dict[str, str]
    line: int
    col: int


@dataclass
class Body:
    """A body that was parsed: what it uses, and what is wrong with it. Render only when `faults` is empty."""

    source: str
    names: list[Use] = field(default_factory=list)
    refs: list[Use] = field(default_factory=list)
    terms: list[Use] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@lru_cache(maxsize=8192)
def parse(source: str) -> Body:
    """Parse one body and check it against the allow-list; never raises."""
    body = Body(source)
    _limits(body)
    _unseen(body)
    if body.faults:
        return body
    try:
        _Walk(body).visit(_tree(source), 0)
    except TemplateSyntaxError as error:
        line = min(error.lineno, source.count("\n") + 1)
        what = str(error.message).split(". ")[0].rstrip(".")
        body.faults.append(Fault("body-syntax", {"what": what}, line, _first_tag(source.split("\n")[line - 1])))
    except ValueError:
        body.faults.append(Fault("body-syntax", {"what": "a number is too long"}, 1, 1))
    except (RecursionError, OverflowError, MemoryError):
        body.faults.append(Fault("body-nesting", {"limit": str(MAX_NESTING)}, 1, 1))
    return body


@lru_cache(maxsize=8192)
def _tree(source: str) -> nodes.Template:
    return environment().parse(_prepared(source))


def parse_condition(source: str) -> Body:
    """Parse the expression of a `when:`."""
    if re.search(r"%\}|\{%|\{\{|\}\}|\n|#\}|\{#", source):
        return Body(source, faults=[Fault("condition-form", {}, 1, 1)])
    return parse(condition(source))


def condition(source: str) -> str:
    """Return the body that prints `x` when a condition holds."""
    return "{% if " + source + " %}x{% endif %}"


def _prepared(source: str) -> str:
    """Return the body such that only a line of nothing but tags vanishes; elsewhere a tag at its end keeps the line's end."""
    return "\n".join(_kept(line) for line in source.split("\n"))


def _kept(line: str) -> str:
    ends_in_tag = line.rstrip().endswith("%}")
    if not ends_in_tag or _TAGS_ONLY.match(line):
        return line
    inner = line.rstrip()[:-2].rstrip("-+")
    return f"{inner}+%}}"


_TAGS_ONLY = re.compile(r"^\s*(\{%((?!%\}).)*%\}\s*)+$")


def _limits(body: Body) -> None:
    for character in OPENERS:
        if body.source.count(character) > MAX_OPENERS:
            index = _nth(body.source, character, MAX_OPENERS + 1)
            line, col = body.source.count("\n", 0, index) + 1, index - body.source.rfind("\n", 0, index)
            body.faults.append(Fault("body-openers", {"what": character, "limit": str(MAX_OPENERS)}, line, col))


def _first_tag(line: str) -> int:
    """Return the column of the first `{{` or `{%` of a line."""
    found = re.search(r"\{[{%]", line)
    return found.start() + 1 if found else 1


def _unseen(body: Body) -> None:
    """Refuse what Jinja's parser swallows before the tree is made: comments and raw text."""
    for match in re.finditer(r"\{#|\{%[-+]?\s*raw\b", body.source):
        start, word = match.start(), "{#" if match.group() == "{#" else "raw"
        line, col = body.source.count("\n", 0, start) + 1, start - body.source.rfind("\n", 0, start)
        body.faults.append(Fault("body-refused", {"what": word}, line, col))


def _nth(text: str, character: str, n: int) -> int:
    index = -1
    for _ in range(n):
        index = text.index(character, index + 1)
    return index


def _tags(source: str) -> dict[int, list[tuple[int, str]]]:
    """Return what stands inside the tags of each line, with the column it begins at."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    line, done = 1, 0
    for match in TAG.finditer(source):
        line += source.count("\n", done, match.start())
        done = match.start()
        col = done - source.rfind("\n", 0, done) + 2
        for offset, text in enumerate(match.group()[2:-2].split("\n")):
            found[line + offset].append((1 if offset else col, text))
    return found


TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


class _Walk:
    def __init__(self, body: Body) -> None:
        self.body = body
        self.lines = body.source.split("\n")
        self.tags = _tags(body.source)
        self.spots: dict[tuple[int, str], list[int]] = {}

    def visit(self, node: nodes.Node, depth: int) -> None:
        if depth > MAX_NESTING:
            self.fault(node, "body-nesting", "", limit=str(MAX_NESTING))
            return
        visitor = _VISITORS.get(type(node))
        if visitor is not None:
            visitor(self, node, depth)
        elif type(node) in _PASS:
            self.children(node, depth + 1)
        else:
            word = _REFUSED.get(type(node), type(node).__name__.lower())
            self.fault(node, "body-refused", word[0] if word[0] in "[{" else word.split(" ")[0], what=word)

    def children(self, node: nodes.Node, depth: int) -> None:
        for child in node.iter_child_nodes():
            self.visit(child, depth)

    def fault(self, node: nodes.Node, code: str, find: str, **values: str) -> None:
        line = node.lineno or next((n for n, tags in self.tags.items() if any(find in text for _, text in tags)), 1)
        self.body.faults.append(Fault(code, values, line, self.column(line, find)))

    def column(self, line: int, find: str, before: str = r"\w-") -> int:
        """Return the column of what is written inside a tag: asked again, that of its next occurrence on the line."""
        key = (line, before + find)
        if key not in self.spots:
            pattern = rf"(?<![{before}]){re.escape(find)}(?![\w-])" if find.isidentifier() else re.escape(find or "@nothing")
            tags = self.tags.get(line, ())
            self.spots[key] = [col + match.start() for col, text in tags for match in re.finditer(pattern, text)][::-1]
        spots = self.spots[key]
        if len(spots) > 1:
            return spots.pop()
        return spots[0] if spots else _first_tag(self.lines[min(line, len(self.lines)) - 1])

    def name(self, node: nodes.Name, _depth: int) -> None:
        if node.name.startswith("_"):
            self.fault(node, "body-private", node.name, name=node.name)
        else:
            self.use(node, (node.name,))

    def attribute(self, node: nodes.Getattr, _depth: int) -> None:
        parts = [node.attr]
        inner: nodes.Node = node.node
        while isinstance(inner, nodes.Getattr):
            parts.insert(0, inner.attr)
            inner = inner.node
        bad = next((p for p in parts if p.startswith("_")), "")
        if bad or not isinstance(inner, nodes.Name):
            self.fault(node, "body-private", bad or parts[0], name=bad or parts[0])
            return
        parts.insert(0, inner.name)
        if len(parts) > (3 if inner.name == "facts" else 2):
            self.fault(node, "body-private", parts[-1], name=parts[-1])
            return
        self.use(node, tuple(parts))

    def use(self, node: nodes.Node, parts: tuple[str, ...]) -> None:
        self.body.names.append(Use(parts, node.lineno, self.column(node.lineno, parts[0], r"\w.'\"-")))

    def filter(self, node: nodes.Filter, depth: int) -> None:
        if node.name not in FILTERS:
            self.fault(node, "body-filter", node.name, name=node.name)
            return
        if not self.good_arguments(node):
            self.fault(node, "body-argument", node.name, name=node.name)
        inner = node.node
        if inner is None:
            self.fault(node, "body-refused", "filter", what="filter")
            return
        if node.name in ("term", "law") and isinstance(inner, nodes.Const) and isinstance(inner.value, str):
            self.body.terms.append(Use((inner.value,), node.lineno, self.column(node.lineno, inner.value)))
        self.visit(inner, depth + 1)

    @staticmethod
    def good_arguments(node: nodes.Filter) -> bool:
        allowed = _WITH_ARGUMENT.get(node.name, ())
        values = [a.value if isinstance(a, nodes.Const) else None for a in node.args]
        return not node.kwargs and not node.dyn_args and not node.dyn_kwargs and len(values) <= 1 and all(v in allowed for v in values)

    def call(self, node: nodes.Call, _depth: int) -> None:
        called = node.node
        arguments = [a.value for a in node.args if isinstance(a, nodes.Const) and isinstance(a.value, str)]
        is_ref = isinstance(called, nodes.Name) and called.name == "ref"
        if is_ref and len(node.args) == 1 == len(arguments) and not node.kwargs and not node.dyn_args and not node.dyn_kwargs:
            self.body.refs.append(Use((arguments[0],), node.lineno, self.column(node.lineno, arguments[0])))
        elif is_ref:
            self.fault(node, "body-ref", "ref")
        elif isinstance(called, nodes.Getattr):
            self.fault(node, "body-private", called.attr, name=called.attr)
        else:
            self.fault(node, "body-refused", "(", what="()")

    def constant(self, node: nodes.Const, _depth: int) -> None:
        if not isinstance(node.value, str | int | bool):
            self.fault(node, "body-refused", _written(node.value), what=_written(node.value))

    def data(self, node: nodes.TemplateData, _depth: int) -> None:
        """Text passes here; its Markdown is checked apart."""

    def output(self, node: nodes.Output, depth: int) -> None:
        for child in node.nodes:
            if isinstance(child, nodes.Const):
                self.fault(child, "body-literal", _written(child.value), what=_written(child.value))
            else:
                self.visit(child, depth + 1)


def _written(value: Any) -> str:
    """Return a constant as a body writes it."""
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


_PASS = {nodes.Template, nodes.If, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.List}
_VISITORS: dict[type[nodes.Node], Callable[[_Walk, Any, int], None]] = {
    nodes.Name: _Walk.name,
    nodes.Getattr: _Walk.attribute,
    nodes.Filter: _Walk.filter,
    nodes.Call: _Walk.call,
    nodes.Const: _Walk.constant,
    nodes.TemplateData: _Walk.data,
    nodes.Output: _Walk.output,
}


@lru_cache(maxsize=1)
def environment() -> SandboxedEnvironment:
    """Return the environment every clause is parsed and read in."""
    env = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False, cache_size=0)
    env.globals.clear()
    env.tests.clear()
    env.filters.clear()
    env.filters.update(dict.fromkeys(FILTERS, _never))
    return env


def _never(*_: Any) -> None:
    """Stand for a filter: only those given to `render` are ever called."""


@dataclass(frozen=True)
class Said:
    """What a filter has made: Markdown that is ready to stand in the text. `whole` marks lines of their own."""

    markdown: str
    whole: bool = False


class NotText(Exception):
    """A value was printed that is not text: `kind` says what it is."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Words(str):
    """Text in the language of the page, ready to be escaped and printed."""


class Absent(Words):
    """Text of the source language where the page's language has none: it may be tested, never printed."""


UNTRANSLATED = ("term-untranslated", "value-untranslated")
START, END, SOFT = "\ue000", "\ue001", "\ue002"
_ESCAPED = re.compile(r"([!-/:-@\[-`{-~])")
_MARKS = str.maketrans("", "", START + END + SOFT)


@lru_cache(maxsize=16384)
def escape(text: str) -> str:
    """Return text with every character escaped that could mean something in Markdown."""
    flat = " ".join(text.translate(_MARKS).split())
    return _ESCAPED.sub(r"\\\1", flat)


def _finalize(value: Any) -> str:
    """Print text, numbers and what filters made; anything else has no words of its own."""
    if isinstance(value, Absent):
        raise Fitting("value-untranslated", what=value)
    if isinstance(value, Said):
        return value.markdown if value.whole else f"{START}{value.markdown}{END}"
    if isinstance(value, Words):
        return f"{START}{escape(value)}{END}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{START}{value}{END}"
    raise NotText(type(value).__name__)


@dataclass(frozen=True)
class RenderError(Exception):
    """A checked body could not be rendered: what failed and in which line of the body."""

    code: str
    line: int
    values: dict[str, str]


@lru_cache(maxsize=8192)
def _program(source: str) -> tuple[Step, ...]:
    return Program(environment(), _finalize).steps(_tree(source).body)


def render(source: str, names: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]]) -> str:
    """Render a body that `parse` found without fault. Raises RenderError with the line inside the body."""
    frame = Frame(names, filters, MAX_RENDERED)
    try:
        if not all(step(frame) for step in _program(source)):
            raise Fitting("body-too-long", limit=str(MAX_RENDERED))
    except NotText as error:
        raise RenderError("body-not-text", frame.line, {"kind": error.kind}) from None
    except Fitting as error:
        raise RenderError(error.code, frame.line, error.values) from None
    except Exception as error:
        raise RenderError("body-failed", frame.line, {"what": str(error)[:200]}) from None
    return "".join(frame.pieces)


class Fitting(Exception):
    """A filter got a value it is not made for."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code, self.values = code, values
