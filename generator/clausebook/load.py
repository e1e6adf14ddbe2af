"""From a tree of files to a library: every file read, every problem found in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from pydantic import BaseModel

from clausebook import records, yamltree
from clausebook.detectors import Checks
from clausebook.errors import Place, Problem, problem, warning
from clausebook.law import Pack
from clausebook.model import Clause, Glossary, Library, Loaded, Path, Policy, Settings, Term, Vocabulary
from clausebook.release import Notes
from clausebook.rulebook import Rulebook
from clausebook.tree import MAX_FILES, MAX_TREE_BYTES, FileTree, unreadable

R = TypeVar("R", bound=BaseModel)
T = TypeVar("T")
GLOSSARY = "glossary.yml"
_POLICY = "/policy.yml"
_POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass
class _Reading:
    """The state of one run: where files come from, what is wrong, how much has been read."""

    tree: FileTree
    problems: list[Problem] = field(default_factory=list)
    size: int = 0
    broken: set[str] = field(default_factory=set)


def library(tree: FileTree, settings: Settings) -> tuple[Library, list[Problem]]:
    """Load all clauses, policies and vocabulary of a tree; return them with every problem found."""
    reading = _Reading(tree)
    shared = _shared(reading, settings)
    listed = list(_policy_files(reading, settings.policies))
    policies = _records(reading, Policy, [f for f in listed if f.endswith(_POLICY)])
    notes = _notes(reading, listed)
    found = named(((policy.value.id, policy.source.place(("id",)), policy) for policy in policies), "policy", settings)
    reading.problems += found.problems
    reading.broken |= found.misnamed
    return replace(shared, policies=found.by_id, notes=notes, broken=frozenset(reading.broken)), reading.problems


@dataclass(frozen=True)
class Apart:
    """A library whose policies are still to be read, the contents of their files by path, and what is wrong with all else."""

    library: Library
    files: dict[str, bytes]
    problems: list[Problem]


def apart(tree: FileTree, settings: Settings) -> Apart:
    """Load what policies share, and only fetch their files; each is read with `policy`."""
    reading = _Reading(tree)
    shared = _shared(reading, settings)
    listed = list(_policy_files(reading, settings.policies))
    files = dict(_contents(reading, [f for f in listed if f.endswith(_POLICY)]))
    notes = _notes(reading, listed)
    return Apart(replace(shared, notes=notes, broken=frozenset(reading.broken)), files, reading.problems)


def policy(path: str, raw: bytes) -> tuple[Loaded[Policy] | None, tuple[Problem, ...]]:
    """Return the policy a file holds with what is wrong with it, or None where it cannot be read."""
    return _read(Policy, path, raw)


def _shared(reading: _Reading, settings: Settings) -> Library:
    """Load the clauses and the vocabulary."""
    files = _listed(reading, settings.clauses)
    folder = f"{settings.clauses}/vocabulary/"
    glossary = _records(reading, Glossary, [f for f in files if f == folder + GLOSSARY])
    vocabularies = _records(reading, Vocabulary, [f for f in files if f.startswith(folder) and f != folder + GLOSSARY])
    clauses = _records(reading, Clause, [f for f in files if not f.startswith(folder)])
    found = named(((clause.value.id, clause.source.place(("id",)), clause) for clause in clauses), "clause", settings)
    reading.problems += found.problems
    reading.broken |= found.misnamed
    return Library(
        clauses=found.by_id,
        policies={},
        vocabularies=_by_scheme(reading, vocabularies),
        terms=_terms(reading, vocabularies),
        broken=frozenset(reading.broken),
        glossary=glossary[0] if glossary else None,
    )


def _notes(reading: _Reading, listed: list[str]) -> dict[str, Loaded[Notes]]:
    notes = {PurePosixPath(f).parent.name: _records(reading, Notes, [f]) for f in listed if f.endswith("/changes.yml")}
    return {policy: found[0] for policy, found in notes.items() if found}


def packs(trees: Iterable[tuple[FileTree, str]]) -> tuple[list[Loaded[Pack]], list[Problem]]:
    """Load the requirement packs of some folders, each given by its tree; return them with every problem found."""
    found: list[Loaded[Pack]] = []
    problems: list[Problem] = []
    for tree, folder in trees:
        reading = _Reading(tree)
        found += _records(reading, Pack, _listed(reading, folder))
        problems += reading.problems
    seen: dict[str, Place] = {}
    for pack in found:
        for index, row in enumerate(pack.value.rows):
            place = pack.source.place(("rows", index, "id"))
            if row.id in seen:
                problems.append(problem(place, "id-twice", id=row.id, first=seen[row.id]))
            seen.setdefault(row.id, place)
    return found, problems


def checks(tree: FileTree, folder: str) -> tuple[Checks, list[Problem]]:
    """Load the wording checks and the laws of a folder; return them with every problem found."""
    reading = _Reading(tree)
    files = [file.value for file in _records(reading, Checks, _listed(reading, folder))]
    readings = {locale: found for f in files for locale, found in f.readings.items()}
    return Checks(rules=[r for f in files for r in f.rules], laws=[x for f in files for x in f.laws], readings=readings), reading.problems


def rulebook(tree: FileTree, folder: str) -> tuple[Rulebook, list[Problem]]:
    """Load the kinds of change of a folder; return them with every problem found."""
    reading = _Reading(tree)
    books = _records(reading, Rulebook, _listed(reading, folder))
    for book in books:
        _known_kinds(reading, book)
    return books[0].value if books else Rulebook(), reading.problems


def _known_kinds(reading: _Reading, book: Loaded[Rulebook]) -> None:
    """A kind is named once, and whatever names a kind names one there is."""
    seen: dict[str, Place] = {}
    for index, kind in enumerate(book.value.kinds):
        place = book.source.place(("kinds", index, "id"))
        if kind.id in seen:
            reading.problems.append(problem(place, "id-twice", id=kind.id, first=seen[kind.id]))
        seen.setdefault(kind.id, place)
    named: list[tuple[Path, str]] = [
        (("criteria", name, n), kind) for name, kinds in book.value.criteria.items() for n, kind in enumerate(kinds)
    ]
    named += [(("kinds", n, "mirror"), kind.mirror) for n, kind in enumerate(book.value.kinds) if kind.mirror]
    reading.problems += [problem(book.source.place(path), "rule-unknown", rule=kind) for path, kind in named if kind not in seen]


def _listed(reading: _Reading, folder: str, ours: Callable[[str], bool] = bool) -> list[str]:
    """List the YAML files below a folder. `ours` tells which paths are read here at all."""
    if not reading.tree.exists(folder):
        reading.problems.append(problem(Place(folder), "folder-missing"))
        return []
    files = list(filter(ours, reading.tree.files(folder, reading.problems)))
    if len(files) > MAX_FILES:
        reading.problems.append(problem(Place(folder), "too-many-files", limit=MAX_FILES))
    kept = []
    for path in files[:MAX_FILES]:
        if path.endswith((".yml", ".yaml")):
            kept.append(path)
        elif not path.endswith(".md"):
            reading.problems.append(warning(Place(path), "file-kind"))
    return kept


def _policy_files(reading: _Reading, folder: str) -> Iterator[str]:
    for path in _listed(reading, folder, lambda path: path.removeprefix(f"{folder}/").split("/")[1:2] != ["releases"]):
        if path.removeprefix(f"{folder}/").split("/")[1:] in (["policy.yml"], ["changes.yml"]):
            yield path
        else:
            reading.problems.append(warning(Place(path), "policy-place"))


def _records(reading: _Reading, model: type[R], paths: list[str]) -> list[Loaded[R]]:
    found = []
    for path, raw in _contents(reading, paths):
        loaded, problems = _parsed(model, path, raw)
        reading.problems.extend(problems)
        if loaded is None:
            reading.broken.add(path)
        else:
            found.append(loaded)
    return found


def _contents(reading: _Reading, paths: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the contents of the files that can be read, as long as the tree does not grow too big."""
    for path in paths:
        try:
            raw = reading.tree.read(path, yamltree.MAX_BYTES)
        except OSError as error:
            reading.problems.append(unreadable(path, error))
            reading.broken.add(path)
            continue
        reading.size += len(raw)
        if reading.size > MAX_TREE_BYTES:
            reading.problems.append(problem(Place(path), "tree-too-big", limit=MAX_TREE_BYTES))
            return
        if raw.startswith(_POINTER):
            reading.problems.append(problem(Place(path, 1, 1), "file-pointer"))
            reading.broken.add(path)
            continue
        yield path, raw


def _read(model: type[R], path: str, raw: bytes) -> tuple[Loaded[R] | None, tuple[Problem, ...]]:
    parsed = yamltree.read(path, raw)
    record = records.make(model, parsed)
    return None if record is None else Loaded(record, parsed.source), tuple(parsed.problems)


@lru_cache(maxsize=1024)
def _parsed(model: type[R], path: str, raw: bytes) -> tuple[Loaded[R] | None, tuple[Problem, ...]]:
    """Return the record of a file with its problems; both sides of a comparison hold mostly the same files."""
    return _read(model, path, raw)


@dataclass(frozen=True)
class Named(Generic[T]):
    """Things by id, what is wrong with their ids, and the files that are not called as what they hold."""

    by_id: dict[str, T]
    problems: list[Problem]
    misnamed: set[str]  # what names a clause after its file need not be reported too


def named(found: Iterable[tuple[str, Place, T]], kind: str, settings: Settings) -> Named[T]:
    """Put things in order by their ids, each given with the place of its id; `kind` is `clause` or `policy`."""
    result: Named[T] = Named({}, [], set())
    first: dict[str, str] = {}
    for key, place, item in found:
        path = PurePosixPath(place.path)
        name = path.stem if kind == "clause" else path.parent.name
        if key != name:
            result.problems.append(problem(place, f"{kind}-id-file", id=key, name=name))
            result.misnamed.add(place.path)
        if key in result.by_id:
            result.problems.append(problem(place, "id-twice", id=key, first=first[key]))
            continue
        result.by_id[key], first[key] = item, place.path
        if key in settings.locales:  # it would stand at the locale's address
            result.problems.append(problem(place, "id-locale", id=key))
    return result


def _by_scheme(reading: _Reading, loaded: list[Loaded[Vocabulary]]) -> dict[str, Loaded[Vocabulary]]:
    result: dict[str, Loaded[Vocabulary]] = {}
    for item in loaded:
        scheme, stem = item.value.scheme, PurePosixPath(item.source.path).stem
        if scheme != stem:
            reading.problems.append(problem(item.source.place(("scheme",)), "clause-id-file", id=scheme, name=stem))
        if scheme in result:
            reading.problems.append(problem(item.source.place(("scheme",)), "id-twice", id=scheme, first=result[scheme].source.path))
        else:
            result[scheme] = item
    return result


def _terms(reading: _Reading, loaded: list[Loaded[Vocabulary]]) -> dict[str, tuple[str, Term]]:
    result: dict[str, tuple[str, Term]] = {}
    places: dict[str, Place] = {}
    for item in loaded:
        groups = {g.id for g in item.value.groups}
        for index, term in enumerate(item.value.terms):
            place = item.source.place(("terms", index, "id"))
            if term.id in result:
                reading.problems.append(problem(place, "id-twice", id=term.id, first=places[term.id]))
                continue
            if term.group and term.group not in groups:
                reading.problems.append(problem(item.source.place(("terms", index, "group")), "group-unknown", id=term.group))
            result[term.id] = (item.value.scheme, term)
            places[term.id] = place
    return result
