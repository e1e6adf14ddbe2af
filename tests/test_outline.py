"""The outline of a policy says all that the rest of a library rests on."""

from __future__ import annotations

from clausebook import outline
from clausebook.model import Policy


def test_outline() -> None:
    inner = {"id": "inner", "title": {"zh": "丙"}, "clauses": ["one"], "sections": [{"id": "last", "title": {"zh": "丁"}}]}
    policy = Policy.model_validate(
        {
            "id": "p",
            "title": {"zh": "甲"},
            "locales": ["zh", "en"],
            "profile": {"operator": {"name": "乙", "email": None}, "product": {}},
            "sections": [{"id": "first", "title": {"zh": "乙"}, "clauses": ["two", {"id": "one", "as": "again"}], "sections": [inner]}],
        }
    )
    made = outline.of(policy)
    assert (made.id, made.source, made.locales, made.clauses) == ("p", "zh", ("zh", "en"), ("two", "one", "one"))
    assert made.anchors == {"first", "inner", "last", "one", "two", "again"}
    assert made.profile == {"operator": ("name", "email"), "product": ()}
