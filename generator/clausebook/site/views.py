"""What templates are given: documents, lists and summaries turned into the words of one locale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from babel import Locale, UnknownLocaleError
from markupsafe import Markup

from clausebook import alike, derive, evidence, messages
from clausebook.blocks import Block
from clausebook.document import Entry, Part
from clausebook.facts import Retention
from clausebook.model import GlossaryTerm, Settings
from clausebook.naming import Naming
from clausebook.requirements import Evidence
from clausebook.site import html, terms
from clausebook.site.standing import Shown

_DEFINED = alike.Made(1024)


@dataclass(frozen=True)
class Link:
    """A link or a plain word with its address; `note` says more beside it."""

    text: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class View(Naming):
    """One document as one locale shows it.

    `page` is the address of its policy page seen from the page being written; lists stand below it only with `has_lists`.
    `glossary` are the words of the site.
    """

    settings: Settings
    page: str = ""
    has_lists: bool = True
    glossary: Sequence[GlossaryTerm] = ()

    def lang(self, locale: str) -> str:
        """Return the language tag of a locale; a release may have one the site no longer has."""
        return self.settings.lang(locale) if locale in self.settings.locales else locale

    def language(self, locale: str) -> str:
        """Return what this page's language calls a language: Chinese, 中文."""
        own = self.settings.locales[locale].name if locale in self.settings.locales else locale
        try:
            name = Locale.parse(locale, sep="-").get_language_name(messages.language(self.locale))
        except (UnknownLocaleError, ValueError):
            return own
        return name or own

    def body(self, entry: Entry) -> Markup:
        """Return the HTML of a clause, in the source language where this one is missing."""
        locale = self.shown(entry)
        return html.body(self.blocks(entry, locale), entry.markers[locale], entry.anchor)

    def blocks(self, entry: Entry, locale: str) -> tuple[Block, ...]:
        """Return the blocks of a clause in a language, in which defined words lead to their definitions."""
        return terms.linked(entry.blocks.get(locale, ()), self.defined(locale), entry.anchor)

    def defined(self, locale: str) -> terms.Terms:
        """Return the words the document defines in a language."""
        return _DEFINED.of(self.document, self.glossary, beside=(locale,), make=partial(terms.of, self.document, locale, self.glossary))

    def shown(self, entry: Entry) -> str:
        """Return the locale a clause is really shown in."""
        return self.locale if self.locale in entry.blocks else self.document.policy.source

    def gaps(self) -> str:
        """Count the clauses this locale lacks, has behind the source or has from a machine; empty where there are none."""
        entries, source = list(self.document.entries()), self.language(self.document.policy.source)
        counts = {key: sum(self.locale in getattr(entry, key) for entry in entries) for key in ("stale", "missing", "drafts")}
        words = [self.say(f"gap-{key}", n=n, name=source) for key, n in counts.items() if n]
        said = [self.say("gaps", total=len(entries), words=self.wording.join(words))] if words else []
        names = self._borrowed()
        return self.say("sentences").join([*said, *([self.say("gap-names", n=names, name=source)] if names else [])])

    def _borrowed(self) -> int:
        """Count the names and headings this locale has to take from the source."""
        titles = [self.document.policy.title, *(part.titles for part in self.document.walk())]
        terms = [self.library.terms[term][1].name | self.document.policy.names.get(term, {}) for term in self.document.terms]
        return sum(self.locale not in found for found in (*titles, *terms))

    def tongue(self, item: Part | Entry) -> str:
        """Return the language tag of a heading: that of the source where this locale has no title."""
        return self.lang(self.locale if self.locale in item.titles else self.document.policy.source)

    @property
    def said_in(self) -> str:
        """Return the language tag of the page's own sentences."""
        spoken = messages.language(self.locale)
        return self.lang(self.locale) if spoken == self.locale.split("-")[0] else spoken

    def judged(self, kind: str, value: str) -> str:
        """Return a word of the coverage page: an outcome, its sign, a kind of fact."""
        words: dict[str, str] = messages.catalogue(self.locale)["coverage"][kind]
        return words[value]

    def missing(self, name: str) -> str:
        """Name what is missing: a term, a field of a fact, or a choice."""
        if name in self.library.terms:
            return self.name(name)
        words = messages.catalogue(self.locale)
        choice = next((c[name] for kind, c in words["choices"].items() if kind in _FACT_CHOICES and c.get(name)), name)
        return str(words["fields"].get(name) or words["coverage"]["link"].get(name, choice))

    def names(self, terms: Iterable[str]) -> list[tuple[str, bool]]:
        """Return (name, sensitive) for each term."""
        return [(self.name(t), t in self.document.sensitive) for t in terms]

    def clause(self, entry: Entry) -> Link:
        """Return a link to a clause on the policy page."""
        return Link(self.heading(entry), f"{self.page}#{entry.anchor}")

    def evidence(self, found: Evidence) -> Link:
        """Return a link to the sentence that states a fact: the block of its clause that says most of it."""
        index = evidence.block(found.fact, found.entry, self.document, self.shown(found.entry))
        block = html.block_id(found.entry.anchor, index)
        return Link(self.heading(found.entry), f"{self.page}#{block}")

    def retention(self, fact: Retention) -> str:
        """Say how long something is kept and what happens then."""
        said = [self.duration(str(fact.period))] if fact.period else []
        if fact.floor:
            said.append(self.floor(str(fact.floor)))
        if fact.method is not None:
            said.append(self.text(fact.method))
        if fact.end_action:
            said.append(self.choice("end_action", str(fact.end_action)))
        return self.say("retention", scope=self.term(str(fact.scope)), words=self.say("semicolon").join(said)) if said else ""

    def summary(self) -> list[dict[str, Any]]:
        """Return the summary's lines: topic, words, links to where it is said."""
        lines = []
        for cell in derive.summary(self.document):
            words = _SUMMARY.get(cell.topic, _counted)(self, cell)
            if words:
                lines.append({"topic": self.say(f"summary-{cell.topic}"), "words": words, "links": self._links(cell)})
        return lines

    def _links(self, cell: derive.Cell) -> list[Link]:
        """Link to the list that holds every row where there is one, else to each clause."""
        target = _LISTS.get(cell.topic)
        if target is None or not self.has_lists:
            return [self.clause(entry) for entry in cell.entries]
        return [Link(self.list_title(target), f"{self.page}lists/{target}/")]

    # Versions

    def version_label(self, shown: Shown) -> str:
        """Return what a version is called: its number, or that it is the draft."""
        return shown.version or self.say("status-draft")

    def status(self, shown: Shown) -> str:
        """Return the words for the status of a version."""
        return self.say(f"status-{shown.status}")

    def standing_note(self, shown: Shown) -> str:
        """Return the status of a version with the day that matters."""
        if shown.status == "superseded" and shown.span is None:
            return self.say("note-never")
        day = shown.span.last if shown.span and shown.status == "superseded" else shown.document.effective
        return self.say(f"note-{shown.status}", date=day)

    def list_from(self, shown: Shown) -> str:
        """Return the sentence that says which version a list is made from."""
        return self.say("list-from-version", version=shown.version) if shown.version else self.say("list-from")

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Return the clauses by their anchors."""
        return {entry.anchor: entry for entry in self.document.entries()}

    def told(self, words: Mapping[str, str]) -> tuple[str, str]:
        """Return words in this language, or in the source language where it has none; and which language that is."""
        locale = next((loc for loc in (self.locale, self.document.policy.source) if loc in words), next(iter(words)))
        return words[locale], locale

    def groups(self, terms: Iterable[str]) -> list[str]:
        """Return how many of the terms each group of the vocabulary has, in the vocabulary's order."""
        counts = Counter(self.library.terms[t][1].group for t in terms)
        found = [g for v in self.library.vocabularies.values() for g in v.value.groups if counts[g.id]]
        return [self.say("group-count", name=self.text(g.name), n=counts[g.id]) for g in found]


_FACT_CHOICES = ("agreement", "role", "consent", "relation", "necessity", "modality")
NAMED = 12  # more terms than this are counted by group instead of named one by one


def _counted(view: View, cell: derive.Cell) -> list[str]:
    """Count the terms of a cell and name them, or their groups where there are many."""
    key = f"count-{cell.topic}-sensitive" if cell.sensitive else f"count-{cell.topic}"
    number = len(cell.items)
    counted = view.say(key, n=number, sensitive=len(cell.sensitive), s="" if number == 1 else "s")
    terms = [str(item) for item in cell.items]
    names = [view.name(term) for term in terms] if number <= NAMED else view.groups(terms)
    return [view.say("counted", counted=counted, names=view.wording.join(names)) if names else view.say("counted-only", counted=counted)]


def _retention(view: View, cell: derive.Cell) -> list[str]:
    return [words for fact in cell.items if (words := view.retention(fact))]


_SUMMARY: dict[str, Callable[[View, derive.Cell], list[str]]] = {"retention": _retention}
_LISTS = {"collect": "collected", "purposes": "collected", "recipients": "shared"}
