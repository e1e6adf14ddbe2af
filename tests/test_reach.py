"""What an edit can reach: the same clauses and policies of both sides, never too few."""

from __future__ import annotations

import pytest

from clausebook import reach
from clausebook.model import Settings
from tests.small import Files

TEXTS = {
    "clauses/m/a.yml": "id: a", "clauses/m/b.yml": "id: b", "clauses/m/c.yml": "id: c", "clauses/vocabulary/data.yml": "scheme: data",
    "policies/p/policy.yml": "clauses: [a]", "policies/q/policy.yml": "clauses: [b, {id: c}]", "policies/q/releases/1.0.0.json": "{}",
}  # fmt: skip
P, Q = "policies/p/policy.yml", "policies/q/policy.yml"


def seen(edited: list[str], new: dict[str, str] | None = None) -> set[str]:
    """Return what both sides show, without the vocabulary."""
    old, head = Files(TEXTS), Files(TEXTS | (new or {}))
    sides = reach.narrow((old, head), edited, Settings())
    shown = [{path for folder in ("clauses", "policies") for path in side.files(folder, [])} for side in sides]
    assert "clauses/vocabulary/data.yml" in shown[0] & shown[1]
    assert not any("releases" in path for path in shown[0] | shown[1])
    return (shown[0] | shown[1]) - {"clauses/vocabulary/data.yml"}


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (["clauses/m/a.yml"], {"clauses/m/a.yml", P}),
        (["clauses/m/b.yml"], {"clauses/m/b.yml", "clauses/m/c.yml", Q}),
        ([P], {"clauses/m/a.yml", P}),
        (["policies/q/releases/1.0.0.json"], {"clauses/m/b.yml", "clauses/m/c.yml", Q}),
        (["clauses/vocabulary/data.yml"], {"clauses/m/a.yml", "clauses/m/b.yml", "clauses/m/c.yml", P, Q}),
        (["mkdocs.yml"], set()),
    ],
)
def test_what_an_edit_reaches(edited: list[str], expected: set[str]) -> None:
    assert seen(edited) == expected


def test_a_policy_that_names_the_clause_on_either_side_is_reached() -> None:
    assert seen(["clauses/m/a.yml", Q], {Q: "clauses: [a, b]"}) == {
        path for path in TEXTS if "vocab" not in path and "releases" not in path
    }


def test_a_hidden_file_is_not_there() -> None:
    side, _ = reach.narrow((Files(TEXTS), Files(TEXTS)), ["clauses/m/a.yml"], Settings())
    assert [side.exists(path) for path in ("clauses/m/a.yml", "clauses/m/b.yml", "policies/q/policy.yml", "policies/q")] == [
        True, False, False, False,
    ]  # fmt: skip
    assert side.entries("policies") == [("p", "folder")]
