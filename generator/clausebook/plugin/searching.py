"""The host's search index: what it may find of policies is added to it, and each language gets one of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from clausebook.site import parts
from clausebook.site.model import SitePage

BOOST = 2  # how much more a word in a policy weighs in the search than one in the guide


def entries(made: SitePage) -> list[dict[str, Any]]:
    """Return what a search may find on a page, as the search plugin writes it."""
    found = made.sought if made.search else ()
    return [
        {
            "location": f"{made.address}#{one.id}" if one.id else made.address,
            "title": escape(one.title),
            "text": str(one.text),
            "boost": BOOST,
        }
        for one in found
    ]


def split(folder: Path, locales: Iterable[str], more: list[dict[str, Any]]) -> None:
    """Add entries to the index the search plugin wrote below a folder, if it did, and split it by language."""
    path = folder / parts.SEARCH
    if not path.is_file():
        return
    index = json.loads(path.read_text(encoding="utf-8"))
    index["docs"] += more
    for locale in locales:
        start = f"{locale}/"
        docs = [{**d, "location": d["location"].removeprefix(start)} for d in index["docs"] if d["location"].startswith(start)]
        parts.write_json(folder / locale / parts.SEARCH, {**index, "docs": docs})
    parts.write_json(path, index)
