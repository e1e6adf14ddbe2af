"""What commands ask of a project before they begin: its day, its documents, their languages."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import click

from clausebook import project
from clausebook.cli.shell import named_day
from clausebook.days import DAY
from clausebook.document import Document
from clausebook.errors import Place, UserError, problem
from clausebook.model import Settings
from clausebook.project import Project


def as_of(root: Path, chosen: Settings | None = None) -> datetime.date:
    """Return the day to judge by: --as-of, CLAUSEBOOK_AS_OF, SOURCE_DATE_EPOCH, the setting, or today in the configured time zone."""
    now = datetime.datetime.now(datetime.UTC)
    return project.as_of(chosen or project.settings(root), now, named_day(), os.environ.get("SOURCE_DATE_EPOCH"))


def document_of(opened: Project, policy: str) -> Document:
    if policy not in opened.documents:
        raise UserError([problem(Place("policies"), "policy-unknown", id=policy, known=", ".join(opened.documents))])
    return opened.documents[policy]


def locale_of(document: Document, locale: str | None) -> str:
    chosen = locale or document.policy.source
    if chosen not in document.policy.locales:
        known = ", ".join(document.policy.locales)
        raise UserError([problem(Place(f"policies/{document.policy.id}/policy.yml"), "locale-unknown", locale=chosen, known=known)])
    return chosen


def day(_context: click.Context, parameter: click.Parameter, value: str | None) -> datetime.date | None:
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value if DAY.fullmatch(value) else "")
    except ValueError:
        raise UserError([problem(Place(parameter.opts[0]), "expected-date", value=value)]) from None
