"""Finishing pages: the theme is rendered once for pages that look alike around their text, and each page's own words put in.

Rendering the theme takes longer than everything else about a page. A shell is a page of the theme with slots for what only
one page says: content, title, description, contents list, addresses. Whether a theme allows that is not assumed: the first page
of each kind is rendered in the ordinary way too, and if the two differ by a byte, that kind is always rendered in the ordinary way.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2 import Environment
from mkdocs.structure.nav import Navigation
from mkdocs.structure.toc import TableOfContents

from clausebook.plugin.page import PolicyPage, anchor
from clausebook.site.model import Heading
from clausebook.site.shell import Shell, cut, slot

TEMPLATE = "main.html"
KEPT = 64  # shells held from one policy to the next: of many policies, each has a navigation of its own
_CONTENT = f"{slot('content')}<h1"  # the theme adds a heading to content that has none


class Finisher:
    """Finishes the pages of one build. `env` is the theme's."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.shells: dict[Any, Shell | None] = {}
        self.proved: dict[Any, bool] = {}
        self.items: dict[Heading, str] = {}
        self.above: dict[Navigation, set[str]] = {}

    def finish(self, page: PolicyPage, nav: Navigation, context: Callable[[], Mapping[str, Any]]) -> str:
        """Return the whole page, given what it shows of the navigation and what makes the context in which the host would render it."""
        content = str(page.made.content)
        shell = self._shell(page, nav, context) if "<h1" in content else None
        values = self._values(page, content) if shell else {}
        kind = _kind(page)
        if shell is None or not self.proved.get(kind, True):
            return self._plain(page, context(), content)
        made = shell.fill(values)
        if kind not in self.proved:
            plain = self._plain(page, context(), content)
            self.proved[kind] = made == plain
            return plain
        return made

    def forget(self) -> None:
        """Let go of what only the pages of one policy share."""
        self.items.clear()
        self.shells = {key: shell for key, shell in self.shells.items() if not key[-1]} if len(self.shells) < KEPT else {}

    def _plain(self, page: PolicyPage, context: Mapping[str, Any], content: str) -> str:
        shown = copy.copy(page)
        shown.content, shown.toc = content, TableOfContents(page.contents())
        return self.env.get_template(TEMPLATE).render({**context, "page": shown})

    def _shell(self, page: PolicyPage, nav: Navigation, context: Callable[[], Mapping[str, Any]]) -> Shell | None:
        """Return the shell of a page; None if the theme shows a slot in a way of its own."""
        key = (_kind(page), self._place(page, nav), nav, page.made.in_nav)
        if key not in self.shells:
            stand_in, pair = _stand_in(page), _pair()
            known = context()
            seen = {**known, "page": stand_in, "cb": {**known["cb"], "alternates": stand_in.meta["alternates"]}}
            html = self._contents(self.env.get_template(TEMPLATE).render(seen), pair)
            shell = cut(html.replace(_CONTENT, slot("content")))
            self.shells[key] = shell if set(shell.slots) <= set(self._values(page, "")) else None
        return self.shells[key]

    def _place(self, page: PolicyPage, nav: Navigation) -> tuple[str, int]:
        """Return all that links of the navigation, which are relative, depend on: how deep a page stands below what they lead to.

        A page of the navigation stands alone, for its own line is marked.
        """
        address = page.made.address
        if page.made.in_nav:
            return address, 0
        if nav not in self.above:
            self.above[nav] = {step for other in nav.pages for step in _steps(other.url)}
        shared = next(step for step in [*_steps(address)][::-1] if step in self.above[nav] or not step)
        return shared, address.count("/")

    def _contents(self, html: str, pair: list[Heading]) -> str:
        """Make one slot of the two lines of the contents list, wherever the theme shows it."""
        first, second = (self._item(heading) for heading in pair)
        start = html.find(first)
        end = html.find(second, start)
        if start < 0 or end < 0:
            return html
        self.between = html[start + len(first) : end]
        return html.replace(first + self.between + second, slot("contents"))

    between = ""  # what stands between two lines of the contents list

    def _item(self, heading: Heading) -> str:
        """Return a line of the contents list with all below it, as the theme writes it."""
        if heading not in self.items:
            self.items[heading] = self.env.get_template("partials/toc-item.html").render(toc_item=anchor(heading))
        return self.items[heading]

    def _values(self, page: PolicyPage, content: str) -> dict[str, str]:
        headings = page.made.headings
        found = {
            "content": content,
            "title": str(page.meta["title"]),
            "description": str(page.meta["description"]),
            "canonical": page.canonical_url or "",
            "first": headings[0].id if headings else "",
            "contents": self.between.join(map(self._item, headings)),
        }
        for number, other in enumerate(page.meta["alternates"]):
            found |= {f"href{number}": other["href"], f"address{number}": other["canonical"]}
        return found


def _kind(page: PolicyPage) -> tuple[Any, ...]:
    """Return what decides how the theme writes a page, whatever stands on it and wherever it stands."""
    made = page.made
    languages = tuple((other["locale"], other["current"], bool(other["canonical"])) for other in page.meta["alternates"])
    return (made.locale, bool(made.headings), *page.meta["hide"], made.listed, bool(page.canonical_url), bool(made.description), languages)


def _steps(address: str) -> Iterator[str]:
    """Yield every folder above an address, the site first, and the address itself."""
    yield ""
    yield from (address[: index + 1] for index, sign in enumerate(address) if sign == "/")


def _pair() -> list[Heading]:
    return [Heading(slot("first"), slot("title"), 2), Heading(slot("second"), slot("title"), 2)]


def _stand_in(page: PolicyPage) -> PolicyPage:
    """Return a page with slots for everything only one page says."""
    found = copy.copy(page)
    found.content = _CONTENT
    found.toc = TableOfContents([anchor(heading) for heading in _pair()] if page.made.headings else [])
    found.canonical_url = slot("canonical") if page.canonical_url else page.canonical_url
    alternates = [
        {**other, "href": slot(f"href{n}"), "canonical": other["canonical"] and slot(f"address{n}")}
        for n, other in enumerate(page.meta["alternates"])
    ]
    found.meta = {
        **page.meta,
        "title": slot("title"),
        "alternates": alternates,
        "description": page.meta["description"] and slot("description"),
    }
    return found
