"""What differs between two documents: items by what they are about, changes that compose, clauses that moved or were split."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausebook import diff
from clausebook.diff import IDENTITY, Change, Item, State
from clausebook.document import Side
from clausebook.facts import KINDS
from tests import judging

# Composition: a reader who skipped a version is told the same as one who did not.

KEYS = st.sampled_from(["collects", "rights", "text"]).flatmap(lambda kind: st.tuples(st.just(kind), st.sampled_from([("a",), ("b",)])))
FIELDS = st.dictionaries(
    st.sampled_from(["x", "y"]), st.sets(st.sampled_from("123"), max_size=2).map(lambda v: tuple(sorted(v))), max_size=2
)
STATES = st.dictionaries(KEYS, FIELDS, max_size=6).map(
    lambda found: {(kind, key): Item(kind, key, fields) for (kind, key), fields in found.items()}
)


@given(STATES, STATES, STATES)
def test_changes_between_states_compose(a: State, b: State, c: State) -> None:
    assert diff.compose(diff.diff(a, b), diff.diff(b, c)) == list(diff.diff(a, c))


@given(STATES, STATES)
def test_there_and_back_is_no_change(a: State, b: State) -> None:
    assert diff.compose(diff.diff(a, b), diff.diff(b, a)) == []


def _some(optional: dict[str, list[Any]], **always: list[str]) -> Any:
    """Return lists of facts with some of the given values."""
    stated = {name: st.sampled_from(values) for name, values in always.items()}
    return st.lists(st.fixed_dictionaries(stated, optional={name: st.sampled_from(v) for name, v in optional.items()}), max_size=2)


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "rights": _some({"response_days": [15, 30]}, right=["erase", "copy"]),
        "retention": _some({}, scope=["phone", "name"], period=["P3M", "P6M"]),
        "security": _some({}, measure=["encryption", "training"]),
    },
)
CLAUSE = st.fixed_dictionaries({"facts": FACTS, "text": st.sampled_from([["甲。", "A."], ["乙。", "B."], ["甲乙。", "A and B."]])})
DOCUMENTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), CLAUSE, min_size=1).flatmap(
    lambda clauses: st.permutations(list(clauses)).map(lambda order: judging.side({"clauses": clauses, "order": order}))
)


@settings(max_examples=20)
@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_changes_between_documents_compose(a: Side, b: Side, c: Side) -> None:
    first, second, whole = diff.compare(a, b), diff.compare(b, c), diff.compare(a, c)
    assert tuple(diff.compose(first.changes, second.changes)) == whole.changes


# Items


def test_every_kind_of_fact_has_an_identity() -> None:
    assert set(IDENTITY) == set(KINDS)


def compared(old: dict[str, Any], new: dict[str, Any]) -> diff.Comparison:
    return diff.compare(judging.side(old), judging.side(new))


def facts(comparison: diff.Comparison) -> list[tuple[str, tuple[str, ...], str, tuple[str, ...]]]:
    found = (change for change in comparison.changes if change.kind in IDENTITY)
    return [(c.kind, c.key, c.action, c.fields if c.action == "changed" else ()) for c in found]


COLLECTS = {"data": ["phone", "name"], "subject": "user", "function": "sign-in"}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], list[Any]]] = [
    ("nothing", {"collects": [COLLECTS]}, {"collects": [COLLECTS]}, []),
    ("each value of a list is about something of its own", {"collects": [COLLECTS]}, {"collects": [{**COLLECTS, "data": ["phone"]}]},
     [("collects", ("name", "sign-in", "user"), "removed", ())]),
    ("a field", {"collects": [COLLECTS]}, {"collects": [{**COLLECTS, "method": "automatic"}]},
     [("collects", (data, "sign-in", "user"), "changed", ("method",)) for data in ("name", "phone")]),
    ("the order of a list is nothing", {"collects": [COLLECTS]}, {"collects": [{**COLLECTS, "data": ["name", "phone"]}]}, []),
    ("what a body calls a fact is nothing", {"rights": [{"right": "erase"}]}, {"rights": [{"right": "erase", "key": "one"}]}, []),
    ("two statements about one thing are one",
     {"rights": [{"right": "erase", "via": "self"}, {"right": "erase", "via": "admin"}]},
     {"rights": [{"right": "erase", "via": "admin"}]}, [("rights", ("erase",), "changed", ("via",))]),
    ("a record inside a fact", {"minors": [{"threshold": {"op": "lt", "age": 14}}]}, {"minors": [{"threshold": {"op": "le", "age": 14}}]},
     [("minors", (), "changed", ("threshold.op",))]),
    ("a text that identifies counts in the source language", {"defines": [{"term": {"zh": "组织", "en": "body"}}]},
     {"defines": [{"term": {"zh": "组织", "en": "organisation"}}]}, [("defines", ("组织",), "changed", ("term",))]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_facts(old: dict[str, Any], new: dict[str, Any], expected: list[Any]) -> None:
    found = facts(compared(old, new))
    assert [
        (*rest, fields if action == "changed" else ()) for *rest, action, fields in [(k, key, a, a, f) for k, key, a, f in found]
    ] == expected


def test_a_change_gives_both_sides() -> None:
    change = next(c for c in compared({"rights": [{"right": "erase", "fee": "free"}]}, {"rights": [{"right": "erase"}]}).changes)
    assert (change.before("fee"), change.after("fee"), change.entries) == (("free",), (), ("a",))


def test_what_a_clause_says_of_a_fact_may_move() -> None:
    one = {"clauses": {"a": {"facts": {"rights": [{"right": "erase"}]}}, "b": {}}}
    other = {"clauses": {"a": {}, "b": {"facts": {"rights": [{"right": "erase"}]}}}}
    assert compared(one, other).changes == ()


# Texts


def test_a_reference_counts_by_its_target() -> None:
    """Numbers move with the outline."""
    clauses = {"a": {"text": ["见{{ ref('b') }}。", "See {{ ref('b') }}."]}, "b": {"text": ["乙。", "B."]}}
    old, new = ({"clauses": clauses, "order": order} for order in (["a", "b"], ["b", "a"]))
    assert {c.kind for c in compared(old, new).changes} == {"order"}


def test_emphasis_and_addresses_are_text() -> None:
    for old, new in (("**甲**", "甲"), ("[甲](https://a.example/)", "[甲](https://b.example/)")):
        found = compared({"text": [old, "A"]}, {"text": [new, "A"]}).changes
        assert [(c.kind, c.key, c.fields) for c in found] == [("text", ("a", "zh"), ("body",))]


# The outline

ABC = {name: {"text": [f"{name}。", f"{name}."]} for name in ("a", "b", "c")}


@pytest.mark.parametrize(("order", "moved"), [("abc", ""), ("acb", "c"), ("cab", "c"), ("bca", "a"), ("cba", "cb")])
def test_moved(order: str, moved: str) -> None:
    """As few clauses as explain the new order."""
    assert "".join(compared({"clauses": ABC}, {"clauses": ABC, "order": list(order)}).moved) == moved


def test_a_new_clause_moves_nothing() -> None:
    assert compared({"clauses": {name: ABC[name] for name in "ac"}}, {"clauses": ABC}).moved == ()


def test_another_section_is_a_move() -> None:
    def parted(*clauses: list[str]) -> dict[str, Any]:
        title = {"zh": "章", "en": "Chapter"}
        sections = [{"id": f"s{n}", "title": title, "clauses": inside} for n, inside in enumerate(clauses)]
        return {"clauses": ABC, "policy": {"sections": sections}}

    assert compared(parted(["a", "b"], ["c"]), parted(["a"], ["b", "c"])).moved == ("b",)


def test_successors() -> None:
    rights = [{"right": "erase"}, {"right": "copy"}]
    whole = {"clauses": {"a": {"facts": {"rights": rights}}}}
    split = {"clauses": {name: {"facts": {"rights": [right]}} for name, right in zip("bc", rights, strict=True)}}
    assert compared(whole, split).successors == {"a": ("b", "c")}
    assert compared(split, whole).successors == {"b": ("a",), "c": ("a",)}
    assert compared({"clauses": {"a": ABC["a"]}}, {"clauses": {"b": ABC["a"]}}).successors == {"a": ("b",)}
    assert compared({"clauses": {"a": ABC["a"]}}, {"clauses": {"b": ABC["b"]}}).successors == {}


def test_the_action_of_a_change() -> None:
    item, other = Item("rights", ("erase",), {}), Item("rights", ("erase",), {"fee": ("free",)})
    ends = [(None, item), (item, None), (item, other)]
    assert [Change("rights", ("erase",), old, new).action for old, new in ends] == ["added", "removed", "changed"]
