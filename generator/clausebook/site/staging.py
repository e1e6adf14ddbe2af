"""A build writes beside the site and takes its place at the end, so that a build that dies leaves the site before as it was."""

from __future__ import annotations

import shutil
from pathlib import Path


def aside(site: Path) -> Path:
    """Return the folder a build writes to: always the same for one site, so that nothing a dead build left piles up."""
    return site.with_name(f".{site.name}.part")


def settle(site: Path) -> None:
    """Put the finished build in the place of the site before. Where folders cannot be renamed, its files are copied over."""
    made, before = aside(site), site.with_name(f".{site.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    try:
        if site.exists():
            site.rename(before)
        made.rename(site)
    except OSError:  # the site is a mount point, or on another file system
        _copied(made, site)
    shutil.rmtree(before, ignore_errors=True)


def _copied(made: Path, site: Path) -> None:
    kept = {path.relative_to(made) for path in made.rglob("*")}
    shutil.copytree(made, site, copy_function=_copy, dirs_exist_ok=True)
    for path in sorted(site.rglob("*"), reverse=True):
        if path.relative_to(site) not in kept:
            path.rmdir() if path.is_dir() else path.unlink()
    shutil.rmtree(made)


def _copy(made: str, site: str) -> str:
    """Copy a file, unless it is the same one: what did not change was linked."""
    if not (Path(site).exists() and Path(made).samefile(site)):
        shutil.copy2(made, site)
    return site
