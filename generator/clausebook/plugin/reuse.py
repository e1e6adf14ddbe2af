"""What a build leaves as it is: the files of policies nothing has changed for, taken over from the site that stands there.

That site is the store: of each policy it is kept what its files followed from, and when each was written. What has been
touched since is made again.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clausebook import outcome, unchanged
from clausebook.cache import Cache
from clausebook.plugin import drafts, navigation
from clausebook.plugin.making import Unit

if TYPE_CHECKING:
    from clausebook.plugin.events import ClausebookPlugin

_KIND = "unit"


@dataclass
class Reuse:
    """What the last build into a folder left there. `basis` is a digest of what all pages follow from."""

    store: Cache
    root: Path
    site: Path
    basis: bytes
    keys: dict[str, bytes] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def begin(self, plugin: ClausebookPlugin) -> None:
        """Find out what the pages of each policy follow from in this build."""
        self.before = unchanged.files(self.store, self.root, self.site)
        common = self.basis + _common(plugin)
        self.keys = {policy: common + b"".join(_followed(plugin, policy)) for policy in (plugin.maker.policies if plugin.maker else ())}

    def take(self, policy: str, target: Path) -> Unit | None:
        """Take over the files of a policy, if they are what would be made of it now."""
        raw = self.store.get(_KIND, self._home(policy))
        if raw is None:
            return None
        known = json.loads(raw)
        if known["key"] != self._key(policy) or not all(map(self._is_left, known["files"])):
            return None
        try:
            for address in known["files"]:
                _taken(self.site / address, target / address)
        except OSError:  # somebody else clears the old site away
            for address in known["files"]:
                (target / address).unlink(missing_ok=True)  # or what is written there would be written into the old site as well
            return None
        self.taken.add(policy)
        return Unit(policy, known["listed"], known["sought"], [], known["files"])

    def keep(self, units: Iterable[Unit]) -> None:
        """Keep what the files of policies followed from, of those that were made and not taken over."""
        for unit in units:
            if unit.files is not None and unit.policy not in self.taken:
                data = {"key": self._key(unit.policy), "files": unit.files, "listed": unit.listed, "sought": unit.sought}
                self.store.put(_KIND, self._home(unit.policy), outcome.written(data))

    def _key(self, policy: str) -> str:
        return hashlib.sha256(self.keys[policy]).hexdigest()

    def _home(self, policy: str) -> bytes:
        return unchanged.home(self.root, self.site) + b"\0" + os.fsencode(policy)

    def _is_left(self, address: str) -> bool:
        with suppress(OSError):
            status = (self.site / address).lstat()
            return self.before.get(address) == [status.st_size, status.st_mtime_ns]
        return False


def _taken(old: Path, new: Path) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new)
    except OSError:  # a file system without links
        shutil.copy2(old, new)


def basis(root: Path, inputs: unchanged.Inputs, apart: set[str]) -> bytes:
    """Return a digest of what all pages follow from: this package and all that is installed, settings, templates, the theme.

    `apart` are the folders whose files each page follows from on its own account. Raises OSError where something cannot be read.
    """
    kept = replace(inputs, folders=[folder for folder in inputs.folders if folder not in apart])
    return kept.digest(root, datetime.date.min).encode()


def _common(plugin: ClausebookPlugin) -> bytes:
    """Return a digest of what all pages follow from beside the basis: the day, and how words are written."""
    assert plugin.site is not None
    glossary = plugin.site.library.glossary
    written = plugin.digests[glossary.source.path] if glossary else b""
    return hashlib.sha256(outcome.written([plugin.as_of.isoformat(), plugin.site.downloads]) + written).digest()


def _followed(plugin: ClausebookPlugin, policy: str) -> Iterator[bytes]:
    """Yield what the pages of one policy follow from: its releases; before the first is published, its draft with all it uses."""
    assert plugin.site is not None
    library, ledger = plugin.site.library, plugin.site.ledgers[policy]
    paths = {ledger.path(release.version) for release in ledger.releases}
    if not plugin.site.standing(policy).versions:
        paths |= drafts.followed(library, policy)
    yield from (path.encode() + b"\0" + plugin.digests[path] for path in sorted(paths))
    for locale in plugin.settings.locales:
        yield outcome.written(navigation.titles(plugin.led(locale, policy, plugin.nav).items))
