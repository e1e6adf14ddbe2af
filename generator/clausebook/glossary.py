"""The glossary and the definitions of a policy held against its text. Documents in, findings out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

from clausebook import spots
from clausebook.blocks import Block
from clausebook.detectors import Checks, Rule
from clausebook.document import Document, Entry
from clausebook.errors import Place
from clausebook.lints import Finding
from clausebook.model import GlossaryTerm, Library, Policy

_TITLE = re.compile("《[^》]*》")


def check(document: Document, checks: Checks, library: Library) -> list[Finding]:
    """Hold the rules on terms that are for a policy against its document."""
    own = [rule for rule in checks.rules if rule.jurisdiction in (None, *document.policy.jurisdictions)]
    told = {(loc, word.lower()) for rule in own for loc, table in (rule.detect.words or {}).items() for word in table}
    case = _Case(document, library, frozenset(told))
    wanted = [rule for rule in own if rule.detect.glossary]
    return [found for rule in wanted for found in getattr(case, str(rule.detect.glossary))(rule)]


def kept(term: GlossaryTerm, policy: Policy, locale: str) -> str:
    """Return the form of a term that a policy keeps: one its profile or names hold, or else the preferred one."""
    return _kept(term, held(policy, locale), locale)


def held(policy: Policy, locale: str) -> str:
    """Return the words a policy chooses in a language, in its names and the group `term` of its profile, a line each."""
    values = (*policy.profile.get("term", {}).values(), *policy.names.values())
    found = (value[locale] for value in values if isinstance(value, dict) and locale in value)
    return "\n".join(text for text in found if isinstance(text, str))


def _kept(term: GlossaryTerm, text: str, locale: str) -> str:
    forms = (*term.spellings.get(locale, ()), *term.forbidden.get(locale, ()))
    low = text.lower() if forms else ""
    held_ = (form for form in forms if form.lower() in low and re.search(_pattern(form, whole=True), text))
    return next(held_, term.preferred.get(locale, ""))


@dataclass(frozen=True)
class _Words:
    """The forms that must not stand in a language, each with the one that must; `turned` are preferred ones a policy gave up."""

    better: dict[str, str]
    turned: frozenset[str]
    pattern: str

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Return the forms that must not stand."""
        return tuple(self.better)

    def of_title(self, title: str) -> tuple[tuple[int, str, str], ...]:
        """Return what `found` does in a title."""
        return tuple(self.found(title, title=True))

    def of_blocks(self, blocks: tuple[Block, ...]) -> tuple[tuple[int, int, str, str], ...]:
        """Return what `found` does in the blocks of a clause, each with the block's index."""
        return tuple((n, *found) for n, block in enumerate(blocks) for found in self.found(block.text))

    def found(self, text: str, *, title: bool = False) -> Iterator[tuple[int, str, str]]:
        """Yield where a form stands, what is written there and what is better. A title may serve other policies as well."""
        for start, said in _matches(self.pattern, self.forms, text):
            form = said.lower()
            if not (title and form in self.turned):
                better = self.better[form]
                yield start, said, better[:1].upper() + better[1:] if said[:1].isupper() else better


@dataclass(frozen=True)
class _Defined:
    """A word a clause defines: what it is called in each language, where in the order of the text, and on what basis."""

    names: dict[str, str]
    entry: Entry
    order: int
    own: bool


@dataclass(frozen=True)
class _Case:
    document: Document
    library: Library
    told: frozenset[tuple[str, str]]

    @cached_property
    def terms(self) -> list[GlossaryTerm]:
        """Return the terms of the glossary that are for this policy."""
        found = self.library.glossary.value.terms if self.library.glossary else []
        return [term for term in found if term.jurisdiction in (None, *self.document.policy.jurisdictions)]

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Return the terms that are for this policy by id."""
        return tuple(term.id for term in self.terms)

    @cached_property
    def kept(self) -> dict[str, dict[str, str]]:
        """Return the form this policy keeps, by language and term, once for all policies that choose the same words."""
        once, texts = self.library.memory.once, {locale: held(self.document.policy, locale) for locale in self.document.policy.locales}
        return {locale: once(("kept", locale, text, self.ids), (), partial(self._kept, text, locale)) for locale, text in texts.items()}

    def _kept(self, text: str, locale: str) -> dict[str, str]:
        return {term.id: _kept(term, text, locale) for term in self.terms}

    def variant(self, rule: Rule) -> Iterator[Finding]:
        """Yield every place of a form the policy does not keep; a word that another rule tells already is left to it."""
        once, place = self.library.memory.once, self.library.clauses
        for locale in self.document.policy.locales:
            words = self._words(locale)
            for entry in self.document.entries():
                title, blocks = entry.titles.get(locale, ""), entry.blocks.get(locale, ())
                for start, said, better in once((locale, title), (words,), partial(words.of_title, title)):
                    at = place[entry.clause].source.place(("text", locale, "title"))
                    yield Finding(rule, self.document.policy.id, Place(at.path, at.line, at.col + start), locale, said, better)
                for n, start, said, better in once("variants", (words, blocks), partial(words.of_blocks, blocks)):
                    at = spots.place(self.library, entry, locale, n, start)
                    yield Finding(rule, self.document.policy.id, at, locale, said, better)

    def _words(self, locale: str) -> _Words:
        """Return the forms that must not stand, the same for all policies that keep the same ones."""
        return self.library.memory.once(("forms", locale, self.told), (self.kept[locale],), lambda: self._forms(locale))

    def _forms(self, locale: str) -> _Words:
        better: dict[str, str] = {}
        turned: set[str] = set()
        patterns: list[str] = []
        for term in self.terms:
            keep, preferred = self.kept[locale][term.id], term.preferred.get(locale, "")
            spellings, forbidden = term.spellings.get(locale, []), term.forbidden.get(locale, [])
            for form in [*spellings, *forbidden, *([preferred] if keep != preferred else [])]:
                if keep and form != keep and (locale, form.lower()) not in self.told:
                    better[form.lower()] = keep
                    turned |= {form.lower()} if form == preferred else set()
                    patterns.append(_pattern(form, whole=form not in spellings))
        return _Words(better, frozenset(turned), "|".join(sorted(patterns, key=len, reverse=True)) or "(?!)")

    @cached_property
    def defined(self) -> list[_Defined]:
        """Return the words the document defines, in order."""
        found = []
        for order, entry in enumerate(self.document.entries()):
            for kind, fact in entry.facts:
                if kind == "defines" and isinstance(names := getattr(fact, "term", None), dict):
                    found.append(_Defined(names, entry, order, own=getattr(fact, "basis", None) is None))
        return found

    @cached_property
    def texts(self) -> dict[str, list[tuple[int, Entry, tuple[str, ...]]]]:
        """Return every clause by language: its order, and the text of each of its blocks, without references, in lower case."""
        return {
            locale: [
                (order, entry, self.library.memory.once("own", (blocks,), partial(_own, blocks)))
                for order, entry in enumerate(self.document.entries())
                if (blocks := entry.blocks.get(locale, ()))
            ]
            for locale in self.document.policy.locales
        }

    @cached_property
    def whole(self) -> dict[str, str]:
        """Return the whole text by language, in lower case, a line a block."""
        return {locale: "\n".join(text for *_, texts in found for text in texts) for locale, found in self.texts.items()}

    def undefined(self, rule: Rule) -> Iterator[Finding]:
        """A word the glossary wants defined is; a word the policy made itself is defined before it is used."""
        source = self.document.policy.source
        known = {word.names.get(source, "").lower() for word in self.defined}
        for term in self.terms:
            if term.defined and self.kept[source][term.id].lower() not in known:
                for locale in self.document.policy.locales:
                    if name := self.kept[locale][term.id]:
                        yield from self._first(rule, name, locale, None)
        for word in self.defined:
            for locale, name in word.names.items():
                if word.own and not self._is_product(name, locale):
                    yield from self._first(rule, name, locale, word)

    def _is_product(self, name: str, locale: str) -> bool:
        """Tell whether a name is that of the product or its operator, which the first sentence of a policy may hold."""
        groups = (self.document.policy.profile.get(group, {}) for group in ("operator", "product"))
        return any(isinstance(v, dict) and v.get(locale) == name for group in groups for v in group.values())

    def _first(self, rule: Rule, name: str, locale: str, word: _Defined | None) -> Iterator[Finding]:
        """Yield the first use of a word: of one defined further down only a use before, and none inside another definition."""
        defining = {other.order for other in self.defined} if word else set()
        for order, entry, texts in self.texts[locale] if name.lower() in self.whole.get(locale, "") else ():
            if word is not None and order >= word.order:
                return
            uses = ((n, match) for n, text in enumerate(texts) for match in _uses(name, text)) if order not in defining else ()
            for n, match in uses:
                place = spots.place(self.library, entry, locale, n, match.start())
                against = self._definition(word, locale) if word else None
                yield Finding(rule, self.document.policy.id, place, locale, name, against=against)
                return

    def _definition(self, word: _Defined, locale: str) -> Place:
        return self.library.clauses[word.entry.clause].source.place(("text", locale, "body"))

    def unused(self, rule: Rule) -> Iterator[Finding]:
        """A word counts as used where it stands outside the block that defines it."""
        for word in self.defined:
            for locale, name in word.names.items():
                if locale in self.whole and not _again(name.lower(), self.whole[locale]):
                    yield Finding(rule, self.document.policy.id, self._definition(word, locale), locale, name)


def _own(blocks: tuple[Block, ...]) -> tuple[str, ...]:
    """Return the text of each block without its references, in lower case."""
    return tuple("".join(" " * len(run.text) if run.href.startswith("#") else run.text for run in block.runs).lower() for block in blocks)


def _again(name: str, text: str) -> bool:
    """Tell whether a name stands in more than one line of a text."""
    first = text.find(name)
    end = text.find("\n", first)
    return first >= 0 and end >= 0 and text.find(name, end) >= 0


@lru_cache(maxsize=4096)
def _pattern(form: str, *, whole: bool) -> str:
    """Return what finds a form; another spelling also begins longer words (organizational)."""
    if not form.isascii():
        return re.escape(form)
    end = r"(?![\w@-])" if whole else ""
    return rf"(?<![\w@./-])(?i:{re.escape(form)}){end}"


def _uses(name: str, text: str) -> Iterator[re.Match[str]]:
    """Yield where a text in lower case uses a name, in the singular or the plural."""
    if (low := name.lower()) in text:
        yield from re.finditer(rf"\b{re.escape(low)}(?:e?s)?\b" if low.isascii() else re.escape(low), text)


@lru_cache(maxsize=65536)
def _matches(pattern: str, forms: tuple[str, ...], text: str) -> tuple[tuple[int, str], ...]:
    """Return where the pattern of some forms matches outside the titles of laws, which are what they are."""
    low = text.lower()
    if not any(form in low for form in forms):
        return ()
    titles = [match.span() for match in _TITLE.finditer(text)] if "《" in text else []
    found = ((match.start(), match.group()) for match in re.finditer(pattern, text))
    return tuple((start, said) for start, said in found if not any(a <= start < b for a, b in titles))
