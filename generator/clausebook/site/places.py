"""Where pages stand: addresses below the site and below a policy, and the way from one to another."""

from __future__ import annotations

from dataclasses import dataclass

from clausebook.chain import RELEASES
from clausebook.model import Redlines
from clausebook.release import address
from clausebook.site.model import relative
from clausebook.site.standing import DRAFT, Shown, Standing

ALL_PAIRS = 12  # the most versions between which every redline is made


@dataclass(frozen=True)
class At:
    """Where a page stands: the version it shows, that version's place below the policy, the kind of page, the language."""

    standing: Standing
    shown: Shown
    locale: str
    kind: str = ""
    place: str = ""

    @property
    def root(self) -> str:
        """Return the policy's own address in this language."""
        return policy_address(self.standing, self.locale)

    @property
    def address(self) -> str:
        """Return the address of the page."""
        return f"{self.root}{self.place}{self.kind}"

    def to(self, target: str) -> str:
        """Return the way to an address below the policy's own."""
        return relative(self.root + target, self.address)


def policy_address(standing: Standing, locale: str) -> str:
    """Return a policy's own address in a language."""
    return f"{locale}/{standing.policy}/"


def log_anchor(shown: Shown) -> str:
    """Return where the change log tells of a version."""
    return f"v{address(shown.version).replace('.', '-')}"


def since(shown: Shown) -> str:
    """Return where below the policy's address stands what changed since a version."""
    return f"changes/since/{address(shown.version)}/"


def redline(old: Shown, new: Shown) -> str:
    """Return where below the policy's address stands the redline between two versions."""
    return f"changes/{_name(old)}..{_name(new)}/"


def pairs(standing: Standing, wanted: Redlines) -> list[tuple[Shown, Shown]]:
    """Return which versions have a redline between them, in order: n versions would make n(n-1)/2 pages a language."""
    found = {(base.version, shown.version) for shown in standing.versions if (base := standing.base(shown))}
    if wanted != "neighbours":
        known = [shown.version for shown in standing.versions]
        ends = known if wanted == "all" and len(known) <= ALL_PAIRS else [s.version for s in (standing.in_force, *standing.announced) if s]
        found |= {(old, new) for new in ends for old in known[: known.index(new)]}
    return [(old, new) for new in standing.versions for old in standing.versions if (old.version, new.version) in found]


def _name(shown: Shown) -> str:
    return shown.place.rstrip("/")


def release_file(policy: str, shown: Shown) -> str:
    """Return where the site keeps a copy of a release of a policy."""
    return f"{policy}/{file_name(shown)}"


def file_name(shown: Shown) -> str:
    """Return where below a policy's data that copy stands."""
    return f"{RELEASES}/{address(shown.version)}.json"


__all__ = ["DRAFT", "At", "file_name", "log_anchor", "pairs", "policy_address", "redline", "release_file", "since"]
