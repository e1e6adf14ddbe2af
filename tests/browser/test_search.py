"""Searching as a reader does: words inside Chinese sentences are found, and results stay in the language of the page."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import urldefrag

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opening, Tab


def _type(page: Page, words: str) -> None:
    field = page.locator("input.md-search__input")
    field.click()
    field.fill(words)
    field.press("End")  # the theme looks at the field when a key is let go


def _search(tab: Tab, words: str) -> list[str]:
    """Type words into the search field and return the addresses of all results."""
    _type(tab.page, words)
    links = tab.page.locator("a.md-search-result__link")
    expect(links.first).to_be_visible()
    found: list[str] = links.evaluate_all("links => links.map(link => link.href)")
    return found


@pytest.mark.parametrize(
    ("address", "words", "locale"),
    [
        ("zh/enterprise-email/", "收集", "zh"),
        ("zh/enterprise-email/", "验证码", "zh"),
        ("zh/gov-im/lists/shared/", "收集", "zh"),
        ("zh/guide/", "验证码", "zh"),
        ("en/gov-im/", "verification", "en"),
        ("en/enterprise-email/bilingual/", "verification", "en"),
    ],
)
def test_results_are_in_the_language_of_the_page(opened: Opening, site_url: str, address: str, words: str, locale: str) -> None:
    tab = opened(f"{site_url}/{address}")
    found = _search(tab, words)
    assert len(found) > 1
    assert [url for url in found if not url.startswith(f"{site_url}/{locale}/")] == []
    assert [url for url in tab.requests if not url.startswith((f"{site_url}/", "data:"))] == []
    assert tab.errors == []


@pytest.mark.parametrize("words", ["收集", "人脸"])
def test_words_inside_chinese_sentences_are_found(opened: Opening, site_url: str, words: str) -> None:
    tab = opened(f"{site_url}/zh/gov-im/")
    _search(tab, words)
    sentences = tab.page.locator("article.md-search-result__article").all_text_contents()[:6]
    inside = [s for s in sentences if any(_han(before[-1:]) and _han(after[:1]) for before, after in _around(s, words))]
    assert inside


def _around(sentence: str, words: str) -> list[tuple[str, str]]:
    parts = sentence.replace("\n", " ").split(words)
    return list(pairwise(parts))


def _han(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


@pytest.mark.parametrize(("address", "words"), [("zh/gov-im/", "人脸"), ("en/gov-im/", "verification"), ("", "收集"), ("", "verification")])
def test_a_result_leads_to_its_words(opened: Opening, site_url: str, address: str, words: str) -> None:
    """The home page searches both languages."""
    tab = opened(f"{site_url}/{address}")
    found = _search(tab, words)
    place = next(url for url in found if "#" in url)
    assert place.startswith(f"{site_url}/{'en' if words.isascii() else 'zh'}/")
    answer = tab.page.goto(place)
    assert answer is None or answer.status == 200
    anchor = urldefrag(place)[1]
    target = tab.page.locator(f"[id='{anchor}']")
    expect(target).to_be_in_viewport()
    assert words in _text(tab.page).lower()


def _text(page: Page) -> str:
    return page.locator("article").first.inner_text()


@pytest.mark.parametrize(("address", "none"), [("zh/gov-im/", "没有找到符合条件的结果"), ("en/gov-im/", "No matching documents")])
def test_no_result_is_said_in_the_language_of_the_page(opened: Opening, site_url: str, address: str, none: str) -> None:
    page = opened(f"{site_url}/{address}").page
    _type(page, "zzzzqqqq")
    expect(page.locator(".md-search-result__meta")).to_have_text(none)
