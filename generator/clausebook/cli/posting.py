"""The command that posts a report where people review."""

from __future__ import annotations

import os
from pathlib import Path

import click

from clausebook import hosts, messages
from clausebook.cli.hearing import FILE, read
from clausebook.cli.shell import language, main, out
from clausebook.errors import Place, UserError, problem
from clausebook.remote import Host
from clausebook.reports import comment

MAX_REPORT = 1 << 20  # bytes of a note: GitLab takes a million characters


@main.command("note")
@click.argument("report", type=FILE)
def note(report: Path) -> None:
    """Post a REPORT in Markdown as the one note of a GitLab merge request, or replace it; for a CI job, which has the variables."""
    named = ("CI_API_V4_URL", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID", "CLAUSEBOOK_TOKEN")
    found = {name: os.environ.get(name, "") for name in named}
    if lacking := [name for name, value in found.items() if not value]:
        raise UserError([problem(Place(name), "note-variable") for name in lacking])
    address, project, request, token = found.values()
    if not (project.isdecimal() and request.isdecimal()):
        raise UserError([problem(Place("CI_MERGE_REQUEST_IID"), "note-variable")])
    text = read(report, MAX_REPORT).decode("utf-8", "replace")
    if not text.startswith(comment.BEGINNING):
        raise UserError([problem(Place(str(report)), "note-form")])
    done = hosts.note(Host(address, token), project, int(request), text)
    out(messages.say(f"note-{done}", language()))
