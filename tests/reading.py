"""What a page of the site holds, by reading its HTML; and which of the links of some pages lead nowhere."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from clausebook.site import SitePage

VOID = {"meta", "link", "br", "hr", "img", "input"}


@dataclass
class Read:
    """What a page holds, by reading its HTML."""

    ids: list[str] = field(default_factory=list)
    hrefs: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    langs: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    handlers: list[str] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.read, self.open = Read(), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.read.tags.add(tag)
        self.read.handlers += [name for name in found if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)
        for name, into in (("id", self.read.ids), ("href", self.read.hrefs), ("lang", self.read.langs)):
            if name in found:
                into.append(found[name])
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.read.headings.append((int(tag[1]), found.get("id", "")))
        if tag == "tr" and "id" in found:
            self.read.rows.append(found["id"])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.read.text += data


def read(page: SitePage) -> Read:
    reader = _Reader()
    reader.feed(str(page.content))
    reader.close()
    assert reader.open == []
    return reader.read


def target(href: str, page: str) -> tuple[str, str]:
    """Return (address, anchor) a link on a page leads to."""
    path, _, anchor = href.partition("#")
    whole = posixpath.normpath(posixpath.join("/", page, path)).strip("/")
    return (f"{whole}/" if whole else "", anchor)


def lost(reads: Mapping[str, Read], files: Iterable[str]) -> list[tuple[str, str]]:
    """Return (page, link) for every link inside the site that leads to no page, anchor or file."""
    known = set(files)
    inside = [(page, href) for page, found in reads.items() for href in found.hrefs if _inside(href)]
    return [(page, href) for page, href in inside if not _arrives(href, page, reads, known)]


def _inside(href: str) -> bool:
    return not href.startswith(("https:", "mailto:", "tel:"))


def _arrives(href: str, page: str, reads: Mapping[str, Read], files: set[str]) -> bool:
    address, anchor = target(href, page)
    if address.rstrip("/") in files:
        return True
    return address in reads and (not anchor or anchor in reads[address].ids)
