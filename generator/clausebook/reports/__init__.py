"""A review printed: for a terminal, a comment, a page, and machines."""

from __future__ import annotations

from collections.abc import Callable

from clausebook.reports import comment, machine, page, text
from clausebook.reports.links import NO_LINKS, Links
from clausebook.reviewed import Report

FORMATS: dict[str, Callable[[Report, str, Links], str]] = {
    "text": text.text,
    "markdown": comment.markdown,
    "github": machine.github,
    "gitlab": machine.gitlab,
    "json": machine.as_json,
    "html": page.html,
    "sarif": machine.sarif,
}

__all__ = ["FORMATS", "NO_LINKS", "Links"]
