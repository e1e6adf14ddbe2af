"""Text to tokens: what a comparison never splits, and which tokens are of a kind that is never taken for a typo.

Forms that every language shares (addresses, digits, 《titles》) stand here; the words of a language stand in its
catalogue under `redline`, each row a pattern.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from clausebook.messages import catalogue

_NUMBER = r"\d++(?:[.,:]\d++)*+"
_WORD = r"[^\W_\u2e80-\u9fff\uac00-\ud7af\uf900-\uffef]"  # a letter or digit of a script that sets words apart
_ADDRESSES = {  # lengths are bounded, so that hostile text takes linear time
    "url": r"https?://[A-Za-z0-9][A-Za-z0-9.\-]{0,252}(?::\d{1,5})?(?:[/?#][A-Za-z0-9\-._~/?#@!$&'*+=:;%,]{0,2000})?(?<![.,;:!?'])",
    "email": r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}",
    "phone": r"\+\d{1,3}(?:[ \-]\d{2,5}){1,4}(?!\d)|(?:\d{3,4}[ \-]){1,2}\d{4,8}(?!\d)|1[3-9]\d{9}(?!\d)",
}
_HAN_ENDS = frozenset("。！？；")
_ENDS = _HAN_ENDS | frozenset(".!?;")
_TABLES = ("bound", "open-list", "modality", "negation", "conjunction")  # the first that fits: `no more than` is a bound
_REST = rf"{_WORD}++(?:['’_\-.&/]{_WORD}++)*+|.[\u0300-\u036f\u200d\ufe00-\ufe0f]*+"


def split(text: str, locale: str, names: frozenset[str] = frozenset()) -> list[str]:
    """Cut a text into tokens, which joined give the text; `names` are kept whole."""
    return _splitter(locale, names).findall(text)


def kinds(text: str, locale: str, names: frozenset[str] = frozenset()) -> Iterator[tuple[int, str, str]]:
    """Yield (index, kind, value) for every token that is never taken for a typo, in order."""
    for match in _sorter(locale, names).finditer(text):
        kind = str(match.lastgroup).replace("_", "-")
        value = unicodedata.normalize("NFKC", match.group()).lower()
        for part, what in _parts(kind, value, locale):
            yield match.start(), part, what


def is_mark(token: str) -> bool:
    """Tell whether a token is only punctuation or space."""
    return not any(map(str.isalnum, token))


def ends_sentence(token: str, following: str) -> bool:
    """Tell whether a sentence ends with a token, given the one after it."""
    return token in _ENDS and (token in _HAN_ENDS or not following or following.isspace())


def _parts(kind: str, value: str, locale: str) -> Iterator[tuple[str, str]]:
    """Yield what one token holds: a number and its unit, the host of an address, the digits in a word."""
    if kind == "number":
        unit = re.search(rf"(?:{_words(locale)['unit']})$", value, re.IGNORECASE)
        yield "digit", value[: unit.start()].strip() if unit else value
        if unit:
            yield "unit", unit.group()
    elif kind == "url":
        yield "url-host", urlsplit(value).netloc
    elif kind != "rest":
        yield kind, value
    elif any(c.isdigit() for c in value):
        yield "digit", value


def _words(locale: str) -> dict[str, str]:
    found: dict[str, str] = catalogue(locale)["redline"]
    return found


@lru_cache(maxsize=64)
def _splitter(locale: str, names: frozenset[str]) -> re.Pattern[str]:
    forms = _forms(locale, names)
    return re.compile(rf"\s++|{'|'.join(f'(?:{form})' for form in forms.values())}", re.DOTALL)


@lru_cache(maxsize=64)
def _sorter(locale: str, names: frozenset[str]) -> re.Pattern[str]:
    forms = _forms(locale, names)
    return re.compile("|".join(f"(?P<{kind.replace('-', '_')}>{form})" for kind, form in forms.items()), re.DOTALL)


def _forms(locale: str, names: frozenset[str]) -> dict[str, str]:
    """Return the pattern of each kind of token, in the order in which they are tried."""
    words = _words(locale)
    spaced = catalogue(locale)["wording"]["spacing"] == "latin"
    unit = _apart(words["unit"], spaced, after_only=True)
    return {
        "name": _whole(sorted(filter(None, names), key=lambda n: (-len(n), n))),
        **_ADDRESSES,
        "date": rf"\d{{4}}-\d{{2}}-\d{{2}}(?!\d)|{_apart(words['date'], spaced)}",
        "number": rf"{_apart(words['article'], spaced)}|{_NUMBER}(?:[ \u00a0]?{unit})?(?!{_WORD})"
        rf"|{_apart(words['numeral'], spaced, before_only=True)}[ \u00a0]?{unit}",
        **{kind: _apart(words[kind], spaced) for kind in _TABLES},
        "rest": _REST,
    }


def _whole(names: list[str]) -> str:
    """Return a pattern of the names, none of them within a word, and of 《titles》; the boundary stands once, for it is slow to compile."""
    boundary = rf"(?:(?<!{_WORD})|(?!{_WORD}))"
    title = "《[^《》]{1,80}》"
    return rf"{boundary}(?:{'|'.join(map(re.escape, names))}){boundary}|{title}" if names else title


def _apart(form: str, spaced: bool, *, before_only: bool = False, after_only: bool = False) -> str:
    """Return a pattern that fits whole words only, in a language that has spaces between them."""
    if not spaced:
        return f"(?:{form})"
    before = "" if after_only else rf"(?<!{_WORD})"
    after = "" if before_only else rf"(?!{_WORD})"
    return rf"{before}(?i:{form}){after}"
