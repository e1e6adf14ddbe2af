"""Which drafts a build assembles: those of other parts are theirs to judge, and one that has not changed since was sound."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from clausebook import outcome, resolve
from clausebook.cache import Cache
from clausebook.errors import Problem
from clausebook.model import Library
from clausebook.site.parts import Share

_KIND = "draft"


def followed(library: Library, policy: str) -> set[str]:
    """Return the files a draft follows from: its own, those of its clauses, the vocabulary."""
    loaded = library.policies[policy]
    paths = {loaded.source.path, *(library.clauses[use.id].source.path for _, use in resolve.uses(loaded.value))}
    return paths | {vocabulary.source.path for vocabulary in library.vocabularies.values()}


@dataclass
class Sound:
    """What a store knows of drafts. `basis` is a digest of what all follow from, `digests` are those of the files as they were read."""

    store: Cache
    basis: bytes
    digests: Mapping[str, bytes] = field(default_factory=dict)

    def known(self, library: Library, policy: str) -> list[Problem] | None:
        """Return what was found wrong with a draft when it was assembled from the same files."""
        raw = self.store.get(_KIND, self._key(library, policy))
        return [outcome.problem(found) for found in json.loads(raw)] if raw is not None else None

    def note(self, library: Library, policy: str, problems: list[Problem]) -> None:
        """Keep what was found, unless it stops the build."""
        if not any(found.severity == "error" for found in problems):
            self.store.put(_KIND, self._key(library, policy), outcome.written([outcome.plain(found) for found in problems]))

    def _key(self, library: Library, policy: str) -> bytes:
        return self.basis + b"".join(path.encode() + b"\0" + self.digests[path] for path in sorted(followed(library, policy)))


@dataclass
class Own:
    """The drafts of one share of the policies, and what is known of them."""

    share: Share
    kept: Sound | None
    policies: set[str] | None = None

    def known(self, library: Library, policy: str) -> list[Problem] | None:
        """Return what was found wrong with a draft; with those of other parts nothing is, as far as this part can tell."""
        if self.policies is None:
            self.policies = set(self.share.own(library.policies))
        if policy not in self.policies:
            return []
        return self.kept.known(library, policy) if self.kept else None

    def note(self, library: Library, policy: str, problems: list[Problem]) -> None:
        """Keep what was found."""
        if self.kept:
            self.kept.note(library, policy, problems)
