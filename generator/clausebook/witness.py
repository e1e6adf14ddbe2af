"""Another copy of the ledgers, which ours must extend: a commit, a folder or a site. A chain alone cannot prove its own end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from clausebook import git, ledger, project, remote
from clausebook.errors import Place, Problem, UserError, problem
from clausebook.ledger import Ledger
from clausebook.tree import FileTree, Folder

OPTION = "--against"


def problems(root: Path, folder: str, source: str, ours: Mapping[str, Ledger], policy: str | None = None) -> list[Problem]:
    """Return where our ledgers do not extend those at `source`. Raises UserError when it cannot be read."""
    tree, theirs, found = _tree(root, folder, source, [policy] if policy else sorted(ours))
    for name in ledger.policies(tree, theirs):
        if policy in (None, name):
            other, more = ledger.read(tree, theirs, name)
            found += ledger.from_copy(more, source)
            found += ledger.compare(ours.get(name, Ledger(name, (), folder)), other)
    return found


def _tree(root: Path, folder: str, source: str, policies: list[str]) -> tuple[FileTree, str, list[Problem]]:
    """Return the other copy, the folder of its policies and what is to be said about it."""
    if source.lower().startswith(("http://", "https://")):
        fetched, notes = remote.fetch(source, folder, policies)
        return fetched, folder, notes
    tree = Folder(Path(source)) if source and Path(source).is_dir() else git.commit(root, source, OPTION)
    theirs = _folder(tree, folder)
    if isinstance(tree, Folder) and not tree.exists(theirs):
        raise UserError([problem(Place(f"{source}/{theirs}"), "folder-missing")])
    return tree, theirs, []


def _folder(tree: FileTree, folder: str) -> str:
    """Return where the copy itself says its policies stand: a change of our setting must not hide its releases."""
    try:
        return project.settings(tree).policies
    except UserError:
        return folder
