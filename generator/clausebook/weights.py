"""What an edit of words touches that is never taken for a typo."""

from __future__ import annotations

import re
import unicodedata

_WEIGHTY = re.compile(
    r"\d+|[A-Za-z0-9.-]+@|https?://\S+|[不未非无除等并及须应可或]|以上|以下|超过"
    r"|\b(?:not|no|never|may|must|will|or|and|unless|except|at least|under)\b",
    re.IGNORECASE,
)


def touched_text(old: str, new: str, locale: str) -> tuple[str, ...]:
    """Return what an edit touches of numbers, negations, duties and addresses."""
    was, now = _WEIGHTY.findall(old), _WEIGHTY.findall(new)
    return ("weighty",) if was != now else ()


def is_punctuation_only(old: str, new: str, locale: str) -> bool:
    """Tell whether an edit touches only punctuation, spaces and the width of characters."""
    return old != new and _bare(old) == _bare(new) and not touched_text(old, new, locale)


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())
