"""The theme around a page, rendered once for pages that differ only in what they say, and cut where they say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SLOT = re.compile("cbslot-([a-z0-9]+)-tolsbc")


def slot(name: str) -> str:
    """Return the word that holds a place in a page until it is cut; no page of a reader has such a word."""
    return f"cbslot-{name}-tolsbc"


@dataclass(frozen=True)
class Shell:
    """What stands between the slots of a page, and the slots: one fewer."""

    texts: tuple[str, ...]
    slots: tuple[str, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """Return a page. Raises KeyError for a slot without a value."""
        parts = [self.texts[0]]
        for name, text in zip(self.slots, self.texts[1:], strict=True):
            parts += (values[name], text)
        return "".join(parts)


def cut(html: str) -> Shell:
    """Cut a rendered page at its slots."""
    found = _SLOT.split(html)
    return Shell(tuple(found[::2]), tuple(found[1::2]))
