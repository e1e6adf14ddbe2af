"""Where what the rules look for stands in the blocks of clauses. Policies share most blocks, so what was found is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from clausebook import evidence
from clausebook.blocks import Block, Run
from clausebook.detectors import Rule

Spots = tuple[tuple[int, str], ...]


class Typed(NamedTuple):
    """A pattern that is looked for in what an author typed: in each run of a block that is no link."""

    pattern: str


Asked = str | Typed | int  # a pattern, or the longest a sentence may be


@lru_cache(maxsize=262144)
def matches(pattern: str, text: str) -> Spots:
    """Return where a pattern matches in a block; policies share most blocks, so what was found is kept."""
    return tuple((match.start(), match.group()) for match in re.finditer(pattern, text) if match.group())


@lru_cache(maxsize=65536)
def longer(text: str, locale: str, limit: int) -> tuple[tuple[int, str, int], ...]:
    """Return the sentences of a block that are longer than the limit: where each begins and how long it is."""
    sized = ((start, sentence, evidence.size(sentence, locale)) for start, sentence in evidence.sentences(text, locale))
    return tuple(found for found in sized if found[2] > limit)


def asked(rules: Iterable[Rule], locale: str) -> tuple[Asked, ...]:
    """Return all that the rules look for in the blocks of a locale."""
    found: list[Asked] = []
    for rule in rules:
        detect = rule.detect
        tables = [detect.pattern.find if detect.pattern else {}, detect.references or {}, detect.citations or {}, detect.absent or {}]
        tables += [promise.promise for promise in detect.channels or ()]
        tables += [detect.unfounded.numbers, detect.unfounded.claim] if detect.unfounded else []
        found += [table[locale] for table in tables if locale in table]
        found += [worded(tuple(table)) for table in [(detect.words or {}).get(locale)] if table]
        found += map(any_of, (detect.variants or {}).get(locale, ()))
        found += [any_of(names) for names in [(detect.self_names or {}).get(locale)] if names]
        found += [Typed(pattern) for pattern in [(detect.references or {}).get(locale)] if pattern]
        found += [limit for limit in [(detect.longest or {}).get(locale)] if limit]
    return tuple(dict.fromkeys(found))


def holding(asked: tuple[Asked, ...], blocks: tuple[Block, ...], locale: str) -> tuple[tuple[int, Asked], ...]:
    """Return which blocks of a clause hold which of the things that are looked for."""
    return tuple((n, what) for n, block in enumerate(blocks) for what in held(asked, block, locale))


@lru_cache(maxsize=1024)
def worded(words: tuple[str, ...]) -> str:
    """Return a pattern that finds one of some words, in capitals or not."""
    return "(?i:" + ("|".join(map(re.escape, words)) or "(?!)") + ")"


@lru_cache(maxsize=65536)
def held(asked: tuple[Asked, ...], block: Block, locale: str) -> tuple[Asked, ...]:
    """Return what of all that is looked for is found in a block: patterns that match, limits that a sentence goes beyond."""
    text, sorted_ = block.text, _sorted(asked)
    found: list[Asked] = [pattern for pattern, search in sorted_.patterns if search(text)]
    found += [what for what, search in sorted_.typed if any(search(run.text) for run in typed(block))]
    found += [limit for limit in sorted_.limits if len(text) > limit and longer(text, locale, limit)]
    return tuple(found)


Search = Callable[[str], object]


class _Sorted(NamedTuple):
    """What is looked for by kind, made ready; the one loop over all patterns and all texts goes through it."""

    patterns: list[tuple[str, Search]]
    typed: list[tuple[Typed, Search]]
    limits: list[int]


@lru_cache(maxsize=64)
def _sorted(asked: tuple[Asked, ...]) -> _Sorted:
    return _Sorted(
        [(what, re.compile(what).search) for what in asked if isinstance(what, str)],
        [(what, re.compile(what.pattern).search) for what in asked if isinstance(what, Typed)],
        [what for what in asked if isinstance(what, int)],
    )


def typed(block: Block) -> list[Run]:
    """Return what an author typed, where nothing generated a link."""
    return [run for run in block.runs if not run.href]


@lru_cache(maxsize=1024)
def _alternatives(words: tuple[str, ...]) -> str:
    parts = [rf"\b{re.escape(w)}\b" if w.isascii() else re.escape(w) for w in sorted(words, key=len, reverse=True)]
    return "|".join(parts) or "(?!)"


def named(text: str, known: list[str], own: list[str]) -> Spots:
    """Return where names stand in a block; a policy's own are looked for only where one of them is there at all."""
    names = [*known, *own] if any(name in text for name in own) else known
    return matches(any_of(names), text)


def any_of(words: list[str]) -> str:
    return _alternatives(tuple(words))
