"""A build started by our own command: the host's, with its log on standard error and its failures as exit codes."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mkdocs.commands import build as host
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException

from clausebook import project, unchanged
from clausebook.cache import Cache
from clausebook.errors import Place, UserError, problem
from clausebook.plugin import reuse
from clausebook.plugin.events import ClausebookPlugin
from clausebook.plugin.others import HARMLESS
from clausebook.unchanged import Inputs

RARELY = (100_000, 50, 100)  # a build makes much that stays to its end; to look through it again and again takes a tenth of the time
UNKNOWN = (b"INHERIT", b"!ENV")  # with these in the settings, a build rests on more than the files of the project
log = logging.getLogger("mkdocs")


@dataclass(frozen=True)
class Means:
    """What a build may use: a store of what earlier ones left, and the day it is for, given what that rests on."""

    store: Cache
    day: Callable[[Inputs], date]


def build(root: Path, site: Path | None, means: Means, *, strict: bool) -> None:
    """Build the site of a project. Raises UserError where the host cannot build; what is wrong stands in its log."""
    _logged()
    gc.set_threshold(*RARELY)
    file = root / project.SETTINGS_FILE
    try:
        config = load_config(str(file), strict=strict, **({"site_dir": str(site)} if site else {}))
        config.plugins.on_startup(command="build", dirty=False)
        folder = Path(config.site_dir)
        kept = _Kept.begin(config, root, means) if means.store.keeps else None
        host.build(config)
    except (Abort, MkDocsException) as error:
        raise UserError([problem(Place(project.SETTINGS_FILE), "build-failed", what=str(error) or "mkdocs build")]) from None
    if kept is not None:
        kept.end(root, folder, means.store)


def _logged() -> None:
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)-7s -  %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.WARNING)


@dataclass(frozen=True)
class _Kept:
    """What a build was made from, as it was before it began: who saves a file while it runs gets another one."""

    plugin: ClausebookPlugin
    inputs: Inputs
    made_of: str

    @classmethod
    def begin(cls, config: MkDocsConfig, root: Path, means: Means) -> _Kept | None:
        """Let a build use what an earlier one left. None where a plugin may read more than can be known."""
        ours = next((plugin for plugin in config.plugins.values() if isinstance(plugin, ClausebookPlugin)), None)
        inputs = _inputs(config, root)
        if ours is None or inputs is None:
            return None
        with suppress(OSError, UserError):  # the build says what is wrong
            made_of = inputs.digest(root, means.day(inputs))
            settings = project.settings(root)
            if settings.coverage != "published":  # or what a page says rests on more than its policy
                basis = reuse.basis(root, inputs, {settings.clauses, settings.policies, _below(root, config.docs_dir)})
                ours.reuse = reuse.Reuse(means.store, root, Path(config.site_dir), basis)
            return cls(ours, inputs, made_of)
        return None

    def end(self, root: Path, site: Path, store: Cache) -> None:
        """Keep it, and what was made of each policy."""
        if self.plugin.reuse is not None:
            self.plugin.reuse.keep(self.plugin.made.values())
        unchanged.keep(store, root, site, self.inputs, self.made_of)


def _inputs(config: MkDocsConfig, root: Path) -> Inputs | None:
    modules = {type(plugin).__module__ for plugin in config.plugins.values()}
    written = (root / project.SETTINGS_FILE).read_bytes()
    custom = config.theme.custom_dir
    if config.hooks or any(sign in written for sign in UNKNOWN) or not modules <= HARMLESS:
        return None
    if custom and root.resolve() not in Path(custom).resolve().parents:
        return None
    with suppress(UserError):  # the build says what is wrong
        settings = project.settings(root)
        folders = {settings.clauses, settings.policies, settings.templates, *settings.packs, _below(root, config.docs_dir)}
        folders |= {_below(root, folder) for folder in config.theme.dirs if root in Path(folder).parents}
        as_of = settings.as_of.isoformat() if settings.as_of else None
        return Inputs([project.SETTINGS_FILE], sorted(folders), settings.time_zone, as_of)
    return None


def _below(root: Path, folder: str) -> str:
    path = Path(folder).absolute()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
