"""Pages: what a reader sees, made from documents. Knows nothing of the host that serves them."""

from clausebook.site.data import files, summary
from clausebook.site.model import Outlook, Site, SitePage, Told
from clausebook.site.pages import build, groups

__all__ = ["Outlook", "Site", "SitePage", "Told", "build", "files", "groups", "summary"]
