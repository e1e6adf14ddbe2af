"""What pages are made from, and what a page is. Records only."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from markupsafe import Markup

from clausebook.document import Document, Side
from clausebook.law import Pack
from clausebook.ledger import Index, Ledger
from clausebook.model import GlossaryTerm, Library, Settings
from clausebook.release import ChangeRecord, VerdictRecord
from clausebook.requirements import Verdict
from clausebook.site import standing
from clausebook.site.standing import Standing


@dataclass(frozen=True)
class Heading:
    """A line of a page's table of contents."""

    id: str
    title: str
    level: int
    below: tuple[Heading, ...] = ()


_NO_TEXT = Markup("")


@dataclass(frozen=True)
class Sought:
    """What a search may find on a page, and at which anchor. `text` is HTML of paragraphs."""

    id: str
    title: str
    text: Markup = _NO_TEXT


@dataclass(frozen=True)
class SitePage:
    """One page: its address below the site (ending in /), language, titles, what writes its content, and its contents list.

    The content is written whenever it is asked for and not kept: a site holds more text than memory should.
    `group` is the policy it belongs to, `section` its title; with `in_nav` the page stands in that policy's navigation.
    `canonical` is the address it gives search engines in place of its own; only with `listed` does the sitemap name it.
    `sought` is what a search finds on it, if `search` lets it. `bare` leaves out the columns beside the text.
    """

    address: str
    locale: str
    title: str
    description: str
    write: Callable[[], Markup]
    headings: tuple[Heading, ...] = ()
    alternates: dict[str, str] = field(default_factory=dict)
    group: str = ""
    section: str = ""
    in_nav: bool = True
    short: str = ""
    search: bool = True
    wide: bool = False
    listed: bool = True
    canonical: str = ""
    bare: bool = False
    sought: tuple[Sought, ...] = ()

    @property
    def content(self) -> Markup:
        """Write the content. Raises UserError with its place where a template cannot be rendered."""
        return self.write()


@dataclass(frozen=True)
class Told:
    """What differs between two versions, judged and in words, worst first."""

    verdict: VerdictRecord
    changes: Sequence[ChangeRecord]


@dataclass(frozen=True)
class Outlook:
    """What the next release of a draft would say: what changed, the version it suggests, the first day it could take effect."""

    told: Told
    version: str
    earliest: datetime.date


@dataclass(frozen=True)
class Site:
    """What pages are made from. `templates` are folders, the site's own before the built-in ones.

    `preview` shows the drafts of policies that have releases, with what their next release would say.
    """

    settings: Settings
    library: Library
    documents: Mapping[str, Document]
    templates: tuple[Path, ...]
    as_of: datetime.date
    ledgers: Mapping[str, Ledger | Index] = field(default_factory=dict)
    outlook: Mapping[str, Outlook] = field(default_factory=dict)
    preview: bool = False
    packs: tuple[Pack, ...] = ()
    verdicts: Mapping[str, list[Verdict]] = field(default_factory=dict)
    downloads: tuple[str, ...] = ()
    known: dict[str, Standing] = field(default_factory=dict)

    @cached_property
    def glossary(self) -> tuple[GlossaryTerm, ...]:
        """Return the words that are written in one way only."""
        return tuple(self.library.glossary.value.terms) if self.library.glossary else ()

    @cached_property
    def standings(self) -> list[Standing]:
        """Return how each policy stands on the day."""
        return [self.standing(name) for name in self.documents]

    def standing(self, name: str) -> Standing:
        """Return how one policy stands on the day, worked out once."""
        if name not in self.known:
            ledger = self.ledgers.get(name, Ledger(name))
            self.known[name] = standing.of(ledger, lambda: Side(self.documents[name], self.library), self.as_of)
        return self.known[name]


def relative(address: str, page: str) -> str:
    """Return the way from one page's address to another."""
    if "../" in address:
        address = posixpath.normpath(f"/{address}")[1:] + ("/" if address.endswith("/") else "")
        address = "" if address == "/" else address
    steps, here = address.split("/"), page.split("/")[:-1]
    short = min(len(steps) - 1, len(here))
    same = next((n for n in range(short) if steps[n] != here[n]), short)
    return "../" * (len(here) - same) + "/".join(steps[same:]) or "./"
