"""What an edit of templates or settings does to pages, for those who trust it: the code of both sides is run here."""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path

from clausebook import project, resources
from clausebook.errors import Problem, UserError
from clausebook.model import Settings
from clausebook.project import SETTINGS_FILE
from clausebook.reviewed import Sides
from clausebook.site.model import Site
from clausebook.site.moved import moved
from clausebook.tree import MAX_TREE_BYTES, FileTree


def pages(root: Path, sides: Sides, day: datetime.date) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Return the pages that look different although their texts are the same, and what keeps a template from being rendered."""
    try:
        before = project.settings(sides.base)
        folders = {f"{before.templates}/", f"{sides.settings.templates}/"}
        if not any(edit.path == SETTINGS_FILE or edit.path.startswith(tuple(folders)) for edit in sides.edits):
            return (), ()
        with tempfile.TemporaryDirectory() as folder:
            places = [Path(folder) / name for name in ("base", "head")]
            _unpack(sides.base, before.templates, places[0])
            _unpack(sides.head, sides.settings.templates, places[1])
            opened = project.open(root, sides.head, sides.settings).sound()
            found = [_site(opened, chosen, place, day) for chosen, place in zip((before, sides.settings), places, strict=True)]
            return tuple(moved(*found)), ()
    except UserError as error:
        return (), tuple(error.problems)


def _unpack(tree: FileTree, name: str, place: Path) -> None:
    for path in tree.files(name, []):
        file = place / path.removeprefix(f"{name}/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(tree.read(path, MAX_TREE_BYTES))


def _site(opened: project.Project, settings: Settings, templates: Path, day: datetime.date) -> Site:
    folders = (templates, resources.starter("templates"))
    return Site(settings, opened.library, opened.documents, folders, day, ledgers=opened.ledgers)
