"""Pages: what a reader sees, made from documents. Knows nothing of the host that serves them."""

from clausebook.site.pages import Site, SitePage, build

__all__ = ["Site", "SitePage", "build"]
