"""Files for translators: PO for Weblate and gettext's tools, XLIFF 2.0 for translation tools. What goes out comes back the same."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clausebook import labels, progress, revise, translation, units
from clausebook.errors import Place, Problem, UserError, problem
from clausebook.exchange import po, xliff
from clausebook.model import Path as YamlPath
from clausebook.model import Settings
from clausebook.project import Project
from clausebook.revise import Revision
from clausebook.translation import Translation
from clausebook.units import Answer, Bundle, Unit

MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Returned:
    """What a file that came back holds: the language as the file names it, and an answer for each of its units."""

    language: str
    answers: tuple[Answer, ...]


_WRITERS: dict[str, Callable[[Bundle], str]] = {"po": po.write, "xliff": xliff.write}
_READERS: dict[str, Callable[[str, str], tuple[str, list[Answer]]]] = {"po": po.read, "xliff": xliff.read}
FORMATS = tuple(_WRITERS)


def write(form: str, bundle: Bundle) -> bytes:
    """Write units as a file."""
    return _WRITERS[form](bundle).encode("utf-8")


def read(name: str, raw: bytes) -> Returned:
    """Read a file that came back; it may come from a stranger. Raises UserError with the place of what is wrong."""
    if len(raw) > MAX_BYTES:
        raise UserError([problem(Place(name), "file-too-big", limit=MAX_BYTES)])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError([problem(Place(name), "file-not-utf8", byte=error.start + 1, like="another encoding")]) from None
    form = "xliff" if text.lstrip().startswith("<") else "po"
    language, answers = _READERS[form](name, text)
    return Returned(language, tuple(answers))


@dataclass(frozen=True)
class Order:
    """What is to be translated, from one language into another: clauses, groups of labels; and on which day."""

    translations: tuple[Translation, ...]
    groups: tuple[str, ...]
    source: str
    locale: str
    day: datetime.date


def bundle(root: Path, opened: Project, order: Order) -> Bundle:
    """Return the units of an order, with the source each translation was made from out of git."""
    library, settings = opened.library, opened.settings
    made: list[Unit] = []
    for one in order.translations:
        loaded = library.clauses[one.clause]
        made += units.of(library, one, progress.origin(root, loaded, one) if one.without == "stale-text" else None)
    known = labels.groups(library, list(settings.locales))
    for group in order.groups:
        made += labels.of(known[group], order.source, order.locale)
    paths = {one.clause: library.clauses[one.clause].source.path for one in order.translations}
    paths |= {group: known[group][0].file for group in order.groups}
    langs = {locale: settings.lang(locale) for locale in settings.locales}
    return Bundle(order.source, order.locale, langs, tuple(made), paths, order.day)


def groups(opened: Project, source: str, locale: str) -> list[str]:
    """Return the groups of labels to translate from one language into another: a policy's where it has both."""
    known = labels.groups(opened.library, list(opened.settings.locales))
    policies = {f"policy:{key}": loaded.value for key, loaded in opened.library.policies.items()}
    fits = {group: policy.source == source and locale in policy.locales for group, policy in policies.items()}
    return [group for group in known if fits.get(group, True)]


@dataclass(frozen=True)
class Plan:
    """What a file that came back changes, and what is wrong with it: clauses, each whole or not at all, and labels by their file."""

    locale: str
    revisions: tuple[tuple[Translation, Revision], ...]
    labels: Mapping[str, Mapping[YamlPath, str]]
    problems: tuple[Problem, ...]


def plan(opened: Project, name: str, returned: Returned, as_of: datetime.date) -> Plan:
    """Hold a file that came back against the library."""
    locale = _locale(name, returned.language, opened.settings)
    known = {t.clause: t for t in translation.of_library(opened.library, opened.settings, as_of) if t.locale == locale}
    revisions: list[tuple[Translation, Revision]] = []
    texts: dict[str, Mapping[YamlPath, str]] = {}
    named = labels.groups(opened.library, list(opened.settings.locales))
    problems: list[Problem] = list(_strange(name, returned.answers, {*known, *named}))
    for clause, found in known.items():
        answers = [answer for answer in returned.answers if answer.clause == clause]
        if answers:
            made, told = revise.revision(name, opened.library.clauses[clause], found, answers)
            problems += told
            revisions += [(found, made)] if made else []
    for group, found_ in named.items():
        changed, told = labels.changes(name, found_, locale, [answer for answer in returned.answers if answer.clause == group])
        problems += told
        texts |= {found_[0].file: changed} if changed else {}
    return Plan(locale, tuple(revisions), texts, tuple(sorted(problems)))


def _locale(name: str, language: str, settings: Settings) -> str:
    """Return the locale a file names by its id or its language tag."""
    for locale in settings.locales:
        if language.lower() in (locale.lower(), settings.lang(locale).lower()):
            return locale
    raise UserError([problem(Place(name), "locale-unknown", locale=language, known=", ".join(settings.locales))])


def _strange(name: str, answers: Sequence[Answer], known: Container[str]) -> Iterator[Problem]:
    """Yield a problem for each unit of nothing that is known, and for each that is there twice."""
    seen: set[str] = set()
    for answer in answers:
        if answer.clause not in known:
            yield problem(Place(name, answer.line, 1), "unit-unknown", unit=answer.id)
        elif answer.id in seen:
            yield problem(Place(name, answer.line, 1), "unit-twice", unit=answer.id)
        seen.add(answer.id)
