"""What a search finds: the text of clauses, rows of lists, sentences of the change log. Nothing is read back from a page's HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

from clausebook import alike
from clausebook.document import Document, Entry, Part
from clausebook.naming import NamedRow
from clausebook.site.log import Group
from clausebook.site.model import Sought
from clausebook.site.views import View

_BODIES = alike.Made()


def text(view: View, document: Document, title: str) -> Iterator[Sought]:
    """Yield the policy itself, its summary, every section and every clause."""
    yield Sought("", title, _paragraphs([view.say("description", policy=view.title)]))
    summary = [f"{line['topic']} {words}" for line in view.summary() for words in line["words"]]
    yield Sought("summary", view.say("summary-title"), _paragraphs(summary))
    for part in document.parts:
        yield from _part(view, part)


def _part(view: View, part: Part) -> Iterator[Sought]:
    yield Sought(part.anchor, view.heading(part))
    for entry in part.entries:
        yield Sought(entry.anchor, view.heading(entry), _body(view, entry))
    for inner in part.parts:
        yield from _part(view, inner)


def _body(view: View, entry: Entry) -> Markup:
    locale = view.shown(entry)
    return _BODIES.of(entry, beside=(locale,), make=lambda: _paragraphs(block.text for block in entry.blocks[locale]))


def rows(anchor: str, title: str, found: Iterable[NamedRow]) -> Sought:
    """Return a list, or the part of it at an anchor, with the words of its rows."""
    return Sought(anchor, title, _paragraphs(" ".join(named.text for cell in row.cells for named in cell) for row in found))


def changes(title: str, found: Iterable[tuple[str, str, list[Group]]]) -> Iterator[Sought]:
    """Yield the change log, and each release, given by anchor, heading and groups of changes, with its sentences."""
    yield Sought("", title)
    for anchor, heading, groups in found:
        yield Sought(anchor, heading, _paragraphs(line.sentence for group in groups for line in group.lines))


def _paragraphs(texts: Iterable[str]) -> Markup:
    return Markup("").join(Markup("<p>{}</p>").format(escape(text)) for text in texts)
