"""What is written into a clause's file about its translations; every other byte stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from clausebook import blocks, characters, edits, language, translation, units
from clausebook.errors import Place, Problem, problem, warning
from clausebook.model import Clause, ClauseText, Loaded, Path
from clausebook.translation import Translation
from clausebook.units import Answer


@dataclass(frozen=True)
class Revision:
    """A new text of a translation. `done` tells that all of it was made from the source of today, `machine` that nobody has read it."""

    title: str
    body: str
    done: bool
    machine: bool = False


def attest(raw: bytes, loaded: Loaded[Clause], found: Translation, by: str, reason: str) -> bytes:
    """Return a clause's file in which somebody says that a translation holds for the source text and the facts of today."""
    name, text, at = loaded.source.path, loaded.value.text[found.locale], ("text", found.locale)
    raw = fingerprints(raw, loaded, found)
    if text.machine_draft:
        raw = edits.replace(name, raw, (*at, "machine_draft"), "false")
    said = {"source": translation.fingerprint(loaded.value.text[found.source]), "by": by, "reason": reason}
    if text.attested is None:
        return edits.insert(name, raw, (*at, "attested"), said, "facts")
    for key, after in (("source", ""), ("by", "source"), ("reason", "by")):
        raw = edits.put(name, raw, (*at, "attested", key), said[key], after)
    return raw


def fingerprints(raw: bytes, loaded: Loaded[Clause], found: Translation) -> bytes:
    """Return a clause's file in which a translation names the source text and the facts of today."""
    name, clause = loaded.source.path, loaded.value
    at: Path = ("text", found.locale)
    raw = edits.put(name, raw, (*at, "translates"), translation.fingerprint(clause.text[found.source]), "title")
    return edits.put(name, raw, (*at, "facts"), translation.fact_fingerprint(clause, found.source), "translates")


def revision(file: str, loaded: Loaded[Clause], found: Translation, answers: list[Answer]) -> tuple[Revision | None, list[Problem]]:
    """Return the text that answers from a file make, or None where they change nothing; with any problem the clause stays as it is."""
    source, target = loaded.value.text[found.source], loaded.value.text.get(found.locale)
    now, had = units.texts(source), units.translated(source, target)
    given = {answer.block: answer for answer in answers if answer.target and not answer.behind}
    problems = [p for answer in answers for p in _refused(file, answer, now, had)]
    wanted = {block: given[block].target if block in given else had.get(block, "") for block in now}
    changed = any(wanted[block] != had.get(block, "") for block in now)
    done = given.keys() == now.keys()
    if problems or not (changed or (done and found.without in translation.OPEN)):
        return None, problems
    if not all(wanted.values()):
        return None, [warning(Place(file, answers[0].line, 1), "clause-incomplete", clause=found.clause)]
    shape = units.segments(target.body if target is not None and len(had) == len(now) else source.body)
    made = Revision(wanted[units.TITLE], units.filled(shape, [wanted[f"b{n}"] for n in range(1, len(shape))]), done)
    faults = list(_faults(file, answers[0].line, made))
    return (None, faults) if faults else (made, [])


def _refused(file: str, answer: Answer, now: dict[str, str], had: dict[str, str]) -> Iterator[Problem]:
    place = Place(file, answer.line, 1)
    if answer.block not in now:
        yield problem(place, "unit-unknown", unit=answer.id)
        return
    if answer.source != now[answer.block]:
        yield problem(place, "unit-moved", unit=answer.id)
        return
    if not answer.target or answer.behind or answer.target == had.get(answer.block):
        return
    lost, strange = units.lost(answer.source, answer.target)
    yield from (problem(place, "unit-lost", unit=answer.id, what=what) for what in lost)
    yield from (problem(place, "unit-strange", unit=answer.id, what=what) for what in strange)


def _faults(file: str, line: int, made: Revision) -> Iterator[Problem]:
    """Yield what a clause may not hold, told at the first unit of the clause."""
    place = Place(file, line, 1)
    try:
        ClauseText(title=made.title, body=made.body)
    except ValidationError as error:
        yield from (problem(place, "value-wrong", what=item["msg"]) for item in error.errors(include_url=False))
    for found in characters.problems(file, f"{made.title}\n{made.body}"):
        if found.severity == "error":
            yield problem(place, found.code, **dict(found.values))
    for fault in language.parse(made.body).faults:
        yield problem(place, fault.code, **fault.values)
    for bad in blocks.faults(made.body):
        yield problem(place, bad.code, what=bad.what)


def revise(raw: bytes, loaded: Loaded[Clause], found: Translation, new: Revision) -> bytes:
    """Return a clause's file with a new text of a translation."""
    name, text = loaded.source.path, loaded.value.text.get(found.locale)
    at: Path = ("text", found.locale)
    if text is None:
        source = translation.fingerprint(loaded.value.text[found.source])
        facts = translation.fact_fingerprint(loaded.value, found.source)
        mark = {"machine_draft": "true"} if new.machine else {}
        said = {"title": new.title, "translates": source, "facts": facts, **mark, "body": new.body}
        return edits.insert(name, raw, at, said, found.source)
    raw = edits.replace(name, raw, (*at, "title"), new.title)
    raw = edits.replace(name, raw, (*at, "body"), new.body)
    if new.done:
        raw = fingerprints(raw, loaded, found)
        raw = edits.replace(name, raw, (*at, "machine_draft"), "false") if text.machine_draft and not new.machine else raw
    return raw
