"""Reading with a keyboard or a screen reader: axe over every kind of page, and the way Tab goes."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opening
from tests.browser.kinds import PAGES

OPTIONS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}
# In the dark only colours differ.
COLOURS = {**OPTIONS, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
CHECKED = {**{k: v for k, v in PAGES.items() if not k.endswith("policy-2")}, "missing": ("zh", "nope/"), "zh-missing": ("zh", "zh/nope/")}
HEIGHT = 2000  # the whole navigation fits: a link cut off by the edge of a column that scrolls counts as too small
# (rule, selector): why it is no fault of ours and stays.
KNOWN: dict[tuple[str, str], str] = {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", [address for _, address in CHECKED.values()], ids=list(CHECKED))
def test_axe_finds_nothing(opened: Opening, site_url: str, address: str, scheme: str) -> None:
    page = opened(f"{site_url}/{address}", color_scheme=scheme, height=HEIGHT).page
    found = Axe().run(page, options=OPTIONS if scheme == "light" else COLOURS).response["violations"]
    assert [line for violation in found for line in _told(violation)] == []


def _told(violation: dict[str, Any]) -> list[str]:
    places = [(str(node["target"][0]), node["html"][:120]) for node in violation["nodes"]]
    return [f"{violation['id']}: {where}: {html}" for where, html in places if (violation["id"], where) not in KNOWN]


def test_axe_would_find_something(opened: Opening, site_url: str) -> None:
    """What the test above rests on."""
    page = opened(f"{site_url}/zh/gov-im/").page
    page.evaluate("document.querySelector('article p').style.color = '#ddd'; document.documentElement.lang = ''")
    found = {violation["id"] for violation in Axe().run(page, options=OPTIONS).response["violations"]}
    assert {"color-contrast", "html-has-lang"} <= found


# Keyboard

FOCUS = """() => {
  const e = document.activeElement, ring = e.matches('input.md-option') ? e.nextElementSibling : e;
  const style = getComputedStyle(ring), box = ring.getBoundingClientRect();
  const kinds = {'a.md-skip': 'skip', 'a.cb-language': 'language', '.md-nav--secondary a': 'contents',
                 '.md-nav--primary a': 'navigation', 'article a, article [tabindex]': 'text'};
  const kind = Object.keys(kinds).find(k => e.matches(k));
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  return {kind: kinds[kind] || e.className, seen: outlined || e.matches('.md-search__input'), top: box.top, bottom: box.bottom,
          name: e.getAttribute('aria-label') || e.title || e.textContent.trim()};
}"""


def _tab(page: Page, times: int) -> list[dict[str, Any]]:
    found = []
    for _ in range(times):
        page.keyboard.press("Tab")
        found.append(page.evaluate(FOCUS))
    return found


@pytest.mark.parametrize("address", ["zh/gov-im/", "en/gov-im/"])
def test_tab_reaches_skip_link_languages_contents_and_text_in_this_order(opened: Opening, site_url: str, address: str) -> None:
    page = opened(f"{site_url}/{address}").page
    stops = _tab(page, 1)
    while stops[-1]["kind"] != "text" and len(stops) < 300:
        stops += _tab(page, 1)
    kinds = [stop["kind"] for stop in stops]
    order = [kinds.index(kind) for kind in ("skip", "language", "contents", "text")]
    assert order == sorted(order)
    assert kinds[0] == "skip"
    assert [stop for stop in stops if not stop["seen"]] == []
    assert [stop for stop in stops if not stop["name"]] == []


@pytest.mark.parametrize(("address", "words"), [("zh/gov-im/", "跳转至"), ("en/gov-im/", "Skip to content")])
def test_the_skip_link_shows_itself_and_skips(opened: Opening, site_url: str, address: str, words: str) -> None:
    page = opened(f"{site_url}/{address}").page
    page.keyboard.press("Tab")
    skip = page.locator("a.md-skip")
    expect(skip).to_be_focused()
    expect(skip).to_contain_text(words)
    page.wait_for_function("getComputedStyle(document.querySelector('a.md-skip')).opacity === '1'")
    page.keyboard.press("Enter")
    assert _tab(page, 1)[0]["kind"] == "text"


@pytest.mark.parametrize("address", ["zh/gov-im/", "en/enterprise-email/"])
@pytest.mark.parametrize("width", [1280, 360])
def test_focus_is_not_under_the_header_after_following_an_anchor(opened: Opening, site_url: str, address: str, width: int) -> None:
    anchors = opened(f"{site_url}/{address}", width=width).page.evaluate(
        "[...document.querySelectorAll('article :is(h3, h4, h5)[id]')].map(e => e.id)"
    )
    for anchor in (anchors[8], anchors[40]):
        page = opened(f"{site_url}/{address}#{anchor}", width=width).page
        heading = page.locator(f"[id='{anchor}']")
        expect(heading).to_be_in_viewport()
        header = page.locator("header.md-header").bounding_box()
        box = heading.bounding_box()
        assert header
        assert box
        assert box["y"] >= header["y"] + header["height"]
        for key in ("Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):
            page.keyboard.press(key)
            stop = page.evaluate(FOCUS)
            assert stop["top"] >= header["y"] + header["height"], (anchor, key, stop)


@pytest.mark.parametrize("address", ["zh/gov-im/", "en/gov-im/bilingual/", "zh/guide/writing-clauses/", "nope/"])
@pytest.mark.parametrize("width", [1280, 320])
def test_targets_are_large_enough(opened: Opening, site_url: str, address: str, width: int) -> None:
    page = opened(f"{site_url}/{address}", width=width).page
    small = page.evaluate(
        """() => [...document.querySelectorAll('header :is(a, label.md-header__button), a.headerlink, .cb-language')]
          .filter(e => e.checkVisibility()).map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
          .filter(([_, box]) => box.width < 24 || box.height < 24).map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
    )
    assert small == []
