"""The values a clause can name: typed parameters, the profile, facts."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from clausebook import scope
from clausebook.facts import Collects, Contacts, Fact, Retention
from clausebook.language import Said, Words
from clausebook.model import Param, ParamType
from clausebook.scope import BadValue, Scope, Value
from clausebook.wording import Anchor, Choice, Day, Period, TermId, Wording
from clausebook.yamltree import Plain
from tests import small

PROJECT = small.opened(small.files({"a": small.text("甲", "A")})).sound()
LIBRARY, POLICY = PROJECT.library, PROJECT.library.policies["p"].value
ANCHORS = frozenset({"a", "contact"})


def param(kind: str, **more: Any) -> Param:
    given: dict[str, dict[str, Any]] = {
        "choice": {"values": ["by-use", "by-click"]},
        "choices": {"values": ["x", "y"]},
        "term": {"of": "data"},
        "terms": {"of": "data"},
    }
    return Param.model_validate({"type": kind, **given.get(kind, {}), **more})


def wording(locale: str) -> Wording:
    return Wording(locale, LIBRARY, POLICY, lambda anchor: Said(f"<{anchor} in {locale}>"))


BOTH = {"zh": "甲", "en": "A"}

# type, as written, as read
GOOD: list[tuple[str, Any, Any]] = [
    ("text", "A", "A"),
    ("text", BOTH, BOTH),
    ("text", "true", "true"),
    ("texts", ["A", BOTH], ["A", BOTH]),
    ("texts", [], []),
    ("flag", "true", True),
    ("flag", "false", False),
    ("flag", True, True),
    ("number", "0", 0),
    ("number", "15", 15),
    ("number", "007", 7),
    ("duration", "P6M", "P6M"),
    ("duration", "P15D working", "P15D working"),
    ("date", "2026-02-28", "2026-02-28"),
    ("choice", "by-use", "by-use"),
    ("choices", ["y", "x"], ["y", "x"]),
    ("term", "name", "name"),
    ("terms", ["phone", "name"], ["phone", "name"]),
    ("url", "https://a.example/b", "https://a.example/b"),
    ("url", "http://a.example", "http://a.example"),
    ("email", "a@b.example", "a@b.example"),
    ("clause", "contact", "contact"),
    ("clauses", ["contact", "a"], ["contact", "a"]),
]


@pytest.mark.parametrize(("kind", "raw", "data"), GOOD)
def test_typed(kind: str, raw: Any, data: Any) -> None:
    read = scope.typed(param(kind), raw, LIBRARY, ANCHORS)
    assert read == Value(kind, data)
    assert type(read.data) is type(data)


# type, as written, path below the parameter, code, values
BAD: list[tuple[str, Any, tuple[Any, ...], str, dict[str, str]]] = [
    ("text", "", (), "expected-localised", {}),
    ("text", [], (), "expected-localised", {}),
    ("text", {"not a locale": "a"}, (), "expected-localised", {}),
    ("text", None, (), "param-empty", {}),
    ("texts", "A", (), "expected-list", {"got": "“A”"}),
    ("texts", ["A", ""], (1,), "expected-localised", {}),
    ("flag", "yes", (), "expected-flag", {"value": "yes"}),
    ("flag", "True", (), "expected-flag", {"value": "True"}),
    ("number", "1.5", (), "expected-number", {"got": "“1.5”"}),
    ("number", "-1", (), "expected-number", {"got": "“-1”"}),
    ("number", "1234567890", (), "expected-number", {"got": "“1234567890”"}),
    ("number", "五", (), "expected-number", {"got": "“五”"}),
    ("duration", "6 months", (), "expected-duration", {"value": "6 months"}),
    ("duration", "P", (), "expected-duration", {"value": "P"}),
    ("duration", "P1Y6M", (), "expected-duration", {"value": "P1Y6M"}),
    ("duration", "P6M working", (), "expected-duration", {"value": "P6M working"}),  # only days can be working days
    ("duration", "PT2H calendar", (), "expected-duration", {"value": "PT2H calendar"}),
    ("duration", ["P6M"], (), "expected-duration", {"value": "a list"}),
    ("date", "2026-02-30", (), "expected-date", {"value": "2026-02-30"}),
    ("date", "20260228", (), "expected-date", {"value": "20260228"}),
    ("choice", "by-usee", (), "value-unknown-near", {"value": "by-usee", "known": "by-use, by-click", "near": "by-use"}),
    ("choice", "zzz", (), "value-unknown", {"value": "zzz", "known": "by-use, by-click", "near": ""}),
    ("choices", ["x", "zzz"], (1,), "value-unknown", {"value": "zzz", "known": "x, y", "near": ""}),
    ("term", "nam", (), "term-unknown-near", {"id": "nam", "scheme": "data", "near": "name"}),
    ("term", "zzz", (), "term-unknown", {"id": "zzz", "scheme": "data", "near": ""}),
    ("term", "carrier", (), "term-scheme", {"id": "carrier", "found": "recipients", "scheme": "data"}),
    ("term", ["name"], (), "expected-term", {"scheme": "data", "got": "a list"}),
    ("terms", ["name", "carrier"], (1,), "term-scheme", {"id": "carrier", "found": "recipients", "scheme": "data"}),
    ("terms", "name", (), "expected-list", {"got": "“name”"}),
    ("url", "ftp://a.example", (), "expected-url", {"value": "ftp://a.example"}),
    ("url", "javascript:alert(1)", (), "expected-url", {"value": "javascript:alert(1)"}),
    ("url", 'https://a"b', (), "expected-url", {"value": 'https://a"b'}),
    ("email", "a at b", (), "expected-email", {"value": "a at b"}),
    ("email", "a@b<c>.example", (), "expected-email", {"value": "a@b<c>.example"}),
    ("clause", "contct", (), "ref-unknown-near", {"id": "contct", "near": "contact"}),
    ("clauses", ["contact", "zzz"], (1,), "ref-unknown", {"id": "zzz", "near": ""}),
]


@pytest.mark.parametrize(("kind", "raw", "path", "code", "values"), BAD)
def test_typed_refuses(kind: str, raw: Any, path: tuple[Any, ...], code: str, values: dict[str, str]) -> None:
    with pytest.raises(BadValue) as caught:
        scope.typed(param(kind), raw, LIBRARY, ANCHORS)
    assert (caught.value.path, caught.value.code, caught.value.values) == (path, code, values)


def test_an_optional_parameter_may_be_empty() -> None:
    assert scope.typed(param("term", default=None), None, LIBRARY, ANCHORS) == Value("term", None)


def test_without_anchors_any_reference_passes() -> None:
    assert scope.typed(param("clause"), "anywhere", LIBRARY, None) == Value("clause", "anywhere")


# type, value, what a Chinese and an English body see
LOCAL: list[tuple[str, Any, Any, Any]] = [
    ("text", BOTH, Words("甲"), Words("A")),
    ("text", "A", Words("A"), Words("A")),
    ("texts", [BOTH, "B"], [Words("甲"), Words("B")], [Words("A"), Words("B")]),
    ("flag", False, False, False),
    ("number", 3, 3, 3),
    ("duration", "P6M", Period("P6M"), Period("P6M")),
    ("date", "2026-01-01", Day("2026-01-01"), Day("2026-01-01")),
    ("choice", "by-use", Choice("by-use"), Choice("by-use")),
    ("choices", ["x"], [Choice("x")], [Choice("x")]),
    ("term", "name", TermId("name"), TermId("name")),
    ("terms", ["name"], [TermId("name")], [TermId("name")]),
    ("url", "https://a.example/", Words("https://a.example/"), Words("https://a.example/")),
    ("email", "a@b.example", Words("a@b.example"), Words("a@b.example")),
    ("clause", "a", Said("<a in zh>"), Said("<a in en>")),
    ("clauses", ["a"], [Anchor("a")], [Anchor("a")]),
    ("text", None, None, None),
    ("terms", None, None, None),
]


def test_every_parameter_type_is_in_the_tables() -> None:
    kinds = set(get_args(ParamType))
    assert {row[0] for row in GOOD} == {row[0] for row in BAD} == {row[0] for row in LOCAL} == kinds


@pytest.mark.parametrize(("kind", "data", "zh", "en"), LOCAL)
def test_names_in_each_language(kind: str, data: Any, zh: Any, en: Any) -> None:
    here = Scope({"it": Value(kind, data)}, {})
    for locale, expected in (("zh", zh), ("en", en)):
        seen = here.names(wording(locale), {}, {})["it"]
        assert seen == expected
        assert _types(seen) == _types(expected)


def _types(value: Any) -> list[type]:
    return [type(value), *(type(item) for item in value)] if isinstance(value, list) else [type(value)]


def test_profile_values() -> None:
    profile = (
        "profile:\n  operator: {name: {zh: 某公司, en: Some Company}, beta: true, "
        "quoted: 'true', phones: ['1', {zh: 二, en: two}], none: null}\n"
    )
    policy = small.opened(small.files({"a": small.text("甲", "A")}, profile=profile)).library.policies["p"].value
    assert scope.profile(policy) == {
        "operator": {
            "name": Value("text", {"zh": "某公司", "en": "Some Company"}),
            "beta": Value("flag", True),
            "quoted": Value("text", "true"),
            "phones": Value("texts", ["1", {"zh": "二", "en": "two"}]),
            "none": Value("text", None),
        }
    }


@pytest.mark.parametrize(
    ("raw", "path", "code", "values"),
    [
        ({"en": "A"}, ("profile", "g", "k"), "locale-missing", {"locale": "zh"}),
        (["a", {"en": "A"}], ("profile", "g", "k", 1), "locale-missing", {"locale": "zh"}),
        ("", ("profile", "g", "k"), "expected-localised", {}),
        ([["a"]], ("profile", "g", "k", 0), "expected-localised", {}),
    ],
)
def test_profile_refuses(raw: Any, path: tuple[Any, ...], code: str, values: dict[str, str]) -> None:
    policy = POLICY.model_copy(update={"profile": {"g": {"k": raw}}})
    with pytest.raises(BadValue) as caught:
        scope.profile(policy)
    assert (caught.value.path, caught.value.code, caught.value.values) == (path, code, values)


def test_only_a_plain_true_is_a_flag() -> None:
    policy = POLICY.model_copy(update={"profile": {"g": {"plain": Plain("true"), "text": "true"}}})
    assert scope.profile(policy) == {"g": {"plain": Value("flag", True), "text": Value("text", "true")}}


@pytest.mark.parametrize(
    ("name", "found"),
    [("it", Value("text", "A")), ("operator.name", Value("text", "B")), ("zzz", None), ("operator.zzz", None), ("zzz.name", None)],
)
def test_get(name: str, found: Value | None) -> None:
    assert Scope({"it": Value("text", "A")}, {"operator": {"name": Value("text", "B")}}).get(name) == found


def names(*facts: tuple[str, Fact]) -> dict[str, dict[str, Any]]:
    return scope.fact_names(facts, wording("zh"))


def collects(**more: Any) -> Collects:
    return Collects.model_validate({"data": ["name"], "subject": "user", **more})


def test_facts_by_kind_and_by_key() -> None:
    found = names(("collects", collects(key="web", necessity="core")))
    assert found["web"] == found["collects"]
    assert found["web"]["data"] == [TermId("name")]
    assert {field: type(value) for field, value in found["web"].items() if not isinstance(value, list)} == {
        "subject": TermId,
        "necessity": Choice,
        "handler": Choice,
    }


def test_several_facts_of_a_kind_are_united_in_order_without_doubles() -> None:
    found = names(("collects", collects(data=["name", "ip"])), ("collects", collects(key="b", data=["phone", "name"])))
    assert found["collects"]["data"] == [TermId("name"), TermId("ip"), TermId("phone")]
    assert found["collects"]["subject"] == [TermId("user")]
    assert found["b"]["data"] == [TermId("phone"), TermId("name")]


def test_facts_that_hold_records_are_united_too() -> None:
    why = {"necessity": {"zh": "甲", "en": "A"}}
    found = names(("collects", collects(sensitive=why)), ("collects", collects(data=["ip"], sensitive=why)))
    assert found["collects"]["data"] == [TermId("name"), TermId("ip")]


# A text of a fact is a text, even one that looks like an id or a period; only fields with fixed values are choices.
@pytest.mark.parametrize(
    ("kind", "fact", "field", "expected"),
    [
        ("contacts", Contacts(role="operator", channel="e-mail", value="0592-2958888"), "value", Words("0592-2958888")),
        ("contacts", Contacts(role="operator", channel="e-mail", value=["a", "b"]), "value", [Words("a"), Words("b")]),
        ("contacts", Contacts(role="operator", channel="e-mail", value="P6M"), "value", Words("P6M")),
        ("contacts", Contacts(role="operator", channel="e-mail", value="a"), "role", Choice("operator")),
        ("contacts", Contacts(role="operator", channel="e-mail", value="a", response_days=15), "response_days", 15),
        ("retention", Retention(scope="ip", period="P6M"), "period", Period("P6M")),
        ("retention", Retention(scope="ip", method={"zh": "按需", "en": "as needed"}), "method", Words("按需")),
        ("retention", Retention(scope="ip", end_action="delete"), "end_action", Choice("delete")),
    ],
)
def test_fields_of_facts(kind: str, fact: Fact, field: str, expected: Any) -> None:
    seen = names((kind, fact))[kind][field]
    assert seen == expected
    assert _types(seen) == _types(expected)


def test_fact_fields() -> None:
    facts = "facts:\n  storage: [{location: mainland}]\n  security: []\n  retention: [{key: logs, scope: ip}]\n"
    clause = small.opened(small.files({"a": small.text("甲", "A", facts)})).library.clauses["a"].value
    found = scope.fact_fields(clause)
    assert set(found) == {"storage", "retention", "logs"}
    assert found["storage"] == {"location", "scope", "exception"}
    assert found["logs"] == found["retention"] == {"scope", "period", "floor", "method", "law", "end_action"}
