"""Parity: every translation of a clause held against its source. Documents in, findings out.

What two texts state as such is compared in `comparison`; here stands what needs the policy or the library to be known:
names, laws, terms, facts, and words left in another language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from clausebook import comparison, evidence, language, readings, records, spots
from clausebook.blocks import Block
from clausebook.comparison import Difference, Mark, Pair, Side
from clausebook.detectors import Checks, Compared, Law, Rule
from clausebook.document import Document, Entry
from clausebook.errors import Place
from clausebook.lints import Finding
from clausebook.model import Clause, Library, Memory

_HAN = "\u3400-\u9fff"
_HAN_RUN = re.compile(f"[{_HAN}]+")
_WRITES_HAN = ("zh", "ja")
_PROSE = re.compile(r"(?<![（(“/.@\w-])[A-Za-z]+(?:[ '’-]+[A-Za-z]+)*")
_LOWER = re.compile(r"\b[a-z]{2,}\b")
_WIDE = re.compile("[\u3000-\u3003\u3008-\u3011\uff01-\uff5e]+")
_NARROW = re.compile(rf"(?<=[{_HAN}])[,;:?!()]|[,;:?!()](?=[{_HAN}])")
_MASK = "\ufffc"
_NOUNS = frozenset({"data", "recipients", "locations", "permissions", "measures"})  # other schemes name acts, which texts inflect
_SHARE = 0.5


def check(document: Document, checks: Checks, library: Library) -> list[Finding]:
    """Hold the languages of every clause of a document against each other, under the rules that are for its policy."""
    wanted = {rule.detect.parity: rule for rule in checks.rules if rule.jurisdiction in (None, *document.policy.jurisdictions)}
    locales, known = document.policy.locales, checks.readings
    readers = library.memory.once(("readers", *locales), (known,), lambda: readings.readers(known, locales))
    case = _Case(document, library, checks.laws, readers)
    found: list[Finding] = []
    for entry in document.entries():
        found += [case.finding(wanted[d.kind], entry, locale, d) for locale, d in case.entry(entry) if d.kind in wanted]
        found += case.facts(wanted["fact"], entry) if "fact" in wanted else ()
    return found


_sides = Memory()  # nothing of a library is in a side: both libraries of a review share what they read alike


@dataclass(frozen=True, eq=False)
class _Compared:
    """The languages of a clause held against each other, as far as no policy or library needs to be known.

    `strange` is what may stand in the wrong script, `differing` what a translation and its source do not both say, by locale.
    """

    sides: dict[str, Side]
    strange: tuple[tuple[str, Compared, Mark], ...]
    differing: dict[str, tuple[Difference, ...]]


@dataclass(frozen=True, eq=False)
class _Names:
    """What things are called in one language: ids by form, the longest form first."""

    forms: Mapping[str, Set[str]]

    @cached_property
    def ids(self) -> set[str]:
        """Return what has a name in the language."""
        return {key for keys in self.forms.values() for key in keys}

    def there(self, side: Side) -> list[str]:
        """Return the forms that stand in a text."""
        body = side.body
        return [form for form in self.forms if form in body]

    def only(self, forms: Iterable[str], ids: Set[str]) -> _Names:
        """Return these names with some forms and ids only, the same object for all policies that have the same."""
        return _same_names(tuple((form, frozenset(self.forms[form] & ids)) for form in forms))

    def of(self, side: Side) -> list[dict[str, Mark]]:
        """Return, block by block, the ids of what a text names, each with its first place."""
        there = self.there(side)
        return [self._block(n, text, there) if there else {} for n, text in enumerate(side.lowered)]

    def _block(self, index: int, text: str, forms: list[str]) -> dict[str, Mark]:
        found: dict[str, Mark] = {}
        for form in forms:
            for start in _alone(form, text):
                found |= {key: Mark(index, start, form) for key in self.forms[form] - found.keys()}
            text = text.replace(form, _MASK * len(form))
        return found


def _alone(form: str, text: str) -> Iterator[int]:
    """Yield where a form stands: one of Latin letters is a word of its own, and no part of an address.

    Forms are a policy's own names, too many for patterns to be worth making.
    """
    start = text.find(form)
    while start >= 0:
        end = start + len(form)
        stands = not form.isascii() or not (_joins(text[start - 1 : start], "@.") or _joins(text[end : end + 1], "@"))
        if stands:
            yield start
        start = text.find(form, end if stands else start + 1)


def _joins(character: str, more: str) -> bool:
    """Tell whether a character beside a word belongs to it: a letter, a figure, an underscore, or one of `more`."""
    return bool(character) and (character.isalnum() or character == "_" or character in more)


@lru_cache(maxsize=4096)
def _names(table: tuple[tuple[str, str], ...]) -> _Names:
    """Return a table of (id, name) as names; policies with the same profile share one."""
    forms: dict[str, set[str]] = {}
    for key, name in table:
        forms.setdefault(re.sub("^the ", "", name.lower()), set()).add(key)
    return _Names({form: forms[form] for form in sorted(forms, key=len, reverse=True) if form})


@lru_cache(maxsize=16384)
def _same_names(forms: tuple[tuple[str, frozenset[str]], ...]) -> _Names:
    return _Names(dict(forms))


@dataclass(frozen=True)
class _Case:
    document: Document
    library: Library
    laws: list[Law]
    readers: dict[str, readings.Reader]
    there: dict[tuple[str, _Names], _Names] = field(default_factory=dict)

    @cached_property
    def tables(self) -> dict[Compared, dict[str, _Names]]:
        """Return the names of the policy's profile and of laws, by language."""
        locales = self.document.policy.locales
        return {
            "name": {locale: _names(tuple(self._profile(locale))) for locale in locales},
            "law": self.library.memory.once(("laws", repr(self.document.policy.names), *locales), (self.laws,), self._called_laws),
        }

    def _called_laws(self) -> dict[str, _Names]:
        return {locale: _names(tuple(self._laws(locale))) for locale in self.document.policy.locales}

    def _profile(self, locale: str) -> Iterator[tuple[str, str]]:
        """Names that read alike in the source are one: the policy may call the same thing differently elsewhere."""
        source = self.document.policy.source
        for group, entries in self.document.policy.profile.items():
            for value in entries.values() if group != "term" else ():
                if isinstance(value, dict) and isinstance(value.get(locale), str) and isinstance(value.get(source), str):
                    yield value[source].lower(), value[locale]

    def _laws(self, locale: str) -> Iterator[tuple[str, str]]:
        for term, (scheme, record) in self.library.terms.items():
            if scheme == "laws":
                own = self.document.policy.names.get(term, {})
                yield from ((term, name[locale]) for name in (record.name, record.short or {}, own) if locale in name)
        for law in self.laws:
            yield from ((law.id, name) for name in law.names.get(locale, ()))

    @cached_property
    def foreign(self) -> dict[str, tuple[str, str]]:
        """Return, by language, all that names things in it, a line each: what may stand in another script."""
        known = self.library.memory.once("terms", (self.library.terms,), self._terms)
        profile: list[Any] = [value for entries in self.document.policy.profile.values() for value in entries.values()]
        names = [*self.document.terms.values(), *(v for v in profile if isinstance(v, dict)), *self.document.policy.names.values()]
        plain = [value for value in profile if isinstance(value, str)]
        locales = self.document.policy.locales
        return {loc: (known.get(loc, ""), "\n".join([*plain, *(str(n[loc]) for n in names if loc in n)])) for loc in locales}

    def _terms(self) -> dict[str, str]:
        """Return the names of the vocabulary by language, a line each."""
        found: dict[str, list[str]] = {}
        for _, record in self.library.terms.values():
            for locale, name in record.name.items():
                found.setdefault(locale, []).append(name)
        return {locale: "\n".join(names) for locale, names in found.items()}

    def entry(self, entry: Entry) -> Iterator[tuple[str, Difference]]:
        """Yield what each translation of a clause and its source do not both say, and what stands in the wrong script."""
        compared = self.compared(entry)
        source = compared.sides.get(self.document.policy.source)
        for locale, kind, mark in compared.strange:
            if kind == "punctuation" or not any(mark.words in names for names in self.foreign[locale]):
                yield locale, Difference(kind, Mark(mark.index), mark)
        for locale, differing in compared.differing.items():
            yield from ((locale, difference) for difference in differing)
            other = compared.sides[locale]
            if source is not None and source.blocks and other.blocks:
                yield from ((locale, difference) for difference in (*self.named(source, other), *self.terms(entry, Pair(source, other))))

    def compared(self, entry: Entry) -> _Compared:
        """Return the languages of a clause held against each other, the same for all policies in which it reads alike."""
        source, blocks = self.document.policy.source, entry.blocks
        readers = [self.readers[locale] for locale in blocks]
        return _sides.once((source, *blocks), (*blocks.values(), *readers), lambda: self._compared(blocks))

    def _compared(self, blocks: dict[str, tuple[Block, ...]]) -> _Compared:
        sides = {locale: self.side(locale, found) for locale, found in blocks.items()}
        source = sides.get(self.document.policy.source)
        strange = tuple((locale, kind, mark) for locale, side in sides.items() for kind, mark in _strange(side))
        others = {locale: side for locale, side in sides.items() if side is not source} if source else {}
        return _Compared(sides, strange, {locale: comparison.differences(source, side) for locale, side in others.items() if source})

    def side(self, locale: str, blocks: tuple[Block, ...]) -> Side:
        """Return one language of a clause, the same for all policies in which it reads alike."""
        reader = self.readers[locale]
        return _sides.once(locale, (blocks, reader), lambda: Side(locale, blocks, reader))

    def named(self, source: Side, other: Side) -> Iterator[Difference]:
        """Compare names and laws."""
        names, laws = (self.tables[kind] for kind in ("name", "law"))
        yield from _unequal("law", source, other, *_comparable(laws[source.locale], laws[other.locale]))
        ours, theirs = _comparable(names[source.locale], names[other.locale])
        here, there = (self.called(side.locale, table).there(side) for side, table in ((source, ours), (other, theirs)))
        if here or there:  # only of the names that stand there, for the others differ from policy to policy
            yield from _unequal("name", source, other, ours.only(here, ours.ids), theirs.only(there, theirs.ids))

    def called(self, locale: str, table: _Names) -> _Names:
        """Return the names of a table that stand anywhere in the document."""
        if (locale, table) not in self.there:
            sides = (self.compared(entry).sides.get(locale) for entry in self.document.entries())
            whole = "\n".join(side.body for side in sides if side)
            self.there[locale, table] = table.only((form for form in table.forms if form in whole), table.ids)
        return self.there[locale, table]

    def terms(self, entry: Entry, pair: Pair) -> Iterator[Difference]:
        """A term of a fact that one text names as the vocabulary does is named, or told in much the same words, by the other."""
        for term in self.library.memory.once("nouns", (entry.facts,), lambda: _nouns(entry)):
            names = self.document.terms[term]
            for here, there in ((pair.source, pair.other), (pair.other, pair.source)):
                named, wanted = names.get(here.locale, "").lower(), names.get(there.locale, "").lower()
                if not (named and wanted and named in here.body) or wanted in there.body:
                    continue
                if not evidence.stands(wanted, entry.titles.get(there.locale, ""), there.body, there.locale, _SHARE):
                    at = next(Mark(n, text.find(named), named) for n, text in enumerate(here.lowered) if named in text)
                    marks = {here.locale: at, there.locale: comparison.mark(there, at.index)}
                    yield Difference("term", marks[pair.source.locale], marks[pair.other.locale])

    def facts(self, rule: Rule, entry: Entry) -> Iterator[Finding]:
        """Yield a finding for each value that only one of two bodies uses, at the translation."""
        loaded, source = self.library.clauses[entry.clause], self.document.policy.source
        texts = loaded.value.text
        if source not in entry.blocks or self.library.memory.once(("agree", source), (loaded,), lambda: _agree(loaded.value, source)):
            return
        for locale in entry.blocks.keys() - {source}:
            ours, theirs = texts[source].body, texts[locale].body
            for name, line, col in _only(ours, theirs):
                used = loaded.source.inside(("text", source, "body"), line, col)
                place = loaded.source.inside(("text", locale, "body"), 1, 1)
                yield Finding(rule, self.document.policy.id, place, locale, against=used, theirs=name)
            for name, line, col in _only(theirs, ours):
                place = loaded.source.inside(("text", locale, "body"), line, col)
                lacking = loaded.source.inside(("text", source, "body"), 1, 1)
                yield Finding(rule, self.document.policy.id, place, locale, name, against=lacking)

    def finding(self, rule: Rule, entry: Entry, locale: str, found: Difference) -> Finding:
        """Return a difference as a finding at the translation that names the place in the source."""
        place = self._place(entry, locale, found.other)
        source = self.document.policy.source
        against = self._place(entry, source, found.source) if locale != source and source in entry.blocks else None
        return Finding(rule, self.document.policy.id, place, locale, found.other.words, "", against, found.source.words)

    def _place(self, entry: Entry, locale: str, mark: Mark) -> Place:
        if not entry.blocks[locale]:
            return self.library.clauses[entry.clause].source.place(("text", locale, "body"))
        return spots.place(self.library, entry, locale, mark.index, mark.start)


@lru_cache(maxsize=4096)
def _comparable(ours: _Names, theirs: _Names) -> tuple[_Names, _Names]:
    """Return the names of what has one in both languages; the forms of all else still stand in the way of shorter ones."""
    both = ours.ids & theirs.ids
    return ours.only(ours.forms, both), theirs.only(theirs.forms, both)


def _nouns(entry: Entry) -> set[str]:
    """Return the terms of a clause's facts that texts call by their names."""
    return {term for _, fact in entry.facts for term in records.named(fact, _NOUNS)}


@lru_cache(maxsize=65536)
def _unequal(kind: Compared, source: Side, other: Side, ours: _Names, theirs: _Names) -> tuple[Difference, ...]:
    """Return the names only one of two texts holds, block by block where blocks pair. Both languages have names for the same ids."""
    here, there = ours.of(source), theirs.of(other)
    found: list[Difference] = []
    for one, two in Pair(source, other).groups() if any(here) or any(there) else ():
        a, b = _merged(here, one), _merged(there, two)
        found += [Difference(kind, a[key], comparison.mark(other, a[key].index)) for key in a if key not in b]
        found += [Difference(kind, comparison.mark(source, b[key].index), b[key]) for key in b if key not in a]
    return tuple(found)


def _merged(found: list[dict[str, Mark]], indexes: range) -> dict[str, Mark]:
    return {key: mark for n in reversed(indexes) for key, mark in found[n].items()}


@lru_cache(maxsize=65536)
def _strange(side: Side) -> tuple[tuple[Compared, Mark], ...]:
    """Return what is not of a text's script: punctuation, any Han, or Latin words that make a sentence or a whole block."""
    han = side.locale.split("-")[0] in _WRITES_HAN
    found: list[tuple[Compared, Mark]] = []
    for n, text in enumerate(side.texts):
        found += [("punctuation", Mark(n, m.start(), m.group())) for m in (_NARROW if han else _WIDE).finditer(text)]
        found += [("script", Mark(n, m.start(), m.group())) for m in (_latin(text) if han else _HAN_RUN.finditer(text))]
    return tuple(found)


def _latin(text: str) -> Iterator[re.Match[str]]:
    least = 2 if _HAN_RUN.search(text) else 1
    yield from (m for m in _PROSE.finditer(text) if len(_LOWER.findall(m.group())) >= least)


def _agree(clause: Clause, source: str) -> bool:
    """Tell whether the bodies of a clause use the same values in all languages."""
    bodies = [text.body for text in clause.text.values()]
    return source in clause.text and all(_uses(body).keys() == _uses(clause.text[source].body).keys() for body in bodies)


@lru_cache(maxsize=16384)
def _only(here: str, there: str) -> tuple[tuple[str, int, int], ...]:
    """Return the names that one body uses and the other does not."""
    return tuple((name, use.line, use.col) for name, use in _uses(here).items() if name not in _uses(there))


@lru_cache(maxsize=16384)
def _uses(body: str) -> dict[str, language.Use]:
    made = language.parse(body)
    refs = {f"ref('{use.parts[0]}')": use for use in reversed(made.refs)}
    return refs | {".".join(use.parts): use for use in reversed([*made.names, *made.terms])}
