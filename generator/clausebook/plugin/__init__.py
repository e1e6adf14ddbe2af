"""The MkDocs plugin: hands the pages to the host. The only package that knows MkDocs."""

from clausebook.plugin.events import ClausebookPlugin

__all__ = ["ClausebookPlugin"]
