"""Which pages a site has."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import partial
from typing import Any

from clausebook import lists, messages
from clausebook.site import coverage, history, places, policy, redlines
from clausebook.site.model import Heading, Site, SitePage, relative
from clausebook.site.places import DRAFT, At, log_anchor, policy_address
from clausebook.site.standing import Shown, Standing
from clausebook.site.views import View
from clausebook.site.writer import Writer, writer

Make = Callable[[Writer, At], SitePage]
Kept = dict[str, tuple[Any, list[SitePage]]]


def build(site: Site, kept: Kept | None = None) -> list[SitePage]:
    """Return every page of a site. Raises UserError where a template cannot be rendered.

    A preview hands in the same `kept` each time: pages of releases stay as they are while nothing they are made of changes.
    """
    return [page for group in groups(site, kept).values() for page in group()]


def groups(
    site: Site, kept: Kept | None = None, tried: set[str] | None = None, own: Container[str] | None = None
) -> dict[str, Callable[[], list[SitePage]]]:
    """Return what makes the pages of each policy, by its id; before them the first page under "", after them those of all policies.

    Of every template not yet `tried`, one page is rendered at once. Of policies that are not `own` there are only those pages
    to which the navigation leads.
    """
    write = writer(site, tried)
    found: dict[str, Callable[[], list[SitePage]]] = {"": lambda: [_home(write, site.standings)]}
    for name in site.documents:
        whole = own is None or name in own
        found[name] = partial(_policy, write, name, {} if kept is None else kept) if whole else partial(_led, write, name)
        if name in site.verdicts:
            found[f"{name}/{coverage.PLACE}"] = partial(_held, write, name)
    if site.verdicts:
        found[coverage.PLACE] = lambda: [coverage.summary(write, locale) for locale in site.settings.locales]
    return found


def _policy(write: Writer, name: str, kept: Kept) -> list[SitePage]:
    """Return the pages of one policy."""
    site, found = write.site, write.site.standing(name)
    pages = list(_settled(write, found, kept) if found.versions else _whole(write, found, found.draft, ""))
    if found.versions and site.preview:
        pages += _whole(write, found, found.draft, DRAFT)
        pages += _redlines(write, found, write.bases(found, found.draft))
    return pages


def _led(write: Writer, name: str) -> list[SitePage]:
    """Return the pages of a policy to which the navigation leads."""
    found = write.site.standing(name)
    made = list(_whole(write, found, found.current, ""))
    if found.versions:
        made += (make(write, at) for kind, make in _LOGS.items() for at in _ats(write, found, found.current, "", kind))
    return [page for page in made if page.in_nav]


def _held(write: Writer, name: str) -> list[SitePage]:
    """Return the pages that hold a policy against the law: the version at its own address; in a preview the draft as well."""
    found = write.site.standing(name)
    drafts = _coverage(write, found, found.draft, DRAFT) if found.versions and write.site.preview else ()
    return [*_coverage(write, found, found.current, ""), *drafts]


def _settled(write: Writer, found: Standing, kept: Kept) -> list[SitePage]:
    """Return the pages in which the draft has no part."""
    site = write.site
    seals = [shown.release.seal for shown in found.versions if shown.release]
    made_of = (seals, site.as_of, site.settings, site.downloads, site.glossary, _stamps(site))
    known = kept.get(found.policy)
    if known is None or known[0] != made_of:
        known = kept[found.policy] = (made_of, [*_whole(write, found, found.current, ""), *_history(write, found)])
    return known[1]


def _stamps(site: Site) -> list[tuple[str, int]]:
    """Return when each template was last written."""
    files = sorted(file for folder in site.templates for file in folder.rglob("*.html"))
    return [(str(file), file.stat().st_mtime_ns) for file in files]


def _home(write: Writer, every: list[Standing]) -> SitePage:
    """Return the first page: a card for each policy, in all its languages."""
    settings = write.site.settings
    first = next(iter(settings.locales))
    cards = [(found, [_seen(write, found, locale) for locale in write.locales(found.current)]) for found in every]
    write_home = write.writing("home.html", cards=cards, settings=settings, summary=coverage.summaries(write, ""), log_anchor=log_anchor)
    return SitePage("", first, messages.say("home-title", first), messages.say("home-description", first), write_home, search=False)


def _seen(write: Writer, found: Standing, locale: str) -> View:
    shown = found.current
    return View(shown.document, locale, shown.library, write.site.settings, policy_address(found, locale))


def _whole(write: Writer, found: Standing, shown: Shown, place: str) -> Iterator[SitePage]:
    """Yield the pages of one version: its text, both languages, its lists."""
    for make in (policy.text, policy.bilingual, policy.overview):
        yield from (make(write, at) for at in _ats(write, found, shown, place, _KINDS[make]))
    for key in lists.LISTS:
        yield from (policy.listing(write, at, key) for at in _ats(write, found, shown, place, f"lists/{key}/"))


_LOGS: dict[str, Make] = {"changes/": history.changes, "versions/": history.versions}
_KINDS: dict[Make, str] = {policy.text: "", policy.bilingual: "bilingual/", policy.overview: "lists/"}


def _ats(write: Writer, found: Standing, shown: Shown, place: str, kind: str) -> Iterator[At]:
    return (At(found, shown, locale, kind, place) for locale in write.locales(shown))


def _coverage(write: Writer, found: Standing, shown: Shown, place: str) -> Iterator[SitePage]:
    """Yield what the law asks of a version."""
    return (coverage.page(write, at) for at in _ats(write, found, shown, place, "coverage/"))


def _redlines(write: Writer, found: Standing, bases: list[Shown]) -> Iterator[SitePage]:
    """Yield the redlines of the draft."""
    for base in bases:
        kind = places.redline(base, found.draft)
        yield from (redlines.page(write, at, base, found.draft) for at in _ats(write, found, found.draft, "", kind))


def _history(write: Writer, found: Standing) -> Iterator[SitePage]:
    """Yield what a policy's releases make: each at its address, the change log, the redlines, the versions by day."""
    for shown in found.versions:
        yield from (policy.text(write, at) for at in _ats(write, found, shown, shown.place, ""))
        yield from (policy.bilingual(write, at) for at in _ats(write, found, shown, shown.place, "bilingual/"))
    for kind, make in _LOGS.items():
        yield from (make(write, at) for at in _ats(write, found, found.current, "", kind))
    yield from (history.since_index(write, at) for at in _ats(write, found, found.current, "", "changes/since/"))
    for accepted in found.versions:
        yield from (history.since(write, at, accepted) for at in _ats(write, found, found.current, "", places.since(accepted)))
    for old, new in places.pairs(found, write.site.settings.redlines):
        yield from (redlines.page(write, at, old, new) for at in _ats(write, found, new, "", places.redline(old, new)))


__all__ = ["Heading", "Site", "SitePage", "build", "relative"]
