"""HTML as a flat list of elements: enough to check links, languages and headings of a whole site quickly."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """One element; `text` is all text inside, `within` names its ancestors from the top."""

    tag: str
    attributes: dict[str, str]
    line: int
    within: tuple[str, ...] = ()
    text: str = ""

    def rel(self) -> set[str]:
        """Return the words of `rel`."""
        return set(self.attributes.get("rel", "").split())


@dataclass
class Markup(HTMLParser):
    """The elements of one page in reading order."""

    elements: list[Element] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {k: v or "" for k, v in attrs}, self.getpos()[0], tuple(e.tag for e in self._open))
        self.elements.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index].tag == tag:
                del self._open[index:]
                return

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        """Return the elements with one of the tags."""
        return [e for e in self.elements if e.tag in tags]

    def ids(self) -> list[str]:
        """Return every id, repeated ones too."""
        return [e.attributes["id"] for e in self.elements if "id" in e.attributes]


def parse(html: str) -> Markup:
    """Return the elements of a page."""
    page = Markup()
    page.feed(html)
    page.close()
    return page


@lru_cache(maxsize=64)
def read(file: Path) -> Markup:
    """Return the elements of a built page; each file is read once."""
    return parse(file.read_text(encoding="utf-8"))


def addresses(site: Path) -> list[str]:
    """Return the addresses of all pages of a built site, below its root; the page for missing addresses is none of them."""
    files = sorted(site.rglob("index.html"))
    return [f"{f.parent.relative_to(site).as_posix()}/" if f.parent != site else "" for f in files]
