"""The table of kinds is read like all other data, and so are the notes of authors: every fault with its place."""

from __future__ import annotations

import pytest

from clausebook import formats, load, messages, project
from clausebook.model import ChangeSettings, Settings
from clausebook.rulebook import LEVELS
from tests import small

HEAD = "levels: {material: {bump: major, notice: [page]}}\nkinds:\n"
GOOD = "  - {id: a, level: material, direction: worse, mirror: b}\n  - {id: b, level: substantive, direction: better, mirror: a}\n"
FAULTS = [
    (GOOD, []),
    ("  - {id: a, level: material, direction: worse}\n",
     ["3:5: a kind of change has either a mirror or a reason why there is none (write mirror or no_mirror)"]),
    ("  - {id: a, level: material, direction: worse, mirror: b}\n",
     ["3:56: there is no rule “b” (clausebook explain lists the rules there are)"]),
    (GOOD + GOOD, ["5:10: “a” is used twice (first in changes/kinds.yml:3:10; rename one)",
                   "6:10: “b” is used twice (first in changes/kinds.yml:4:10; rename one)"]),
    (GOOD + "criteria: {control-change: [c]}\n", ["5:29: there is no rule “c” (clausebook explain lists the rules there are)"]),
    ("  - {id: a, level: grave, direction: worse, mirror: a}\n",
     ["3:20: “grave” is not known here (known: material, substantive, editorial, translation, internal, unclassified)"]),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "lines"), FAULTS)
def test_faults(rows: str, lines: list[str]) -> None:
    _, problems = load.rulebook(small.Files({"changes/kinds.yml": HEAD + rows}), "changes")
    assert [messages.tell(found).removeprefix("changes/kinds.yml:") for found in problems] == lines


def test_the_kinds_of_the_package_are_sound() -> None:
    assert set(project.rulebook().levels) == set(LEVELS)


def test_a_kind_takes_its_channels_from_its_level() -> None:
    book = project.rulebook()
    plain, own = book.by_id["contact-changed"], book.by_id["right-removed"]
    assert book.notice(plain, "substantive") == book.levels["substantive"].notice
    assert book.notice(plain, "material") == book.levels["material"].notice
    assert book.notice(own, "material") == own.notice
    assert book.notice(own, "editorial") == ["change-log"]


NOTES = """version: 1.1.0
changes:
  - change: 0123456789ab
    level: editorial
    reason: {zh: 理由, en: reason}
    by: A
"""


def read(text: str) -> tuple[object, list[str]]:
    files = {**small.files({"a": small.text("甲", "A")}), "policies/p/changes.yml": text}
    found, problems = load.library(small.Files(files), Settings())
    notes = found.notes.get("p")
    return notes.value if notes else None, [messages.tell(one) for one in problems]


def test_notes_stand_beside_their_policy() -> None:
    notes, problems = read(NOTES)
    assert problems == []
    assert [(said.change, said.level, said.by) for said in notes.changes] == [("0123456789ab", "editorial", "A")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("0123456789ab", "0123", "3:13: “change” cannot be “0123” (use lower-case letters, digits and single hyphens)"),
        ("    by: A\n", "", "3:5: “by” is missing (add it)"),
        ("level", "levle", "4:5: nothing is called “levle” here (did you mean “level”?)"),
    ],
)
def test_faults_of_notes(old: str, new: str, line: str) -> None:
    notes, problems = read(NOTES.replace(old, new))
    assert (notes, problems) == (None, [f"policies/p/changes.yml:{line}"])


EXPLAINED = """Change: incident-deadline-changed (Incident deadline changed)
Level: material
Direction: more favourable to you
Practice: Practice changed
Version: major
Told by: the policy's page, the change log and its feeds, an announcement on the site or in the product, a pop-up
Fresh consent: not needed
Why: sooner is substantive; later, or not comparable, is material (PIPL art. 57)
Other case: material, less favourable to you
Other case: material, neutral
Mirror: sooner and later are cases of this kind
To re-level: write in mkdocs.yml under clausebook: changes: {levels: {incident-deadline-changed: substantive}}"""


def test_a_kind_is_explained_as_the_site_weighs_it() -> None:
    book = project.rulebook()
    chosen = Settings(changes=ChangeSettings(levels={"incident-deadline-changed": "material"}))
    assert formats.kind(book.by_id["incident-deadline-changed"], book, chosen, "en") == EXPLAINED


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_kind_is_explained(locale: str) -> None:
    book = project.rulebook()
    for kind in book.kinds:
        lines = formats.kind(kind, book, Settings(), locale).split("\n")
        assert len(lines) == 9 + bool(kind.why) + len(kind.variants) + sum(kind.id in kinds for kinds in book.criteria.values())
        assert all(line.split(": ", 1)[1] for line in lines)
