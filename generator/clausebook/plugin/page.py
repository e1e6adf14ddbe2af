"""A page of ours as the host knows pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from urllib.parse import urljoin

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents

from clausebook.model import Settings
from clausebook.site.model import Heading, SitePage

Whole = Callable[[str], SitePage | None]
FINISHED = "finished.html"  # prints a page that is finished already


class PolicyPage(Page):
    """A page whose HTML is ready: nothing of it goes through the host's Markdown.

    With `late` it is empty until its context is made, so that no more than one is held in memory. `whole` returns what
    stands at its address where `made` is no more than its title.
    The host's templates do not escape, so every title that comes from a clause is escaped before it gets there.
    """

    whole: Whole | None = None

    def __init__(self, made: SitePage, file: File, config: MkDocsConfig, settings: Settings, *, late: bool = False) -> None:
        super().__init__(escape(made.short), file, config)
        self.made, self.settings, self.late = made, settings, late
        if made.canonical and self.canonical_url:
            self.canonical_url = canonical_address(made.canonical, config)

    def read_source(self, config: MkDocsConfig) -> None:
        """Set what the theme reads from a page's front matter."""
        hide = ["toc"] if self.made.wide or self.made.bare or not self.made.headings else []
        alone = self.made.bare or not self.made.address
        self.meta = {
            "title": escape(self.made.title),
            "description": escape(self.made.description),
            "locale": self.made.locale,
            "lang": self.settings.lang(self.made.locale),
            "hide": [*hide, *(["navigation"] if alone else [])],
            "search": {"exclude": True},  # what a search finds comes from the clauses, not from their HTML
            "listed": self.made.listed,
            **({"template": FINISHED} if self.late else {}),
        }
        self.markdown = ""

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Hand over the finished content and contents list; `late`, they are written when the page is finished."""
        self.content = "" if self.late else str(self.made.content)
        self.toc = TableOfContents([] if self.late else self.contents())
        self.links_to_anchors = {}

    def contents(self) -> list[AnchorLink]:
        """Return the contents list as the theme takes it."""
        return [anchor(heading) for heading in self.made.headings]

    @property
    def present_anchor_ids(self) -> set[str]:  # type: ignore[override]
        """Return the anchors hand-written pages may lead to."""
        whole = self.whole(self.made.address) if self.whole else None
        return set(_ids((whole or self.made).headings))


def anchor(heading: Heading) -> AnchorLink:
    """Return a line of the contents list as the theme takes it."""
    link = AnchorLink(escape(heading.title), heading.id, heading.level)
    link.children = [anchor(inner) for inner in heading.below]
    return link


def canonical_address(address: str, config: MkDocsConfig) -> str:
    """Return an address in full, or nothing where the site does not say its own."""
    return urljoin(config.site_url, address) if config.site_url else ""


def _ids(headings: Iterable[Heading]) -> Iterable[str]:
    for heading in headings:
        yield heading.id
        yield from _ids(heading.below)
