"""Wording checks: every rule of the tables held against a document's text and facts. Documents in, findings out.

A rule names one of a small closed set of detectors. What a detector sees are the blocks of the assembled text, so that
words a filter has made count too; where they stand in the clause's file is worked out only for what is found.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeVar

from clausebook import evidence, occurrences, spots
from clausebook.blocks import Block
from clausebook.detectors import ByLocale, Edition, Late, Law, Pattern, Promise, Rule, Stated
from clausebook.document import Document, Entry, Number
from clausebook.errors import Place
from clausebook.facts import Fact, From, Strict
from clausebook.model import ClauseUse, Library, Path
from clausebook.occurrences import Asked, Spots, Typed, any_of, matches

T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """A rule that a policy breaks: where, in which locale (empty for facts), the words found and what is better.

    Where two places belong together, `against` is the other one and `theirs` are the words there.
    """

    rule: Rule
    policy: str
    place: Place
    locale: str = ""
    words: str = ""
    better: str = ""
    against: Place | None = None
    theirs: str = ""


def check(document: Document, rules: Iterable[Rule], laws: Iterable[Law], library: Library, as_of: datetime.date) -> list[Finding]:
    """Hold every rule that is for a policy against its document, in the order of the rules."""
    asked = tuple(document.policy.jurisdictions)
    wanted = library.memory.once(("rules", asked), (rules,), lambda: tuple(_wanted(rules, asked)))
    case = _Case(document, library, wanted, tuple(laws), as_of)
    found = [hit for rule in wanted for hit in _DETECTORS[rule.detect.name](case, rule, getattr(rule.detect, rule.detect.name))]
    return _distinct(found)


def _wanted(rules: Iterable[Rule], jurisdictions: tuple[str, ...]) -> Iterator[Rule]:
    return (rule for rule in rules if rule.detect.name in _DETECTORS and rule.jurisdiction in (None, *jurisdictions))


def waived(found: list[Finding], document: Document, as_of: datetime.date) -> tuple[list[Finding], set[str]]:
    """Return the findings no waiver stands for, and the rules that waivers have held back."""
    open_ = {waiver.rule for waiver in document.policy.waivers if waiver.until >= as_of}
    return [f for f in found if f.rule.id not in open_], {f.rule.id for f in found} & open_


def _distinct(found: list[Finding]) -> list[Finding]:
    seen: dict[tuple[Any, ...], Finding] = {}
    for finding in found:
        seen.setdefault((finding.rule.id, finding.place, finding.locale, finding.words), finding)
    return list(seen.values())


class _Text(NamedTuple):
    """One block of one clause in one locale."""

    entry: Entry
    locale: str
    at: int
    text: str


@dataclass(frozen=True)
class _Case:
    document: Document
    library: Library
    rules: tuple[Rule, ...]
    laws: tuple[Law, ...]
    as_of: datetime.date

    def texts(self, locale: str) -> Iterator[_Text]:
        """Yield every block of a locale, in reading order."""
        for entry in self.document.entries():
            yield from (_Text(entry, locale, n, block.text) for n, block in enumerate(entry.blocks.get(locale, ())))

    def naming(self, locale: str, names: list[str]) -> Iterator[_Text]:
        """Yield the blocks of a locale that hold one of some names, in reading order; most clauses do not."""
        for entry in self.document.entries():
            blocks = entry.blocks.get(locale, ())
            whole: str = self.library.memory.once("whole", (blocks,), partial(_joined, blocks))
            if any(name in whole for name in names):
                yield from (_Text(entry, locale, n, b.text) for n, b in enumerate(blocks) if any(name in b.text for name in names))

    @cached_property
    def holding(self) -> dict[tuple[str, Asked], list[_Text]]:
        """Return the blocks in which what the rules look for is found, by locale and what that is; most blocks hold nothing."""
        found: dict[tuple[str, Asked], list[_Text]] = {}
        once = self.library.memory.once
        rules, locales = self.rules, self.document.policy.locales
        asked = {locale: once(("asked", locale), (rules,), partial(occurrences.asked, rules, locale)) for locale in locales}
        for entry in self.document.entries():
            for locale, wanted in asked.items():
                blocks = entry.blocks.get(locale, ())
                for n, what in once(("held", locale), (wanted, blocks), partial(occurrences.holding, wanted, blocks, locale)):
                    found.setdefault((locale, what), []).append(_Text(entry, locale, n, blocks[n].text))
        return found

    def read(self, by_locale: ByLocale) -> Iterator[_Text]:
        """Yield the blocks that hold the pattern of their locale."""
        for locale, pattern in by_locale.items():
            yield from self.holding.get((locale, pattern), ())

    def at(self, rule: Rule, text: _Text, start: int, words: str, better: str = "") -> Finding:
        """Return a finding at words of a block."""
        place = spots.place(self.library, text.entry, text.locale, text.at, start)
        return Finding(rule, self.document.policy.id, place, text.locale, words, better)

    def at_policy(self, rule: Rule, path: Path, locale: str = "", words: str = "", better: str = "") -> Finding:
        """Return a finding at a place of the policy's own file."""
        place = self.library.policies[self.document.policy.id].source.place(path)
        return Finding(rule, self.document.policy.id, place, locale, words, better)

    def at_fact(self, rule: Rule, stated: tuple[Entry, Fact], path: Path, words: str) -> Finding:
        """Return a finding at a field of a fact (`path` is its kind and the field) in the clause's file."""
        entry, fact = stated
        source = self.library.clauses[entry.clause].source
        index = self._index(entry, str(path[0]), fact)
        place = source.key_place(("facts", path[0])) if index is None else source.place(("facts", path[0], index, *path[1:]))
        return Finding(rule, self.document.policy.id, place, "", words)

    def _index(self, entry: Entry, kind: str, fact: Fact) -> int | None:
        """Return which of the clause's written facts this one is: the first that says the same where it says it outright."""
        written = getattr(self.library.clauses[entry.clause].value.facts, kind)
        return next((n for n, raw in enumerate(written) if _same(raw, fact)), None)

    def pattern(self, rule: Rule, asked: Pattern) -> Iterator[Finding]:
        for text in self.read(asked.find):
            unless = asked.unless.get(text.locale)
            for start, words in matches(asked.find[text.locale], text.text):
                if not (unless and re.search(unless, evidence.around(text.text, start, text.locale))):
                    yield self.at(rule, text, start, words)

    def words(self, rule: Rule, tables: dict[str, dict[str, str]]) -> Iterator[Finding]:
        """A term the policy's profile holds is told once, there."""
        for locale, table in tables.items():
            near = self.holding.get((locale, occurrences.worded(tuple(table))), ())
            owners = {text.lower(): path for path, text in reversed(list(self.profile(locale)))}
            for word, better in table.items():
                owner = owners.get(word.lower())
                if owner:
                    yield self.at_policy(rule, owner, locale, word, better)
                    continue
                seen: set[str] = set()
                for text in near:
                    for start, found in matches(f"(?i:{re.escape(word)})", text.text)[:1]:
                        if text.entry.anchor not in seen:
                            seen.add(text.entry.anchor)
                            yield self.at(rule, text, start, found, better)

    def profile(self, locale: str) -> Iterator[tuple[Path, str]]:
        """Yield every text of the policy's profile in a locale, with its place."""
        for group, entries in self.document.policy.profile.items():
            for key, value in entries.items():
                if isinstance(value, dict) and isinstance(value.get(locale), str):
                    yield ("profile", group, key, locale), value[locale]
                elif isinstance(value, str):
                    yield ("profile", group, key), value

    def variants(self, rule: Rule, groups: dict[str, list[list[str]]]) -> Iterator[Finding]:
        """Of spellings that mean the same the commonest is kept; of equally common ones the first of the table."""
        for locale, alike in groups.items():
            for group in alike:
                yield from self.strays(rule, self.holding.get((locale, any_of(group)), []), group, "")

    def strays(self, rule: Rule, texts: list[_Text], names: list[str], own: str) -> Iterator[Finding]:
        """Yield the first place in each clause where another name than the document's own stands."""
        told = [(text, matches(any_of(names), text.text)) for text in texts]
        return self._strays(rule, told, names, own)

    def _strays(self, rule: Rule, told: list[tuple[_Text, Spots]], names: list[str], own: str) -> Iterator[Finding]:
        counts = Counter(word for _, spots_ in told for _, word in spots_)
        keep = own or max(names, key=lambda name: (counts[name], -names.index(name)))
        if len(counts) < (1 if own else 2):
            return
        seen: set[tuple[str, str]] = set()
        for text, spots_ in told:
            for start, word in spots_:
                if word != keep and (text.entry.anchor, word) not in seen:
                    seen.add((text.entry.anchor, word))
                    yield self.at(rule, text, start, word, keep)

    def self_names(self, rule: Rule, names: dict[str, list[str]]) -> Iterator[Finding]:
        """The profile's own names (group `policy`) are the document's; without them the commonest name is."""
        for locale, known in names.items():
            own = [value for path, value in self.profile(locale) if path[1] == "policy"]
            kept = next((value for value in own if value in known), "")
            known_there = self.holding.get((locale, any_of(known)), ())
            near = {(text.entry.anchor, text.at): text for text in (*known_there, *self.naming(locale, own))}
            told = [(text, occurrences.named(text.text, known, own)) for text in near.values()]
            yield from (f for f in self._strays(rule, told, [*known, *own], kept) if f.words not in own)

    def channels(self, rule: Rule, asked: list[Promise]) -> Iterator[Finding]:
        for promise in asked:
            for locale, pattern in promise.promise.items():
                promised = self.holding.get((locale, pattern), ())
                if promised and not any(matches(promise.address, text.text) for text in self.texts(locale)):
                    yield from (self.at(rule, text, start, words) for text in promised for start, words in matches(pattern, text.text))

    def absent(self, rule: Rule, patterns: ByLocale) -> Iterator[Finding]:
        """A document is judged by its source language; the page of a dated version shows its dates, whatever the text says."""
        if self.document.dated:
            return
        source = self.document.policy.source
        if source in patterns and (source, patterns[source]) not in self.holding:
            yield self.at_policy(rule, ("id",))

    def longest(self, rule: Rule, limits: dict[str, int]) -> Iterator[Finding]:
        for locale, limit in limits.items():
            for text in self.holding.get((locale, limit), ()):
                for start, sentence, size in occurrences.longer(text.text, locale, limit):
                    yield self.at(rule, text, start, f"{_short(sentence)} ({size})")

    def references(self, rule: Rule, patterns: ByLocale) -> Iterator[Finding]:
        for locale, pattern in patterns.items():
            known = {number.refs[locale] for number in self.numbers() if locale in number.refs}
            for text in self.holding.get((locale, Typed(pattern)), ()):
                for run in occurrences.typed(text.entry.blocks[locale][text.at]):
                    for _, words in matches(pattern, run.text):
                        if words not in known and words.split(" ")[-1] not in known:
                            yield self.at(rule, text, text.text.index(words), words)
        placed = {entry.clause for entry in self.document.entries()}
        for entry, fact in self.document.facts("collects"):
            target = getattr(fact, "retention_ref", None)
            if target and target not in placed:
                yield self.at_fact(rule, (entry, fact), ("collects", "retention_ref"), target)

    def numbers(self) -> Iterator[Number]:
        for part in self.document.walk():
            yield from (number for number in (part.number, *(entry.number for entry in part.entries)) if number)

    def citations(self, rule: Rule, patterns: ByLocale) -> Iterator[Finding]:
        for text in self.read(patterns):
            for match in re.finditer(patterns[text.locale], text.text):
                groups = match.groupdict()
                name, article = (groups.get(k) or groups.get(f"{k}2") or "" for k in ("law", "article"))
                law = next((w for w in self.laws if evidence.is_named(name, w.names.get(text.locale, []))), None)
                if law and (now := _moved(law, evidence.whole(article), self.as_of)) is not None:
                    yield self.at(rule, text, match.start(), match.group(), now)

    def unfounded(self, rule: Rule, asked: Stated) -> Iterator[Finding]:
        for entry in self.document.entries():
            if not any(kind == "defines" for kind, _ in entry.facts):
                for locale, index, start, words in self.of_entry("unfounded", entry, asked, partial(self._unfounded, entry, asked)):
                    yield self.at(rule, _Text(entry, locale, index, entry.blocks[locale][index].text), start, words)

    def _unfounded(self, entry: Entry, asked: Stated) -> Iterator[tuple[str, int, int, str]]:
        """Yield locale, block, place and words of all that a clause states and no fact of it holds."""
        held: evidence.Held | None = None  # gathered only where a clause states something
        for locale in asked.numbers:
            names, pattern = self._terms(asked, locale)
            for index, block in enumerate(entry.blocks.get(locale, ())):
                numbers = matches(asked.numbers[locale], block.text)
                claims = matches(asked.claim[locale], block.text)
                named = matches(pattern, block.text) if claims else ()
                if not (numbers or named):
                    continue
                held = held or self._holds(entry)
                for start, words in numbers:
                    if evidence.whole(words) not in held.numbers:
                        yield locale, index, start, words
                for start, words in named:
                    if not held.has(names[words], words, self.library):
                        yield locale, index, start, words

    def _holds(self, entry: Entry) -> evidence.Held:
        """Return what a clause's facts and parameters hold, once for all policies that state the same and call it the same."""
        use = self.uses.get(entry.anchor)
        rest = ("holds", self.manner, entry.clause, repr(use and use.params))
        return self.library.memory.once(rest, (entry.facts,), lambda: evidence.held(entry, use, self.document, self.library))

    def _terms(self, asked: Stated, locale: str) -> tuple[dict[str, frozenset[str]], str]:
        """Return what the policy calls the terms that are asked about, and a pattern that finds one of the names."""

        def make() -> tuple[dict[str, frozenset[str]], str]:
            names = evidence.names(self.library, self.document, asked, locale)
            return names, any_of(list(names))

        return self.library.memory.once(("asked", locale, self.manner), (asked,), make)

    def unstated(self, rule: Rule, share: float) -> Iterator[Finding]:
        for entry in self.document.entries():
            for kind, fact, shown in self.of_entry("unstated", entry, share, partial(self._unstated, entry, share)):
                yield self.at_fact(rule, (entry, fact), (kind,), f"{kind}: {_short(shown)}")

    def _unstated(self, entry: Entry, share: float) -> Iterator[tuple[str, Fact, str]]:
        """Yield the facts a clause's text does not show, each with the words it was looked for by."""
        bodies = {locale: entry.text(locale) for locale in entry.blocks}
        for kind, fact in entry.facts:
            for locale, body in bodies.items():
                shown = ""
                for words in self._shown(fact, locale):
                    shown = shown or words
                    if words in body or evidence.stands(words, entry.titles.get(locale, ""), body, locale, share):
                        break
                else:
                    if shown:
                        yield kind, fact, shown

    def _shown(self, fact: Fact, locale: str) -> tuple[str, ...]:
        """Return the words a text could state a fact by, once for all policies that call its terms the same."""
        once = self.library.memory.once
        return once(("shown", locale, self.manner), (fact,), lambda: tuple(evidence.shown(fact, self.document, locale)))

    def of_entry(self, what: str, entry: Entry, asked: object, find: Callable[[], Iterable[T]]) -> tuple[T, ...]:
        """Return what is found in a clause, once for all policies in which it says and holds the same and things are called the same."""
        parts = (asked, entry.facts, entry.blocks, entry.titles)  # assembly makes these anew where a use has other parameters
        return self.library.memory.once((what, self.manner), parts, lambda: tuple(find()))

    @cached_property
    def manner(self) -> str:
        """Return what the policy calls things, as text."""
        return repr((self.document.policy.names, self.document.policy.source))

    @cached_property
    def uses(self) -> dict[str, ClauseUse]:
        """Return the policy's uses of clauses by anchor."""
        return {use.anchor: use for use in evidence.uses(self.document.policy.sections)}

    def late(self, rule: Rule, asked: Late) -> Iterator[Finding]:
        for entry, fact in self.document.facts("incident"):
            told = getattr(fact, "to_individuals", None)
            if told and told.deadline and evidence.days(told.deadline) > evidence.days(asked.most):
                yield self.at_fact(rule, (entry, fact), ("incident", "to_individuals"), str(told.deadline))

    def unnamed(self, rule: Rule, generic: ByLocale) -> Iterator[Finding]:
        for kind in ("shares", "transfers"):
            for entry, fact in self.document.facts(kind):
                given: Any = fact
                if given.modality == "never" or getattr(given, "relation", "") in ("prohibited", "merger", "authority", "public"):
                    continue
                reached = [getattr(given, name, None) for name in ("recipient_contact", "rules_url", "contact", "sdk")]
                names = self.document.terms.get(str(given.recipient), {})
                nameless = given.recipient is None or any(re.search(p, names.get(loc, "")) for loc, p in generic.items())
                if nameless and not any(reached):
                    yield self.at_fact(rule, (entry, fact), (kind, "recipient"), str(given.recipient or kind))

    def domestic(self, rule: Rule, names: ByLocale) -> Iterator[Finding]:
        if not any(getattr(fact, "modality", None) != "never" for _, fact in self.document.facts("transfers")):
            return
        for entry, fact in self.document.facts("storage"):
            given: Any = fact
            called = self.document.terms[given.location]
            if given.exception is None and any(re.search(p, called.get(loc, "")) for loc, p in names.items()):
                yield self.at_fact(rule, (entry, fact), ("storage", "location"), given.location)


_DETECTORS: dict[str, Callable[[_Case, Rule, Any], Iterator[Finding]]] = {
    name: getattr(_Case, name)
    for name in (
        "pattern", "words", "variants", "self_names", "channels", "absent", "longest", "references", "citations",
        "unfounded", "unstated", "late", "unnamed", "domestic",
    )
}  # fmt: skip


def _joined(blocks: Iterable[Block]) -> str:
    return "\n".join(block.text for block in blocks)


def _short(text: str, limit: int = 24) -> str:
    return text if len(text) <= limit else text[:limit].rstrip() + "…"


def _same(written: Strict, fact: Strict) -> bool:
    """Tell whether a fact as written gives the same values; what it takes from parameters may be anything."""
    for name in type(written).model_fields:
        value = getattr(written, name)
        if name == "when" or isinstance(value, From):
            continue
        made = getattr(fact, name)
        if isinstance(value, Strict) and isinstance(made, Strict):
            if not _same(value, made):
                return False
        elif value != made:
            return False
    return True


def _moved(law: Law, article: int, day: datetime.date) -> str | None:
    """Return what an article is called in the edition in force; an empty text when it is gone; None when all is well."""
    edition: Edition | None = next((e for e in law.editions if e.since <= day and (e.until is None or day <= e.until)), None)
    if edition is None or (edition.articles and article > edition.articles):
        return ""
    return edition.moved.get(str(article))
