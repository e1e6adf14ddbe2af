"""Pages in a real Chromium that keep a record of what they asked for and complained about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kinds import PAGES

PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Tab:
    """An open page, its locale and address, every address it asked for and every error it wrote to the console."""

    page: Page
    locale: str = ""
    address: str = ""
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


Opening = Callable[..., Tab]


def _open(browser: Browser, url: str, *, width: int = 1280, height: int = 900, **options: Any) -> Tab:
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(PATIENCE)
    tab = Tab(context.new_page())
    tab.page.on("request", lambda request: tab.requests.append(request.url))
    tab.page.on("console", lambda message: tab.errors.append(message.text) if message.type in ("error", "warning") else None)
    tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.page.goto(url, wait_until="load")
    return tab


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opening]:
    """Return a function that opens an address in a window of its own: `width`, `height` and what `new_context` takes."""
    tabs: list[Tab] = []

    def open_(url: str, **options: Any) -> Tab:
        tabs.append(_open(browser, url, **options))
        return tabs[-1]

    yield open_
    for tab in tabs:
        tab.page.context.close()


@pytest.fixture(scope="module", params=PAGES)
def visited(request: pytest.FixtureRequest, browser: Browser, site_url: str) -> Iterator[Tab]:
    """Open each page once for the tests of a module that only look at it."""
    locale, address = PAGES[request.param]
    tab = _open(browser, f"{site_url}/{address}", color_scheme="light")
    tab.locale, tab.address = locale, address
    tab.page.wait_for_load_state("networkidle")
    yield tab
    tab.page.context.close()


@pytest.fixture(scope="module", params=PAGES)
def plain(request: pytest.FixtureRequest, browser: Browser, site_url: str) -> Iterator[Tab]:
    """Open each page once on a small phone without script, for the tests of a module that only look at it."""
    locale, address = PAGES[request.param]
    tab = _open(browser, f"{site_url}/{address}", width=320, height=640, java_script_enabled=False)
    tab.locale, tab.address = locale, address
    yield tab
    tab.page.context.close()
