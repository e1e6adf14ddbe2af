"""The releases of a policy in their chain: looked up by day, appended to, held against another copy.

`folder` is always the folder of the policies; a release stands in `<folder>/<policy>/releases/<version>.json`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Generic, Literal, TypeVar

from clausebook import chain, heads, store
from clausebook.chain import RELEASES, dump, sealed
from clausebook.errors import Place, Problem, UserError, problem, warning
from clausebook.heads import Head
from clausebook.release import Release
from clausebook.tree import FileTree, Folder, unreadable

__all__ = ["Index", "Ledger", "Status", "append", "compare", "dump", "index", "index_all", "policies", "read", "read_all", "sealed"]

Status = Literal["in-force", "announced", "superseded", "unpublished"]
Known = TypeVar("Known", Release, Head)


@dataclass(frozen=True)
class _Chain(Generic[Known]):
    """The releases of one policy, whole or only their heads, in the order in which they were made."""

    policy: str
    releases: tuple[Known, ...] = ()
    folder: str = "policies"

    @property
    def head(self) -> Known | None:
        """Return the release made last."""
        return self.releases[-1] if self.releases else None

    def path(self, version: str) -> str:
        """Return where a version stands."""
        return f"{self.folder}/{self.policy}/{RELEASES}/{version}.json"

    def get(self, version: str) -> Known | None:
        """Return the release of a version."""
        return next((release for release in self.releases if release.version == version), None)

    def shown(self, day: datetime.date) -> tuple[Known, ...]:
        """Return what is published by a day, the highest version first."""
        return tuple(sorted((r for r in self.releases if r.published <= day), key=lambda r: r.order, reverse=True))

    def in_force(self, day: datetime.date) -> Known | None:
        """Return the release in force on a day: the highest version published and effective by then."""
        return next((release for release in self.shown(day) if release.effective <= day), None)

    def announced(self, day: datetime.date) -> tuple[Known, ...]:
        """Return what is published by a day and not yet effective, the highest version first."""
        return tuple(release for release in self.shown(day) if release.effective > day)

    def status(self, release: Known, day: datetime.date) -> Status:
        """Return what a release is on a day."""
        if release.published > day:
            return "unpublished"
        if release.effective > day:
            return "announced"
        current = self.in_force(day)
        return "in-force" if current and release.version == current.version else "superseded"

    def base(self, version: str) -> Known | None:
        """Return the highest version below one: what that one is compared with."""
        order = chain.order(version)
        return max((r for r in self.releases if r.order < order), key=lambda r: r.order, default=None)


class Ledger(_Chain[Release]):
    """The releases of one policy, read and proved."""

    def open(self, release: Release) -> Release:
        """Return a release."""
        return release

    def ahead(self, day: datetime.date) -> list[Problem]:
        """Return a warning for each release dated more than a day ahead: a clock may be wrong."""
        late = [r for r in self.releases if r.published > day + datetime.timedelta(days=1)]
        return [warning(Place(self.path(r.version)), "release-ahead", date=r.published, today=day) for r in late]


@dataclass(frozen=True)
class Index(_Chain[Head]):
    """The heads of the releases of one policy. Each is read and proved when it is opened; the chain is not."""

    tree: FileTree = field(kw_only=True)

    def open(self, release: Head) -> Release:
        """Return a release. Raises UserError where its file is not sound."""
        path = self.path(release.version)
        found, problems = chain.release(path, self.policy, self.tree.read(path, chain.MAX_BYTES))
        if found is None:
            raise UserError(list(problems))
        return found


def index(tree: FileTree, folder: str, policy: str) -> Index | None:
    """Return the heads of the releases of a policy; None where something stands in its folder that is no release, or looks like none."""
    problems: list[Problem] = []
    try:
        paths = list(_paths(tree, folder, policy, problems))
        found = [heads.scan(tree.read(path, chain.MAX_BYTES)) for path in paths]
    except OSError:
        return None
    made = [head for head, path in zip(found, paths, strict=True) if head and path.endswith(f"/{head.version}.json")]
    if problems or len(made) < len(paths):
        return None
    return Index(policy, tuple(sorted(made, key=lambda head: (head.number, head.order))), folder, tree=tree)


def policies(tree: FileTree, folder: str, having: str = RELEASES) -> list[str]:
    """List the policies that have releases, or another entry."""
    folders = [name for name, kind in tree.entries(folder) if kind == "folder" and not name.startswith(".")]
    return [name for name in folders if having in dict(tree.entries(f"{folder}/{name}"))]


def read_all(tree: FileTree, folder: str) -> tuple[dict[str, Ledger], list[Problem]]:
    """Read the ledger of every policy that has releases; return them with every problem found."""
    return _all(tree, folder, read)


def index_all(tree: FileTree, folder: str) -> tuple[dict[str, Ledger | Index], list[Problem]]:
    """Return the index of every policy that has releases; of one whose files do not all look sound, the ledger and what is wrong."""

    def indexed(tree: FileTree, folder: str, policy: str) -> tuple[Ledger | Index, list[Problem]]:
        found = index(tree, folder, policy)
        return (found, []) if found is not None else read(tree, folder, policy)

    return _all(tree, folder, indexed)


_Any = TypeVar("_Any")


def _all(
    tree: FileTree, folder: str, read: Callable[[FileTree, str, str], tuple[_Any, list[Problem]]]
) -> tuple[dict[str, _Any], list[Problem]]:
    found: dict[str, _Any] = {}
    problems: list[Problem] = []
    try:
        names = policies(tree, folder)
    except OSError as error:
        return {}, [unreadable(folder, error)]
    for policy in names:
        found[policy], more = read(tree, folder, policy)
        problems += more
        if not tree.exists(f"{folder}/{policy}/policy.yml"):
            problems.append(problem(Place(f"{folder}/{policy}/{RELEASES}"), "ledger-orphan", policy=policy))
    return found, problems


def read(tree: FileTree, folder: str, policy: str) -> tuple[Ledger, list[Problem]]:
    """Read and prove the ledger of a policy; return its sound releases with every problem found, in the order of the chain."""
    problems: list[Problem] = []
    releases: list[Release] = []
    try:
        paths = sorted(_paths(tree, folder, policy, problems), key=lambda path: chain.order(PurePosixPath(path).stem))
    except OSError as error:
        return Ledger(policy, (), folder), [unreadable(f"{folder}/{policy}/{RELEASES}", error)]
    for path in paths:
        try:
            release, more = chain.release(path, policy, tree.read(path, chain.MAX_BYTES))
        except OSError as error:
            release, more = None, (unreadable(path, error),)
        problems += more
        if release:
            releases.append(release)
    ledger = Ledger(policy, tuple(sorted(releases, key=lambda r: (r.number, r.order))), folder)
    problems += chain.links([(ledger.path(r.version), r) for r in ledger.releases], whole=len(releases) == len(paths))
    return ledger, problems


def _paths(tree: FileTree, folder: str, policy: str, problems: list[Problem]) -> Iterator[str]:
    """Yield the files of a ledger; whatever else stands beside them becomes a problem."""
    above, here = f"{folder}/{policy}", f"{folder}/{policy}/{RELEASES}"
    for parent, name in ((folder, policy), (above, RELEASES)):
        kind = dict(tree.entries(parent)).get(name, "folder")
        if kind != "folder":
            problems.append(problem(Place(f"{parent}/{name}"), "file-link" if kind == "link" else "file-odd"))
            return
    entries = tree.entries(here)
    if len(entries) > chain.MAX_RELEASES:
        problems.append(problem(Place(here), "ledger-too-many", limit=chain.MAX_RELEASES))
        return
    for name, kind in entries:
        found = chain.entry(f"{here}/{name}", name, kind)
        if found:
            problems.append(found)
        elif name != store.LOCK:
            yield f"{here}/{name}"


def append(root: Path, folder: str, data: dict[str, Any], notes: list[Problem] | None = None) -> Path:
    """Write a sealed release as the next of its policy's ledger, whole and on the disk or not at all, and return its file.

    Raises UserError when the chain is broken, has moved on or cannot be written. A warning goes to `notes`.
    """
    ledger = Ledger(data["policy"], (), folder)
    place = Place(ledger.path(data["version"]))
    target = root / place.path
    try:
        _fits(root, folder, data)
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True)
            store.confirm(target.parent.parent)
        with store.locked(target.parent):
            _fits(root, folder, data)
            linked = store.create(target, dump(data))
    except store.TakenError:
        raise UserError([problem(place, "release-taken", version=data["version"])]) from None
    except store.UnconfirmedError as error:
        raise UserError([problem(place, "release-unconfirmed", version=data["version"], what=error.strerror)]) from error
    except OSError as error:
        raise UserError([problem(place, "release-unwritable", what=error.strerror or error)]) from error
    if not linked and notes is not None:
        notes.append(warning(place, "release-renamed"))
    return target


def _fits(root: Path, folder: str, data: dict[str, Any]) -> None:
    """Raise UserError unless the chain is sound and a release follows its last one."""
    ledger, problems = read(Folder(root), folder, data["policy"])
    _refuse(problems)
    version, head = data["version"], ledger.head
    place = Place(ledger.path(version))
    if ledger.get(version):
        raise UserError([problem(place, "release-taken", version=version)])
    link = chain.link(head) if head else None
    if data.get("previous") != link:
        named = (data.get("previous") or {}).get("version", "-")
        raise UserError([problem(place, "release-moved", version=version, previous=named, head=head.version if head else "-")])
    release, more = chain.release(place.path, ledger.policy, dump(data))
    _refuse(more)
    known = [(ledger.path(r.version), r) for r in ledger.releases]
    _refuse(chain.links([*known, *([(place.path, release)] if release else [])], whole=True))


def _refuse(problems: list[Problem] | tuple[Problem, ...]) -> None:
    errors = [found for found in problems if found.severity == "error"]
    if errors:
        raise UserError(errors)


def compare(ours: Ledger, theirs: Ledger) -> list[Problem]:
    """Return the first release in which ours does not extend theirs, as a list of one problem or none."""
    for index, other in enumerate(theirs.releases):
        mine = ours.releases[index] if index < len(ours.releases) else None
        if mine is None:
            return [problem(Place(ours.path(other.version)), "against-missing", version=other.version, number=other.number)]
        if mine.version != other.version:
            values = {"number": other.number, "ours": mine.version, "theirs": other.version}
            return [problem(Place(ours.path(mine.version)), "against-other", **values)]
        if mine.seal != other.seal:
            code = "against-record" if mine.fingerprint == other.fingerprint else "against-differs"
            values = {"ours": mine.fingerprint[:16], "theirs": other.fingerprint[:16]}
            return [problem(Place(ours.path(mine.version)), code, version=mine.version, **values)]
    return []


def from_copy(problems: list[Problem], source: str) -> list[Problem]:
    """Return the problems of another copy's ledger, each naming that copy."""
    return [replace(found, place=replace(found.place, path=f"{source}: {found.place.path}")) for found in problems]
