"""Pages that are written outside the host's own run over its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mkdocs.commands.build import get_context
from mkdocs.structure.files import File

from clausebook.plugin.page import PolicyPage
from clausebook.site.model import SitePage

if TYPE_CHECKING:
    from clausebook.plugin.events import ClausebookPlugin


def page(plugin: ClausebookPlugin, made: SitePage) -> PolicyPage:
    """Return a page as the host would have it before it is finished: that of its navigation, if it leads there."""
    config = plugin.host
    found = plugin.registered.get(made.address)
    if found is None:
        found = PolicyPage(made, File.generated(config, f"{made.address}index.md", content=""), config, plugin.settings, late=True)
    found.made = made
    found.read_source(config)
    found.render(config, plugin.files)
    plugin.settle(found, config)
    return found


def finished(plugin: ClausebookPlugin, found: PolicyPage) -> bytes:
    """Return a page as the host would write it."""
    config = plugin.host
    found.active = found.made.address in plugin.registered

    def context() -> Any:
        return plugin.context(get_context(plugin.nav, plugin.files, config, found), found, plugin.nav)

    try:
        return plugin.finish(found, plugin.navigation(found, plugin.nav), context).encode()
    finally:
        found.active = False
