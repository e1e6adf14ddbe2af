"""Coverage pages as a reader follows them: every evidence link arrives at the sentence that states its fact, in both languages."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

from clausebook import evidence, project
from clausebook.project import Project
from tests.browser.conftest import Opening
from tests.server import serve

ROOT = Path(__file__).parents[2]
TODAY = datetime.date(2026, 11, 22)
LIKE = 0.3  # of a fact's own words, where the text says it in others
IN_GENERAL = {"fraud-and-risk-prevention", "new-purposes-consent", "retention-criteria", "rights-fees-and-refusal"}  # facts that sum up

# The first heading, and of every row its id and the addresses and words of its evidence links.
LINKS = """() => [...document.querySelectorAll('.cb-coverage tbody tr')].map(row =>
  [row.id, [...row.querySelectorAll('td:last-child ul a')].map(a => a.href)])"""
TARGET = """(id) => { location.hash = id; const found = document.querySelector(':target');
  return found ? [found.textContent, found.checkVisibility()] : ['', false]; }"""


@cache
def judged() -> Project:
    return project.judged(project.open(ROOT), ROOT, TODAY)


@pytest.fixture(scope="module")
def url(nginx: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a site that publishes its coverage pages, otherwise this one."""
    root = tmp_path_factory.mktemp("coverage")
    for name in ("clauses", "policies", "templates", "docs"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("releases"))  # so that the draft is what is shown
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    plain, published = "\n  - clausebook\n", "\n  - clausebook: {coverage: published}\n"
    assert settings.count(plain) == 1
    (root / "mkdocs.yml").write_text(settings.replace(plain, published), encoding="utf-8")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(int(datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC).timestamp()))}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(root / "site")]
    subprocess.run(command, cwd=root, env=environment, stdin=subprocess.DEVNULL, check=True, timeout=600)
    with serve(nginx, root / "site", tmp_path_factory.mktemp("nginx")) as address:
        yield address


def stated(page: Page, href: str) -> str:
    """Go to a link's target on the policy page that is open; return its words."""
    words, seen = page.evaluate(TARGET, href.partition("#")[2])
    assert seen, href
    return str(words)


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("policy", ["enterprise-email", "gov-im"])
def test_evidence_links_arrive_at_the_words_of_their_facts(opened: Opening, url: str, policy: str, locale: str) -> None:
    page = opened(f"{url}/{locale}/{policy}/coverage/").page
    links = dict(page.evaluate(LINKS))
    document, verdicts = judged().documents[policy], judged().verdicts[policy]
    assert set(links) == {verdict.row.id for verdict in verdicts}
    page.goto(f"{url}/{locale}/{policy}/", wait_until="load")
    for verdict in verdicts:
        assert len(links[verdict.row.id]) == len(verdict.evidence)
        for href, found in zip(links[verdict.row.id], verdict.evidence, strict=True):
            assert href.startswith(f"{url}/{locale}/{policy}/#{found.entry.anchor}"), href
            text, words = stated(page, href), list(evidence.shown(found.fact, document, locale))
            best = max((evidence.likeness(w, text, locale) if w.lower() not in text.lower() else 1.0 for w in words), default=0.0)
            in_words = bool(words) and found.entry.clause not in IN_GENERAL  # a fact of choices alone has no words to arrive at
            assert best >= LIKE or not in_words, (verdict.row.id, href, words, text)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_from_home_to_the_sentence(opened: Opening, url: str, locale: str) -> None:
    """The way a person takes: home, all policies against all laws, one law of one policy, a sentence."""
    page = opened(f"{url}/").page
    page.locator(f"a[href='{locale}/coverage/']").click()
    page.locator("tr#gov-im a[href$='gov-im/coverage/#cn-pipl']").click()
    assert page.url == f"{url}/{locale}/gov-im/coverage/#cn-pipl"
    page.locator("tr#pipl-right-correct td ul a").first.click()
    page.wait_for_url(f"{url}/{locale}/gov-im/#account-provisioned-by-admin**")
    assert page.locator(":target").is_visible()
