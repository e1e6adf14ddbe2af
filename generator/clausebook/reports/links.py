"""Where a host shows what a review speaks of. Addresses are the operator's; what is filled in comes from the edit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from clausebook.errors import Place
from clausebook.reviewed import Report

_SECURE = "https://"
DRAFT = "draft/"  # where below its own address a released policy's draft stands; `site.places` has it too, and costs time to load


@dataclass(frozen=True)
class Links:
    """Addresses: of a line of the head, with {path} and {line}; of the site it makes; of the job that keeps the whole report.

    One that is empty, or no https address, makes no link.
    """

    line: str = ""
    preview: str = ""
    run: str = ""

    def to(self, place: Place) -> str:
        """Return where a line is shown, or nothing."""
        if not self.line.startswith(_SECURE) or not place.line:
            return ""
        return self.line.replace("{path}", quote(place.path)).replace("{line}", str(place.line))

    def pages(self, found: Report) -> Iterator[tuple[str, str, str]]:
        """Yield policy, locale and address of the page of every policy the edit reaches, as the preview shows it."""
        if self.preview.startswith(_SECURE):
            for row in found.reached:
                place = DRAFT if row.released else ""
                pages = ((locale, f"{locale}/{row.policy}/{place}") for locale in row.locales if row.action != "removed")
                yield from ((row.policy, locale, f"{self.preview.rstrip('/')}/{quote(page)}") for locale, page in pages)

    @property
    def whole(self) -> str:
        """Return where all of the report is kept, or nothing."""
        return self.run if self.run.startswith(_SECURE) else ""


NO_LINKS = Links()
