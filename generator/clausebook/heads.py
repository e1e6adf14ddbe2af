"""What a release says of itself, found in its file without reading the text: what listings, dates and addresses rest on.

It trusts the form in which releases are written: a line for each value, indented by its depth. Whatever is not written so
has no head. Nothing is proved here: whoever shows the text of a release reads all of it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import orjson

from clausebook.release import Release, Version

_DOCUMENT, _POLICY = (b'\n "document": ', b"\n },"), (b'\n  "policy": ', b"\n  },")


@dataclass(frozen=True)
class Head:
    """A release without its text: label and place in the chain, dates, hashes, the version it is compared with, its languages."""

    version: str
    number: int
    published: datetime.date
    effective: datetime.date
    corrects: str | None
    base: str | None
    fingerprint: str
    seal: str
    locales: tuple[str, ...]

    @property
    def order(self) -> Version:
        """Return the version's place among others."""
        found = Version.parse(self.version)
        assert found is not None  # it has no head otherwise
        return found


def of(release: Release) -> Head:
    """Return the head of a release that was read."""
    return Head(
        release.version, release.number, release.published, release.effective, release.corrects, release.record.verdict.base,
        release.fingerprint, release.seal, tuple(release.document.policy.locales),
    )  # fmt: skip


def scan(raw: bytes) -> Head | None:
    """Return the head of a release, given its file; None where the file is not written as releases are."""
    document, rest = _cut(raw, *_DOCUMENT)
    policy, _ = _cut(document, *_POLICY)
    try:
        return _head(orjson.loads(rest), orjson.loads(policy))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _cut(raw: bytes, start: bytes, end: bytes) -> tuple[bytes, bytes]:
    """Return the object between the lines that open and close it, and the text without it."""
    first = raw.find(start)
    last = raw.find(end, first)
    if first < 0 or last < 0:
        return b"", raw
    return raw[first + len(start) : last + len(end) - 1], raw[:first] + raw[last + len(end) :]


def _head(data: Any, policy: Any) -> Head:
    if Version.parse(data["version"]) is None:
        raise ValueError
    return Head(
        version=data["version"],
        number=int(data["number"]),
        published=datetime.date.fromisoformat(data["published"]),
        effective=datetime.date.fromisoformat(data["effective"]),
        corrects=data.get("corrects"),
        base=data["record"]["verdict"].get("base"),
        fingerprint=str(data["fingerprint"]),
        seal=str(data["seal"]),
        locales=tuple(map(str, policy["locales"])),
    )
