"""The pages every tool is measured on: a seeded archive, and the content of its pages as Markdown.

The archive is the one of `archive.py`, with one more policy that has no release: it shows each save of its clauses, as a
policy does that is still being written. Making a corpus takes minutes, so it is kept in the user's cache folder, by all it
is made of.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.peers import markdown, measure

HERE = Path(__file__).resolve().parent
BENCHMARKS, ROOT = HERE.parent, HERE.parent.parent
MADE_OF = ("clauses", "policies", "templates", "benchmarks/archive.py", "benchmarks/synthetic.py", "benchmarks/peers/markdown.py")
UPCOMING = "upcoming"  # the policy without a release
SAMPLE = "enterprise-email"  # what it is a copy of
CLAUSE = "preamble-operator-commitment"  # the clause whose edit is measured: that policy has it
TODAY = datetime.date(2026, 11, 22)
SECONDS = 7200  # what making a corpus may take


@dataclass(frozen=True)
class Size:
    """How many policies, each with how many released versions."""

    policies: int
    versions: int


# Pages are counted when they are made; the names say about how many there are.
SIZES = {100: Size(1, 4), 250: Size(1, 20), 1000: Size(5, 20), 10_000: Size(44, 20)}


@dataclass(frozen=True)
class Page:
    """A page: its address (ending in /), its language, and its content as chunks of Markdown.

    `searched` says whether the search may find it.
    """

    address: str
    locale: str
    title: str
    description: str
    searched: bool
    chunks: list[str]

    @property
    def text(self) -> str:
        return "\n\n".join(self.chunks)


@dataclass(frozen=True)
class Corpus:
    """A site for Clausebook at `site`, and the same pages for other tools."""

    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "site"

    def pages(self) -> Iterator[Page]:
        """Yield every page, one at a time: thousands do not have to be held."""
        with (self.folder / "pages.jsonl").open(encoding="utf-8") as lines:
            yield from (Page(**json.loads(line)) for line in lines)

    def count(self) -> int:
        return sum(1 for _ in self.pages())


def cache() -> Path:
    """Return the folder in which corpora and the peers' own environment are kept; it may be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clausebook-bench"


def get(size: Size, seed: int) -> Corpus:
    """Return the corpus of a size and a seed, made if it is not there."""
    folder = cache() / f"corpus-{key(size, seed)}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
            write(Path(aside) / "made", size, seed)
            (Path(aside) / "made").replace(folder)
    return Corpus(folder)


def key(size: Size, seed: int) -> str:
    """Return a name that differs as soon as anything differs that a corpus is made of."""
    found = hashlib.sha256(f"{seed} {size.policies} {size.versions} {_version()}".encode())
    for name in MADE_OF:
        files = sorted((ROOT / name).rglob("*")) if (ROOT / name).is_dir() else [ROOT / name]
        for file in files:
            if file.is_file():
                found.update(f"{file.relative_to(ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()[:16]


def _version() -> str:
    return (ROOT / "generator" / "clausebook" / "__init__.py").read_text(encoding="utf-8")


def write(folder: Path, size: Size, seed: int) -> None:
    """Make a corpus in a new folder, in processes of their own so that this one stays small. Raises Failed if one fails."""
    folder.mkdir()
    archive = [BENCHMARKS / "archive.py", folder / "site", size.policies, seed, size.versions]
    measure.run([sys.executable, *map(str, archive)], ROOT, os.environ, SECONDS)
    _add_upcoming(folder / "site" / "policies")
    measure.run([sys.executable, "-m", __name__, str(folder)], ROOT, os.environ, SECONDS)


def _add_upcoming(policies: Path) -> None:
    text = (ROOT / "policies" / SAMPLE / "policy.yml").read_text(encoding="utf-8")
    (policies / UPCOMING).mkdir()
    (policies / UPCOMING / "policy.yml").write_text(text.replace(f"id: {SAMPLE}\n", f"id: {UPCOMING}\n", 1), encoding="utf-8")


def dump(folder: Path) -> None:
    """Write the content of every page of the site in a corpus."""
    with (folder / "pages.jsonl").open("w", encoding="utf-8") as lines:
        for page in _made(folder / "site"):
            lines.write(json.dumps(asdict(page), ensure_ascii=False) + "\n")


def _made(root: Path) -> Iterator[Page]:
    from clausebook import exports, project, resources, site

    opened = project.open(root)
    opened = project.judged(opened.sound(), root, TODAY).sound()
    templates = (root / "templates", resources.starter("templates"))
    made = site.Site(
        opened.settings, opened.library, opened.documents, templates, TODAY, ledgers=opened.ledgers,
        packs=opened.packs, downloads=exports.downloads(fast=False),
    )  # fmt: skip
    for page in site.build(made):
        found = markdown.chunks(str(page.content))
        yield Page(page.address, page.locale, page.title, page.description, page.search, found)


if __name__ == "__main__":
    dump(Path(sys.argv[1]))
