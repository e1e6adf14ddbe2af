"""Which part of the host's navigation a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

from clausebook.plugin.page import PolicyPage
from clausebook.site.model import SitePage

NAV_POLICIES = 10  # more policies than this, and a page's navigation shows its own policy only; the home page lists them all


class Parts:
    """Parts of a navigation whose pages have been read. It is looked through once, however many parts there are."""

    def __init__(self, nav: Navigation) -> None:
        self.nav = nav
        self.items = [(item, _locales(item)) for item in nav.items]
        self.groups: dict[str, list[int]] = {}
        for number, item in enumerate(nav.items):
            self.groups.setdefault(_group(item), []).append(number)

    def only(self, locale: str, group: str | None) -> Navigation:
        """Return the part that is in one language and, unless `group` is None, belongs to one policy or none."""
        numbers = range(len(self.items)) if group is None else sorted({*self.groups.get(group, ()), *self.groups.get("", ())})
        kept = [item for item, locales in map(self.items.__getitem__, numbers) if locales & {locale, ""}]
        pages = [page for item in kept for page in _pages(item) if page.meta.get("locale", "") in (locale, "")]
        only = Navigation(kept, pages)
        only.homepage = self.nav.homepage
        return only


def _pages(item: Any) -> Iterator[Page]:
    """Yield every page of an item, in order."""
    if isinstance(item, Page):
        yield item
    for child in item.children or ():
        yield from _pages(child)


def titles(items: Iterable[Any]) -> list[Any]:
    """Return all that a page shows of some items of the navigation."""
    return [[str(item.title), str(getattr(item, "url", "")), titles(item.children or ())] for item in items]


def sections(pages: Iterable[SitePage]) -> list[Any]:
    """Return the sections of policies in the host's navigation, one for each policy and language."""
    groups: dict[tuple[str, str], list[str]] = {}
    titles: dict[tuple[str, str], str] = {}
    for made in pages:
        key = (made.locale, made.group)
        if all(key) and made.in_nav:
            groups.setdefault(key, []).append(f"{made.address}index.md")
            titles[key] = made.section
    return [{escape(titles[key]): entries} for key, entries in groups.items()]


def guide(files: Files) -> list[str]:
    """Return what stands in the navigation of a site that sets none: the hand-written pages in the order of their names."""
    return sorted(file.src_uri for file in files.documentation_pages() if not isinstance(file.page, PolicyPage))


def _group(item: Any) -> str:
    """Return the policy a section of the navigation is about, or nothing."""
    pages = item.children if isinstance(item, Section) else [item]
    return next((page.made.group for page in pages if isinstance(page, PolicyPage)), "")


def _locales(item: Any) -> set[str]:
    if isinstance(item, Section):
        return {loc for child in item.children for loc in _locales(child)}
    return {str(item.meta.get("locale", ""))} if isinstance(item, Page) else {""}


def stay(page: Page) -> None:
    """Let "next" and "previous" not lead into another language."""
    for name in ("previous_page", "next_page"):
        other = getattr(page, name)
        if other is not None and other.meta.get("locale") != page.meta.get("locale"):
            setattr(page, name, None)
