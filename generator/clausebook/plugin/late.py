"""Pages that are written outside the host's own run over its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mkdocs.commands.build import get_context
from mkdocs.structure.files import File

from clausebook.plugin.page import PolicyPage
from clausebook.site.model import SitePage

if TYPE_CHECKING:
    from clausebook.plugin.events import ClausebookPlugin


@contextmanager
def page(plugin: ClausebookPlugin, made: SitePage) -> Iterator[PolicyPage]:
    """Have a page as the host would before it is finished: that of its navigation, if it leads there."""
    config = plugin.host
    registered = plugin.registered.get(made.address)
    file = None if registered else File.generated(config, f"{made.address}index.md", content="")
    found = PolicyPage(made, file, config, plugin.settings, late=True) if file else registered
    assert found is not None
    led, found.made = found.made, made
    found.read_source(config)
    found.render(config, plugin.files)
    plugin.settle(found, config)
    found.active = registered is not None
    try:
        yield found
    finally:
        found.made, found.active = led, False  # what a page is made of is not held


def finished(plugin: ClausebookPlugin, found: PolicyPage) -> bytes:
    """Return a page as the host would write it."""

    def context() -> Any:
        return plugin.context(get_context(plugin.nav, plugin.files, plugin.host, found), found, plugin.nav)

    return plugin.finish(found, plugin.navigation(found, plugin.nav), context).encode()
