"""XLIFF 2.0: a file for each clause, a unit for each block, values and conditions as `<ph>`. Read without DTD, within limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from clausebook.errors import Place, Problem, UserError, problem
from clausebook.language import TAG
from clausebook.units import Answer, Bundle, Unit, meaning, placeholders

NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
BEHIND = "clausebook:behind"
MAX_DEPTH = 32
MAX_ELEMENTS = 500_000


def write(bundle: Bundle) -> str:
    """Write units as an XLIFF 2.0 file."""
    langs = f"srcLang={quoteattr(bundle.langs[bundle.source])} trgLang={quoteattr(bundle.langs[bundle.locale])}"
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<xliff xmlns="{NAMESPACE}" version="2.0" {langs}>']
    for clause, units in groupby(bundle.units, key=lambda unit: unit.clause):
        lines.append(f" <file id={quoteattr(clause)} original={quoteattr(bundle.paths[clause])}>")
        for unit in units:
            lines += _unit(unit)
        lines.append(" </file>")
    return "\n".join([*lines, "</xliff>", ""])


def _unit(unit: Unit) -> Iterator[str]:
    yield f"  <unit id={quoteattr(unit.block)} name={quoteattr(unit.id)}>"
    notes = [("context", note) for note in unit.notes] + ([("previous-source", unit.previous)] if unit.previous else [])
    if notes:
        yield "   <notes>"
        yield from (f'    <note category="{kind}">{escape(note)}</note>' for kind, note in notes)
        yield "   </notes>"
    codes = _codes(unit)
    if codes:
        yield "   <originalData>"
        yield from (f'    <data id="d{n}">{escape(code)}</data>' for n, code in enumerate(codes, 1))
        yield "   </originalData>"
    state = "initial" if unit.behind or not unit.target else "translated"
    sub = f' subState="{BEHIND}"' if unit.behind and unit.target else ""
    yield f'   <segment state="{state}"{sub}>'
    yield f'    <source xml:space="preserve">{_marked(unit.source, codes, {})}</source>'
    if unit.target:
        yield f'    <target xml:space="preserve">{_marked(unit.target, codes, _ids(unit.source))}</target>'
    yield "   </segment>"
    yield "  </unit>"


def _codes(unit: Unit) -> list[str]:
    return list(dict.fromkeys([*placeholders(unit.source), *placeholders(unit.target)]))


def _ids(source: str) -> dict[str, list[str]]:
    """Return the ids the placeholders of a source have, by what they stand for."""
    found: dict[str, list[str]] = {}
    for n, code in enumerate(placeholders(source), 1):
        found.setdefault(meaning(code), []).append(str(n))
    return found


def _marked(text: str, codes: list[str], ids: dict[str, list[str]]) -> str:
    """Write a text with an empty element for each placeholder; in a target it has the id of the one it translates."""
    left = {key: list(found) for key, found in ids.items()}
    used = sum(map(len, ids.values()))
    out, at = [], 0
    for number, match in enumerate(TAG.finditer(text), 1):
        code = match.group()
        own = left.get(meaning(code))
        name = own.pop(0) if own else str(used + number)
        out += [escape(text[at : match.start()]), f'<ph id="{name}" dataRef="d{codes.index(code) + 1}"/>']
        at = match.end()
    return "".join([*out, escape(text[at:])])


@dataclass
class _Element:
    """An element as read: its name, its attributes, the line it begins on, and its text and elements in order."""

    name: str
    attributes: dict[str, str]
    line: int
    content: list[str | _Element] = field(default_factory=list)

    def all(self, *names: str) -> Iterator[_Element]:
        return (part for part in self.content if isinstance(part, _Element) and part.name in names)

    @property
    def text(self) -> str:
        return "".join(part for part in self.content if isinstance(part, str))


def read(name: str, text: str) -> tuple[str, list[Answer]]:
    """Return the language and the answers of an XLIFF 2.0 file."""
    root = _Reader(name).root(text)
    if root.name != "xliff" or root.attributes.get("version") not in ("2.0", "2.1"):
        raise UserError([problem(Place(name, root.line, 1), "xliff-version")])
    found = [(file.attributes.get("id", ""), unit) for file in root.all("file") for unit in _units(file)]
    return root.attributes.get("trgLang", ""), [_answer(name, clause, unit) for clause, unit in found]


def _units(parent: _Element) -> Iterator[_Element]:
    for part in parent.all("unit", "group"):
        if part.name == "unit":
            yield part
        else:
            yield from _units(part)


def _answer(name: str, clause: str, unit: _Element) -> Answer:
    data = {d.attributes.get("id", ""): d.text for holder in unit.all("originalData") for d in holder.all("data")}
    parts = list(unit.all("segment", "ignorable"))
    source = "".join(_said(name, one, data) for part in parts for one in part.all("source"))
    target = "".join(_said(name, one, data) for part in parts for one in part.all("target"))
    behind = any(part.attributes.get("state", "initial") == "initial" for part in parts if part.name == "segment")
    return Answer(clause, unit.attributes.get("id", ""), source, target, behind, unit.line)


def _said(name: str, element: _Element, data: dict[str, str]) -> str:
    """Return a text with its placeholders as they were written."""
    out = []
    for part in element.content:
        if isinstance(part, str):
            out.append(part)
        elif part.name == "ph" and part.attributes.get("dataRef") in data:
            out.append(data[part.attributes["dataRef"]])
        elif part.name in ("mrk", "pc"):
            out.append(_said(name, part, data))
        else:
            raise UserError([problem(Place(name, part.line, 1), "xliff-inline", what=part.name)])
    return "".join(out)


class _Reader:
    """Builds a tree of the XLIFF elements; a DTD, too much of anything or what is no XML is refused where it stands."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = lambda *_: self.refuse("xliff-dtd")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.buffer_text = True
        self.open: list[_Element] = [_Element("", {}, 1)]
        self.count = 0

    def root(self, text: str) -> _Element:
        try:
            self.parser.Parse(text.encode("utf-8"), True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            raise UserError([problem(Place(self.name, error.lineno, error.offset + 1), "xliff-syntax", what=what)]) from None
        return next(self.open[0].all("xliff"), _Element("", {}, 1))

    def problem(self, code: str, **values: object) -> Problem:
        return problem(Place(self.name, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1), code, **values)

    def refuse(self, code: str, **values: object) -> None:
        raise UserError([self.problem(code, **values)])

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.open) > MAX_DEPTH:
            self.refuse("xliff-size", limit=MAX_ELEMENTS, depth=MAX_DEPTH)
        space, _, own = name.rpartition(" ")
        element = _Element(own if space == NAMESPACE else name, attributes, self.parser.CurrentLineNumber)
        self.open[-1].content.append(element)
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        self.open[-1].content.append(text)
