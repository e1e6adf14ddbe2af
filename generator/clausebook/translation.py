"""Where each translation of each clause stands: whether it says what the source text and the facts say today."""

from __future__ import annotations

import datetime
import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel

from clausebook import outline
from clausebook.document import Entry, Side
from clausebook.errors import Place, Problem, note, warning
from clausebook.facts import KINDS
from clausebook.model import Clause, ClauseText, Library, Loaded, Policy, Settings, TextWaiver
from clausebook.outline import Outline

State = Literal["current", "attested", "stale-text", "stale-facts", "missing", "machine-draft", "waived"]
STATES: tuple[State, ...] = get_args(State)
BEHIND: tuple[State, ...] = ("stale-text", "stale-facts")
OPEN: tuple[State, ...] = ("missing", *BEHIND, "machine-draft")


@dataclass(frozen=True, order=True)
class Translation:
    """One clause in one language. `without` is the state it would have without its waiver."""

    clause: str
    locale: str
    source: str
    state: State
    without: State


def fingerprint(text: ClauseText) -> str:
    """Return the fingerprint a translation names: 8 hex digits of SHA-256 over title and body, NFC, ends of lines trimmed."""
    lines = f"{text.title}\n{text.body}".split("\n")
    return _digest("\n".join(line.rstrip() for line in lines).strip())


def fact_fingerprint(clause: Clause, source: str) -> str:
    """Return the fingerprint of a clause's facts, in any order; of texts in several languages the source counts alone."""
    said = {kind: sorted(_canonical(plain(fact, source)) for fact in getattr(clause.facts, kind)) for kind in KINDS}
    return _digest(_canonical({kind: facts for kind, facts in said.items() if facts}))


def _digest(text: str) -> str:
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()[:8]


def _canonical(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def plain(value: Any, source: str) -> Any:
    """Return a fact as plain data without what is at its default, so that a field more in the model changes no fingerprint."""
    if isinstance(value, BaseModel):
        fields = ((field.alias or name, getattr(value, name), field) for name, field in type(value).model_fields.items())
        stated = ((name, inner) for name, inner, field in fields if inner != field.get_default(call_default_factory=True))
        return {name: plain(inner, source) for name, inner in stated}
    if isinstance(value, dict):
        return value.get(source)
    return [plain(item, source) for item in value] if isinstance(value, list) else str(value)


def without_waiver(clause: Clause, locale: str, source: str) -> State:
    """Return the state of a clause's translation, whatever waiver there is."""
    text, origin = clause.text.get(locale), clause.text.get(source)
    if text is None:
        return "missing"
    if origin is not None and text.translates not in (None, fingerprint(origin)):
        return "stale-text"
    if not facts_hold(clause, locale, source):
        return "stale-facts"
    if text.machine_draft:
        return "machine-draft"
    return "attested" if text.attested is not None and text.attested.source == text.translates else "current"


def facts_hold(clause: Clause, locale: str, source: str) -> bool:
    """Tell whether a translation names the facts of today, or none."""
    return clause.text[locale].facts in (None, fact_fingerprint(clause, source))


def waiver(clause: Clause, locale: str, as_of: datetime.date) -> TextWaiver | None:
    """Return the waiver that holds for a clause's translation on a day, or None."""
    found = clause.waived.get(locale)
    return found if found is not None and found.until >= as_of else None


def of_clause(clause: Clause, locale: str, source: str, as_of: datetime.date) -> Translation:
    """Return where one translation of a clause stands on a day."""
    plain = without_waiver(clause, locale, source)
    state: State = "waived" if plain in OPEN and waiver(clause, locale, as_of) else plain
    return Translation(clause.id, locale, source, state, plain)


def of_policy(library: Library, policy: Policy, as_of: datetime.date) -> list[Translation]:
    """Return where every translation a policy shows stands, in the policy's order."""
    ids = dict.fromkeys(use.id for use in outline.uses(policy.sections))
    return [of_clause(library.clauses[key].value, loc, policy.source, as_of) for key in ids for loc in policy.locales[1:]]


def of_library(library: Library, settings: Settings, as_of: datetime.date, policies: Iterable[Outline] | None = None) -> list[Translation]:
    """Return where every translation of every clause stands: for each language of the policies that use it, else of the site.

    `policies` are those of the library, unless they were read elsewhere.
    """
    found: dict[str, dict[str, str]] = {}
    for policy in sorted(_policies(library) if policies is None else policies, key=lambda policy: policy.id):
        for clause in policy.clauses:
            sources = found.setdefault(clause, {})
            for locale in policy.locales[1:]:
                sources.setdefault(locale, policy.source)
    for key, loaded in library.clauses.items():
        found.setdefault(key, _unused(loaded.value, settings))
    known = sorted(key for key in found if key in library.clauses)
    return [of_clause(library.clauses[key].value, loc, source, as_of) for key in known for loc, source in sorted(found[key].items())]


def _policies(library: Library) -> list[Outline]:
    return [outline.of(policy.value) for policy in library.policies.values()]


def _unused(clause: Clause, settings: Settings) -> dict[str, str]:
    """Return locales and source of a clause no policy uses: the site's first language it has is the source."""
    known = list(settings.locales)
    source = next((loc for loc in known if loc in clause.text), next(iter(clause.text)))
    return {loc: source for loc in known if loc != source}


def problems(library: Library, settings: Settings, as_of: datetime.date, policies: Iterable[Outline] | None = None) -> Iterator[Problem]:
    """Yield a warning for every translation in use that is missing, behind or not yet read by a person, unless it is waived.

    One that does not say what it was made from cannot fall behind, which is worth a note. `policies` are as in `of_library`.
    """
    outlines = _policies(library) if policies is None else list(policies)
    used = {clause for policy in outlines for clause in policy.clauses}
    for found in of_library(library, settings, as_of, outlines):
        if found.state in OPEN and found.clause in used:
            yield _warning(found, library.clauses[found.clause])
        elif found.clause in used and unrecorded(library.clauses[found.clause].value, found):
            place = library.clauses[found.clause].source.place(("text", found.locale))
            yield note(place, "translation-unrecorded", locale=found.locale, clause=found.clause)


def unrecorded(clause: Clause, found: Translation) -> bool:
    """Tell whether a translation that is not behind leaves unsaid which source text or which facts it was made from."""
    text = clause.text.get(found.locale)
    return text is not None and found.without not in BEHIND and None in (text.translates, text.facts)


def _warning(found: Translation, loaded: Loaded[Clause]) -> Problem:
    code, key = _TOLD[found.state]
    place: Place = loaded.source.place(("text", found.locale, key) if key else ("text",))
    return warning(place, code, locale=found.locale, now=_now(found, loaded.value), clause=found.clause)


def _now(found: Translation, clause: Clause) -> str:
    if found.state == "stale-text":
        return fingerprint(clause.text[found.source])
    return fact_fingerprint(clause, found.source) if found.state == "stale-facts" else ""


_TOLD: dict[State, tuple[str, str]] = {
    "missing": ("translation-missing", ""),
    "stale-text": ("translation-stale", "translates"),
    "stale-facts": ("translation-stale-facts", "facts"),
    "machine-draft": ("translation-machine", "machine_draft"),
}


def behind(clause: Clause, locales: list[str]) -> frozenset[str]:
    """Return the languages, after the first, whose text is behind the source text or the facts; a waiver does not hide it."""
    return frozenset(loc for loc in locales[1:] if without_waiver(clause, loc, locales[0]) in BEHIND)


def drafts(clause: Clause, locales: list[str]) -> frozenset[str]:
    """Return the languages, after the first, whose text a machine made and nobody has read."""
    return frozenset(loc for loc in locales[1:] if loc in clause.text and clause.text[loc].machine_draft)


def blocking(side: Side, levels: Mapping[str, str], settings: Settings, as_of: datetime.date) -> list[tuple[Entry, Translation]]:
    """Return the translations that keep a document from being released. `levels` has the worst change of each anchor.

    By default those of clauses with a material change; the setting `blocks` says `never` or `always` instead.
    """
    found = []
    for entry in side.document.entries() if settings.blocks != "never" else ():
        if settings.blocks == "material" and levels.get(entry.anchor) != "material":
            continue
        clause, policy = side.library.clauses[entry.clause].value, side.document.policy
        states = (of_clause(clause, loc, policy.source, as_of) for loc in policy.locales[1:])
        found += [(entry, state) for state in states if state.state in OPEN]
    return found
