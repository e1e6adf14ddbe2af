"""Making the files of policies: one policy after another, in several processes where that can be, each let go when it is written.

The host knows only the pages its navigation leads to. What stands on all pages of a policy, the files beside them, what the
search finds there and what the sitemap names is made here, from the releases of that policy alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from clausebook import chain, exports, ledger, processes, site
from clausebook.errors import Problem, UserError
from clausebook.plugin import late, searching
from clausebook.plugin.page import PolicyPage
from clausebook.site.model import Site
from clausebook.site.pages import plan
from clausebook.site.places import release_file
from clausebook.site.writer import Writer
from clausebook.tree import MAX_TREE_BYTES, FileTree

if TYPE_CHECKING:
    from clausebook.plugin.events import ClausebookPlugin


@dataclass(frozen=True)
class Unit:
    """What was made of one policy: what a sitemap names, what the search finds, and what was wrong with it."""

    policy: str
    listed: list[dict[str, Any]]
    sought: list[dict[str, Any]]
    problems: list[Problem]


class Maker:
    """Makes the files of some policies, below `target`."""

    def __init__(self, plugin: ClausebookPlugin, tree: FileTree, policies: list[str], target: Path) -> None:
        self.plugin, self.tree, self.policies, self.target = plugin, tree, policies, target
        self.pool: ProcessPoolExecutor | None = None
        self.futures: dict[str, Future[Unit]] = {}
        self.begun = False

    def start(self) -> None:
        """Begin, in processes that hold all that this one does; where there are none, nothing begins yet."""
        workers = min(processes.count(), len(self.policies))
        if not self.begun and workers > 1 and processes.can_fork():
            _forked[:] = [self]
            self.pool = processes.pool(workers)
            self.futures = {policy: self.pool.submit(_made, policy) for policy in self.policies}
        self.begun = True

    def units(self) -> Iterator[Unit]:
        """Yield what was made of each policy, in their order; what a process that died leaves is made here."""
        try:
            for policy in self.policies:
                try:
                    yield self.futures[policy].result() if policy in self.futures else self.make(policy)
                except BrokenProcessPool:
                    self.futures.clear()
                    yield self.make(policy)
        finally:
            self.stop()

    def stop(self) -> None:
        """Let the processes go; what they have not begun is not made."""
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)
        self.pool = None
        _forked.clear()

    # One policy.

    def make(self, policy: str) -> Unit:
        """Make every file of a policy. Its releases are proved first, and forgotten afterwards."""
        unit = Unit(policy, [], [], [])
        try:
            write = self._writer(policy)
            self._pages(write, unit)
            self._data(write.site, policy)
        except UserError as error:
            return Unit(policy, [], [], list(error.problems))
        finally:
            chain.forget()
        return unit

    def _writer(self, policy: str) -> Writer:
        """Return what writes the pages of one policy."""
        whole = self.plugin.write
        made = replace(whole.site, ledgers={policy: self._proved(policy)}, known={})
        return replace(whole, site=made, kept={})

    def _proved(self, policy: str) -> ledger.Ledger:
        found, problems = ledger.read(self.tree, self.plugin.settings.policies, policy)
        if wrong := [one for one in problems if one.severity == "error"]:
            raise UserError(wrong)
        return found

    def _pages(self, write: Writer, unit: Unit) -> None:
        for _, make in plan(write, unit.policy):
            made = make()
            page = late.page(self.plugin, made)
            self._write(page.file.dest_uri, late.finished(self.plugin, page))
            if made.listed:
                unit.listed.append(_listed(page))
            unit.sought.extend(searching.entries(made))

    def _data(self, made: Site, policy: str) -> None:
        for address, content in data(made, policy):
            self._write(address, content)
        for address, path in copies(made, policy):
            self._write(address, self.tree.read(path, MAX_TREE_BYTES))

    def _write(self, address: str, content: bytes) -> None:
        path = self.target / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


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
