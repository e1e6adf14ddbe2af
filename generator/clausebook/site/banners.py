"""What stands above the text of a version: that it is a draft, announced or superseded, and what comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clausebook.site.places import At, log_anchor, since
from clausebook.site.standing import Shown
from clausebook.site.views import Link, View


@dataclass(frozen=True)
class Banner:
    """A box of words: the status, what it means, where to go from here."""

    status: str
    title: str
    words: str
    links: tuple[Link, ...] = ()


def of(view: View, at: At) -> list[Banner]:
    """Return what stands above a page that shows a version."""
    own = _OF[at.shown.status](view, at)
    coming = [_coming(view, at, shown) for shown in at.standing.announced if at.shown.status == "in-force"]
    return [*own, *coming, *_machine(view)]


def _machine(view: View) -> Iterator[Banner]:
    if view.settings.is_machine_draft(view.locale):
        yield Banner("machine", view.say("machine-title"), view.say("machine-banner", name=view.language(view.document.policy.source)))


def _draft(view: View, at: At) -> Iterator[Banner]:
    links = () if at.standing.current is at.shown else (Link(view.say("superseded-link"), at.to("")),)
    yield Banner("draft", view.say("status-draft"), view.say("draft-banner"), links)


def _announced(view: View, at: At) -> Iterator[Banner]:
    shown = at.shown
    key = "announced-banner" if at.standing.in_force else "announced-banner-first"
    dates = {"published": shown.document.published, "effective": shown.document.effective}
    links = [Link(view.say("coming-link"), _change(at, shown))]
    if at.standing.in_force:
        links.append(Link(view.say("superseded-link"), at.to("")))
    yield Banner("announced", view.say("status-announced"), view.say(key, version=shown.version, **dates), tuple(links))


def _superseded(view: View, at: At) -> Iterator[Banner]:
    shown = at.shown
    key = "superseded-banner" if shown.span else "superseded-banner-never"
    following = at.standing.get(shown.span.by) if shown.span else at.standing.in_force
    assert following is not None  # a version is superseded by one that is known
    words = view.say(key, version=shown.version, by=following.version, date=following.document.effective)
    links = [Link(view.say("superseded-link"), at.to("")), Link(view.say("since-link"), at.to(since(shown)))]
    yield Banner("superseded", view.say("status-superseded"), words, tuple(links))


def _in_force(view: View, at: At) -> Iterator[Banner]:
    yield from ()


def _coming(view: View, at: At, shown: Shown) -> Banner:
    words = view.say("coming-banner", version=shown.version, date=shown.document.effective)
    return Banner("announced", view.say("coming-title"), words, (Link(view.say("coming-link"), _change(at, shown)),))


def _change(at: At, shown: Shown) -> str:
    return at.to(f"changes/#{log_anchor(shown)}")


_OF: dict[str, Callable[[View, At], Iterator[Banner]]] = {
    "draft": _draft,
    "announced": _announced,
    "superseded": _superseded,
    "in-force": _in_force,
}
