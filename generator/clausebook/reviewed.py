"""What a review compares and what it says. Records only."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from clausebook import approvers
from clausebook.approvers import Heard
from clausebook.errors import Place, Problem
from clausebook.git import Edit
from clausebook.marked import Marked
from clausebook.model import Settings
from clausebook.release import ChangeRecord
from clausebook.rulebook import DIRECTIONS, LEVELS
from clausebook.rules import Verdict
from clausebook.tree import FileTree


@dataclass(frozen=True)
class Sides:
    """Both trees, how they are called, what differs, and the settings to judge by; `faults` keep those from being the base's.

    `heard` is what reviews at the code host say.
    """

    base: FileTree
    head: FileTree
    base_name: str
    head_name: str
    edits: tuple[Edit, ...]
    settings: Settings
    faults: tuple[Problem, ...] = ()
    heard: Heard = approvers.NOTHING


@dataclass(frozen=True)
class Row:
    """One judged change with the policies it is the same in, where it was written, and what it rests on."""

    change: ChangeRecord
    policies: tuple[str, ...]
    place: Place
    notice: tuple[str, ...]
    reconsent: str
    why: Mapping[str, str]


@dataclass(frozen=True)
class PolicyRow:
    """What follows for one policy: what its next release will be, who must approve which changes and who has, and where it is reached."""

    policy: str
    action: Literal["added", "changed", "removed"]
    locales: tuple[str, ...]
    clauses: tuple[str, ...]
    released: str
    version: str
    verdict: Verdict | None
    effective: datetime.date | None
    needs: tuple[str, ...] = ()
    changes: str = ""
    approved: tuple[tuple[str, str], ...] = ()
    fallen: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Text:
    """The redline of one clause in one language, once for all policies in which it reads the same."""

    locale: str
    mark: Marked
    policies: tuple[str, ...]


@dataclass(frozen=True)
class ListRow:
    """A row that a list gained or lost, in words."""

    list_id: str
    action: Literal["added", "removed"]
    cells: tuple[str, ...]
    policies: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """A translation that an edit leaves behind, or brings up to date."""

    clause: str
    locale: str
    was: str
    now: str
    place: Place


@dataclass(frozen=True)
class Report:
    """Everything there is to say of an edit. `errors` keep the head from being read, `base_errors` the base.

    `moved` are the pages that templates or settings alone change, where the head's may be run.
    """

    sides: Sides
    as_of: datetime.date
    known: int
    errors: tuple[Problem, ...]
    base_errors: tuple[Problem, ...]
    releases: tuple[Edit, ...]
    broken: tuple[Problem, ...]
    code: tuple[Edit, ...]
    tables: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    policies: tuple[PolicyRow, ...] = ()
    texts: tuple[Text, ...] = ()
    translations: tuple[State, ...] = ()
    gained: tuple[Problem, ...] = ()
    lost: tuple[Problem, ...] = ()
    lists: tuple[ListRow, ...] = ()
    moved: tuple[str, ...] = ()

    @property
    def level(self) -> str:
        """Return the worst level: a policy that is removed, or a release that was touched, is material."""
        gone = any(row.action == "removed" for row in self.policies) or self.broken
        return "material" if gone else min((row.change.level for row in self.rows), key=LEVELS.index, default="internal")

    @property
    def direction(self) -> str:
        """Return whom the worst changes favour."""
        found = (row.change.direction for row in self.rows if row.change.level == self.level)
        return min(found, key=DIRECTIONS.index, default="neutral")

    @property
    def reached(self) -> tuple[PolicyRow, ...]:
        """Return the policies in which anything changes."""
        return tuple(row for row in self.policies if row.action != "changed" or row.clauses or row.verdict)

    @property
    def quiet(self) -> bool:
        """Tell whether there is nothing to say: no clause and no policy was edited, and nothing else that counts."""
        said = (self.errors, self.base_errors, self.releases, self.broken, self.code, self.tables, self.rows, self.reached)
        settings = self.sides.settings
        data = any(edit.path.startswith((f"{settings.clauses}/", f"{settings.policies}/")) for edit in self.sides.edits)
        return not data and not any((*said, self.translations, self.gained, self.lost))
