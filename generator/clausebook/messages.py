"""Everything the project says in words: one catalogue a language, keyed by code; and how a language writes values."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from clausebook.errors import Problem

FALLBACK = "en"
_WORDED = {"got", "kind", "like", "want"}  # values that are words of ours, not the author's


@cache
def language(locale: str) -> str:
    """Return the language a locale's sentences are in: its own, that of its first part, or the fallback."""
    folder = resources.files("clausebook") / "catalogues"
    return next((name for name in (locale, locale.split("-")[0]) if (folder / f"{name}.yml").is_file()), FALLBACK)


@cache
def catalogue(locale: str) -> dict[str, Any]:
    """Return the catalogue of a locale, or of the fallback when there is none; with what the locale's script writes otherwise."""
    found = _read(f"{language(locale)}.yml")
    own = resources.files("clausebook") / "catalogues" / "scripts" / f"{locale}.yml"
    return _over(found, _read(f"scripts/{locale}.yml")) if own.is_file() else found


def _read(name: str) -> dict[str, Any]:
    file = resources.files("clausebook") / "catalogues" / name
    found: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return found


def _over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    return {key: _over(value, own[key]) if isinstance(own.get(key), dict) else own.get(key, value) for key, value in base.items()}


def tell(found: Problem, locale: str = FALLBACK) -> str:
    """Return a problem as one line: `path:line:col: what is wrong (what to do)`."""
    word = catalogue(locale)[found.severity] if found.severity != "error" else ""
    return f"{found.place}: {word}{sentence(found, locale)}"


def sentence(found: Problem, locale: str) -> str:
    """Return what is wrong and what to do, without the place. A value `name@locale` is `name` in that language."""
    words, own = catalogue(locale)["words"], f"@{locale.split('-')[0]}"
    said = {name.removesuffix(own): value for name, value in found.values}
    values = {name: words.get(value, value) if name in _WORDED else value for name, value in said.items()}
    return str(catalogue(locale)["problems"][found.code].format(**values))


def say(key: str, locale: str, /, **values: object) -> str:
    """Return the sentence `key` of the pages, filled with values."""
    return str(catalogue(locale)["page"][key].format(**values))
