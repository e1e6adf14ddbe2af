"""Which pages a site has, where they stand and what is on them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from clausebook import lists, messages, requirements, snapshot
from clausebook.blocks import Block
from clausebook.document import Document, Entry, Side
from clausebook.errors import Place, UserError, problem
from clausebook.law import Pack
from clausebook.model import Library, Settings
from clausebook.requirements import WORST_FIRST, Verdict
from clausebook.site import html
from clausebook.site.views import Link, View


@dataclass(frozen=True)
class Heading:
    """A line of a page's table of contents."""

    id: str
    title: str
    level: int
    below: tuple[Heading, ...] = ()


@dataclass(frozen=True)
class SitePage:
    """One page: its address below the site (ending in /), language, titles, finished content and contents list.

    `group` is the policy it belongs to; with `in_nav` it stands in that policy's navigation, which every page carries.
    """

    address: str
    locale: str
    title: str
    description: str
    content: Markup
    headings: tuple[Heading, ...] = ()
    alternates: dict[str, str] = field(default_factory=dict)
    group: str = ""
    in_nav: bool = True
    short: str = ""
    search: bool = True
    wide: bool = False


@dataclass(frozen=True)
class Site:
    """What pages are made from. `templates` are folders, the site's own before the built-in ones."""

    settings: Settings
    library: Library
    documents: dict[str, Document]
    templates: tuple[Path, ...]
    packs: tuple[Pack, ...] = ()
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    downloads: tuple[str, ...] = ()


def build(site: Site) -> list[SitePage]:
    """Return every page of a site. Raises UserError where a template cannot be rendered."""
    writer = _Writer(site)
    pages = [writer.home()]
    for document in site.documents.values():
        for make in (writer.policy, writer.bilingual, writer.lists):
            for locale in document.policy.locales:
                pages.append(make(document, locale))
        pages += [writer.listing(document, locale, key) for key in lists.LISTS for locale in document.policy.locales]
        if document.policy.id in site.verdicts:
            pages += [writer.coverage(document, locale) for locale in document.policy.locales]
    if site.verdicts:
        pages += [writer.requirements(locale) for locale in site.settings.locales]
    return pages


def relative(address: str, page: str) -> str:
    """Return the way from one page's address to another."""
    way = posixpath.relpath(f"/{address}", f"/{page}")
    return "./" if way == "." else way + ("/" if address.endswith("/") or not address else "")


class _Writer:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.env = Environment(
            loader=FileSystemLoader([str(folder) for folder in site.templates]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.prints = {key: snapshot.fingerprint(Side(document, site.library)) for key, document in site.documents.items()}

    def render(self, template: str, **values: Any) -> Markup:
        try:
            return Markup(self.env.get_template(template).render(**values))
        except TemplateError as error:
            name = getattr(error, "name", None) or template
            line = getattr(error, "lineno", None) or _line(error)
            place = Place(f"{self.site.settings.templates}/{name}", line, 1)
            raise UserError([problem(place, "template-wrong", what=str(error).splitlines()[0])]) from error

    def view(self, document: Document, locale: str, address: str) -> View:
        return View(document, locale, self.site.library, self.site.settings, relative(_policy(document, locale), address))

    def page(self, document: Document, locale: str, kind: str, template: str, **values: Any) -> SitePage:
        addresses = {loc: _policy(document, loc) + kind for loc in document.policy.locales}
        address = addresses[locale]
        view = self.view(document, locale, address)
        sub = "" if not kind else view.say("title-" + kind.strip("/").replace("/", "-"))
        content = self.render(
            template, view=view, document=document, locale=locale, locales=self.site.settings.locales,
            fingerprint=self.prints[document.policy.id], to=lambda target: relative(_policy(document, locale) + target, address),
            alternates={loc: relative(a, address) for loc, a in addresses.items() if loc != locale}, sub=sub, **values,
        )  # fmt: skip
        return SitePage(
            address=address,
            locale=locale,
            title=f"{sub} · {view.title}" if sub else view.title,
            short=sub or view.say("nav-policy"),
            description=view.say("description", policy=view.title),
            content=content,
            headings=values.get("headings", ()),
            alternates=addresses,
            group=document.policy.id,
        )

    def home(self) -> SitePage:
        cards = [[self.view(document, locale, "") for locale in document.policy.locales] for document in self.site.documents.values()]
        say: Callable[..., str] = messages.say
        summary = self.summaries("") if self.site.verdicts else {}
        content = self.render("home.html", cards=cards, settings=self.site.settings, say=say, prints=self.prints, summary=summary)
        first = next(iter(self.site.settings.locales))
        return SitePage("", first, say("home-title", first), say("home-description", first), content, search=False)

    def policy(self, document: Document, locale: str) -> SitePage:
        view = self.view(document, locale, _policy(document, locale))
        headings = [Heading("summary", view.say("summary-title"), 2)]
        headings += [_heading(view, part, 2) for part in document.parts]
        return self.page(document, locale, "", "policy.html", headings=tuple(headings))

    def bilingual(self, document: Document, locale: str) -> SitePage:
        view = self.view(document, locale, _policy(document, locale))
        headings = tuple(Heading(part.anchor, view.heading(part), 2) for part in document.parts)
        address = _policy(document, locale) + "bilingual/"
        views = {loc: self.view(document, loc, address) for loc in document.policy.locales}
        page = self.page(
            document, locale, "bilingual/", "bilingual.html", headings=headings, block=html.block, pair=_pair, rows=_rows, views=views
        )
        return SitePage(**{**page.__dict__, "search": False, "wide": True})

    def lists(self, document: Document, locale: str) -> SitePage:
        every = {key: self.files(document, locale, "lists/", key) for key in lists.LISTS}
        shown = [(key, len(lists.rows(document, key)), [f for f in files if f.text != "XLSX"]) for key, files in every.items()]
        books = [file for file in every["collected"] if file.text == "XLSX"]  # one workbook holds every list
        whole = [("policy.json", "JSON"), ("policy.jsonld", "JSON-LD")] if self.site.downloads else []
        address = _policy(document, locale) + "lists/"
        policy = [Link(name, relative(f"{document.policy.id}/{file}", address)) for file, name in whole]
        return self.page(document, locale, "lists/", "lists.html", lists=shown, books=books, files=policy)

    def listing(self, document: Document, locale: str, key: str) -> SitePage:
        kind = f"lists/{key}/"
        view = self.view(document, locale, _policy(document, locale) + kind)
        files = self.files(document, locale, kind, key)
        page = self.page(document, locale, kind, "list.html", list=key, columns=view.columns(key), rows=view.rows(key), files=files)
        return SitePage(**{**page.__dict__, "wide": True, "in_nav": key in IN_NAV})

    def files(self, document: Document, locale: str, kind: str, key: str) -> list[Link]:
        """Return links to a list as files, seen from a page of the policy."""
        address = _policy(document, locale) + kind
        found = {form: lists.address(document.policy.id, key, form, locale) for form in self.site.downloads}
        return [Link(form.upper(), relative(file, address)) for form, file in found.items()]

    def coverage(self, document: Document, locale: str) -> SitePage:
        verdicts = self.site.verdicts[document.policy.id]
        packs = [pack for pack in self.site.packs if any(v.pack == pack.pack for v in verdicts)]
        rows = {pack.pack: sorted((v for v in verdicts if v.pack == pack.pack), key=_worst) for pack in packs}
        view = self.view(document, locale, _policy(document, locale) + "coverage/")
        headings = tuple(Heading(pack.pack, pack.title[locale], 2) for pack in packs)
        names = {i.id: i for pack in packs for i in pack.instruments}
        counts, summary = requirements.tally(verdicts), self.summaries(_policy(document, locale) + "coverage/")
        page = self.page(
            document, locale, "coverage/", "coverage.html", headings=headings, packs=packs, rows=rows, counts=counts, instruments=names,
            outcomes=WORST_FIRST, missing=lambda verdict: _missing(view, verdict), summary=summary,
        )  # fmt: skip
        return SitePage(**{**page.__dict__, "search": False, "wide": True})

    def requirements(self, locale: str) -> SitePage:
        """Return the page of every policy against every pack, in one language of the site."""
        address = _summary(locale)
        documents = [d for d in self.site.documents.values() if d.policy.id in self.site.verdicts and locale in d.policy.locales]
        rows = [(self.view(d, locale, address), requirements.tally(self.site.verdicts[d.policy.id])) for d in documents]
        packs = [pack for pack in self.site.packs if any(pack.pack in counts for _, counts in rows)]
        others = {loc: way for loc, way in self.summaries(address).items() if loc != locale}
        content = self.render(
            "requirements.html", rows=rows, packs=packs, locale=locale, outcomes=WORST_FIRST, say=partial(_say, locale),
            settings=self.site.settings, alternates=others, home=relative("", address),
        )  # fmt: skip
        addresses = {loc: _summary(loc) for loc in self.site.settings.locales}
        title = messages.say("summary-coverage", locale)
        note = messages.say("coverage-note", locale)
        return SitePage(address, locale, title, note, content, alternates=addresses, in_nav=False, search=False, wide=True)

    def summaries(self, address: str) -> dict[str, str]:
        """Return the way from a page to the summary of requirements in each language."""
        return {locale: relative(_summary(locale), address) for locale in self.site.settings.locales}


IN_NAV = ("collected", "shared")  # the other lists are reached from the page that names them


def _summary(locale: str) -> str:
    return f"{locale}/coverage/"


def _say(locale: str, key: str, **values: Any) -> str:
    return messages.say(key, locale, **values)


def _worst(verdict: Verdict) -> int:
    return WORST_FIRST.index(verdict.outcome)


def _missing(view: View, verdict: Verdict) -> list[tuple[str, Link | None]]:
    """Return what a row misses in words, with the clause that falls short where there is one."""
    found: dict[str, Link | None] = {}
    for missing in verdict.missing:
        names = view.wording.join([view.missing(name) for name in missing.names])
        kind = view.judged("kinds", missing.kind)
        words = view.say("missing", kind=kind, names=names) if names else kind
        words = view.say("unwanted", words=words) if missing.unwanted else view.say("lacking", words=words)
        found.setdefault(words, view.clause(missing.entry) if missing.entry else None)
    return list(found.items())


def _policy(document: Document, locale: str) -> str:
    return f"{locale}/{document.policy.id}/"


def _heading(view: View, part: Any, level: int) -> Heading:
    below = [Heading(e.anchor, view.heading(e), level + 1) for e in part.entries]
    below += [_heading(view, inner, level + 1) for inner in part.parts]
    return Heading(part.anchor, view.heading(part), level, tuple(below))


def _pair(first: Any, second: Any) -> Iterator[tuple[Any, Any]]:
    """Pair two rows of blocks by position; None where one language has no block."""
    for index in range(max(len(first), len(second))):
        yield (first[index] if index < len(first) else None), (second[index] if index < len(second) else None)


def _rows(entry: Entry, locale: str) -> list[tuple[Block, str]]:
    """Return a clause's blocks with their markers, none where the language is missing."""
    return list(zip(entry.blocks.get(locale, ()), entry.markers.get(locale, ()), strict=True))


def _line(error: BaseException) -> int:
    trace, line = error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".html"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


__all__ = ["Heading", "Link", "Site", "SitePage", "build", "relative"]
