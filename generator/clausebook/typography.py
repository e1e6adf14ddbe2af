"""Spaces and widths in Chinese text, found with the linter autocorrect, held to the one rule of the house. Documents in, findings out.

Han and Latin letters or digits stand one space apart, and punctuation is full-width. Two things are left as they are: dates,
which the filter `date` writes without spaces, and what a profile holds, since a name is written as its owner writes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache, partial
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from typing import Any, Literal

from clausebook import spots
from clausebook.blocks import Block
from clausebook.detectors import Checks, Rule
from clausebook.document import Document
from clausebook.errors import Place
from clausebook.evidence import is_han
from clausebook.lints import Finding
from clausebook.model import Library, Path, Policy, Section

Kind = Literal["spacing", "width"]

_DATE = re.compile(r"\d+年(?:\d+月(?:\d+日)?)?|\d+月\d+日")
# Off is what the house does otherwise (half-width punctuation after Latin words) or what belongs to code and Markdown.
_OFF = ("halfwidth-punctuation", "spellcheck", "space-bracket", "space-backticks", "space-dash", "space-dollar")


def is_there() -> bool:
    """Tell whether the linter is installed: it is the extra `typography`."""
    return find_spec("autocorrect_py") is not None


@dataclass(frozen=True)
class Slip:
    """Characters of a text, where they begin, and what should stand there."""

    kind: Kind
    start: int
    words: str
    better: str


def check(document: Document, checks: Checks, library: Library) -> list[Finding]:
    """Hold the rules on typography against the Chinese of a document; without the linter there is nothing to hold."""
    rules = {rule.detect.typography: rule for rule in checks.rules if rule.detect.typography} if is_there() else {}
    found: list[Finding] = []
    for locale in filter(is_han, document.policy.locales if rules else ()):
        kept = _kept(document.policy, locale)
        every = chain(_titles(document.policy, library, locale, kept), _blocks(document, library, locale, kept))
        found += (Finding(rules[s.kind], document.policy.id, place, locale, s.words, s.better) for place, s in every if s.kind in rules)
    return found


def told(found: Iterable[Finding], rules: Iterable[Rule]) -> list[Finding]:
    """Return findings in which no mark is told twice: where a slip of width says what is better, the comparison of languages is silent."""
    known = list(found)
    width = {rule.id for rule in rules if rule.detect.typography == "width"}
    better = {(f.place, f.locale) for f in known if f.rule.id in width}
    return [f for f in known if f.rule.detect.parity != "punctuation" or (f.place, f.locale) not in better]


def _titles(policy: Policy, library: Library, locale: str, kept: tuple[str, ...]) -> Iterator[tuple[Place, Slip]]:
    source = library.policies[policy.id].source
    for path, titles in ((("title",), policy.title), *_sections(policy.sections, ("sections",))):
        for slip in slips(titles.get(locale, ""), kept):
            yield _at(source.place((*path, locale)), slip)


def _sections(sections: list[Section], path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    for index, section in enumerate(sections):
        yield (*path, index, "title"), section.title
        yield from _sections(section.sections, (*path, index, "sections"))


def _blocks(document: Document, library: Library, locale: str, kept: tuple[str, ...]) -> Iterator[tuple[Place, Slip]]:
    once = library.memory.once
    for entry in document.entries():
        for slip in slips(entry.titles.get(locale, ""), kept):
            yield _at(library.clauses[entry.clause].source.place(("text", locale, "title")), slip)
        blocks = entry.blocks.get(locale, ())
        for index, slip in once(("slips", kept), (blocks,), partial(_of_blocks, blocks, kept)):
            yield spots.place(library, entry, locale, index, slip.start), slip


def _of_blocks(blocks: tuple[Block, ...], kept: tuple[str, ...]) -> tuple[tuple[int, Slip], ...]:
    """Return what is wrong in the blocks of a clause, each with the block's index."""
    return tuple((index, slip) for index, block in enumerate(blocks) for slip in slips(block.text, kept))


def _at(place: Place, slip: Slip) -> tuple[Place, Slip]:
    return Place(place.path, place.line, place.col + slip.start), slip


def _kept(policy: Policy, locale: str) -> tuple[str, ...]:
    """Return the texts of a profile that the linter would change."""
    values = (value for group in policy.profile.values() for value in group.values())
    found = (value.get(locale) if isinstance(value, dict) else value for value in values)
    return tuple(text for text in found if isinstance(text, str) and _mended(text) != text)


@lru_cache(maxsize=16384)
def slips(text: str, kept: tuple[str, ...] = ()) -> tuple[Slip, ...]:
    """Return what is wrong with the spaces and widths of a text, but for the words that are `kept`."""
    better = _mended(text)
    if better == text:
        return ()
    spans = [match.span() for match in chain(_DATE.finditer(text), *(re.finditer(re.escape(word), text) for word in kept))]
    cuts = [cut for op, *cut in SequenceMatcher(None, text, better, autojunk=False).get_opcodes() if op != "equal"]
    return tuple(_slip(text, better, cut) for cut in cuts if not any(_inside(cut[0], cut[1], span) for span in spans))


def _inside(start: int, end: int, span: tuple[int, int]) -> bool:
    """Tell whether a change lies inside some words; what is put in at their edge does not."""
    return span[0] <= start and end <= span[1] and not (start == end and start in span)


def _slip(text: str, better: str, cut: list[int]) -> Slip:
    """Return a slip; where only a space is missing or too much, with the characters around it."""
    start, end, first, last = cut
    old, new = text[start:end], better[first:last]
    spacing = not (old + new).strip()
    if spacing:
        before, after = text[max(start - 1, 0) : start], text[end : end + 1]
        return Slip("spacing", start - len(before), before + old + after, before + new + after)
    return Slip("width", start, old, new)


@lru_cache(maxsize=16384)
def _mended(text: str) -> str:
    """Return a text as the linter would have it; what it makes half-width it sets apart only the second time."""
    return str(_linter().format(_linter().format(text)))


@lru_cache(maxsize=1)
def _linter() -> Any:
    """Return the linter with the rules of the house; its settings hold for the whole process."""
    linter: Any = import_module("autocorrect_py")
    linter.load_config(json.dumps({"rules": dict.fromkeys(_OFF, 0)}))
    return linter
