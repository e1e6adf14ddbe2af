"""Another copy of the ledgers, which ours must extend: a commit, a folder or a site. A chain alone cannot prove its own end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from clausebook import git, ledger, remote
from clausebook.errors import Place, Problem, UserError, problem
from clausebook.ledger import Ledger
from clausebook.tree import FileTree, Folder

OPTION = "--against"


def problems(root: Path, folder: str, source: str, ours: Mapping[str, Ledger], policy: str | None = None) -> list[Problem]:
    """Return where our ledgers do not extend those at `source`. Raises UserError when it cannot be read."""
    tree, found = _tree(root, folder, source, [policy] if policy else sorted(ours))
    for name in ledger.policies(tree, folder):
        if policy in (None, name):
            theirs, more = ledger.read(tree, folder, name)
            found += ledger.from_copy(more, source)
            found += ledger.compare(ours.get(name, Ledger(name, (), folder)), theirs)
    return found


def _tree(root: Path, folder: str, source: str, policies: list[str]) -> tuple[FileTree, list[Problem]]:
    if source.lower().startswith(("http://", "https://")):
        return remote.fetch(source, folder, policies)
    if not source or not Path(source).is_dir():
        return git.commit(root, source, OPTION), []
    if not (Path(source) / folder).is_dir():
        raise UserError([problem(Place(f"{source}/{folder}"), "folder-missing")])
    return Folder(Path(source)), []
