"""Judging the working tree, or a commit, where nothing is known of it yet."""

from __future__ import annotations

import gc
from pathlib import Path

from clausebook import checking, git, outcome, processes, project, repair
from clausebook.cache import Cache
from clausebook.checking import Means
from clausebook.cli.opening import as_of
from clausebook.cli.shell import err, write
from clausebook.outcome import Outcome
from clausebook.tree import Folder

_SELDOM = 100_000  # objects between looks for garbage: records are made by the hundred thousand, and stay


def judged(store: Cache, root: Path, ref: str | None, fix: bool) -> Outcome:
    """Return what is wrong with a tree. What is found in the working tree is kept."""
    gc.set_threshold(_SELDOM)
    read = checking.settings(root)
    day, basis = as_of(root, read.settings), read.basis()
    if fix:
        _mend(root)
    before = None if ref else basis.key(root, day)
    means = Means(store, processes.count())
    made = checking.run(git.commit(root, ref) if ref else Folder(root), Folder(root), read.settings, day, means)
    if before is not None and before == basis.key(root, day):  # nothing was saved in the meantime
        outcome.keep(store, root, basis, before, made)
    return made


def _mend(root: Path) -> None:
    """Write the files whose spellings can be mended."""
    opened = project.judged(project.open(root), root, as_of(root))
    made, count = repair.files(opened.library, opened.checks, opened.findings, lambda path: (root / path).read_bytes())
    for path, content in made.items():
        write(root / path, content)
    err(f"{count} spellings mended in {len(made)} files")
