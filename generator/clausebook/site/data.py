"""What programs read of a site's policies: which version is in force when, what each changed, and all policies in one file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from clausebook.site import log, places
from clausebook.site.model import Site
from clausebook.site.places import file_name, policy_address
from clausebook.site.standing import Shown, Standing

FORMAT = 1


def files(site: Site, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield every file of data about the versions of a policy, with its address."""
    standing = site.standing(name)
    if standing.versions:
        yield f"{name}/timeline.json", _dumped(timeline(site, standing))
        yield f"{name}/changes.json", _dumped(changes(site, standing))


def summary(site: Site) -> tuple[str, bytes]:
    """Return the file that names all policies, with its address."""
    return "policies.json", _dumped(policies(site))


def timeline(site: Site, standing: Standing) -> dict[str, Any]:
    """Return the versions of a policy in their order, with the days on which each is in force: from its first to its last.

    `file` is an address beside this file, `pages` are addresses of the site.
    """
    return {
        "format": FORMAT,
        "policy": standing.policy,
        "as_of": site.as_of.isoformat(),
        "in_force": standing.in_force.version if standing.in_force else None,
        "announced": [shown.version for shown in standing.announced],
        "releases": [_version(site, standing, shown) for shown in standing.versions],
    }


def _version(site: Site, standing: Standing, shown: Shown) -> dict[str, Any]:
    assert shown.release is not None
    release, span = shown.release, shown.span
    return {
        "version": release.version,
        "number": release.number,
        "status": shown.status,
        "published": release.published.isoformat(),
        "effective": release.effective.isoformat(),
        "from": span.first.isoformat() if span else None,
        "to": span.last.isoformat() if span and span.last else None,
        "previous": release.previous.version if release.previous else None,
        "corrects": release.corrects,
        "locales": list(shown.locales),
        "fingerprint": release.fingerprint,
        "file": file_name(shown),
        "pages": {locale: policy_address(standing, locale) + shown.place for locale in _locales(site, shown)},
    }


def _locales(site: Site, shown: Shown) -> list[str]:
    return [locale for locale in shown.locales if locale in site.settings.locales]


def changes(site: Site, standing: Standing) -> dict[str, Any]:
    """Return the change log: the releases, the newest first, with what readers are told of each."""
    return {
        "format": FORMAT,
        "policy": standing.policy,
        "as_of": site.as_of.isoformat(),
        "releases": [_account(site, standing, shown) for shown in standing.by_number[::-1]],
    }


def _account(site: Site, standing: Standing, shown: Shown) -> dict[str, Any]:
    assert shown.release is not None
    release, record = shown.release, shown.release.record
    base = standing.base(shown)
    return {
        "version": release.version,
        "status": shown.status,
        "published": release.published.isoformat(),
        "effective": release.effective.isoformat(),
        "base": base.version if base else None,
        "corrects": release.corrects,
        "verdict": record.verdict.model_dump(mode="json"),
        "asks": log.asks(record.verdict) if base else None,
        "summary": record.summary,
        "changes": [change.model_dump(mode="json", exclude_none=True) for change in log.shown(record.changes)],
        "fingerprint": release.fingerprint,
        "pages": {locale: f"{policy_address(standing, locale)}changes/#{places.log_anchor(shown)}" for locale in _locales(site, shown)},
    }


def policies(site: Site) -> dict[str, Any]:
    """Return all policies, each with the version at its own address, what is announced and where more is."""
    return {"format": FORMAT, "as_of": site.as_of.isoformat(), "policies": [_policy(site, standing) for standing in site.standings]}


def _policy(site: Site, standing: Standing) -> dict[str, Any]:
    shown = standing.current
    own = f"{standing.policy}/"
    return {
        "policy": standing.policy,
        "title": dict(shown.document.policy.title),
        "status": shown.status,
        **_dated(shown),
        "announced": [_dated(later) for later in standing.announced if later is not shown],
        "newest": {"version": standing.last.version, "fingerprint": standing.last.fingerprint} if standing.versions else None,
        "timeline": f"{own}timeline.json" if standing.versions else None,
        "changes": f"{own}changes.json" if standing.versions else None,
        "pages": {locale: policy_address(standing, locale) for locale in _locales(site, shown)},
    }


def _dated(shown: Shown) -> dict[str, Any]:
    document = shown.document
    return {
        "version": shown.version or None,
        "published": document.published.isoformat() if document.published else None,
        "effective": document.effective.isoformat() if document.effective else None,
        "fingerprint": shown.fingerprint,
    }


def _dumped(data: Any) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
