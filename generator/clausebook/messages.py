"""Everything the project says in words: one catalogue a language, keyed by code; and how a language writes values."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from clausebook.errors import Problem

FALLBACK = "en"


@cache
def catalogue(locale: str) -> dict[str, Any]:
    """Return the catalogue of a locale, or of the fallback when there is none."""
    folder = resources.files("clausebook") / "catalogues"
    file = folder / f"{locale}.yml"
    if not file.is_file():
        file = folder / f"{locale.split('-')[0]}.yml"
    if not file.is_file():
        file = folder / f"{FALLBACK}.yml"
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def tell(found: Problem, locale: str = FALLBACK) -> str:
    """Return a problem as one line: `path:line:col: what is wrong (what to do)`."""
    sentence = catalogue(locale)["problems"][found.code].format(**dict(found.values))
    word = catalogue(locale)["warning"] if found.severity == "warning" else ""
    return f"{found.place}: {word}{sentence}"


def say(key: str, locale: str, /, **values: object) -> str:
    """Return the sentence `key` of the pages, filled with values."""
    sentence: str = catalogue(locale)["page"][key]
    return sentence.format(**values)
