"""The pages of one version of a policy: its text, both languages side by side, its lists, what the law asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from clausebook import lists
from clausebook.blocks import Block
from clausebook.document import Entry, Part
from clausebook.lists import Row
from clausebook.release import address
from clausebook.site import html, log, sought
from clausebook.site.log import Sides
from clausebook.site.model import Heading, SitePage, Sought, relative
from clausebook.site.places import At, log_anchor, redline, release_file
from clausebook.site.standing import Shown, Standing
from clausebook.site.views import Link, View
from clausebook.site.writer import Writer

IN_NAV = ("collected", "shared")  # the other lists are reached from the page that names them
TOLD = 6  # more changes than this are told in the change log only


def text(writer: Writer, at: At) -> SitePage:
    """Return the page with the text of a version."""
    view = writer.view(at)
    headings = [Heading("summary", view.say("summary-title"), 2)]
    if at.shown.head is not None or _outlook(writer, at):
        headings.insert(0, Heading("changes--here", view.say(_changes_title(at)), 2))
    headings += [_heading(view, part, 2) for part in at.shown.document.parts]
    page = writer.page(
        at, "policy.html", headings=tuple(headings), changes=_changes(writer, at), outlook=_outlook(writer, at), asks=log.asks,
        changes_title=_changes_title(at), log_anchor=log_anchor, release_file=_release_file(at), redlines=_redlines(writer, at),
        told=TOLD, section=_section(writer, at),
    )  # fmt: skip
    return replace(page, sought=tuple(sought.text(view, at.shown.document, page.title))) if page.search else page


def _section(writer: Writer, at: At) -> Callable[[Part, int], Markup]:
    """Return what writes a section with all below it: only one with a note, which leads to the source, depends on where the page stands."""
    view, document = writer.view(at), at.shown.document
    seen = (view.locale, document.policy.source, *(view.defined(loc) for loc in (view.locale, document.policy.source)))
    values = {"view": view, "document": document, "alternates": writer.alternates(at), "locales": writer.site.settings.locales}

    def noted(entries: Iterable[Entry]) -> str:
        return at.address if any(at.locale in entry.stale | entry.drafts for entry in entries) else ""

    def clause(entry: Entry, level: int) -> Markup:
        return writer.piece("clause.html", entry, *seen, level, noted([entry]), level=level, **values)

    def section(part: Part, level: int) -> Markup:
        return writer.piece("section.html", part, *seen, level, noted(part.all), level=level, section=section, clause=clause, **values)

    return section


def _redlines(writer: Writer, at: At) -> list[Link]:
    """Return links to the redlines between a version and those before it."""
    made = [base for base in writer.bases(at.standing, at.shown) if writer.has_redline(at, base, at.shown)]
    return [Link(base.version, at.to(redline(base, at.shown))) for base in made]


def _release_file(at: At) -> str:
    return relative(release_file(at.standing.policy, at.shown), at.address) if at.shown.head else ""


def _changes_title(at: At) -> str:
    return "changes-here" if at.shown.head else "outlook-title"


def _outlook(writer: Writer, at: At) -> Any:
    return None if at.shown.head else writer.site.outlook.get(at.standing.policy)


def _changes(writer: Writer, at: At) -> list[log.Line]:
    """Return the first changes of a version, or those the draft would bring."""
    outlook = _outlook(writer, at)
    found = outlook.told.changes if outlook else at.shown.release.record.changes if at.shown.release else []
    return [log.line(change, Sides(writer.view(at))) for change in log.shown(found)]


def _heading(view: View, part: Any, level: int) -> Heading:
    below = [Heading(e.anchor, view.heading(e), level + 1) for e in part.entries]
    below += [_heading(view, inner, level + 1) for inner in part.parts]
    return Heading(part.anchor, view.heading(part), level, tuple(below))


# Both languages.


def bilingual(writer: Writer, at: At) -> SitePage:
    """Return the page with the languages of a version side by side."""
    view = writer.view(at)
    headings = tuple(Heading(part.anchor, view.heading(part), 2) for part in at.shown.document.parts)
    views = {locale: writer.view(at, locale) for locale in at.shown.document.policy.locales}
    document = at.shown.document
    beside = (view.locale, *document.policy.locales, *(seen.defined(locale) for locale, seen in views.items()))
    values = {"block": html.block, "block_id": html.block_id, "pair": _pair, "rows": _rows, "views": views}

    def row(entry: Entry) -> Markup:
        return writer.piece("pair.html", entry, *beside, view=view, document=document, **values)

    def section(part: Part, level: int) -> Markup:
        made = {"level": level, "section": section, "row": row, "view": view, "document": document, "views": views}
        return writer.piece("pairs.html", part, *beside, level, **made)

    page = writer.page(at, "bilingual.html", view.say("title-bilingual"), headings=headings, section=section, **values)
    return replace(page, search=False, wide=True)


def _pair(first: Any, second: Any) -> Iterator[tuple[Any, Any]]:
    """Pair two rows of blocks by position; None where one language has no block."""
    for index in range(max(len(first), len(second))):
        yield (first[index] if index < len(first) else None), (second[index] if index < len(second) else None)


def _rows(view: View, entry: Entry) -> list[tuple[Block, str]]:
    """Return a clause's blocks with their markers, none where the language of a view is missing."""
    return list(zip(view.blocks(entry, view.locale), entry.markers.get(view.locale, ()), strict=True))


# Lists.


def overview(writer: Writer, at: At) -> SitePage:
    """Return the page that names the lists."""
    every = {key: _files(writer, at, key) for key in lists.LISTS}
    rows = {key: len(lists.rows(at.shown.document, key)) for key in lists.LISTS}
    shown = [(key, rows[key], [file for file in files if file.text != "XLSX"]) for key, files in every.items()]
    books = [file for file in every["collected"] if file.text == "XLSX"]  # one workbook holds every list
    whole = [("policy.json", "JSON"), ("policy.jsonld", "JSON-LD")] if _has_files(writer, at) else []
    policy = [Link(name, relative(f"{at.standing.policy}/{file}", at.address)) for file, name in whole]
    return writer.page(at, "lists.html", writer.view(at).say("title-lists"), lists=shown, books=books, files=policy)


def listing(writer: Writer, at: At, key: str) -> SitePage:
    """Return the page of one list. Its rows say whether this version, or one that is announced, brought or changed them."""
    view = writer.view(at)
    later = [_coming(writer, at, shown, key) for shown in at.standing.announced if at.shown.status == "in-force"]
    coming = [found for found in later if found["rows"] or found["gone"]]
    page = writer.page(
        at, "list.html", view.list_title(key), list=key, columns=view.columns(key), rows=view.rows(key), files=_files(writer, at, key),
        marks=_marks(at.standing, at.shown, key), coming=coming,
    )  # fmt: skip
    found = [sought.rows("", page.title, view.rows(key)), *(_coming_sought(view, found) for found in coming)] if page.search else []
    return replace(page, wide=True, in_nav=page.in_nav and key in IN_NAV, sought=tuple(found))


def _coming_sought(view: View, later: dict[str, Any]) -> Sought:
    """Return what a search finds of the rows that an announced version brings, where the page shows them."""
    shown = later["shown"]
    title = view.say("list-coming", version=shown.version, date=shown.document.effective)
    return sought.rows(f"from--{address(shown.version).replace('.', '-')}", title, later["rows"])


def _marks(standing: Standing, shown: Shown, key: str) -> dict[str, str]:
    """Return which rows are `added` or `changed` since the version before; none in a first one."""
    base = standing.base(shown)
    return marked(lists.rows(base.document, key), lists.rows(shown.document, key)) if base and base is not shown else {}


def marked(old: Sequence[Row], new: Sequence[Row]) -> dict[str, str]:
    """Return which of the new rows are `added` or `changed`: no old row has their cells."""
    before, after = {_cells(row) for row in old}, {_cells(row) for row in new}
    replaced = {row.id for row in old if _cells(row) not in after}
    return {row.id: "changed" if row.id in replaced else "added" for row in new if _cells(row) not in before}


def _cells(row: Row) -> str:
    """Return what a row says as one comparable value; where it stands in its clause does not count."""
    return json.dumps([[[item.kind, item.value, item.field] for item in cell] for cell in row.cells], sort_keys=True, default=str)


def _coming(writer: Writer, at: At, shown: Shown, key: str) -> dict[str, Any]:
    """Return the rows an announced version brings or changes, and how many it drops."""
    view, marks = writer.seen(at, shown), _marks(at.standing, shown, key)
    old = lists.rows(at.shown.document, key)
    kept = {_cells(row) for row in lists.rows(shown.document, key)}
    gone = sum(_cells(row) not in kept for row in old) - sum(mark == "changed" for mark in marks.values())
    return {"shown": shown, "view": view, "rows": [row for row in view.rows(key) if row.id in marks], "marks": marks, "gone": max(gone, 0)}


def _has_files(writer: Writer, at: At) -> bool:
    """Tell whether the site keeps a version's lists as files: those of the current one only."""
    return bool(writer.site.downloads) and not at.place


def _files(writer: Writer, at: At, key: str) -> list[Link]:
    """Return links to a list as files."""
    forms = writer.site.downloads if _has_files(writer, at) else ()
    found = {form: lists.address(at.standing.policy, key, form, at.locale) for form in forms}
    return [Link(form.upper(), relative(file, at.address)) for form, file in found.items()]
