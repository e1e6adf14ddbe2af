"""Which pages templates and settings move: the same texts, written twice."""

from __future__ import annotations

from typing import Any

from clausebook.site.model import Site, SitePage
from clausebook.site.pages import build


def moved(before: Site, after: Site) -> list[str]:
    """Return the addresses of pages that two sites of the same texts show differently, or that one of them lacks; the home page is `/`.

    Raises UserError where a template cannot be rendered.
    """
    old, new = ({page.address: page for page in build(site)} for site in (before, after))
    addresses = sorted(old.keys() | new.keys())
    return [address or "/" for address in addresses if _shown(old.get(address)) != _shown(new.get(address))]


def _shown(page: SitePage | None) -> Any:
    return (page.title, page.description, page.headings, str(page.content)) if page else None
