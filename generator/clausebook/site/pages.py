"""Which pages a site has.

Where a page stands is known before it is made: what a navigation, a link or a single page needs is had without the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from markupsafe import Markup

from clausebook import lists, messages
from clausebook.site import coverage, history, places, policy, redlines
from clausebook.site.model import Site, SitePage
from clausebook.site.places import DRAFT, At, log_anchor, policy_address
from clausebook.site.standing import Shown, Standing
from clausebook.site.views import View
from clausebook.site.writer import Writer, writer

Make = Callable[[Writer, At], SitePage]
Planned = tuple[At, Callable[[], SitePage]]
Kept = dict[str, tuple[Any, list[SitePage]]]


def build(site: Site, kept: Kept | None = None) -> list[SitePage]:
    """Return every page of a site. Raises UserError where a template cannot be rendered.

    A preview hands in the same `kept` each time: pages of releases stay as they are while nothing they are made of changes.
    """
    return [page for group in groups(site, kept).values() for page in group()]


def groups(site: Site, kept: Kept | None = None, tried: set[str] | None = None) -> dict[str, Callable[[], list[SitePage]]]:
    """Return what makes the pages of each policy, by its id; before them the first page under "", after them those of all policies.

    Of every template not yet `tried`, one page is rendered at once.
    """
    write = writer(site, tried)
    found: dict[str, Callable[[], list[SitePage]]] = {"": lambda: [_home(write)]}
    for name in site.documents:
        found[name] = partial(_policy, write, name, {} if kept is None else kept)
        if name in site.verdicts:
            found[f"{name}/{coverage.PLACE}"] = partial(_coverage_of, write, name)
    if site.verdicts:
        found[coverage.PLACE] = lambda: _summaries(write)
    return found


def common(write: Writer) -> list[SitePage]:
    """Return the pages that belong to no policy: before them of each policy, without what they say, those the navigation leads to."""
    led = [page for name in write.site.documents for page in _led(write, name)]
    return [_home(write), *led, *(_summaries(write) if write.site.verdicts else ())]


def plan(write: Writer, name: str) -> Iterator[Planned]:
    """Yield where every page of a policy stands, with what makes it."""
    found = write.site.standing(name)
    yield from _settled(write, found) if found.versions else _whole(write, found, found.draft, "")
    yield from _unsettled(write, found)
    if name in write.site.verdicts:
        yield from _held(write, found)


def _made(planned: Iterator[Planned]) -> list[SitePage]:
    return [make() for _, make in planned]


def _policy(write: Writer, name: str, kept: Kept) -> list[SitePage]:
    """Return the pages of one policy but those that hold it against the law."""
    found = write.site.standing(name)
    pages = _kept(write, found, kept) if found.versions else _made(_whole(write, found, found.draft, ""))
    return [*pages, *_made(_unsettled(write, found))]


def _coverage_of(write: Writer, name: str) -> list[SitePage]:
    """Return the pages that hold a policy against the law."""
    return _made(_held(write, write.site.standing(name)))


def _unsettled(write: Writer, found: Standing) -> Iterator[Planned]:
    """Yield the pages of the draft of a policy that has releases, which only a preview has."""
    if found.versions and write.site.preview:
        yield from _whole(write, found, found.draft, DRAFT)
        yield from _redlines(write, found, write.bases(found, found.draft))


def _led(write: Writer, name: str) -> Iterator[SitePage]:
    """Yield the pages of a policy to which the navigation leads: their titles and addresses, nothing else."""
    found = write.site.standing(name)
    logs = _LOGS if found.versions else ()
    for kind, title in (*_LED, *((kind, title) for kind, title, _ in logs), *(_HELD if name in write.site.verdicts else ())):
        for at in _ats(write, found, found.current, "", kind):
            sub = write.view(at).list_title(title) if title in lists.LISTS else write.view(at).say(title) if title else ""
            yield write.described(at, sub, Markup)


def _held(write: Writer, found: Standing) -> Iterator[Planned]:
    """Yield the pages that hold a policy against the law: the version at its own address; in a preview the draft as well."""
    yield from _coverage(write, found, found.current, "")
    if found.versions and write.site.preview:
        yield from _coverage(write, found, found.draft, DRAFT)


def _kept(write: Writer, found: Standing, kept: Kept) -> list[SitePage]:
    """Return the pages in which the draft has no part, made again only if they would be others."""
    site = write.site
    seals = [shown.head.seal for shown in found.versions if shown.head]
    made_of = (seals, site.as_of, site.settings, site.downloads, site.glossary, _stamps(site))
    known = kept.get(found.policy)
    if known is None or known[0] != made_of:
        known = kept[found.policy] = (made_of, _made(_settled(write, found)))
    return known[1]


def _settled(write: Writer, found: Standing) -> Iterator[Planned]:
    """Yield the pages in which the draft has no part."""
    yield from _whole(write, found, found.current, "")
    yield from _history(write, found)


def _stamps(site: Site) -> list[tuple[str, int]]:
    """Return when each template was last written."""
    files = sorted(file for folder in site.templates for file in folder.rglob("*.html"))
    return [(str(file), file.stat().st_mtime_ns) for file in files]


def _home(write: Writer) -> SitePage:
    """Return the first page: a card for each policy, in all its languages."""
    settings = write.site.settings
    first = next(iter(settings.locales))
    cards = [(found, [_seen(write, found, locale) for locale in write.locales(found.current)]) for found in write.site.standings]
    write_home = write.writing("home.html", cards=cards, settings=settings, summary=coverage.summaries(write, ""), log_anchor=log_anchor)
    return SitePage("", first, messages.say("home-title", first), messages.say("home-description", first), write_home, search=False)


def _summaries(write: Writer) -> list[SitePage]:
    """Return the page of every policy against every pack, in each language."""
    return [coverage.summary(write, locale) for locale in write.site.settings.locales]


def _seen(write: Writer, found: Standing, locale: str) -> View:
    shown = found.current
    return View(shown.document, locale, shown.library, write.site.settings, policy_address(found, locale))


def _whole(write: Writer, found: Standing, shown: Shown, place: str) -> Iterator[Planned]:
    """Yield the pages of one version: its text, both languages, its lists."""
    for kind, make in _KINDS.items():
        yield from _planned(write, _ats(write, found, shown, place, kind), make)
    for key in lists.LISTS:
        for at in _ats(write, found, shown, place, f"lists/{key}/"):
            yield at, partial(policy.listing, write, at, key)


_LED = [  # the pages of a version to which the navigation leads, each with the key of its title
    ("", ""),
    ("bilingual/", "title-bilingual"),
    ("lists/", "title-lists"),
    *((f"lists/{key}/", key) for key in lists.LISTS if key in policy.IN_NAV),
]
_LOGS: list[tuple[str, str, Make]] = [("changes/", "title-changes", history.changes), ("versions/", "title-versions", history.versions)]
_HELD = [("coverage/", "title-coverage")]
_KINDS: dict[str, Make] = {"": policy.text, "bilingual/": policy.bilingual, "lists/": policy.overview}


def _ats(write: Writer, found: Standing, shown: Shown, place: str, kind: str) -> Iterator[At]:
    return (At(found, shown, locale, kind, place) for locale in write.locales(shown))


def _planned(write: Writer, places: Iterator[At], make: Make) -> Iterator[Planned]:
    return ((at, partial(make, write, at)) for at in places)


def _coverage(write: Writer, found: Standing, shown: Shown, place: str) -> Iterator[Planned]:
    """Yield what the law asks of a version."""
    return _planned(write, _ats(write, found, shown, place, "coverage/"), coverage.page)


def _redlines(write: Writer, found: Standing, bases: list[Shown]) -> Iterator[Planned]:
    """Yield the redlines of the draft."""
    for base in bases:
        for at in _ats(write, found, found.draft, "", places.redline(base, found.draft)):
            yield at, partial(redlines.page, write, at, base, found.draft)


def _history(write: Writer, found: Standing) -> Iterator[Planned]:
    """Yield what a policy's releases make: each at its address, the change log, the redlines, the versions by day."""
    for shown in found.versions:
        yield from _planned(write, _ats(write, found, shown, shown.place, ""), policy.text)
        yield from _planned(write, _ats(write, found, shown, shown.place, "bilingual/"), policy.bilingual)
    for kind, _, make in _LOGS:
        yield from _planned(write, _ats(write, found, found.current, "", kind), make)
    yield from _planned(write, _ats(write, found, found.current, "", "changes/since/"), history.since_index)
    for accepted in found.versions:
        for at in _ats(write, found, found.current, "", places.since(accepted)):
            yield at, partial(history.since, write, at, accepted)
    for old, new in places.pairs(found, write.site.settings.redlines):
        for at in _ats(write, found, new, "", places.redline(old, new)):
            yield at, partial(redlines.page, write, at, old, new)
