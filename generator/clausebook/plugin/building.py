"""A build started by our own command: the host's, with its log on standard error and its failures as exit codes."""

from __future__ import annotations

import gc
import logging
from pathlib import Path

from mkdocs.commands import build as host
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException

from clausebook import project
from clausebook.errors import Place, UserError, problem
from clausebook.plugin.events import HARMLESS, ClausebookPlugin
from clausebook.unchanged import Inputs

RARELY = (100_000, 50, 100)  # a build makes much that stays to its end; to look through it again and again takes a tenth of the time
log = logging.getLogger("mkdocs")


def build(root: Path, site: Path | None, *, strict: bool) -> tuple[Path, Inputs | None]:
    """Build the site of a project; return its folder and all it was made from, or None where a plugin may read more than can be known.

    Raises UserError where the host cannot build; what is wrong stands in its log.
    """
    _logged()
    gc.set_threshold(*RARELY)
    file = root / project.SETTINGS_FILE
    try:
        config = load_config(str(file), strict=strict, **({"site_dir": str(site)} if site else {}))
        config.plugins.on_startup(command="build", dirty=False)
        host.build(config)
    except (Abort, MkDocsException) as error:
        raise UserError([problem(Place(project.SETTINGS_FILE), "build-failed", what=str(error) or "mkdocs build")]) from None
    return Path(config.site_dir), _inputs(config, root)


def _logged() -> None:
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)-7s -  %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.WARNING)


def _inputs(config: MkDocsConfig, root: Path) -> Inputs | None:
    modules = {type(plugin).__module__ for plugin in config.plugins.values()}
    ours = next((plugin for plugin in config.plugins.values() if isinstance(plugin, ClausebookPlugin)), None)
    inherits = b"INHERIT" in (root / project.SETTINGS_FILE).read_bytes()
    if ours is None or config.hooks or inherits or not modules <= HARMLESS:
        return None
    settings = ours.settings
    folders = {settings.clauses, settings.policies, settings.templates, *settings.packs, _below(root, config.docs_dir)}
    folders |= {_below(root, folder) for folder in config.theme.dirs if root in Path(folder).parents}
    as_of = settings.as_of.isoformat() if settings.as_of else None
    return Inputs([project.SETTINGS_FILE], sorted(folders), settings.time_zone, as_of)


def _below(root: Path, folder: str) -> str:
    path = Path(folder).absolute()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
