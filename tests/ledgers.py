"""Small ledgers: releases of policy `p` of the small library, made as the release command makes them but for their records."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from clausebook import ledger, snapshot
from tests import small

FOLDER = "policies"
POLICY = "p"
FACTS = "facts:\n  storage: [{location: mainland, scope: ip}]\n"
VERDICT = {"base": None, "level": "material", "direction": "neutral", "bump": "major", "notice_days": 30}
RECORD = {"verdict": VERDICT, "made": {"clausebook": "0.1.0", "templates": "0" * 64}}


def document(words: str = "甲") -> dict[str, Any]:
    """Return a frozen document that says these words."""
    clause = small.text(f"1. **{words}**\n1. 乙{{{{ ref('a') }}}}", "1. **A**\n1. B {{ ref('a') }}", FACTS)
    return snapshot.of(small.opened(small.files({"a": clause})).sound().sides["p"])


_DOCUMENT = document()


def data(version: str, before: dict[str, Any] | None, **changed: Any) -> dict[str, Any]:
    """Return a sealed release that follows another one; `changed` replaces top-level values before the hashes are made."""
    number = before["number"] + 1 if before else 1
    found = {
        "schema": 1,
        "policy": POLICY,
        "version": version,
        "number": number,
        "previous": {key: before[key] for key in ("version", "fingerprint", "seal")} if before else None,
        "corrects": None,
        "published": f"2026-0{min(number, 9)}-01",
        "effective": f"2026-0{min(number, 9)}-15",
        "document": copy.deepcopy(_DOCUMENT),
        "record": copy.deepcopy(RECORD),
    }
    return ledger.sealed({**found, **changed})


def chain(*versions: str) -> list[dict[str, Any]]:
    """Return releases that follow one another."""
    made: list[dict[str, Any]] = []
    for version in versions:
        made.append(data(version, made[-1] if made else None))
    return made


def path(version: str, policy: str = POLICY) -> str:
    """Return where a version stands."""
    return f"{FOLDER}/{policy}/releases/{version}.json"


def write(root: Path, releases: list[dict[str, Any]]) -> Path:
    """Write the files of a ledger below a root and return the folder of the releases."""
    folder = root / FOLDER / POLICY / "releases"
    folder.mkdir(parents=True, exist_ok=True)
    for release in releases:
        (folder / f"{release['version']}.json").write_bytes(ledger.dump(release))
    return folder
