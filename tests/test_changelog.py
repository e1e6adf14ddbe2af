"""What changed between releases that are not neighbours: net of what came and went, and told as it was told."""

from __future__ import annotations

from collections.abc import Mapping

from clausebook import changelog, project
from clausebook.changelog import Report
from clausebook.document import Side
from clausebook.ledger import Ledger
from clausebook.model import Settings
from clausebook.release import Attested, Notes
from tests import small
from tests.small import Made

COLLECTS = "facts:\n  collects: [{data: [%s], subject: user, function: sign-in}]\n"


def side(words: str, data: str = "name") -> Side:
    clauses = {"a": small.text("甲。", "A.", COLLECTS % data), "b": small.text(words, "The text.")}
    return small.opened(small.files(clauses)).sound().sides["p"]


def report(old: Side, new: Side, notes: Notes | None = None) -> Report:
    return changelog.report(old, new, project.rulebook(), Settings(), notes)


def ledger(*steps: tuple[Side, Report | None]) -> Ledger:
    """Return the releases of these texts; each records what was reported of it."""
    days = [f"2025-0{n}-01" for n in range(1, len(steps) + 1)]
    return small.released(
        *(
            Made(f"{n}.0.0", text, day, day, found.changes if found else ())
            for n, ((text, found), day) in enumerate(zip(steps, days, strict=True), 1)
        )
    )


def between(found: Ledger, sides: Mapping[int, Side], old: int, new: int) -> Report:
    return changelog.between(sides[old], sides[new], found.releases[old:new], project.rulebook(), Settings())


def test_what_came_and_went_is_not_told() -> None:
    sides = {1: side("文字。"), 2: side("文字。", "name, face"), 3: side("文字。")}
    added, dropped = report(sides[1], sides[2]), report(sides[2], sides[3])
    assert [c.kind for c in added.changes] == ["data-sensitive-added"]
    found = ledger((sides[1], None), (sides[2], added), (sides[3], dropped))
    net = between(found, sides, 1, 3)
    assert net.changes == ()
    assert changelog.recorded("1.0.0", net.verdict).reconsent == []
    assert changelog.recorded("1.0.0", between(found, sides, 1, 2).verdict).reconsent == ["separate"]


def test_what_people_attested_holds_for_those_who_skipped_the_release() -> None:
    """A wording called editorial stays so, with its reason, beside a change of a later release."""
    sides = {1: side("原来的文字。"), 2: side("改过的文字。"), 3: side("改过的文字。", "name, face")}
    (change,) = report(sides[1], sides[2]).changes
    assert change.level == "unclassified"
    said = Attested(change=change.id, level="editorial", reason={"zh": "只改用词", "en": "Only words"}, by="甲", second="乙")
    editorial = report(sides[1], sides[2], Notes(version="2.0.0", changes=[said]))
    assert not editorial.refusals
    found = ledger((sides[1], None), (sides[2], editorial), (sides[3], report(sides[2], sides[3])))
    net = between(found, sides, 1, 3)
    assert [(c.kind, c.level) for c in net.changes] == [("data-sensitive-added", "material"), ("text-edited", "editorial")]
    assert net.changes[1] == editorial.changes[0]
    assert (net.verdict.level, net.refusals) == ("material", ())


def test_a_text_edited_again_is_judged_anew() -> None:
    """What was attested of one wording says nothing about the next."""
    sides = {1: side("原来的文字。"), 2: side("改过的文字。"), 3: side("再改的文字。")}
    (change,) = report(sides[1], sides[2]).changes
    said = Attested(change=change.id, level="editorial", reason={"zh": "只改用词", "en": "Only words"}, by="甲", second="乙")
    editorial = report(sides[1], sides[2], Notes(version="2.0.0", changes=[said]))
    found = ledger((sides[1], None), (sides[2], editorial), (sides[3], report(sides[2], sides[3])))
    assert [c.level for c in between(found, sides, 1, 3).changes] == ["unclassified"]
