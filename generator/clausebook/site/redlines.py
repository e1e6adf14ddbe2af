"""Redline pages: what one version says otherwise than another, clause by clause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial

from markupsafe import Markup

from clausebook import alike, marked
from clausebook.document import Entry, Part
from clausebook.marked import Marked, Passage
from clausebook.site import log, marks
from clausebook.site.log import Sides
from clausebook.site.marks import Ends
from clausebook.site.model import Heading, SitePage, Told, relative
from clausebook.site.places import At
from clausebook.site.places import redline as place_of
from clausebook.site.standing import Shown
from clausebook.site.views import Link, View
from clausebook.site.writer import Writer

_PASSAGES = alike.Made()


@dataclass(frozen=True)
class Passed:
    """A changed section or clause: its heading, marks, what stands before it, and the changes before and after it.

    `elsewhere` are the languages whose text changed, where that of the page did not.
    """

    id: str
    status: str
    moved: bool
    title: Markup
    body: Markup
    near: tuple[str, ...]
    link: Link | None
    said: tuple[str, ...] = ()
    elsewhere: tuple[Link, ...] = ()
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Redline:
    """Two versions compared in one language, seen from a page."""

    writer: Writer
    at: At
    old: Shown
    new: Shown

    @cached_property
    def views(self) -> tuple[View, View]:
        """Return the old and the new version as seen from the page."""
        return self.writer.seen(self.at, self.old), self.writer.seen(self.at, self.new)

    @cached_property
    def marked(self) -> tuple[Marked, ...]:
        """Return every section and clause compared. Pages of one pair in one language share it."""
        return self.compared(self.at.locale)

    def compared(self, locale: str) -> tuple[Marked, ...]:
        """Return the comparison in a language."""
        key = ("redline", self.at.standing.policy, self.old.place, self.new.place, locale)
        made: tuple[Marked, ...] = self.writer.once(
            key, lambda: marked.documents(_passages(self.old, locale), _passages(self.new, locale), locale, self.names(locale))
        )
        return made

    def names(self, locale: str) -> frozenset[str]:
        """Return the names of every version's terms, which are never split: the same set for all pairs, for it is costly to prepare."""
        versions = self.at.standing.versions
        found: frozenset[str] = self.writer.once(
            ("names", self.at.standing.policy, locale),
            lambda: frozenset(names[locale] for shown in versions for names in shown.document.terms.values() if locale in names),
        )
        return found

    @cached_property
    def edited(self) -> dict[str, list[str]]:
        """Return the sections and clauses that changed, each with the languages in which it did."""
        found: dict[str, list[str]] = {}
        for locale in self.writer.locales(self.new):
            for one in self.compared(locale):
                if one.status != "same" or one.moved:
                    found.setdefault(one.id, []).append(locale)
        return found

    @cached_property
    def page(self) -> str:
        """Return the way to the page that compares the two, if there is one."""
        return self.at.to(place_of(self.old, self.new)) if self.writer.has_redline(self.at, self.old, self.new) else ""

    @property
    def sides(self) -> Sides:
        """Return what changes between the two link to."""
        return Sides(self.views[1], self.views[0], self.page, frozenset(self.edited) if self.page else frozenset())

    def changed(self, only: frozenset[str] | None = None) -> list[Passed]:
        """Return what changed in any language, in the order of the new version; only the clauses named, if any are."""
        kept = [self.passed(one) for one in self.marked if one.id in self.edited and (only is None or one.id in only)]
        ids = ["", *(one.id for one in kept), ""]
        return [replace(one, before=ids[n], after=ids[n + 2]) for n, one in enumerate(kept)]

    def passed(self, one: Marked) -> Passed:
        """Return one changed section or clause as the page shows it."""
        old, new = self.views
        item = self.new.items.get(one.id) or self.old.items[one.id]
        view = new if one.id in self.new.items else old
        ends = Ends(new, old.page, new.page, self.old.items.get(one.id), self.new.items.get(one.id))
        link = Link(view.heading(item), f"{view.page}#{one.id}")
        title, body = marks.title(one, ends, item), marks.body(one, ends)
        elsewhere = () if self.at.locale in self.edited[one.id] else tuple(self.elsewhere(one.id))
        return Passed(one.id, one.status, one.moved, title, body, self.near(one.id), link, self.said.get(one.id, ()), elsewhere)

    def elsewhere(self, anchor: str) -> Iterator[Link]:
        """Yield the languages in which something changed, with the way to their redline."""
        for locale in self.edited[anchor]:
            there = relative(replace(self.at, locale=locale).root + place_of(self.old, self.new), self.at.address)
            yield Link(self.views[1].language(locale), f"{there}#{anchor}" if self.page else "")

    @cached_property
    def said(self) -> dict[str, tuple[str, ...]]:
        """Return the sentences about each clause."""
        found: dict[str, list[str]] = {}
        for change in log.shown(self.told.changes if self.told else ()):
            for anchor in dict.fromkeys((*change.clauses, *change.was)):
                found.setdefault(anchor, []).append(self.views[1].told(change.sentence)[0])
        return {anchor: tuple(sentences) for anchor, sentences in found.items()}

    @cached_property
    def told(self) -> Told | None:
        """Return the changes in words, where somebody judged them."""
        return self.writer.told(self.at.standing, self.old, self.new)

    def near(self, anchor: str) -> tuple[str, ...]:
        """Return the headings that say where something stands: its section, and the clause before it."""
        shown, view = (self.new, self.views[1]) if anchor in self.new.items else (self.old, self.views[0])
        found: list[Part | Entry] = []
        for one, item in shown.items.items():
            if one == anchor:
                break
            found = [item] if isinstance(item, Part) else [*found[:1], item]
        return tuple(map(view.heading, found))

    def unchanged(self) -> list[Link]:
        """Return links to the clauses that are as they were."""
        return [self.views[1].clause(entry) for entry in self.new.document.entries() if entry.anchor not in self.edited]


def _passages(shown: Shown, locale: str) -> Iterator[Passage]:
    """Yield sections and clauses in reading order; titles without their numbers, which move with the outline."""
    source = shown.document.policy.source
    for anchor, item in shown.items.items():
        yield _PASSAGES.of(item, beside=(locale, source), make=partial(_passage, anchor, item, locale, source))


def _passage(anchor: str, item: Part | Entry, locale: str, source: str) -> Passage:
    blocks = item.blocks.get(locale, ()) if isinstance(item, Entry) else ()
    return Passage(anchor, item.titles.get(locale) or item.titles[source], blocks)


def page(writer: Writer, at: At, old: Shown, new: Shown) -> SitePage:
    """Return the page that compares two versions."""
    found = Redline(writer, at, old, new)
    view, changed = found.views[1], found.changed()
    names = [view.version_label(old), view.version_label(new)]
    sub = view.say("redline-of", old=names[0], new=names[1])
    headings = tuple(Heading(one.id, one.link.text, 2) for one in changed if one.link)
    made = writer.page(
        at, "redline.html", sub, old=old, new=new, old_view=found.views[0], new_view=view, changed=changed, names=names,
        unchanged=found.unchanged(), counts=log.levels(found.told.changes, view) if found.told else [], headings=headings,
    )  # fmt: skip
    return replace(made, in_nav=False, search=False, listed=False, wide=True, canonical=f"{at.root}{new.place}")
