"""Print the hashes of a built site's inline scripts, for `script-src` of a Content-Security-Policy: python scripts/csp_hashes.py site"""

from __future__ import annotations

import base64
import hashlib
import sys
from html.parser import HTMLParser
from pathlib import Path

RUN = {"", "module", "text/javascript"}  # other types are data, which the browser never runs


class _Inline(HTMLParser):
    """Collects the text of the scripts that stand in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inside = tag == "script" and "src" not in given and (given.get("type") or "").lower() in RUN
        if self.inside:
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.inside = False


def hashes(site: Path) -> list[str]:
    """Return the hash of every different inline script below a folder, sorted, as the header writes it."""
    found = set()
    for page in site.rglob("*.html"):
        parser = _Inline()
        parser.feed(page.read_text(encoding="utf-8"))
        parser.close()
        found |= {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in parser.scripts}
    return sorted(found)


def main(arguments: list[str]) -> int:
    """Print the hashes of the folder named; 2 when there is no built site."""
    site = Path(arguments[0] if len(arguments) == 1 else "")
    if len(arguments) != 1 or not (site / "index.html").is_file():
        print("usage: python scripts/csp_hashes.py SITE (the folder mkdocs build has written)", file=sys.stderr)
        return 2
    print(" ".join(hashes(site)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
