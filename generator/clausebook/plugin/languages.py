"""A page in other languages, and the words of the page that stands in for a missing one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from clausebook import messages
from clausebook.model import Settings
from clausebook.plugin.page import PolicyPage, canonical_address
from clausebook.site.model import relative


def alternates(page: Page, files: Files, config: MkDocsConfig, settings: Settings) -> list[dict[str, Any]]:
    """Return what the theme shows of a page in each language it has, its own among them."""
    return [
        {
            "locale": locale,
            "lang": settings.lang(locale),
            "name": settings.locales[locale].name,
            "href": relative(address, page.url),
            "canonical": canonical_address(address, config),
            "current": address == page.url,
        }
        for locale, address in _addresses(page, files, settings).items()
    ]


def _addresses(page: Page, files: Files, settings: Settings) -> dict[str, str]:
    if isinstance(page, PolicyPage):
        return page.made.alternates
    here, _, rest = page.file.src_uri.partition("/")
    if here not in settings.locales:
        return {}
    found = {locale: files.get_file_from_path(f"{locale}/{rest}") for locale in settings.locales}
    return {locale: file.url for locale, file in found.items() if file is not None}


def not_found(locales: Mapping[str, Any], home: str) -> list[dict[str, str]]:
    """Return the words for a missing page in each language; `home` is the address of the first page."""
    return [
        {
            "locale": locale,
            "lang": setting.lang or locale,
            "title": messages.say("not-found-title", locale),
            "text": messages.say("not-found-text", locale),
            "link": messages.say("not-found-link", locale),
            "href": home,
        }
        for locale, setting in locales.items()
    ]
