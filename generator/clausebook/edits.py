"""Edits of a YAML file that change one value and no other byte: comments, layout, quotes and line ends stay as they are.

What an edit has made is read again and must hold what was meant and nothing else; where it does not, the edit is refused.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

import yaml

from clausebook import yamltree
from clausebook.errors import UserError, problem
from clausebook.model import Path

New = str | Mapping[str, "New"]

_BOM = b"\xef\xbb\xbf"


def replace(name: str, raw: bytes, at: Path, value: str) -> bytes:
    """Return the file with the text at `at` replaced. `name` is for messages. Raises UserError where that is not certain."""
    tree = _read(name, raw)
    if _get(tree.data, at) == value:
        return raw
    text = _text(raw)
    node = _node(text, at)
    if isinstance(node, yaml.ScalarNode) and node.style != ">":
        forms = [_block(text, node, value)] if node.style == "|" else _lines(text, node, value)
        for made in forms:
            if _holds(name, made, _set(tree.data, at, value)):
                return _raw(raw, made)
    raise UserError([problem(tree.source.place(at), "edit-uncertain")])


def insert(name: str, raw: bytes, at: Path, value: New, after: str) -> bytes:
    """Return the file with a value more: `at` ends in its key, `after` is the key it follows. Raises UserError as `replace` does."""
    tree = _read(name, raw)
    text = _text(raw)
    parent = _node(text, at[:-1])
    beside = _node(text, (*at[:-1], after))
    if isinstance(parent, yaml.MappingNode) and beside is not None and at[-1] not in _get(tree.data, at[:-1]):
        made = _inside(text, parent, beside, str(at[-1]), value)
        if _holds(name, made, _set(tree.data, at, value)):
            return _raw(raw, made)
    raise UserError([problem(tree.source.place(at), "edit-uncertain")])


def put(name: str, raw: bytes, at: Path, value: str, after: str) -> bytes:
    """Replace the text at `at`, or insert it after the key `after` where there is none."""
    there = at[-1] in _get(_read(name, raw).data, at[:-1])
    return replace(name, raw, at, value) if there else insert(name, raw, at, value, after)


def put_all(name: str, raw: bytes, values: Mapping[Path, str]) -> bytes:
    """Return the file with a text at each path, in mappings that hold another text already. Raises UserError as `replace` does.

    Hundreds go in at once where they fit on their lines, and one after another where not.
    """
    data, text = _read(name, raw).data, _text(raw)
    root, meant = yaml.compose(text, Loader=yaml.CSafeLoader), copy.deepcopy(data)
    for at, value in values.items():
        _get(meant, at[:-1])[at[-1]] = value
    cuts = [_cut(root, at, value) for at, value in values.items()]
    made = text
    for start, end, new in sorted((cut for cut in cuts if cut), reverse=True):
        made = made[:start] + new + made[end:]
    if all(cuts) and _holds(name, made, meant):
        return _raw(raw, made)
    for at, value in values.items():
        raw = put(name, raw, at, value, list(_get(data, at[:-1]))[-1])
    return raw


def _cut(root: yaml.Node | None, at: Path, value: str) -> tuple[int, int, str] | None:
    """Return what of the text to replace, and with what, to put a value in place; None where that takes whole lines."""
    parent, node = _below_node(root, at[:-1]), _below_node(root, at)
    if isinstance(node, yaml.ScalarNode) and node.style in (None, "", "'", '"'):
        return node.start_mark.index, node.end_mark.index, _STYLES[node.style or ""](value)
    if node is None and isinstance(parent, yaml.MappingNode) and parent.flow_style and parent.value:
        end = parent.value[-1][1].end_mark.index
        return end, end, f", {at[-1]}: {_scalar(value)}"
    return None


def _read(name: str, raw: bytes) -> yamltree.Tree:
    tree = yamltree.read(name, raw)
    errors = [p for p in tree.problems if p.severity == "error"]
    if errors:
        raise UserError(errors)
    return tree


def _text(raw: bytes) -> str:
    return raw.removeprefix(_BOM).decode("utf-8")


def _raw(old: bytes, text: str) -> bytes:
    return (_BOM if old.startswith(_BOM) else b"") + text.encode("utf-8")


def _holds(name: str, text: str, meant: Any) -> bool:
    """Tell whether the text reads as what was meant, without a fault."""
    tree = yamltree.read(name, text.encode("utf-8"))
    return tree.data == meant and not any(p.severity == "error" for p in tree.problems)


def _get(data: Any, at: Path) -> Any:
    for key in at:
        data = data[key]
    return data


def _set(data: Any, at: Path, value: Any) -> Any:
    changed = copy.deepcopy(data)
    _get(changed, at[:-1])[at[-1]] = value
    return changed


def _node(text: str, at: Path) -> yaml.Node | None:
    """Return the node at a path. The file has passed `yamltree`, so it is small and has no aliases."""
    return _below_node(yaml.compose(text, Loader=yaml.CSafeLoader), at)


def _below_node(node: Any, at: Path) -> yaml.Node | None:
    for key in at:
        if isinstance(node, yaml.MappingNode):
            node = next((value for name, value in node.value if name.value == key), None)
        elif isinstance(node, yaml.SequenceNode):
            node = node.value[key]
    return node if isinstance(node, yaml.Node) else None


def _file_lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _end_of_line(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _lines(text: str, node: yaml.ScalarNode, value: str) -> Iterator[str]:
    """Yield the file with a text on one line in place of the node: in its own style first."""
    start, end = node.start_mark.index, node.end_mark.index
    styles = sorted(_STYLES, key=lambda style: style != (node.style or ""))
    for style in styles:
        yield text[:start] + _STYLES[style](value) + text[end:]


_STYLES: dict[str, Callable[[str], str]] = {
    "": lambda value: value,
    "'": lambda value: "'" + value.replace("'", "''") + "'",
    '"': lambda value: json.dumps(value, ensure_ascii=False),
}


def _block(text: str, node: yaml.ScalarNode, value: str) -> str:
    """Return the file with a literal block in place of the node's; lines that stay are not touched."""
    lines = _file_lines(text)
    first, old, new = node.start_mark.line + 1, _own_lines(node.value), _own_lines(value)
    indent = next((len(lines[first + n].rstrip("\r\n")) - len(line) for n, line in enumerate(old) if line.strip()), 0)
    made: list[str] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            made += lines[first + i1 : first + i2]
        else:
            made += _indented(new[j1:j2], indent, _end_of_line(lines[node.start_mark.line]))
    return "".join([*lines[:first], *made, *lines[first + len(old) :]])


def _own_lines(value: str) -> list[str]:
    return value.removesuffix("\n").split("\n")


def _indented(lines: list[str], indent: int, end: str) -> list[str]:
    return [(" " * indent + line if line else "") + end for line in lines]


def _inside(text: str, parent: yaml.MappingNode, beside: yaml.Node, key: str, value: New) -> str:
    if parent.flow_style:
        at = beside.end_mark.index
        return f"{text[:at]}, {key}: {_scalar(value) if isinstance(value, str) else value}{text[at:]}"
    lines, end = _file_lines(text), _end_of_line(text)
    last = _last_line(beside) + 1
    if last >= len(lines) and not lines[-1].endswith("\n"):
        lines[-1] += end
    new = _indented(list(_written(key, value)), parent.value[0][0].start_mark.column, end)
    return "".join([*lines[:last], *new, *lines[last:]])


def _last_line(node: yaml.Node) -> int:
    """Return the line, counted from 0, on which a value ends."""
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return node.start_mark.line + len(_own_lines(node.value))
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    return node.end_mark.line


def _written(key: str, value: New) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"{key}:"
        for name, inner in value.items():
            yield from _below(_written(name, inner))
    elif value.endswith("\n"):
        yield f"{key}: |"
        yield from _below(iter(_own_lines(value)))
    else:
        yield f"{key}: {_scalar(value)}"


def _below(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}" if line else "" for line in lines)


def _scalar(value: str) -> str:
    """Return a text the plainest way that means just this text, in lines and inside braces."""
    for style in _STYLES.values():
        written = style(value)
        if all(_holds("", pattern.format(written), {"k": value}) for pattern in ("k: {}", "{{k: {}}}")):
            return written
    return json.dumps(value)
