"""What a translator gets: the title and the blocks of a clause as written, with what stands between braces kept apart.

A body is cut into segments that join to the same bytes again, so what nobody translates differently is not touched.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from clausebook import translation
from clausebook.facts import KINDS
from clausebook.language import TAG
from clausebook.model import Clause, ClauseText, Library
from clausebook.translation import Translation

TITLE = "title"
_START = re.compile(r"([ \t]*)((?:[-*+]|\d+[.)])[ \t]+)?")


@dataclass(frozen=True)
class Segment:
    """A block of a body as written: `lead` is all that stands before its text, tags and empty lines too. The last has no text."""

    lead: str
    text: str

    @property
    def shape(self) -> tuple[str, ...]:
        """Return what pairs a block with its translation: the conditions before it and what kind of block it is."""
        *above, own = self.lead.split("\n")
        kind = re.sub(r"\d+", "1", own.strip())
        return (*(line.strip() for line in above if line.strip()), kind, str(len(own) - len(own.lstrip())))


@dataclass(frozen=True)
class Unit:
    """One block to translate. `behind` tells that its translation needs work; `previous` is the source it was made from."""

    clause: str
    block: str
    source: str
    target: str = ""
    behind: bool = False
    previous: str = ""
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the unit's name in a file of units."""
        return f"{self.clause}#{self.block}"


@dataclass(frozen=True)
class Answer:
    """What came back for a unit, and the line of the file it stands on."""

    clause: str
    block: str
    source: str
    target: str
    behind: bool = False
    line: int = 0

    @property
    def id(self) -> str:
        """Return the unit's name."""
        return f"{self.clause}#{self.block}"


@dataclass(frozen=True)
class Bundle:
    """The units of some clauses into one language, as they go out. `langs` are the language tags; `paths` the clauses' files."""

    source: str
    locale: str
    langs: dict[str, str]
    units: tuple[Unit, ...]
    paths: dict[str, str]
    made: datetime.date


def segments(body: str) -> tuple[Segment, ...]:
    """Cut a body into its blocks; joined they are the body."""
    found: list[Segment] = []
    lead, inside = "", False
    for line in re.findall(r"[^\n]*\n|[^\n]+", body):
        words, end = line.removesuffix("\n"), line[len(line.removesuffix("\n")) :]
        start = _START.match(words)
        if not TAG.sub("", words).strip():
            lead, inside = lead + line, False
        elif inside and not (start and start[2]):
            found[-1], lead = replace(found[-1], text=found[-1].text + lead + words), end
        else:
            cut = start.end() if start else 0
            found.append(Segment(lead + words[:cut], words[cut:]))
            lead, inside = end, True
    return (*found, Segment(lead, ""))


def joined(parts: tuple[Segment, ...]) -> str:
    """Return the body the segments are of."""
    return "".join(part.lead + part.text for part in parts)


def filled(parts: tuple[Segment, ...], words: list[str]) -> str:
    """Return a body of the same blocks with other words; the last segment has none."""
    return joined((*(replace(part, text=text) for part, text in zip(parts, words, strict=False)), parts[-1]))


def pairs(source: tuple[Segment, ...], target: tuple[Segment, ...]) -> bool:
    """Tell whether two bodies have the same blocks under the same conditions."""
    return [part.shape for part in source] == [part.shape for part in target]


def of(library: Library, found: Translation, origin: ClauseText | None) -> list[Unit]:
    """Return the units of a translation. `origin` is the source text it was made from, where that is known and no longer the source."""
    clause = library.clauses[found.clause].value
    source = clause.text[found.source]
    now, targets = texts(source), translated(source, clause.text.get(found.locale))
    before = _before(origin, now) if found.without == "stale-text" else {}
    changed = [block for block in before if before[block] != now[block]]
    return [
        Unit(
            clause=clause.id,
            block=block,
            source=text,
            target=targets.get(block, ""),
            behind=found.without in translation.OPEN and (not changed or block in changed),
            previous=before[block] if block in changed else "",
            notes=(*(_facts(clause, found.source) if block == TITLE else ()), *_words(library, text, found)),
        )
        for block, text in now.items()
    ]


def texts(text: ClauseText) -> dict[str, str]:
    """Return the title and the blocks of a text by the name of their unit."""
    blocks = enumerate(segments(text.body)[:-1], 1)
    return {TITLE: text.title, **{f"b{n}": part.text for n, part in blocks}}


def translated(source: ClauseText, target: ClauseText | None) -> dict[str, str]:
    """Return what a translation has for each unit of the source: only its title where its blocks are not those of the source."""
    if target is None:
        return {}
    return texts(target) if pairs(segments(source.body), segments(target.body)) else {TITLE: target.title}


def _before(origin: ClauseText | None, now: dict[str, str]) -> dict[str, str]:
    """Return the earlier text of each block, or nothing where the blocks are not the same ones."""
    before = texts(origin) if origin else {}
    return before if before.keys() == now.keys() else {}


def _facts(clause: Clause, source: str) -> Iterator[str]:
    for kind in KINDS:
        for fact in getattr(clause.facts, kind):
            said = translation.plain(fact, source)
            yield f"{kind}: " + "; ".join(f"{name} = {_flat(value)}" for name, value in said.items())


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_flat(inner)}" for name, inner in value.items())
    return ", ".join(map(_flat, value)) if isinstance(value, list) else str(value)


def _words(library: Library, text: str, found: Translation) -> Iterator[str]:
    """Yield what glossary and vocabulary call the words of a text in the other language, longest first."""
    glossary = library.glossary.value.terms if library.glossary else []
    terms = [*(term.name for _, term in library.terms.values()), *(term.preferred for term in glossary)]
    names = {name.get(found.source, ""): name.get(found.locale) for name in terms}
    for name in sorted(filter(lambda name: len(name) > 1, names), key=lambda name: (-len(name), name)):
        if name in text and names[name]:
            yield f"{name} = {names[name]}"
            text = text.replace(name, " ")


def placeholders(text: str) -> list[str]:
    """Return what stands between braces in a text, in order, as written."""
    return TAG.findall(text)


def meaning(placeholder: str) -> str:
    """Return what a placeholder stands for: a value without its filters, as languages fit it in differently; a tag whole."""
    inner = " ".join(placeholder[2:-2].strip(" +-").split())
    return f"{{{{ {inner.split('|')[0].strip()} }}}}" if placeholder.startswith("{{") else f"{{% {inner} %}}"


def lost(source: str, target: str) -> tuple[list[str], list[str]]:
    """Return the placeholders of a source that are not in its translation, and those of the translation that are not in the source."""
    before, after = (dict.fromkeys(map(meaning, placeholders(text))) for text in (source, target))
    return [found for found in before if found not in after], [found for found in after if found not in before]
