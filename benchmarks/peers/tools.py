"""The tools that are measured: how each gets the pages of a corpus, what builds and serves them, what an edit touches.

To measure another tool, or another command of one, add an entry to `TOOLS`.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.peers.corpus import CLAUSE, UPCOMING, Corpus, Page

STACKS = Path(__file__).resolve().parent / "stacks"
PAGE = f"zh/{UPCOMING}/"  # the page that has the edited clause
_VERSION = re.compile(r"[a-z]+/[^/]+/(\d+\.\d+\.\d+)/")


@dataclass(frozen=True)
class Tool:
    """A tool. In its commands {out} is the folder to write, {port} the port to serve on, {bench} the peers' environment.

    `lay` makes its project of a corpus. `clause` finds the file with the edited clause in that project, and `insert` puts
    words into that file's text; `template` is the file all pages are made with, in which words go after `after`.
    `page` is the address of the page with the clause. It is measured on at most `pages` pages, on more than `rebuilt`
    only cold (it does the same work whatever changed), and served on at most `served`.
    """

    name: str
    title: str
    lay: Callable[[Corpus, Path], None]
    build: tuple[str, ...]
    serve: tuple[str, ...]
    clause: Callable[[Path], Path]
    insert: Callable[[str, str], str]
    template: str
    after: str
    page: str = PAGE
    pages: int = 1000
    rebuilt: int = 250
    served: int = 1000


def _clausebook(corpus: Corpus, target: Path) -> None:
    shutil.copytree(corpus.site, target)


def _hugo(corpus: Corpus, target: Path) -> None:
    shutil.copytree(STACKS / "hugo", target)
    addresses = {page.address for page in corpus.pages()}
    above = {address[: address.rstrip("/").rfind("/") + 1] for address in addresses}
    for number, page in enumerate(corpus.pages()):
        version = _VERSION.fullmatch(page.address)
        name = "_index.md" if page.address in above else "index.md"
        front = {"searched": page.searched, **({"version": version[1], "weight": -number} if version else {})}
        _write(target / "content" / (page.address or f"{page.locale}/") / name, page, page.text, front)


def _material(corpus: Corpus, target: Path) -> None:
    shutil.copytree(STACKS / "material", target)
    for page in corpus.pages():
        _write(target / "docs" / page.address / "index.md", page, page.text, _unsearched(page))


def _i18n(corpus: Corpus, target: Path) -> None:
    """Write pages that include their clauses: each distinct text of a clause is a file."""
    shutil.copytree(STACKS / "i18n", target)
    for page in corpus.pages():
        folder = target / "includes" / page.locale
        folder.mkdir(parents=True, exist_ok=True)
        text = "\n\n".join(_include(chunk, folder) if chunk.startswith("### ") else chunk for chunk in page.chunks)
        _write(target / "docs" / (page.address or f"{page.locale}/") / "index.md", page, text, _unsearched(page))


def _include(chunk: str, folder: Path) -> str:
    file = folder / f"{hashlib.sha256(chunk.encode()).hexdigest()[:16]}.md"
    file.write_text(chunk, encoding="utf-8")
    return f'{{% include "{folder.name}/{file.name}" %}}'


def _unsearched(page: Page) -> dict[str, object]:
    return {} if page.searched else {"search": {"exclude": True}}


def _write(file: Path, page: Page, text: str, more: dict[str, object]) -> None:
    """Write a page with its front matter: JSON values are YAML."""
    file.parent.mkdir(parents=True, exist_ok=True)
    front = {"title": page.title, "description": page.description, **more}
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
    file.write_text("\n".join(["---", *lines, "---", "", text, ""]), encoding="utf-8")


def _in_markdown(text: str, words: str) -> str:
    """Return Markdown with words at the end of the first paragraph below the clause's heading."""
    before, heading, after = text.partition(f"{{ #{CLAUSE} }}\n\n")
    first, *rest = after.split("\n", 1)
    if not heading:
        raise ValueError(f"no heading {CLAUSE}")
    return before + heading + "\n".join([first + words, *rest])


def _in_clause(text: str, words: str) -> str:
    """Return a clause file with words at the end of its Chinese text."""
    before, english, after = text.partition("\n  en:\n")
    return before.rstrip() + words + english + after


def _included(project: Path) -> Path:
    """Return the file that the page includes for the clause."""
    page = (project / "docs" / PAGE / "index.md").read_text(encoding="utf-8")
    for name in re.findall(r'{% include "(.+?)" %}', page):
        file = Path(project, "includes", name)
        if f"{{ #{CLAUSE} }}" in file.read_text(encoding="utf-8"):
            return file
    raise ValueError(f"{PAGE} includes no {CLAUSE}")


_MKDOCS = ("-m", "mkdocs", "build", "--quiet", "--site-dir", "{out}")
_SERVE = ("-m", "mkdocs", "serve", "--dev-addr", "127.0.0.1:{port}")

_CLAUSEBOOK = Tool(
    "clausebook", "Clausebook, mkdocs build", _clausebook, (sys.executable, *_MKDOCS), (sys.executable, *_SERVE),
    clause=lambda project: next((project / "clauses").rglob(f"{CLAUSE}.yml")), insert=_in_clause,
    template="templates/theme/main.html", after="{{ super() }}\n", pages=10_000, rebuilt=10_000, served=10_000,
)  # fmt: skip
TOOLS = {
    tool.name: tool
    for tool in (
        _CLAUSEBOOK,
        replace(
            _CLAUSEBOOK, name="command", title="Clausebook, own command", served=0,  # the preview is the same
            build=(sys.executable, "-m", "clausebook", "build", "{out}"),
        ),
        Tool(
            "hugo", "Hugo, lean theme", _hugo, ("{hugo}", "build", "--quiet", "--destination", "{out}"),
            ("{hugo}", "server", "--bind", "127.0.0.1", "--port", "{port}"),
            clause=lambda project: next((project / "content" / PAGE).glob("*index.md")), insert=_in_markdown,
            template="layouts/baseof.html", after="<head>\n", pages=10_000, rebuilt=10_000, served=10_000,
        ),
        Tool(
            "material", "Material", _material, ("{python}", *_MKDOCS), ("{python}", *_SERVE),
            clause=lambda project: project / "docs" / PAGE / "index.md", insert=_in_markdown,
            template="overrides/main.html", after="{{ super() }}\n",
        ),
        Tool(
            "i18n", "Material + i18n + macros", _i18n, ("{python}", *_MKDOCS), ("{python}", *_SERVE),
            clause=_included, insert=_in_markdown, template="overrides/main.html", after="{{ super() }}\n",
            page=PAGE.removeprefix("zh/"), served=250,
        ),
    )
}  # fmt: skip
