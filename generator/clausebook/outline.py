"""What the rest of a library rests on in a policy, so that whether all fits together can be told where each policy is read apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clausebook.model import ClauseUse, Policy, Section


@dataclass(frozen=True)
class Outline:
    """A policy as others see it: its languages, the clauses it uses in order, what can be referred to in it, the names of its profile."""

    id: str
    locales: tuple[str, ...]
    clauses: tuple[str, ...]
    anchors: frozenset[str]
    profile: dict[str, tuple[str, ...]]

    @property
    def source(self) -> str:
        """Return the locale that prevails and is translated from."""
        return self.locales[0]


def of(policy: Policy) -> Outline:
    """Return the outline of a policy."""
    used = list(uses(policy.sections))
    anchors = frozenset({use.anchor for use in used} | {section.id for section in _sections(policy.sections)})
    profile = {group: tuple(entries) for group, entries in policy.profile.items()}
    return Outline(policy.id, tuple(policy.locales), tuple(use.id for use in used), anchors, profile)


def uses(sections: Iterable[Section]) -> Iterator[ClauseUse]:
    """Yield every use of a clause in some sections and below them, in order."""
    for section in sections:
        yield from section.clauses
        yield from uses(section.sections)


def _sections(sections: Iterable[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _sections(section.sections)
