"""How far the translations of a library are: counts for each policy and module, and each translation with its place."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from clausebook import git, translation, typos, yamltree
from clausebook.errors import Place
from clausebook.model import Clause, ClauseText, Library, Loaded, Settings
from clausebook.translation import Translation

Counts = dict[str, dict[str, dict[str, int]]]


@dataclass(frozen=True)
class Progress:
    """Counts by policy or module, locale and state; and each translation."""

    policies: Counts
    modules: Counts
    translations: tuple[Translation, ...]


def of(library: Library, settings: Settings, as_of: datetime.date, locale: str | None = None) -> Progress:
    """Return how far the translations are on a day, into one language or into all."""

    def wanted(found: list[Translation]) -> list[Translation]:
        return [t for t in found if locale in (None, t.locale)]

    policies = {key: wanted(translation.of_policy(library, loaded.value, as_of)) for key, loaded in sorted(library.policies.items())}
    every = wanted(translation.of_library(library, settings, as_of))
    modules: dict[str, list[Translation]] = {}
    for found in sorted(every, key=lambda t: module(library, t)):
        modules.setdefault(module(library, found), []).append(found)
    return Progress(_counts(policies), _counts(modules), tuple(every))


def module(library: Library, found: Translation) -> str:
    """Return the folder the clause of a translation stands in."""
    return PurePosixPath(library.clauses[found.clause].source.path).parent.name


def _counts(groups: dict[str, list[Translation]]) -> Counts:
    counts: Counts = {}
    for name, group in groups.items():
        for locale in sorted({t.locale for t in group}):
            states = Counter(t.state for t in group if t.locale == locale)
            counts.setdefault(name, {})[locale] = {state: states[state] for state in translation.STATES if states[state]}
    return counts


def place(library: Library, found: Translation) -> Place:
    """Return the place of a translation's text, or of the texts it is missing from."""
    return library.clauses[found.clause].source.place(("text", found.locale))


def origin(root: Path, loaded: Loaded[Clause], found: Translation) -> ClauseText | None:
    """Return the source text a translation was made from, out of git's history of the clause, or None where it is not there."""
    text = loaded.value.text.get(found.locale)
    if text is None or text.translates is None:
        return None
    past = (_text(raw, found.source) for raw in git.history(root, loaded.source.path))
    return next((old for old in past if old is not None and translation.fingerprint(old) == text.translates), None)


def is_light(loaded: Loaded[Clause], found: Translation, old: ClauseText | None) -> bool:
    """Tell whether only punctuation of the source has changed since a translation was made, and no fact."""
    if old is None or found.without != "stale-text" or not translation.facts_hold(loaded.value, found.locale, found.source):
        return False
    new = loaded.value.text[found.source]
    return typos.is_punctuation_only(f"{old.title}\n{old.body}", f"{new.title}\n{new.body}", found.source)


def _text(raw: bytes, locale: str) -> ClauseText | None:
    """Return the title and body of a locale in a clause as it once was, whatever else the file then held."""
    data = yamltree.read("", raw).data
    for key in ("text", locale):
        data = data.get(key) if isinstance(data, dict) else None
    words = [data.get(key) for key in ("title", "body")] if isinstance(data, dict) else []
    title, body = words or (None, None)
    return ClauseText.model_construct(title=str(title), body=str(body)) if title and body else None
