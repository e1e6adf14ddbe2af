"""Making the files of policies: one policy after another, in several processes where that can be, each let go when it is written.

The host knows only the pages its navigation leads to. What stands on all pages of a policy, the files beside them, what the
search finds there and what the sitemap names is made here, from the releases of that policy alone.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from clausebook import alike, chain, exports, processes, site
from clausebook.errors import Problem, UserError
from clausebook.ledger import Ledger, read
from clausebook.plugin import late, searching
from clausebook.plugin.page import PolicyPage
from clausebook.site.model import Site
from clausebook.site.pages import plan
from clausebook.site.places import release_file
from clausebook.site.writer import Writer
from clausebook.tree import MAX_TREE_BYTES, FileTree

if TYPE_CHECKING:
    from clausebook.plugin.events import ClausebookPlugin

SECTIONS = 96  # written ones held at a time: versions that follow one another share most of theirs
TOGETHER = 2  # policies a process makes before it lets go of all they have in common: more is faster and takes more memory


@dataclass(frozen=True)
class Unit:
    """What was made of one policy: what a sitemap names, what the search finds, what was wrong with it, and the files.

    `files` is None where the releases were no longer those that were listed.
    """

    policy: str
    listed: list[dict[str, Any]]
    sought: list[dict[str, Any]]
    problems: list[Problem]
    files: list[str] | None


class Maker:
    """Makes the files of some policies, below `target`."""

    def __init__(self, plugin: ClausebookPlugin, tree: FileTree, policies: list[str], target: Path) -> None:
        self.plugin, self.tree, self.policies, self.target = plugin, tree, policies, target
        self.reuse = plugin.reuse
        self.pool: ProcessPoolExecutor | None = None
        self.futures: dict[str, Future[Unit]] = {}
        self.left: deque[str] = deque()
        self.lock = RLock()
        self.begun = False
        self.kept: dict[str, Unit] = {}
        self.count = 0

    def start(self) -> None:
        """Take over what is as it was, and begin with the rest, in processes that hold all that this one does, if there are any."""
        if self.begun:
            return
        self.begun = True
        if self.reuse:
            self.reuse.begin(self.plugin)
            self.kept = {policy: unit for policy in self.policies if (unit := self.reuse.take(policy, self.target))}
        self.left.extend(policy for policy in self.policies if policy not in self.kept)
        gc.collect()
        gc.freeze()  # what there is now stays to the end: it need not be looked through after each policy
        workers = min(processes.count(), len(self.left)) - 1
        if workers > 0 and processes.can_fork():
            _forked[:] = [self]
            self.pool = processes.pool(workers)
            for _ in range(workers):
                self._hand_out()

    def _hand_out(self, _: Any = None) -> None:
        """Give a process the first policy that is left. A pool that is given several takes more than it can begin with."""
        with self.lock, suppress(IndexError, BrokenProcessPool, RuntimeError):
            policy = self.left.popleft()
            assert self.pool is not None
            self.futures[policy] = self.pool.submit(_made, policy)
            self.futures[policy].add_done_callback(self._hand_out)

    def units(self) -> Iterator[Unit]:
        """Yield what was made of each policy, in their order. This process makes the last that is left, again and again."""
        here = dict(self._here())
        try:
            for policy in self.policies:
                yield here.get(policy) or self.kept.get(policy) or self._awaited(policy)
        finally:
            self.stop()

    def _here(self) -> Iterator[tuple[str, Unit]]:
        while True:
            with self.lock:
                policy = self.left.pop() if self.left else None
            if policy is None:
                return
            yield policy, self.make(policy)

    def _awaited(self, policy: str) -> Unit:
        """Return what another process made of a policy; what one leaves that died is made here."""
        with suppress(BrokenProcessPool, KeyError):
            return self.futures[policy].result()
        return self.make(policy)

    def stop(self) -> None:
        """Let the processes go; what they have not begun is not made."""
        with self.lock:
            self.left.clear()
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)
            gc.unfreeze()
        self.pool = None
        _forked.clear()

    # One policy.

    def make(self, policy: str) -> Unit:
        """Make every file of a policy. Its releases are proved first, and forgotten afterwards."""
        unit = Unit(policy, [], [], [], [])
        try:
            ledger = self._proved(policy)
            made = replace(self.plugin.write.site, ledgers={policy: ledger}, known={})
            write = replace(self.plugin.write, site=made, kept={}, sections=alike.Made(SECTIONS))
            self._pages(write, unit)
            self._data(write.site, unit)
        except UserError as error:
            return Unit(policy, [], [], list(error.problems), None)
        finally:
            self._forget()
        return unit if self._as_listed(ledger) else replace(unit, files=None)

    def _forget(self) -> None:
        """Let go of the releases of a policy; every few policies also of what they and others say alike."""
        chain.forget()
        if self.plugin.finisher is not None:
            self.plugin.finisher.forget()
        self.count += 1
        if self.count % TOGETHER == 0:
            alike.forget()
        gc.collect()

    def _as_listed(self, ledger: Ledger) -> bool:
        listed = self.plugin.write.site.ledgers[ledger.policy].releases
        return [release.seal for release in listed] == [release.seal for release in ledger.releases]

    def _proved(self, policy: str) -> Ledger:
        found, problems = read(self.tree, self.plugin.settings.policies, policy)
        if wrong := [one for one in problems if one.severity == "error"]:
            raise UserError(wrong)
        return found

    def _pages(self, write: Writer, unit: Unit) -> None:
        for _, make in plan(write, unit.policy):
            made = make()
            with late.page(self.plugin, made) as page:
                self._write(unit, page.file.dest_uri, late.finished(self.plugin, page))
                if made.listed:
                    unit.listed.append(_listed(page))
            unit.sought.extend(searching.entries(made))

    def _data(self, made: Site, unit: Unit) -> None:
        for address, content in data(made, unit.policy):
            self._write(unit, address, content)
        for address, path in copies(made, unit.policy):
            self._write(unit, address, self.tree.read(path, MAX_TREE_BYTES))

    def _write(self, unit: Unit, address: str, content: bytes) -> None:
        path = self.target / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if unit.files is not None:
            unit.files.append(address)


def data(made: Site, policy: str) -> Iterator[tuple[str, bytes]]:
    """Yield every file for programs of a policy: the version at its own address, its lists, its versions, what each changed."""
    current = made.standing(policy).current
    yield from exports.files(current.document, current.library, made.downloads, made.settings.iri)
    yield from site.files(made, policy)


def copies(made: Site, policy: str) -> Iterator[tuple[str, str]]:
    """Yield the address of every published release with its file in the ledger, of which the site keeps a copy."""
    for shown in made.standing(policy).versions:
        yield release_file(policy, shown), made.ledgers[policy].path(shown.version)


def _listed(page: PolicyPage) -> dict[str, Any]:
    """Return what a sitemap says of a page."""
    return {"url": page.url, "abs_url": page.abs_url, "canonical_url": page.canonical_url, "title": page.title, "meta": page.meta}


def listed(found: dict[str, Any]) -> Any:
    """Return what `_listed` kept of a page, as the template of a sitemap reads it."""
    return SimpleNamespace(page=SimpleNamespace(is_link=False, **found))


_forked: list[Maker] = []  # what the processes forked from this one work on


def _made(policy: str) -> Unit:
    (maker,) = _forked
    return maker.make(policy)
