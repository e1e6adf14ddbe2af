"""Problems in the forms `check` prints. Needs nothing but the catalogues, so that what is known already is told at once."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from clausebook import messages
from clausebook.errors import Place, Problem, rule_of, visible

Tallies = Mapping[str, Mapping[str, Mapping[str, int]]]  # how many rows have each outcome, the worst first, by policy and pack

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
SARIF_RESULTS = 5000


def full(problems: Sequence[Problem], locale: str, root: Path) -> str:
    """Return each problem with the line it points at and a sign below."""
    return "\n".join(block for p in problems for block in (messages.tell(p, locale), *_excerpt(p, root)))


def _excerpt(found: Problem, root: Path) -> list[str]:
    file = root / found.place.path
    if not found.place.line or not file.is_file() or file.is_symlink():
        return []
    try:
        lines = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except (OSError, UnicodeDecodeError):
        return []
    if found.place.line > len(lines):
        return []
    line = lines[found.place.line - 1]
    text, before = visible(line)[:160], visible(line[: found.place.col - 1])[:160]
    number = f"{found.place.line:>5} | "
    return [f"{number}{text}", " " * 6 + "| " + " " * width(before) + "^"]


def width(text: str) -> int:
    """Return how many columns a terminal gives text: Han and full-width characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def concise(problems: Sequence[Problem], locale: str, root: Path) -> str:
    """Return one line a problem."""
    return "\n".join(messages.tell(p, locale) for p in problems)


def as_json(problems: Sequence[Problem], locale: str, root: Path) -> str:
    """Return the problems as JSON: a stable contract, version 1."""
    items = [
        {
            "path": p.place.path, "line": p.place.line, "column": p.place.col, "severity": p.severity,
            "code": rule_of(p), "message": messages.sentence(p, locale),
        }
        for p in problems
    ]  # fmt: skip
    return json.dumps({"version": 1, "problems": items}, ensure_ascii=False, indent=2)


def github(problems: Sequence[Problem], locale: str, root: Path) -> str:
    """Return workflow commands that mark the lines of a pull request."""
    lines = []
    for p in problems:
        where = f"file={_property(p.place.path)},line={max(p.place.line, 1)},col={max(p.place.col, 1)}"
        lines.append(f"::{p.severity} {where},title={_property(rule_of(p))}::{_data(messages.sentence(p, locale))}")
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def sarif(problems: Sequence[Problem], locale: str, root: Path) -> str:
    """Return SARIF 2.1.0, at most 5,000 results."""
    results = [
        {
            "ruleId": rule_of(p),
            "level": p.severity,
            "message": {"text": messages.sentence(p, locale)},
            "locations": [_location(p.place)],
            **({"relatedLocations": [_location(other)]} if (other := _against(p)) else {}),
        }
        for p in problems[:SARIF_RESULTS]
    ]
    rules = [{"id": code} for code in sorted({rule_of(p) for p in problems})]
    run = {"tool": {"driver": {"name": "clausebook", "rules": rules}}, "results": results}
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _location(place: Place) -> dict[str, Any]:
    region = {"startLine": max(place.line, 1), "startColumn": max(place.col, 1)}
    return {"physicalLocation": {"artifactLocation": {"uri": quote(place.path)}, "region": region}}


def _against(found: Problem) -> Place | None:
    """Return the other place of a finding that has two."""
    said = dict(found.values).get("against") if rule_of(found) != found.code else None
    path, line, col = said.rsplit(":", 2) if said else ("", "", "")
    return Place(path, int(line), int(col)) if path else None


PROBLEMS = {"full": full, "concise": concise, "json": as_json, "github": github, "sarif": sarif}


def summary(tallies: Tallies, locale: str) -> str:
    """Return how many rows of each pack have each outcome: a line a policy and pack, the worst outcome first."""
    words = messages.catalogue(locale)["coverage"]["outcome"]
    lines = []
    for policy, packs in tallies.items():
        for pack, counts in packs.items():
            told = ", ".join(f"{words[outcome]} {count}" for outcome, count in counts.items() if count)
            lines.append(f"{policy} {pack}: {told}")
    return "\n".join(lines)


def summary_json(tallies: Tallies) -> str:
    """Return the same as JSON: a stable contract, version 1."""
    items = [{"policy": policy, "pack": pack, "outcomes": counts} for policy, packs in tallies.items() for pack, counts in packs.items()]
    return json.dumps({"version": 1, "summary": items}, ensure_ascii=False, indent=2)
