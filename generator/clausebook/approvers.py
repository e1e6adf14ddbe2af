"""From the reviews a code host keeps to approvals: whose last word is a yes, to which commit, and what that commit changes.

A review is a stranger's until the settings name the person. Its text is never read; what it approves is the changes of the commit
it was made of, so it falls when they move, whatever the host still shows.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, StringConstraints, ValidationError

from clausebook import approvals, git
from clausebook.changelog import Report
from clausebook.document import Side
from clausebook.errors import Place, Problem, UserError, problem
from clausebook.git import Commit
from clausebook.model import Settings
from clausebook.release import Approval
from clausebook.tree import FileTree

MAX_BYTES = 8 * 1024 * 1024
MAX_REVIEWS = 1000
MAX_COMMITS = 20
_NAMED = 5  # more people than these are counted
_TOLD = 20  # faults of a file
_SHORT = 12

State = Literal["approved", "changes_requested", "commented", "dismissed", "pending"]
Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*(\[bot\])?$", max_length=80)]


class _User(BaseModel):
    login: Login
    id: Annotated[int, Field(strict=True, ge=1, lt=2**53)]
    type: Annotated[str, StringConstraints(max_length=40)] = "User"


class _Review(BaseModel):
    """What is read of a review. The host says more, and of a person who left and of a review not yet sent less."""

    id: Annotated[int, Field(strict=True, ge=1, lt=2**53)]
    user: _User | None
    state: Annotated[State, BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)]
    commit_id: Annotated[str, StringConstraints(pattern="^([0-9a-f]{40}|[0-9a-f]{64})$")] | None = None
    submitted_at: AwareDatetime | None = None


class _Pull(BaseModel):
    user: _User | None


class _Event(BaseModel):
    """One review as the event of it tells it, or all of a pull request."""

    review: _Review | None = None
    reviews: Annotated[list[_Review], Field(max_length=MAX_REVIEWS)] = []
    pull_request: _Pull | None = None


@dataclass(frozen=True)
class Yes:
    """The last word of a person who may approve, where it is a yes: by whom, for which roles, to which commit, when."""

    by: str
    roles: tuple[str, ...]
    commit: str
    on: datetime.date


@dataclass(frozen=True)
class Heard:
    """What reviews say: each yes, the commits they were said of, and what does not count and why."""

    yes: tuple[Yes, ...] = ()
    commits: Mapping[str, Commit] = field(default_factory=dict)
    refused: tuple[Problem, ...] = ()


NOTHING = Heard()


def hear(name: str, raw: bytes, root: Path, settings: Settings) -> Heard:
    """Return what the file of reviews `name` says; `raw` is its content, cut above the limit. Raises UserError for anything else."""
    place = Place(name)
    event = _event(place, raw)
    author = event.pull_request.user.id if event.pull_request and event.pull_request.user else None
    reviews = [*event.reviews, *([event.review] if event.review else [])]
    words = [found for found in _last(reviews) if found.state == "approved"]
    yes, refused = [], []
    strangers = []
    for found in words:
        assert found.user is not None
        why = _against(found, author, settings)
        if why == "approval-stranger":
            strangers.append(found.user.login)
        elif why:
            refused.append(problem(place, why, by=found.user.login))
        else:
            yes.append(_yes(found, settings))
    if strangers:
        more = f" (+{len(strangers) - _NAMED})" if len(strangers) > _NAMED else ""
        refused.append(problem(place, "approval-stranger", by=", ".join(sorted(strangers)[:_NAMED]) + more))
    return _found(Heard(tuple(yes), {}, tuple(refused)), place, root)


def _event(place: Place, raw: bytes) -> _Event:
    if len(raw) > MAX_BYTES:
        raise UserError([problem(place, "reviews-size", limit=MAX_BYTES)])
    try:
        data = json.loads(raw.decode(), object_pairs_hook=_once)
        return _Event.model_validate({"reviews": data} if isinstance(data, list) else data)
    except json.JSONDecodeError as error:
        raise UserError([problem(replace(place, line=error.lineno, col=error.colno), "reviews-form", what=error.msg)]) from None
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        told = [f"{'.'.join(map(str, one['loc'])) or 'JSON'}: {one['msg']}" for one in faults[:_TOLD]]
        raise UserError([problem(place, "reviews-form", what=what) for what in told]) from None
    except (ValueError, RecursionError) as error:
        raise UserError([problem(place, "reviews-form", what=error)]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is written twice")
    return found


def _last(reviews: Iterable[_Review]) -> list[_Review]:
    """Return each person's last word; a mere comment is none, and one taken back is not replaced by the one before it."""
    said = [found for found in reviews if found.user and found.commit_id and found.submitted_at and found.state != "commented"]
    ordered = sorted(said, key=lambda found: (found.submitted_at, found.id))
    return list({found.user.id: found for found in ordered if found.user}.values())


def _against(found: _Review, author: int | None, settings: Settings) -> str:
    """Return why an approval does not count, or nothing."""
    assert found.user is not None
    known = settings.changes.approvers.get(found.user.login.lower())
    if known is None or found.user.type != "User":
        return "approval-stranger"
    if known.id is not None and known.id != found.user.id:
        return "approval-account"
    return "approval-own" if found.user.id == author else ""


def _yes(found: _Review, settings: Settings) -> Yes:
    assert found.user is not None
    assert found.submitted_at is not None
    known = settings.changes.approvers[found.user.login.lower()]
    day = found.submitted_at.astimezone(ZoneInfo(settings.time_zone)).date()
    return Yes(known.name or found.user.login.lower(), tuple(known.roles), found.commit_id or "", day)


def _found(heard: Heard, place: Place, root: Path) -> Heard:
    """Return what was heard with its commits opened; a yes to one that is not here does not count."""
    commits: dict[str, Commit] = {}
    refused = list(heard.refused)
    for said in heard.yes:
        found = commits.get(said.commit) or (_here(root, said.commit) if len(commits) < MAX_COMMITS else None)
        if found is None:
            refused.append(problem(place, "approval-commit", by=said.by, commit=said.commit))
        else:
            commits[said.commit] = found
    return Heard(tuple(said for said in heard.yes if said.commit in commits), commits, tuple(refused))


def _here(root: Path, name: str) -> Commit | None:
    try:
        return git.commit(root, name)
    except UserError:
        return None


Open = Callable[[FileTree], Mapping[str, Side]]


class Past:
    """What reviewed commits hold, each opened once. A commit that cannot be read holds nothing."""

    def __init__(self, heard: Heard, open_: Open) -> None:
        self.heard, self.open = heard, open_
        self.sides: dict[str, Mapping[str, Side]] = {}

    def given(self, policy: str, since: Callable[[Side], Report | None]) -> Iterator[Approval]:
        """Yield the approvals for a policy, each with what its own commit changes. `since` compares a side with the last release."""
        for said in self.heard.yes:
            side = self._opened(said.commit).get(policy)
            report = since(side) if side is not None else None
            if report is not None:
                name = approvals.fingerprint(report)
                yield from (Approval(role=role, by=said.by, on=said.on, changes=name) for role in said.roles)

    def _opened(self, commit: str) -> Mapping[str, Side]:
        if commit not in self.sides:
            self.sides[commit] = self.open(self.heard.commits[commit])
        return self.sides[commit]


def moved(given: Sequence[Approval], place: Place, report: Report, asked: Mapping[Any, list[str]]) -> Iterator[Problem]:
    """Yield the approvals of other changes than these, where these still lack one."""
    if not approvals.missing(given, report, asked):
        return
    now, roles = approvals.fingerprint(report), approvals.needed(report.changes, asked)
    for approval in given:
        if approval.role in roles and not now.startswith(approval.changes):
            names = {"changes": approval.changes[:_SHORT], "now": now[:_SHORT]}
            yield problem(place, "approval-moved", by=approval.by, role=approval.role, **names)
