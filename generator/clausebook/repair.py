"""Spellings, spaces and widths set right in files, character for character; nothing else in a file changes.

A spelling is mended only where it stands in the file as it was found, and only where every policy that uses the clause keeps
the other form. What a tag prints, a word that is another word and not another spelling, and a place that is not certain are
left to the author.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from clausebook import glossary, records, resolve, translation, yamltree
from clausebook.detectors import Rule
from clausebook.errors import Place, Problem
from clausebook.model import Clause, GlossaryTerm, Library

_MARK = "\ufeff"


@dataclass(frozen=True, order=True)
class Edit:
    """Words at a place of a file, and the words that shall stand there."""

    place: Place
    old: str
    new: str


def files(library: Library, rules: Iterable[Rule], found: Iterable[Problem], read: Callable[[str], bytes]) -> tuple[dict[str, bytes], int]:
    """Return the new content of every file that can be mended, and how many spellings that mends."""
    variant, typed = _ids(rules)
    wanted: dict[str, list[Edit]] = {}
    chosen = [p for p in found if dict(p.values).get("rule") in variant | typed]
    for edit in _edits(library, chosen, typed):
        wanted.setdefault(edit.place.path, []).append(edit)
    clauses = {loaded.source.path for loaded in library.clauses.values()}
    made: dict[str, bytes] = {}
    count = 0
    for path, edits in wanted.items():
        raw = read(path)
        new, done = applied(raw, edits)
        if done:
            made[path], count = _carried(path, raw, new) if path in clauses else new, count + done
    return made, count


def _ids(rules: Iterable[Rule]) -> tuple[set[str], set[str]]:
    """Return the rules whose findings are spellings, and those whose findings are spaces and widths."""
    found = list(rules)
    return {rule.id for rule in found if rule.detect.glossary == "variant"}, {rule.id for rule in found if rule.detect.typography}


def _edits(library: Library, found: Iterable[Problem], typed: set[str]) -> Iterator[Edit]:
    """Yield the edits of spaces and widths, and those of a spelling and no word in clauses whose policies all keep the better form."""
    clauses = {loaded.source.path: clause for clause, loaded in library.clauses.items()}
    terms = library.glossary.value.terms if library.glossary else []
    for problem in found:
        said = dict(problem.values)
        if said["rule"] in typed:
            yield Edit(problem.place, said["words"], said["better"])
            continue
        users = [
            p.value for p in library.policies.values() if any(u.id == clauses.get(problem.place.path) for _, u in resolve.uses(p.value))
        ]
        for term, locale in _spelled(terms, said["words"], said["better"]):
            if all(glossary.kept(term, policy, locale).lower() == said["better"].lower() for policy in users if locale in policy.locales):
                yield Edit(problem.place, said["words"], said["better"])


def _spelled(terms: Iterable[GlossaryTerm], old: str, new: str) -> Iterator[tuple[GlossaryTerm, str]]:
    """Yield the term and language in which two forms are spellings of one word."""
    for term in terms:
        for locale, spellings in term.spellings.items():
            forms = {form.lower() for form in (*spellings, term.preferred.get(locale, ""))}
            if {old.lower(), new.lower()} <= forms:
                yield term, locale


def applied(raw: bytes, edits: Iterable[Edit]) -> tuple[bytes, int]:
    """Return a file with words replaced where they stand exactly at their place, and how many did."""
    lines = raw.decode("utf-8").split("\n")
    done = 0
    for edit in sorted(set(edits), reverse=True):
        line = lines[edit.place.line - 1] if edit.place.line <= len(lines) else ""
        start = edit.place.col - 1 + (edit.place.line == 1 and line.startswith(_MARK))
        start += not line.startswith(edit.old, start)  # in a quoted scalar everything stands one further on
        if line.startswith(edit.old, start):
            lines[edit.place.line - 1] = line[:start] + edit.new + line[start + len(edit.old) :]
            done += 1
    return "\n".join(lines).encode("utf-8"), done


def _carried(path: str, before: bytes, after: bytes) -> bytes:
    """Return the new file with every translation that was up to date still naming its source: no meaning has changed."""
    old, new = (records.make(Clause, yamltree.read(path, raw)) for raw in (before, after))
    if old is None or new is None:
        return before
    prints = {translation.fingerprint(text): translation.fingerprint(new.text[locale]) for locale, text in old.text.items()}
    source = yamltree.read(path, after).source
    edits = [
        Edit(source.place(("text", locale, "translates")), text.translates, prints[text.translates])
        for locale, text in new.text.items()
        if text.translates is not None and text.translates in prints
    ]
    return applied(after, edits)[0]
