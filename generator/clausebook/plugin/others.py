"""Other plugins of the host, and whether they may change a page of ours."""

from __future__ import annotations

import logging
from typing import Any

from mkdocs.config.defaults import MkDocsConfig

log = logging.getLogger("mkdocs.plugins.clausebook")
WATCHED = ("page_markdown", "page_content", "page_context", "post_page")  # events in which a plugin may change a page
OURS = "clausebook.plugin.events"
HARMLESS = {OURS, "mkdocs.contrib.search", "material.plugins.search.plugin"}  # modules of plugins that change none of ours


def none_changes(config: MkDocsConfig) -> bool:
    """Tell whether no plugin but the host's search may change a page of ours on its way; else say that pages take the slow way."""
    found = {_owner(method) for event in WATCHED for method in config.plugins.events[event]} - HARMLESS
    if found:
        log.info(f"Pages are rendered one by one, for another plugin may change them: {', '.join(sorted(found))}")
    return not found


def _owner(method: Any) -> str:
    """Return the module a handler of an event comes from: a plugin's, or a hook's file."""
    owner = getattr(method, "__self__", None)
    return type(owner).__module__ if owner is not None else str(getattr(method, "__module__", method))
