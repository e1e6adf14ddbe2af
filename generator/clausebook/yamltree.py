"""Strict YAML: text to plain data with the place of every value, or the problems that prevent it.

Works on the event stream of PyYAML's C parser, so nothing is built before it has passed the limits and nothing
recurses. Every scalar stays the text the author wrote; the schema decides later what it means, so the surprises of
YAML 1.1 (`no`, `1:30`, `2026-01-01`, `1.10`) cannot happen. Aliases, tags and merge keys are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import yaml

from clausebook import characters
from clausebook.errors import Place, Problem, name_of, problem, warning
from clausebook.model import BlockText, Path, Source

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 10_000

_NULLS = ("", "~", "null")


class Plain(str):
    """A scalar written without quotes."""


@dataclass
class Tree:
    """What was read from one file. `data` is None when the file could not be read at all."""

    source: Source
    data: Any = None
    problems: list[Problem] = field(default_factory=list)


def read(path: str, raw: bytes, *, tolerant: bool = False, max_bytes: int = MAX_BYTES) -> Tree:
    """Read one YAML file. `tolerant` accepts the tags and aliases a host's own settings file may hold."""
    tree = Tree(Source(path, {}))
    text = _decode(path, raw, tree.problems, max_bytes)
    if text is None:
        return tree
    tree.problems.extend(characters.problems(path, text))
    if any(p.severity == "error" for p in tree.problems):
        return tree
    return _Builder(path, text, tree, tolerant).build()


def _decode(path: str, raw: bytes, problems: list[Problem], max_bytes: int) -> str | None:
    start = Place(path, 1, 1)
    if len(raw) > max_bytes:
        problems.append(problem(start, "file-too-big", limit=max_bytes))
        return None
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        problems.append(problem(start, "file-not-utf8", byte=error.start + 1, like=_guess(raw)))
        return None
    if raw[:64].count(0) > 8:
        problems.append(problem(start, "file-not-utf8", byte=raw.index(0) + 1, like="UTF-16"))
        return None
    return text.replace("\r\n", "\n")


def _guess(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw[:64]:
        return "UTF-16"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return "another encoding"
    return "GB18030"


class _Stop(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


@dataclass(slots=True)
class _Open:
    """A collection being read: its data, its path, and for a mapping the key that waits for its value."""

    data: Any
    path: Path
    key: str | None = None
    keys: dict[str, int] = field(default_factory=dict)
    skip: bool = False


class _Builder:
    def __init__(self, path: str, text: str, tree: Tree, tolerant: bool) -> None:
        self.path, self.text, self.tree, self.tolerant = path, text, tree, tolerant
        self.lines = text.split("\n")
        self.stack: list[_Open] = []
        self.nodes = 0
        self.documents = 0

    def build(self) -> Tree:
        """Read the events up to the first thing that stops the file."""
        try:
            self._events()
        except yaml.MarkedYAMLError as error:
            self._broken(self._syntax(error))
        except yaml.YAMLError as error:
            self._broken(problem(Place(self.path, 1, 1), "yaml-syntax", what=str(error).splitlines()[0]))
        except _Stop as stop:
            self._broken(stop.problem)
        if self.tree.data is None and not self.tree.problems:
            self.tree.problems.append(problem(Place(self.path, 1, 1), "file-empty"))
        return self.tree

    def _broken(self, found: Problem) -> None:
        """Give up on the file: what was read of it is not what the author meant."""
        self.tree.problems.append(found)
        self.tree.data = None

    def _syntax(self, error: yaml.MarkedYAMLError) -> Problem:
        ends = "end of stream" in (error.problem or "")
        mark = (error.context_mark if ends else None) or error.problem_mark or error.context_mark
        place = Place(self.path, mark.line + 1, mark.column + 1) if mark else Place(self.path, 1, 1)
        line = self.lines[mark.line] if mark and mark.line < len(self.lines) else ""
        if mark and "\t" in line[: mark.column + 1] and "\t" in line[: len(line) - len(line.lstrip())]:
            return problem(Place(self.path, place.line, line.index("\t") + 1), "yaml-tab")
        what = (error.problem or error.context or "").strip()
        if "mapping values are not allowed" in what:
            return problem(place, "yaml-colon")
        return problem(place, "yaml-syntax", what=what)

    def _place(self, event: Any) -> Place:
        return Place(self.path, event.start_mark.line + 1, event.start_mark.column + 1)

    def _stop(self, event: yaml.Event, code: str, **values: object) -> None:
        raise _Stop(problem(self._place(event), code, **values))

    def _events(self) -> None:
        loader = yaml.CSafeLoader(self.text)
        stack, doing = self.stack, {yaml.ScalarEvent: self._scalar, yaml.AliasEvent: self._alias, yaml.DocumentStartEvent: self._document}
        try:
            while (event := loader.get_event()) is not None:  # the one loop all input goes through: what is commonest comes first
                kind = type(event)
                if kind in doing:
                    doing[kind](event)
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    stack.pop()
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    self._collection(event, {} if kind is yaml.MappingStartEvent else [])
        finally:
            loader.dispose()

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(event, "yaml-documents")

    def _alias(self, event: Any) -> None:
        if not self.tolerant:
            self._stop(event, "yaml-alias", name=event.anchor)
        self._add(event, None)

    def _node(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._stop(event, "yaml-nodes", limit=MAX_NODES)
        if not self.tolerant and event.anchor is not None:
            self._stop(event, "yaml-anchor", name=event.anchor)
        if not self.tolerant and event.tag is not None:
            self._stop(event, "yaml-tag", tag=event.tag.replace("tag:yaml.org,2002:", "!!"))

    def _scalar(self, event: Any) -> None:
        """Put a scalar where it belongs: at once where nothing about it is rare, else step by step."""
        if not self.stack or self._is_rare(event, top := self.stack[-1]):
            self._node(event)
            self._add(event, self._value(event))
            return
        self.nodes += 1
        data, path, mark = top.data, top.path, event.start_mark
        place = (mark.line + 1, mark.column + 1)
        if type(data) is list:
            self.tree.source.places[(*path, len(data))] = place
            data.append(self._value(event))
        elif top.key is None:
            self._value(event)
            top.key = key = event.value
            top.keys[key] = place[0]
            self.tree.source.keys[(*path, key)] = place
        else:
            self.tree.source.places[(*path, top.key)] = place
            data[top.key] = self._value(event)
            top.key = None

    def _is_rare(self, event: Any, top: _Open) -> bool:
        """Tell whether a scalar may be refused, is told of, or stands in a block: what `_node` and `_add` look after."""
        if top.skip or event.anchor is not None or event.tag is not None or event.style == "|" or self.nodes >= MAX_NODES:
            return True
        if type(top.data) is list:
            return False
        return top.key in top.data if top.key is not None else event.value in top.keys or event.value == "<<"

    def _value(self, event: Any) -> str | None:
        value: str = event.value
        if event.style:
            return self._checked(event) if event.style == '"' else value
        return None if value in _NULLS else Plain(value)

    def _collection(self, event: Any, data: Any) -> None:
        self._node(event)
        if len(self.stack) >= MAX_DEPTH:
            self._stop(event, "yaml-depth", limit=MAX_DEPTH)
        if self.stack and self.stack[-1].key is None and type(self.stack[-1].data) is dict:
            self._stop(event, "yaml-key")
        path, skip = self._add(event, data)
        self.stack.append(_Open(data, path, skip=skip))

    def _checked(self, event: Any) -> str:
        """Judge the characters that escapes in a quoted scalar have made."""
        value: str = event.value
        if "\\" in self.text[event.start_mark.index : event.end_mark.index]:
            for _, code, character in islice(characters.refused(value), characters.MAX_TOLD):
                self.tree.problems.append(problem(self._place(event), code, what=name_of(character)))
            for _, code, what in islice(characters.doubtful(value), characters.MAX_TOLD):
                if what not in self.text:
                    self.tree.problems.append(warning(self._place(event), code, what=name_of(what) if len(what) == 1 else what))
        return value

    def _add(self, event: Any, value: Any) -> tuple[Path, bool]:
        """Put a node where it belongs; return its path and whether it hangs under a key written twice."""
        path: Path = ()
        skip = False
        if not self.stack:
            self.tree.data = value
        else:
            top = self.stack[-1]
            skip = top.skip
            if type(top.data) is list:
                path = (*top.path, len(top.data))
                top.data.append(value)
            elif top.key is None:
                self._key(top, event, value)
                return top.path, skip
            else:
                path, skip = (*top.path, top.key), skip or top.key in top.data
                top.data.setdefault(top.key, value)
                top.key = None
        if not skip:
            mark = event.start_mark
            self.tree.source.places[path] = (mark.line + 1, mark.column + 1)
            if type(event) is yaml.ScalarEvent and event.style == "|":
                self.tree.source.blocks[path] = self._block(mark.line + 1, value)
        return path, skip

    def _key(self, top: _Open, event: Any, value: str | None) -> None:
        key = str(value) if value is not None else getattr(event, "value", "*")
        if key == "<<" and not self.tolerant:
            self._stop(event, "yaml-merge")
        line = event.start_mark.line + 1
        if key in top.keys:
            self.tree.problems.append(problem(self._place(event), "yaml-duplicate", key=key, first=top.keys[key]))
        else:
            top.keys[key] = line
            if not top.skip:
                self.tree.source.keys[(*top.path, key)] = (line, event.start_mark.column + 1)
        top.key = key

    def _block(self, first: int, value: str) -> BlockText:
        """Return where a literal block stands: its indentation is what the file's line has more than the text's."""
        lines = enumerate(value.split("\n"))
        indent = next((len(self.lines[first + n]) - len(line) for n, line in lines if line.strip()), 0)
        return BlockText(first + 1, indent)
