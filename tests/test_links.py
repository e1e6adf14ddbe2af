"""Every internal link, anchor and asset of every page of both languages, asked of a real web server."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from tests import markup

LINKS = {
    "a": ("href",),
    "area": ("href",),
    "link": ("href",),
    "script": ("src",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "iframe": ("src",),
    "form": ("action",),
    "use": ("href",),
}
LOCALES = ("zh", "en")


@cache
def _get(url: str) -> tuple[int, str, bytes]:
    """Return status, content type and body of an address; each is asked for once."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get_content_type(), error.read()


@cache
def _ids(url: str) -> frozenset[str]:
    return frozenset(markup.parse(_get(url)[2].decode()).ids())


def _links(page: markup.Markup) -> list[tuple[str, int]]:
    found = []
    for element in page.all(*LINKS):
        if element.rel() & {"canonical", "alternate"}:
            continue  # these name the address the site is published at
        for name in LINKS[element.tag]:
            found += [(part.split()[0], element.line) for part in element.attributes.get(name, "").split(",") if part.strip()]
    return found


def _in_styles(css: str) -> list[str]:
    return [m.strip("\"'") for m in re.findall(r"url\(([^)]+)\)", css)]


def _broken(url: str, link: str) -> str:
    """Say what is wrong with a link of the page at `url`; nothing where it leads somewhere or to another site."""
    target, anchor = urldefrag(urljoin(url, link))
    if urlsplit(target)[:2] != urlsplit(url)[:2]:
        return ""
    status, kind, _ = _get(target)
    if status != 200:
        return f"answers {status}"
    if anchor and kind == "text/html" and unquote(anchor) not in _ids(target):
        return "has no such anchor"
    return ""


def _crawl(start: str) -> tuple[set[str], list[str]]:
    """Follow every link from the home page; return the pages reached and every broken link."""
    todo, seen, broken = [start], {start}, []
    while todo:
        url = todo.pop()
        for link, line in _links(markup.parse(_get(url)[2].decode())):
            if what := _broken(url, link):
                broken.append(f"{urlsplit(url).path}:{line}: {link} {what}")
            target = urldefrag(urljoin(url, link))[0]
            if target not in seen and target.startswith(start) and _get(target)[1] == "text/html":
                seen.add(target)
                todo.append(target)
    return seen, broken


def test_every_link_leads_somewhere_and_every_page_is_reached(site_url: str, built_site: Path) -> None:
    reached, broken = _crawl(f"{site_url}/")
    assert broken == []
    assert {url.removeprefix(f"{site_url}/") for url in reached} == set(markup.addresses(built_site))


def test_links_of_the_page_for_missing_addresses(site_url: str) -> None:
    """It is shown at any depth, so its links may not depend on where it stands."""
    for missing in ("nope/", "zh/nope/", "en/a/b/nope", "zh/gov-im/nope/"):
        url = f"{site_url}/{missing}"
        status, kind, body = _get(url)
        assert (status, kind) == (404, "text/html")
        links = _links(markup.parse(body.decode()))
        assert links
        assert [(missing, link) for link, _ in links if _broken(url, link)] == []


def test_addresses_inside_styles(site_url: str, built_site: Path) -> None:
    broken = []
    for file in sorted(built_site.rglob("*.css")):
        url = f"{site_url}/{file.relative_to(built_site).as_posix()}"
        links = [link for link in _in_styles(_get(url)[2].decode()) if not link.startswith(("data:", "#"))]
        broken += [f"{url}: {link}" for link in links if _broken(url, link)]
    assert broken == []


def test_both_languages_have_the_same_pages_and_anchors(built_site: Path) -> None:
    pages = {loc: {a.removeprefix(f"{loc}/") for a in markup.addresses(built_site) if a.startswith(f"{loc}/")} for loc in LOCALES}
    assert pages["zh"] == pages["en"] != set()
    for address in sorted(pages["zh"]):
        zh, en = (_anchors(built_site / loc / address / "index.html") for loc in LOCALES)
        assert zh == en, address


def _anchors(file: Path) -> list[str]:
    """Return the ids of a page's own content; those of hand-written headings are made from their words, so they differ.

    So do the clauses that a redline marks, where only one language was edited.
    """
    if "guide" in file.parts or ".." in file.parent.name or "since" in file.parts:
        return []
    return [e.attributes["id"] for e in markup.read(file).elements if "article" in e.within and "id" in e.attributes]


def test_a_broken_link_is_found(site_url: str) -> None:
    """What the tests above rest on: a missing page, a missing anchor and a good link are told apart."""
    url = f"{site_url}/zh/"
    assert _broken(url, "nope/") == "answers 404"
    assert _broken(url, "gov-im/#nope") == "has no such anchor"
    assert _broken(url, "gov-im/#summary") == ""
    assert _broken(url, "https://example.org/nope") == ""
