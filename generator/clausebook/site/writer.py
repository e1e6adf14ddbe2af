"""How one page is written: its template, its view, and what every page of a policy is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from clausebook import alike, changelog, messages, project
from clausebook.document import Entry, Part
from clausebook.errors import Place, UserError, problem
from clausebook.release import address
from clausebook.site import banners
from clausebook.site.model import Heading, Site, SitePage, Sought, Told, relative
from clausebook.site.places import DRAFT, At, pairs, policy_address
from clausebook.site.standing import Shown, Standing
from clausebook.site.views import Link, View

SHOWN_VERSIONS = 12  # of more versions a page lists only the newest, and leads to the page that lists all


@dataclass(frozen=True)
class Writer:
    """Writes pages with the templates of a site. Of what it makes, `pieces` are worth keeping from one policy to the next."""

    site: Site
    env: Environment
    kept: dict[Any, Any] = field(default_factory=dict)
    pieces: alike.Made = field(default_factory=alike.Made)
    sections: alike.Made = field(default_factory=alike.Made)
    tried: set[str] = field(default_factory=set)

    def locales(self, shown: Shown) -> list[str]:
        """Return the languages of a version that the site has too."""
        return [locale for locale in shown.locales if locale in self.site.settings.locales]

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return what was made for a key, and make it the first time."""
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]

    def render(self, template: str, **values: Any) -> Markup:
        """Return what a template makes. Raises UserError with its place where it cannot be rendered."""
        try:
            return Markup(self.env.get_template(template).render(**values))
        except TemplateError as error:
            name = getattr(error, "name", None) or template
            line = getattr(error, "lineno", None) or _line(error)
            place = Place(f"{self.site.settings.templates}/{name}", line, 1)
            raise UserError([problem(place, "template-wrong", what=str(error).splitlines()[0])]) from error

    def writing(self, template: str, **values: Any) -> Callable[[], Markup]:
        """Return what renders a template. The first page of each is rendered at once, so that a broken template stops a build early."""
        if template in self.tried:
            return lambda: self.render(template, **values)
        self.tried.add(template)
        content = self.render(template, **values)
        return lambda: content

    def piece(self, template: str, item: Part | Entry, *beside: Any, **values: Any) -> Markup:
        """Return what a template makes of a section or clause: once for all pages, so `beside` names everything else it depends on."""
        made = self.sections if isinstance(item, Part) else self.pieces
        return made.of(item, beside=(template, *beside), make=lambda: self.render(template, item=item, **values))

    def view(self, at: At, locale: str = "") -> View:
        """Return how a page's version is worded, in the page's language or another."""
        return self.seen(at, at.shown, at.place, locale)

    def seen(self, at: At, shown: Shown, place: str | None = None, locale: str = "") -> View:
        """Return a version as seen from a page, at its place for good or at another; in its own source language if it lacks the page's."""
        locale = locale or (at.locale if at.locale in shown.locales else shown.document.policy.source)
        where = shown.place if place is None else place
        page = relative(policy_address(at.standing, locale) + where, at.address)
        return View(shown.document, locale, shown.library, self.site.settings, page, where in ("", DRAFT), self.site.glossary)

    def page(self, at: At, template: str, sub: str = "", **values: Any) -> SitePage:
        """Write a page of a policy."""
        view = self.view(at)
        write = self.writing(
            template, view=view, at=at, shown=at.shown, standing=at.standing, document=at.shown.document, locale=at.locale,
            locales=self.site.settings.locales, to=at.to, sub=sub, as_of=self.site.as_of,
            banners=banners.of(view, at), versions=self.versions(at, view), base=at.standing.base(at.shown),
            alternates=self.alternates(at), **values,
        )  # fmt: skip
        return self.described(at, sub, write, values.get("headings", ()))

    def described(self, at: At, sub: str, write: Callable[[], Markup], headings: tuple[Heading, ...] = ()) -> SitePage:
        """Return a page of a policy, given what writes its content. `sub` names the kind of page; the text itself has none."""
        view = self.view(at)
        label = view.version_label(at.shown) if at.place else ""
        title = " · ".join(filter(None, [sub, f"{view.title} {label}".strip()]))
        return SitePage(
            address=at.address,
            locale=at.locale,
            title=title,
            short=sub or label or view.say("nav-policy"),
            description=view.say("description", policy=view.title),
            write=write,
            headings=headings,
            alternates=self.own(at),
            group=at.standing.policy,
            section=view.title,
            in_nav=not at.place,
            search=not at.place,
            listed=at.place != DRAFT,
            sought=() if at.place else (Sought("", title),),
        )

    def own(self, at: At) -> dict[str, str]:
        """Return the addresses of a page in every language it has."""
        return {loc: At(at.standing, at.shown, loc, at.kind, at.place).address for loc in self.locales(at.shown)}

    def alternates(self, at: At) -> dict[str, str]:
        """Return the ways to a page in its other languages."""
        return {loc: relative(address, at.address) for loc, address in self.own(at).items() if loc != at.locale}

    def versions(self, at: At, view: View) -> list[Link]:
        """Return a link to each version, the newest first: the same page of it where it has one. The page's own has no address."""
        newest = at.standing.newest
        kept = newest[:SHOWN_VERSIONS] + tuple(shown for shown in newest[SHOWN_VERSIONS:] if shown is at.shown)
        kind = at.kind if at.kind in ("", "bilingual/") else ""
        links = [Link(shown.version, self.way(at, shown, kind), view.standing_note(shown)) for shown in kept]
        return [Link(link.text, "" if shown is at.shown else link.href, link.note) for shown, link in zip(kept, links, strict=True)]

    def has_redline(self, at: At, old: Shown, new: Shown) -> bool:
        """Tell whether there is a page that compares two versions in the page's language."""
        key = ("pairs", at.standing.policy)
        made = self.once(key, lambda: {(a.place, b.place) for a, b in self.pairs(at.standing)})
        return at.locale in self.locales(new) and (old.place, new.place) in made

    def pairs(self, standing: Standing) -> list[tuple[Shown, Shown]]:
        """Return which versions have a redline between them; in a preview also the draft and those it is compared with."""
        found = pairs(standing, self.site.settings.redlines)
        return [*found, *((base, standing.draft) for base in self.bases(standing, standing.draft) if self.site.preview)]

    def bases(self, standing: Standing, shown: Shown) -> list[Shown]:
        """Return the versions one is compared with: the one before it; the draft with the current one, and with that it would follow."""
        outlook = None if shown.head else self.site.outlook.get(standing.policy)
        before = standing.get(outlook.told.verdict.base) if outlook else None
        found = {base.version: base for base in (standing.base(shown), before) if base}
        return list(found.values())

    def told(self, standing: Standing, old: Shown, new: Shown) -> Told | None:
        """Return what differs between two versions in words, where somebody judged it: of neighbours what the release recorded."""
        if new.head is None:
            outlook = self.site.outlook.get(standing.policy)
            return outlook.told if outlook and outlook.told.verdict.base == old.version else None
        if standing.base(new) is old and new.release:
            return Told(new.release.record.verdict, new.release.record.changes)
        key = ("told", standing.policy, old.version, new.version)
        made: Told = self.once(key, lambda: self._judged(standing, old, new))
        return made

    def _judged(self, standing: Standing, old: Shown, new: Shown) -> Told:
        index = standing.versions.index
        passed = [shown.release for shown in standing.versions[index(old) + 1 : index(new) + 1] if shown.release]
        found = changelog.between(old.side, new.side, passed, project.rulebook(), self.site.settings)
        return Told(changelog.recorded(old.version, found.verdict), found.changes)

    def way(self, at: At, shown: Shown, kind: str = "") -> str:
        """Return the way to a version: in the page's language if it has it, the version in force at the policy's own address."""
        locales = self.locales(shown)
        locale = at.locale if at.locale in locales else locales[0]
        place = "" if shown is at.standing.current else shown.place
        return relative(policy_address(at.standing, locale) + place + kind, at.address)


def writer(site: Site, tried: set[str] | None = None) -> Writer:
    """Return what writes the pages of a site. `tried` are the templates an earlier build tried, if one did."""
    return Writer(site, _environment(site.templates), tried=set() if tried is None else tried)


@lru_cache(maxsize=8)
def _environment(folders: tuple[Path, ...]) -> Environment:
    """Return the templates of some folders; a preview keeps what it has compiled until a file changes."""
    loader = FileSystemLoader([str(folder) for folder in folders])
    env = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.globals["say"] = messages.say
    env.filters["address"] = address
    return env


def _line(error: BaseException) -> int:
    trace, line = error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".html"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
