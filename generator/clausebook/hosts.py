"""A report as the one note of a GitLab merge request. What stands in other people's notes is only looked at to find ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from clausebook.errors import Place, UserError, problem
from clausebook.remote import Host
from clausebook.reports import comment

PAGES = 20
_PER_PAGE = 100

Done = Literal["made", "replaced", "none"]


def note(host: Host, project: str, request: int, text: str) -> Done:
    """Post a report as a note, or replace the one before it; one with nothing to say makes no new note. Raises UserError."""
    folder = f"projects/{project}/merge_requests/{request}/notes"
    try:
        own = host.ask("GET", "user")["id"]
        known = next((found["id"] for found in _notes(host, folder) if _is_ours(found, own)), None)
        if known is not None:
            host.ask("PUT", f"{folder}/{int(known)}", {"body": text})
            return "replaced"
    except (KeyError, TypeError, ValueError) as error:
        raise UserError([problem(Place(f"{host.address}/{folder}"), "note-answer", what=repr(error))]) from None
    if text.startswith(comment.QUIET):
        return "none"
    host.ask("POST", folder, {"body": text})
    return "made"


def _notes(host: Host, folder: str) -> Iterator[dict[str, Any]]:
    for page in range(1, PAGES + 1):
        found = host.ask("GET", f"{folder}?sort=asc&per_page={_PER_PAGE}&page={page}")
        yield from found
        if len(found) < _PER_PAGE:
            return


def _is_ours(found: dict[str, Any], own: int) -> bool:
    """Tell whether a note is ours: one of somebody else that looks like it does not count."""
    return bool(found["author"]["id"] == own and not found["system"] and found["body"].startswith(comment.BEGINNING))
