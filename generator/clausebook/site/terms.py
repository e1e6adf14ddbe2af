"""Links from the words a policy defines to the place that defines them. Blocks in, blocks out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from clausebook.blocks import Block, Run
from clausebook.document import Document, Entry
from clausebook.model import GlossaryTerm, Policy
from clausebook.site.html import Defined, block_id

_QUOTED = '《[^》]*》|“[^”]*”|「[^」]*」|『[^』]*』|"[^"]*"'  # the title of a law, the words of another: they are what they are
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_NAME = re.compile(" [A-Z]")


@dataclass(frozen=True)
class Term:
    """A word a document defines: its name, what every form of it holds, the clause that defines it and the id of the block that does."""

    name: str
    stem: str
    anchor: str
    target: str


@dataclass(frozen=True)
class Terms:
    """What a language of a document defines. Group n of `pattern` is the n-th of `words`; what else matches is passed over."""

    words: tuple[Term, ...] = ()
    pattern: re.Pattern[str] = re.compile("(?!)")


def of(document: Document, locale: str, glossary: Iterable[GlossaryTerm] = ()) -> Terms:
    """Return the words a document defines in a language, the longest first.

    The product and the operator are named on every other line and have no links. A longer word that is another one (of the
    glossary, or in the profile) hides the word inside it.
    """
    found: dict[str, Term] = {}
    products = _names(document.policy, locale, ("operator", "product"))
    for entry, fact in document.facts("defines"):
        names: dict[str, str] = getattr(fact, "term", {})
        name = names.get(locale)
        if name and name not in found and name not in products:
            found[name] = Term(
                name, _stem(name).lower(), entry.anchor, block_id(entry.anchor, _block(entry, document.policy.source, names))
            )
    words = tuple(sorted(found.values(), key=lambda term: (-len(term.name), term.name)))
    if not words:
        return Terms()
    others = _others(found, {*_forms(glossary, locale), *_names(document.policy, locale, document.policy.profile)})
    return _terms(words, frozenset(others))


@lru_cache(maxsize=256)
def _terms(words: tuple[Term, ...], others: frozenset[str]) -> Terms:
    """Return the words with what finds them: one object for all versions that define the same."""
    alternatives = [(term.name, f"({_pattern(term.name)})") for term in words] + [(name, _pattern(name)) for name in others]
    ordered = sorted(alternatives, key=lambda pair: (-len(pair[0]), pair[0]))
    return Terms(words, re.compile("|".join([_QUOTED, *(pattern for _, pattern in ordered)])))


def _block(entry: Entry, source: str, names: dict[str, str]) -> int:
    """Return which block of a clause defines a word: the first of the source text that holds it, as the blocks of languages pair."""
    name = names.get(source, "").lower()
    return next((n for n, block in enumerate(entry.blocks.get(source, ())) if name in block.text.lower()), 0)


def _names(policy: Policy, locale: str, groups: Iterable[str]) -> set[str]:
    """Return what groups of a profile hold in a language."""
    values = (value for group in groups for value in policy.profile.get(group, {}).values())
    found = (value.get(locale) if isinstance(value, dict) else value for value in values)
    return {name for name in found if isinstance(name, str)}


def _forms(glossary: Iterable[GlossaryTerm], locale: str) -> Iterator[str]:
    for term in glossary:
        yield from filter(None, (term.preferred.get(locale), *term.spellings.get(locale, ()), *term.forbidden.get(locale, ())))


def _others(defined: Iterable[str], known: set[str]) -> list[str]:
    """Return the known words that hold a defined one and are not defined themselves."""
    low = {name.lower() for name in defined}
    return [name for name in known if name.lower() not in low and any(word in name.lower() for word in low)]


def _pattern(name: str) -> str:
    """Return what finds a word: as it is written or at the head of a sentence; of letters also in the singular and the plural."""
    stem = _stem(name)
    ending = "" if _HAN.match(name[-1]) else "s?" if stem != name else "(?:e?s)?"
    return f"(?:{re.escape(stem[0].lower())}|{re.escape(stem[0].upper())}){re.escape(stem[1:])}{ending}"


def _stem(name: str) -> str:
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


@lru_cache(maxsize=8192)
def linked(blocks: tuple[Block, ...], terms: Terms, anchor: str) -> tuple[Block, ...]:
    """Return the blocks of a clause in which the first use of each defined word leads to its definition, save in that clause itself."""
    left = {term.name: term for term in terms.words if term.anchor != anchor}
    return tuple(_linked(block, terms, left) for block in blocks)


def _linked(block: Block, terms: Terms, left: dict[str, Term]) -> Block:
    """Return a block with its links, and take from the words that are left what is linked."""
    text = block.text
    low = text.lower()
    if not any(term.stem in low for term in left.values()):
        return block
    runs = list(block.runs)
    for match in terms.pattern.finditer(text):
        term = left.get(terms.words[match.lastindex - 1].name) if match.lastindex else None
        if term and _apart(text, *match.span()) and (made := _cut(runs, *match.span(), term.target)):
            runs = made
            del left[term.name]
    return replace(block, runs=tuple(runs))


def _apart(text: str, start: int, end: int) -> bool:
    """Tell whether a match is a whole word, though Han may stand beside letters, and no part of a name: Personal Information Law."""
    first, last = not _HAN.match(text[start]), not _HAN.match(text[end - 1])
    inside = (first and _joins(text[:start][-1:], "@./-")) or (last and _joins(text[end : end + 1], "@-"))
    return not inside and not (last and _NAME.match(text, end))


def _joins(character: str, signs: str) -> bool:
    return bool(character) and (character in signs or (character.isalnum() and not _HAN.match(character)))


def _cut(runs: list[Run], start: int, end: int, target: str) -> list[Run] | None:
    """Return runs with a link from `start` to `end` of their text; None where no single run without a link holds it."""
    at = 0
    for n, run in enumerate(runs):
        if at <= start and end <= at + len(run.text):
            text, first, last = run.text, start - at, end - at
            link = Defined(text[first:last], run.strong, run.emphasis, f"#{target}")
            parts = [replace(run, text=text[:first]), link, replace(run, text=text[last:])]
            return None if run.href else [*runs[:n], *(part for part in parts if part.text), *runs[n + 1 :]]
        at += len(run.text)
    return None
