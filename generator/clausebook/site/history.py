"""The pages about the versions of a policy: what each changed, what changed since one, and which was in force on which day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace

from clausebook.release import Exception_
from clausebook.site import log, places, sought
from clausebook.site.log import Group, Sides
from clausebook.site.model import Heading, SitePage, Told, relative
from clausebook.site.places import At, log_anchor, release_file
from clausebook.site.redlines import Passed, Redline
from clausebook.site.standing import Shown, Standing
from clausebook.site.views import Link
from clausebook.site.writer import Writer

YEARS_FROM = 10  # of more releases the change log has an index by year


@dataclass(frozen=True)
class Account:
    """One release in the change log: its changes in groups, and the releases that corrected it since."""

    shown: Shown
    base: str
    anchor: str
    href: str
    ask: str
    groups: list[Group]
    corrected: list[Link]
    exceptions: list[Exception_]
    redline: str


def changes(writer: Writer, at: At) -> SitePage:
    """Return the change log: every release, the newest first."""
    view = writer.view(at)
    accounts = [_account(writer, at, shown) for shown in at.standing.by_number[::-1]]
    headings = tuple(Heading(a.anchor, f"{a.shown.version} · {view.status(a.shown)}", 2) for a in accounts)
    page = writer.page(
        at, "changes.html", view.say("title-changes"), accounts=accounts, headings=headings, years=_years(accounts),
        pairs=_pairs(writer, at),
    )  # fmt: skip
    told = [(a.anchor, heading.title, a.groups) for a, heading in zip(accounts, headings, strict=True)]
    return replace(page, sought=tuple(sought.changes(page.title, told)))


def _years(accounts: list[Account]) -> dict[int, Account]:
    """Return the newest release of each year, where there are so many that an index helps."""
    found: dict[int, Account] = {}
    for account in accounts if len(accounts) > YEARS_FROM else ():
        assert account.shown.head is not None
        found.setdefault(account.shown.head.published.year, account)
    return found


def _pairs(writer: Writer, at: At) -> dict[str, list[Link]]:
    """Return the redlines by the newer of their versions."""
    found: dict[str, list[Link]] = {}
    for old, new in reversed(writer.pairs(at.standing)):
        if new.head is not None and at.locale in writer.locales(new):
            found.setdefault(new.version, []).append(Link(old.version, at.to(places.redline(old, new))))
    return found


def _account(writer: Writer, at: At, shown: Shown) -> Account:
    assert shown.release is not None
    record, base = shown.release.record, at.standing.base(shown)
    sides = _sides(writer, at, base, shown)
    corrected = [Link(other.version, f"#{log_anchor(other)}", str(other.document.published)) for other in _corrections(at.standing, shown)]
    return Account(
        shown, base.version if base else "", log_anchor(shown), sides.new.page, log.asks(record.verdict),
        log.groups(record.changes, sides), corrected, [e for e in record.exceptions if e.gate == "notice"], sides.redline,
    )  # fmt: skip


def _corrections(standing: Standing, shown: Shown) -> Iterator[Shown]:
    return (other for other in standing.versions if other.head and other.head.corrects == shown.version)


def _sides(writer: Writer, at: At, old: Shown | None, new: Shown) -> Sides:
    return Redline(writer, at, old, new).sides if old else Sides(writer.seen(at, new))


# Since a version.


@dataclass(frozen=True)
class Step:
    """What changes from one version to another: what a person must do, the changes, the marked text of their clauses."""

    old: Shown
    new: Shown
    ask: str
    groups: list[Group]
    counts: dict[str, int]
    marked: list[Passed]
    skipped: list[Shown]


def since(writer: Writer, at: At, accepted: Shown) -> SitePage:
    """Return the page for a person who accepted a version: what changed until now, and what is announced."""
    standing, view = at.standing, writer.view(at)
    now = standing.in_force
    passed = now and accepted.head and now.head and accepted.head.order < now.head.order
    step = _step(writer, at, accepted, now) if passed and now else None
    start = now if passed else accepted
    coming = [_step(writer, at, old, new, whole=False) for old, new in _chain(start, standing.announced)]
    page = writer.page(
        at, "since.html", view.say("title-since", version=accepted.version), accepted=accepted, now=now, step=step, coming=coming,
        log_anchor=log_anchor,
    )  # fmt: skip
    return replace(page, in_nav=False, search=False, listed=False, bare=True)


def _chain(start: Shown | None, following: tuple[Shown, ...]) -> Iterator[tuple[Shown, Shown]]:
    """Yield each later version with the one before it."""
    for shown in following:
        if start is None or (start.head and shown.head and start.head.order < shown.head.order):
            if start is not None:
                yield start, shown
            start = shown


def _step(writer: Writer, at: At, old: Shown, new: Shown, *, whole: bool = True) -> Step:
    """Return a step; only `whole` it has the marked text, to which the sentences lead all the same."""
    told = writer.told(at.standing, old, new) or Told(new.release.record.verdict, [])  # type: ignore[union-attr]
    redline = Redline(writer, at, old, new)
    groups = log.groups(told.changes, redline.sides)
    clauses = frozenset(anchor for change in log.shown(told.changes) for anchor in (*change.clauses, *change.was))
    between = [shown for shown in at.standing.versions if old.head.order < shown.head.order < new.head.order]  # type: ignore[union-attr]
    return Step(old, new, log.asks(told.verdict), groups, log.counts(told.changes), redline.changed(clauses) if whole else [], between)


def since_index(writer: Writer, at: At) -> SitePage:
    """Return the page that names every version a person may have accepted."""
    links = [Link(shown.version, at.to(places.since(shown)), writer.view(at).standing_note(shown)) for shown in at.standing.newest]
    page = writer.page(at, "since-index.html", writer.view(at).say("title-since-index"), links=links)
    return replace(page, in_nav=False, search=False, listed=False, bare=True)


# Which version was in force when.


@dataclass(frozen=True)
class Period:
    """Days of one year on which one version is in force; none before the first."""

    first: datetime.date
    last: datetime.date | None
    shown: Shown | None


def versions(writer: Writer, at: At) -> SitePage:
    """Return the page that says which version was in force on any day, by year."""
    view = writer.view(at)
    years = list(periods(at.standing, writer.site.as_of))
    headings = (*(Heading(f"y{year}", str(year), 2) for year, _ in years), Heading("all--versions", view.say("all-versions"), 2))
    files = {shown.version: relative(release_file(at.standing.policy, shown), at.address) for shown in at.standing.versions}
    pages = {shown.version: writer.seen(at, shown).page for shown in at.standing.versions}
    return writer.page(
        at, "versions.html", view.say("title-versions"), years=years, headings=headings, files=files, pages=pages, log_anchor=log_anchor
    )


def periods(standing: Standing, as_of: datetime.date) -> Iterator[tuple[int, list[Period]]]:
    """Yield each year from the first version to the day of the build, or to the last start, with its periods; the newest year first."""
    spans = [(shown.span, shown) for shown in standing.versions if shown.span]
    if not spans:
        return
    begin = spans[0][0].first
    for year in range(max(as_of.year, spans[-1][0].first.year), begin.year - 1, -1):
        first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
        found = [Period(first, begin - datetime.timedelta(days=1), None)] if first < begin <= last else []
        for span, shown in spans:
            end = span.last or datetime.date.max
            if span.first <= last and end >= first:
                open_ = span.last is None and year == max(as_of.year, spans[-1][0].first.year)
                found.append(Period(max(first, span.first), None if open_ else min(last, end), shown))
        yield year, found
