"""Cases of changes: two small policies each, what is judged from one to the other and back, and the sentences said of it.

A side of a case holds facts by kind, which stand in clause `a`; `text` is its Chinese and English body; `clauses` are whole
clauses in place of `a`; `policy` is merged into the policy; `vocabulary` into the terms. What is left out is the same on both
sides. `attest` is said of every change, with a reason, by A. A line reads: kind, level, direction, bump, channels by their
letters, fresh consent, practice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from clausebook import diff, project, rules, sentences
from clausebook.diff import Comparison
from clausebook.document import Side
from clausebook.model import Settings
from clausebook.release import Attested, Notes
from clausebook.rules import Judged
from tests import small

HERE = Path(__file__).parent / "changes"
LETTERS = {
    "page": "P", "change-log": "L", "announcement": "B", "account-article": "W", "popup": "U", "consultation": "C", "direct": "D",
}  # fmt: skip
TEXT = ["我们处理您的信息。", "We process your information."]
POLICY: dict[str, Any] = {
    "id": "p",
    "title": {"zh": "政策", "en": "Policy"},
    "locales": ["zh", "en"],
    "profile": {"operator": {"name": {"zh": "某公司", "en": "Some Company"}}},
}
OTHER = {"text", "clauses", "policy", "vocabulary", "title", "order"}


@dataclass(frozen=True)
class Way:
    """One direction of a case: both sides, and what is expected of going from one to the other."""

    name: str
    old: dict[str, Any]
    new: dict[str, Any]
    attest: dict[str, Any]
    expected: list[dict[str, str]]


@cache
def _vocabulary() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load((HERE / "vocabulary.yml").read_text(encoding="utf-8"))
    return found


@cache
def cases() -> list[dict[str, Any]]:
    """Return the cases as written."""
    return [case for path in sorted(HERE.glob("cases-*.yml")) for case in yaml.safe_load(path.read_text(encoding="utf-8"))]


def ways() -> list[Way]:
    """Return each case there and, where it says so, back."""
    found = []
    for case in cases():
        found.append(Way(f"{case['name']}, forth", case["old"], case["new"], case.get("attest", {}), case["forth"]))
        if "back" in case:
            found.append(Way(f"{case['name']}, back", case["new"], case["old"], {}, case["back"]))
    return found


def side(given: dict[str, Any]) -> Side:
    """Assemble one side of a case."""
    facts = {kind: value for kind, value in given.items() if kind not in OTHER}
    clauses = given.get("clauses") or {
        "a": {"facts": facts, "text": given.get("text", TEXT), "title": given.get("title", ["条", "Clause"])}
    }
    return assembled({key: _clause(clause) for key, clause in clauses.items()}, given)


def _clause(given: dict[str, Any]) -> str:
    titles = given.get("title", ["条", "Clause"])
    text = {
        locale: {"title": title, "body": body}
        for locale, title, body in zip(("zh", "en"), titles, given.get("text", TEXT), strict=True)
        if body
    }
    return _yaml({"facts": given.get("facts", {}), "text": text})


def assembled(clauses: dict[str, str], given: dict[str, Any]) -> Side:
    """Assemble clauses into policy `p`."""
    terms = {scheme: [*listed, *given.get("vocabulary", {}).get(scheme, [])] for scheme, listed in _vocabulary().items()}
    for scheme, listed in terms.items():
        terms[scheme] = list({term["id"]: term for term in listed}.values())
    chapter = {"id": "s", "title": {"zh": "章", "en": "Chapter"}, "clauses": given.get("order", list(clauses))}
    policy = {**POLICY, "sections": [chapter], **given.get("policy", {})}
    files = {f"clauses/vocabulary/{scheme}.yml": _yaml({"scheme": scheme, "terms": listed}) for scheme, listed in terms.items()}
    files |= {f"clauses/m/{clause}.yml": _yaml({"id": clause}) + text for clause, text in clauses.items()}
    files["policies/p/policy.yml"] = _yaml(policy)
    return small.opened(files).sound().sides["p"]


class _Dumper(yaml.SafeDumper):
    """Writes a value again each time it is used: files of a library have no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _yaml(data: Any) -> str:
    return str(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False))


def judged(old: Side, new: Side, attest: dict[str, Any] | None = None, settings: Settings | None = None) -> tuple[Comparison, list[Judged]]:
    """Judge what differs; `attest` is said of every change."""
    comparison, book, chosen = diff.compare(old, new), project.rulebook(), settings or Settings()
    found = rules.judge(comparison, book, None, chosen)
    if attest:
        reason = {"zh": "理由", "en": "reason"}
        said = [Attested(change=one.id, **{"reason": reason, "by": "A", **attest}) for one in found]
        found = rules.judge(comparison, book, Notes(version="1.0.0", changes=said), chosen)
    return comparison, found


def told(comparison: Comparison, found: list[Judged]) -> list[dict[str, str]]:
    """Return what is judged as the cases write it."""
    return [{"is": line(one), **{locale: sentences.sentence(one, comparison, locale) for locale in ("zh", "en")}} for one in found]


def line(one: Judged) -> str:
    """Return one judged change as a line of a case."""
    letters = "".join(letter for channel, letter in LETTERS.items() if channel in one.notice) or "-"
    return f"{one.kind} {one.level} {one.direction} {one.bump} {letters} {one.reconsent} {one.practice}"


def without(found: Side, anchor: str, index: int) -> Side:
    """Return a side whose clause states one fact less."""

    def part(one: Any) -> Any:
        entries = tuple(replace(e, facts=e.facts[:index] + e.facts[index + 1 :]) if e.anchor == anchor else e for e in one.entries)
        return replace(one, entries=entries, parts=tuple(part(inner) for inner in one.parts))

    return replace(found, document=replace(found.document, parts=tuple(part(one) for one in found.document.parts)))
