"""A whole site built for the day before a version takes effect and for the day itself: what a server would hand out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from clausebook import ledger
from tests import small
from tests.test_versions import BEFORE, DRAFT, ON, RELEASES, SECOND, THIRD, as_made

ROOT = Path(__file__).parent.parent
SETTINGS = """site_name: Policies
site_url: https://policies.example/
theme: {name: material, font: false}
plugins:
  - search:
  - clausebook:
"""
DAYS = {"before": BEFORE, "on": ON}


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build the small site with three releases for both days; for the first twice, with other hash seeds and time zones."""
    root = tmp_path_factory.mktemp("days")
    for path, text in small.files(DRAFT).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    (root / "docs").mkdir()
    (root / "mkdocs.yml").write_text(SETTINGS, encoding="utf-8")
    (root / "policies/p/releases").mkdir()
    for data in small.chain(*as_made()):
        (root / f"policies/p/releases/{data['version']}.json").write_bytes(ledger.dump(data))
    return {
        "before": _built(root, "before", BEFORE, "0", "UTC"),
        "again": _built(root, "again", BEFORE, "1", "America/New_York"),
        "on": _built(root, "on", ON, "0", "UTC"),
    }


def _built(root: Path, name: str, day: str, seed: str, zone: str) -> Path:
    environment = {**os.environ, "CLAUSEBOOK_AS_OF": day, "PYTHONHASHSEED": seed, "TZ": zone, "SOURCE_DATE_EPOCH": "1770000000"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(root / name)]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / name


def _files(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def test_two_builds_for_one_day_are_the_same_bytes(sites: dict[str, Path]) -> None:
    one, other = _files(sites["before"]), _files(sites["again"])
    assert set(one) == set(other)
    assert [path for path in one if one[path] != other[path]] == []


@pytest.mark.parametrize("when", DAYS)
def test_the_site_hands_out_every_release_byte_for_byte(sites: dict[str, Path], when: str) -> None:
    ours = {path.name: path.read_bytes() for path in (sites[when].parent / "policies/p/releases").iterdir()}
    assert {path.name: path.read_bytes() for path in (sites[when] / "p/releases").iterdir()} == ours
    assert len(ours) == len(RELEASES)


@pytest.mark.parametrize(("when", "version", "words"), [("before", "1.0.1", SECOND), ("on", "2.0.0", THIRD)])
def test_the_day_decides_what_stands_at_the_address(sites: dict[str, Path], when: str, version: str, words: dict[str, str]) -> None:
    for locale, text in (("zh", "第一条的文字。"), ("en", "Text of the first.")):
        page = (sites[when] / locale / "p/index.html").read_text(encoding="utf-8")
        assert (text in page) is (version == "1.0.1")
        assert text in (sites[when] / locale / "p/1.0.0/index.html").read_text(encoding="utf-8")
        assert f"<dd>{version}</dd>" in page
    assert json.loads((sites[when] / "p/timeline.json").read_bytes())["in_force"] == version
    assert json.loads((sites[when] / "policies.json").read_bytes())["policies"][0]["version"] == version
    exported = json.loads((sites[when] / "p/policy.json").read_bytes())
    assert len(exported["sections"][0]["clauses"]) == len(words)


def test_no_page_of_a_draft_is_published(sites: dict[str, Path]) -> None:
    assert [path for path in _files(sites["on"]) if "draft" in path] == []
    assert [path for path, content in _files(sites["on"]).items() if "草稿".encode() in content and path.endswith(".html")] == []


@pytest.mark.parametrize("when", DAYS)
def test_only_what_is_in_force_is_searched(sites: dict[str, Path], when: str) -> None:
    found = json.loads((sites[when] / "zh/search/search_index.json").read_bytes())["docs"]
    places = {doc["location"].partition("#")[0] for doc in found}
    assert {place for place in places if not place.startswith("p/lists/")} == {"p/", "p/changes/", "p/versions/"}
    assert any("第一条的新文字" in doc["text"] for doc in found) is (when == "on")


def test_search_engines_are_shown_texts_only(sites: dict[str, Path]) -> None:
    tree = ElementTree.fromstring((sites["on"] / "sitemap.xml").read_bytes())
    listed = {
        str(loc.text).removeprefix("https://policies.example/") for loc in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    }
    pages = {path.removesuffix("index.html") for path in _files(sites["on"]) if path.endswith("index.html")}
    compared = {page for page in pages if ".." in page or "/since/" in page}
    assert compared
    assert listed == pages - compared
    for page in pages:
        html = (sites["on"] / page / "index.html").read_text(encoding="utf-8")
        assert ('<meta name="robots" content="noindex">' in html) is (page in compared), page
        canonical = re.findall(r'<link rel="canonical" href="https://policies.example/(.*?)">', html)
        assert canonical == [re.sub(r"changes/.*\.\.(.*)/$", r"\1/", page)], page
