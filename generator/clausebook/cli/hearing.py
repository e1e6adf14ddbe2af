"""Files that commands are handed from elsewhere: the reviews of a code host, a report."""

from __future__ import annotations

from pathlib import Path

import click

from clausebook import approvers
from clausebook.approvers import Heard
from clausebook.errors import UserError
from clausebook.model import Settings
from clausebook.tree import unreadable

FILE = click.Path(dir_okay=False, path_type=Path)


def heard(file: Path | None, root: Path, settings: Settings) -> Heard:
    """Return what a file of reviews says, where one is named."""
    if file is None:
        return approvers.NOTHING
    return approvers.hear(str(file), read(file, approvers.MAX_BYTES), root, settings)


def read(file: Path, limit: int) -> bytes:
    """Return at most `limit + 1` bytes of a file."""
    try:
        with file.open("rb") as opened:
            return opened.read(limit + 1)
    except OSError as error:
        raise UserError([unreadable(str(file), error)]) from None
