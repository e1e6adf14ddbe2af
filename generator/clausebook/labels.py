"""The texts in several languages that stand outside the bodies of clauses: titles, names of terms, values of profiles and parameters.

Each goes to translators as a unit, as the blocks of clauses do, and comes back to the line it stands on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clausebook import characters, edits, units
from clausebook.errors import Place, Problem, problem
from clausebook.facts import MAX_TEXT, MAX_TITLE
from clausebook.model import Library, Loaded, Path
from clausebook.units import Answer, Unit

_OWN = {"clause": {"text", "waived"}}  # what has units or words of its own


@dataclass(frozen=True)
class Label:
    """A text by language: the group of units it belongs to and its name there, its file, the path of its mapping, its remark."""

    group: str
    block: str
    file: str
    path: Path
    texts: Mapping[str, str]
    note: str = ""

    @property
    def limit(self) -> int:
        """Return how many characters the text may have: fewer in a title or a name."""
        free = self.group.startswith("clause:") or "profile" in self.path or "params" in self.path
        return MAX_TEXT if free else MAX_TITLE


def groups(library: Library, locales: list[str]) -> dict[str, list[Label]]:
    """Return every label by group: `policy:`, `vocabulary:` or `clause:` and an id; in the order of the files."""
    found: dict[str, list[Label]] = {}
    tables: dict[str, Mapping[str, Loaded[Any]]] = {
        "policy": library.policies, "vocabulary": library.vocabularies, "clause": library.clauses,
    }  # fmt: skip
    for kind, table in tables.items():
        for key, loaded in sorted(table.items()):
            data = loaded.value.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=_OWN.get(kind))
            labels = list(_labels(f"{kind}:{key}", loaded, data, frozenset(locales)))
            found |= {f"{kind}:{key}": labels} if labels else {}
    return found


def _labels(group: str, loaded: Loaded[Any], data: Any, locales: frozenset[str]) -> Iterator[Label]:
    """Yield each mapping of a record that has languages for keys and texts for values, and stands in the file so."""
    for names, path, texts, note in _walk(data, (), (), ""):
        if texts.keys() <= locales and all((*path, locale) in loaded.source.places for locale in texts):
            yield Label(group, ".".join(names), loaded.source.path, path, texts, note)


def _walk(data: Any, names: tuple[str, ...], path: Path, note: str) -> Iterator[tuple[tuple[str, ...], Path, dict[str, str], str]]:
    if isinstance(data, dict):
        if data and all(isinstance(value, str) for value in data.values()):
            yield names, path, data, note
        said = data.get("note")
        for key, value in data.items():
            yield from _walk(value, (*names, key), (*path, key), said if isinstance(said, str) else note)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            own = value.get("as") or value.get("id") or value.get("key") if isinstance(value, dict) else None
            yield from _walk(value, (*names, own or str(index + 1)), (*path, index), note)


def of(labels: list[Label], source: str, locale: str) -> list[Unit]:
    """Return the units of the labels of a group that have a text in the source language."""
    return [
        Unit(label.group, label.block, label.texts[source], label.texts.get(locale, ""), notes=(label.note,) if label.note else ())
        for label in labels
        if source in label.texts
    ]


def changes(file: str, labels: list[Label], locale: str, answers: list[Answer]) -> tuple[dict[Path, str], list[Problem]]:
    """Return the texts that answers from a file change, by path, and what is wrong with the others."""
    known = {label.block: label for label in labels}
    found: dict[Path, str] = {}
    problems: list[Problem] = []
    for answer in answers:
        label = known.get(answer.block)
        wrong = list(_refused(file, answer, label, locale))
        problems += wrong
        if label and not wrong and _is_new(answer, label, locale):
            found[(*label.path, locale)] = answer.target
    return found, problems


def _is_new(answer: Answer, label: Label, locale: str) -> bool:
    return bool(answer.target) and not answer.behind and answer.target != label.texts.get(locale)


def _refused(file: str, answer: Answer, label: Label | None, locale: str) -> Iterator[Problem]:
    place = Place(file, answer.line, 1)
    if label is None:
        yield problem(place, "unit-unknown", unit=answer.id)
    elif answer.source not in [text for other, text in label.texts.items() if other != locale]:
        yield problem(place, "unit-moved", unit=answer.id)
    elif _is_new(answer, label, locale):
        lost, strange = units.lost(answer.source, answer.target)
        yield from (problem(place, "unit-lost", unit=answer.id, what=what) for what in lost)
        yield from (problem(place, "unit-strange", unit=answer.id, what=what) for what in strange)
        if "\n" in answer.target or len(answer.target) > label.limit:
            yield problem(place, "unit-long", unit=answer.id, limit=label.limit)
        for found in characters.problems(file, answer.target):
            if found.severity == "error":
                yield problem(place, found.code, **dict(found.values))


def write(name: str, raw: bytes, texts: Mapping[Path, str]) -> bytes:
    """Return a file with other texts; every other byte stays."""
    return edits.put_all(name, raw, texts)
