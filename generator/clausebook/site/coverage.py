"""What the law asks: the page that holds a version against the requirements, and the one of all policies."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from clausebook import messages, requirements
from clausebook.requirements import WORST_FIRST, Verdict
from clausebook.site.model import Heading, SitePage, relative
from clausebook.site.places import At, policy_address
from clausebook.site.standing import Shown, Standing
from clausebook.site.views import Link, View
from clausebook.site.writer import Writer

PLACE = "coverage"


def page(writer: Writer, at: At) -> SitePage:
    """Return the page that holds a version against the requirements."""
    verdicts = verdicts_of(writer, at.standing, at.shown)
    packs = [pack for pack in writer.site.packs if any(v.pack == pack.pack for v in verdicts)]
    rows = {pack.pack: sorted((v for v in verdicts if v.pack == pack.pack), key=_worst) for pack in packs}
    view, said = writer.view(at), messages.language(at.locale)
    made = writer.page(
        at, "coverage.html", view.say("title-coverage"), packs=packs, rows=rows, outcomes=WORST_FIRST,
        headings=tuple(Heading(pack.pack, pack.title[said], 2) for pack in packs), counts=requirements.tally(verdicts),
        instruments={i.id: i for pack in packs for i in pack.instruments}, missing=lambda verdict: _missing(view, verdict),
        summary=summaries(writer, at.address), said=said,
    )  # fmt: skip
    return replace(made, search=False, wide=True)


def summary(writer: Writer, locale: str) -> SitePage:
    """Return the page of every policy against every pack, in one language of the site."""
    site, address = writer.site, _summary(locale)
    found = [standing for standing in site.standings if locale in writer.locales(standing.current)]
    rows = [(_view(writer, s, locale, address), requirements.tally(verdicts_of(writer, s, s.current))) for s in found]
    packs = [pack for pack in site.packs if any(pack.pack in counts for _, counts in rows)]
    others = {loc: way for loc, way in summaries(writer, address).items() if loc != locale}
    write = writer.writing(
        "requirements.html", rows=rows, packs=packs, locale=locale, outcomes=WORST_FIRST, say=partial(_say, locale),
        said=messages.language(locale), settings=site.settings, alternates=others, home=relative("", address),
    )  # fmt: skip
    addresses = {loc: _summary(loc) for loc in site.settings.locales}
    title, note = messages.say("summary-coverage", locale), messages.say("coverage-note", locale)
    return SitePage(address, locale, title, note, write, alternates=addresses, in_nav=False, search=False, wide=True)


def summaries(writer: Writer, address: str) -> dict[str, str]:
    """Return the way from a page to the page of all policies in each language; none where coverage is not shown."""
    locales = writer.site.settings.locales if writer.site.verdicts else ()
    return {locale: relative(_summary(locale), address) for locale in locales}


def verdicts_of(writer: Writer, standing: Standing, shown: Shown) -> list[Verdict]:
    """Return the judgements on a version: those given for the draft; a release is judged here, with the waivers it was made with."""
    if shown.release is None:
        return list(writer.site.verdicts.get(standing.policy, ()))
    site = writer.site
    policy = shown.document.policy.model_copy(update={"waivers": shown.release.record.waivers})
    document = replace(shown.document, policy=policy)
    wanted = requirements.chosen(site.packs, document, drafts=site.settings.drafts)
    key = ("verdicts", standing.policy, shown.version)
    judged: list[Verdict] = writer.once(key, lambda: requirements.judge(document, wanted, shown.library, site.as_of))
    return judged


def _view(writer: Writer, standing: Standing, locale: str, address: str) -> View:
    shown = standing.current
    page = relative(policy_address(standing, locale), address)
    return View(shown.document, locale, shown.library, writer.site.settings, page)


def _summary(locale: str) -> str:
    return f"{locale}/{PLACE}/"


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
