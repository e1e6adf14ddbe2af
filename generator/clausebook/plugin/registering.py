"""What the host is told of the pages and files of policies before it begins to write."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

from clausebook import site
from clausebook.plugin import making, navigation
from clausebook.plugin.known import Known
from clausebook.plugin.page import PolicyPage
from clausebook.site.model import SitePage
from clausebook.site.pages import plan
from clausebook.tree import MAX_TREE_BYTES

if TYPE_CHECKING:
    from clausebook.plugin.events import ClausebookPlugin


def pages(plugin: ClausebookPlugin, files: Files, config: MkDocsConfig) -> None:
    """Add pages to the host's files, and the policies to its navigation."""
    for made in plugin.pages:
        if plugin.lazily and not made.in_nav:
            continue  # a preview writes a page when somebody looks at it
        file = File.generated(config, f"{made.address}index.md", content="")
        if (taken := files.get_file_from_path(file.src_uri)) is not None:
            files.remove(taken)
        if not made.in_nav:
            file.inclusion = InclusionLevel.NOT_IN_NAV
        files.append(file)
        page = PolicyPage(made, file, config, plugin.settings, late=plugin.late)
        page.whole = partial(_whole, plugin) if plugin.mapped else None
    config.nav = [*navigation.sections(plugin.pages), *(config.nav or navigation.guide(files))]


def data(plugin: ClausebookPlugin, files: Files, config: MkDocsConfig) -> Files:
    """Add the files for programs; of a preview only the releases, for it writes the others when they are asked for."""
    assert plugin.site is not None
    for name in plugin.site.documents:
        for address, content in () if plugin.lazily else making.data(plugin.site, name):
            files.append(File.generated(config, address, content=content))
        for address, path in making.copies(plugin.site, name):
            files.append(_copy(plugin, config, address, path))
    if not plugin.lazily:
        files.append(_summary(plugin, config))
    return files


def _copy(plugin: ClausebookPlugin, config: MkDocsConfig, address: str, path: str) -> File:
    if plugin.tree is not None:
        return File.generated(config, address, content=plugin.tree.read(path, MAX_TREE_BYTES))
    return File.generated(config, address, abs_src_path=str(Path(config.config_file_path).parent / path))


def _summary(plugin: ClausebookPlugin, config: MkDocsConfig) -> File:
    assert plugin.site is not None
    address, content = site.summary(plugin.site)
    return File.generated(config, address, content=content)


# Where the files of policies are made beside the host's run.


def beside(plugin: ClausebookPlugin, files: Files, config: MkDocsConfig) -> Files:
    """Let hand-written pages give way to those of policies, and link to them."""
    assert plugin.site is not None
    logging.getLogger("mkdocs.commands.build").addFilter(_is_no_skip)
    for name in plugin.site.documents:
        for at, _ in plan(plugin.write, name):
            file = files.get_file_from_path(f"{at.address}index.md")
            if file is not None and not isinstance(file.page, PolicyPage):
                files.remove(file)
    files.append(_summary(plugin, config))
    return Known(files, partial(_elsewhere, plugin, config))


def _is_no_skip(record: logging.LogRecord) -> bool:
    """Tell whether a line of the host's log is not that it skips a page without content, as those made elsewhere are."""
    return not record.getMessage().startswith("Page skipped: ")


def _elsewhere(plugin: ClausebookPlugin, config: MkDocsConfig, path: str) -> File | None:
    """Return a file of a policy, to which a hand-written page links; None if there will be none."""
    assert plugin.site is not None
    first, _, rest = path.partition("/")
    name = rest.split("/")[0] if first in plugin.settings.locales else first
    if name not in plugin.site.documents:
        return None
    if path.endswith("/index.md"):
        return _page(plugin, config, path)
    held = {address for address, _ in (*making.data(plugin.site, name), *making.copies(plugin.site, name))}
    return File.generated(config, path, content="") if path in held else None


def _page(plugin: ClausebookPlugin, config: MkDocsConfig, path: str) -> File | None:
    made = _whole(plugin, path.removesuffix("index.md"))
    if made is None:
        return None
    file = File.generated(config, path, content="")
    PolicyPage(made, file, config, plugin.settings, late=True)
    return file


def _whole(plugin: ClausebookPlugin, address: str) -> SitePage | None:
    """Return the page of a policy at an address, with its headings."""
    name = address.split("/")[1] if "/" in address else ""
    found = plan(plugin.write, name) if plugin.site and name in plugin.site.documents else iter(())
    return next((make() for at, make in found if at.address == address), None)
