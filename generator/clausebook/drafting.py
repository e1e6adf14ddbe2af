"""Machine drafts: Chinese in the other script, by OpenCC. A clause made so says so until somebody has read it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from clausebook import translation, units
from clausebook.errors import Place, UserError, problem
from clausebook.labels import Label
from clausebook.language import TAG
from clausebook.model import Clause, Loaded, Path
from clausebook.revise import Revision
from clausebook.translation import Translation

Convert = Callable[[str], str]

WAYS = {"zh-Hant": "s2t"}  # what OpenCC calls the way from simplified Chinese to a language
FROM = ("zh", "zh-Hans", "zh-CN", "zh-SG")


@lru_cache(maxsize=8)
def converter(source: str, locale: str) -> Convert:
    """Return what turns text of one language into another and leaves what stands between braces. Raises UserError where nothing does."""
    if source not in FROM or locale not in WAYS:
        known = ", ".join(WAYS)
        raise UserError([problem(Place("translate"), "draft-unknown", source=source, locale=locale, known=known)])
    turn = _opencc().OpenCC(WAYS[locale]).convert
    return lambda text: "".join(part if TAG.fullmatch(part) else turn(part) for part in _parts(text))


def _parts(text: str) -> list[str]:
    at, found = 0, []
    for match in TAG.finditer(text):
        found += [text[at : match.start()], match.group()]
        at = match.end()
    return [*found, text[at:]]


def _opencc() -> Any:
    try:
        import opencc
    except ModuleNotFoundError:
        raise UserError([problem(Place("translate"), "extra-missing", package="opencc", extra="opencc")]) from None
    return opencc


def is_wanted(clause: Clause, found: Translation) -> bool:
    """Tell whether a draft may be written: there is no text, or one from a machine that nobody has read and that is behind."""
    text = clause.text.get(found.locale)
    return text is None or (text.machine_draft and found.without in translation.BEHIND)


def revision(loaded: Loaded[Clause], found: Translation, convert: Convert) -> Revision:
    """Return the draft of a clause."""
    source = loaded.value.text[found.source]
    shape = units.segments(source.body)
    body = units.filled(shape, [convert(part.text) for part in shape[:-1]])
    return Revision(convert(source.title), body, done=True, machine=True)


def names(found: list[Label], source: str, locale: str, convert: Convert) -> dict[Path, str]:
    """Return what titles, names and other texts that lack a language would be in it, by path."""
    return {(*label.path, locale): convert(label.texts[source]) for label in found if source in label.texts and locale not in label.texts}
