"""The lists: a row for every fact that belongs, a cell for every field asked for, in both languages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from clausebook import lists, project, records
from clausebook.document import Document
from clausebook.facts import Facts
from clausebook.lists import LISTS, Item
from clausebook.naming import Naming
from clausebook.project import Project
from tests import small
from tests.test_derive import FACTS_A, made

ROOT = Path(__file__).parent.parent
POLICIES = ("enterprise-email", "gov-im")

FACTS = """facts:
  collects:
    - {data: [name, face], subject: user, function: sign-in, purposes: [identify], necessity: core, if_refused: feature-only,
       sensitive: {necessity: {zh: 核验, en: to check}, impact: {zh: 风险, en: risk}, separate_consent: true}}
    - {data: [face], subject: user, handler: organisation}
    - {data: [ip], subject: user}
    - {data: [name], subject: user, sensitive: {impact: few}}
  shares:
    - {recipient: carrier, relation: sdk, data: [ip], rules_url: "https://sdk.example/rules", recipient_contact: a@b.example,
       sdk: {package: com.example.sdk, version: "1.2", operator: {zh: 甲公司, en: Firm A}}}
    - {recipient: court, relation: authority, consent: none, condition: {zh: 依法, en: by law}}
    - {recipient: court, relation: prohibited}
  transfers:
    - {recipient: carrier, country: {zh: 甲国, en: Country A}, purposes: [identify], data: [ip], rights_route: {zh: 致函, en: by letter}}
    - {recipient: court, modality: never}
  retention:
    - {scope: ip, period: P6M, floor: P1Y, end_action: delete, law: pipl}
    - {scope: name, method: {zh: 依目的, en: as needed}}
  rights:
    - {right: erase, how: {zh: 删除键, en: a button}, where: {zh: 设置, en: settings}, response_days: 15, fee: free, via: self}
  cookies:
    - {name: {zh: 会话, en: session}, tech: cookie, purposes: [secure], party: first, duration: PT2H}
    - {name: beacon, tech: pixel}
  automated:
    - {kind: push, opt_out: {zh: 关闭, en: switch off}, logic: {zh: 规则, en: rules}}
text:
"""
LIST_OF = {  # what each list says of the facts above: row id and cells in English; None where nothing is stated
    "collected": [
        ("a-1", ["signing in"], ["identification"], [], ["name", "facial features*"],
         ["yes, the service or feature needs it", "only this feature cannot be used"], ["the operator"]),
        ("a-2", [], [], [], ["facial features*"], [], ["the organisation"]),
        ("a-3", [], [], [], ["IP address"], [], ["the operator"]),
        ("a-4", [], [], [], ["name"], [], ["the operator"]),
    ],
    "shared": [
        ("a-1", ["carrier"], ["SDK provider"], ["IP address"], [], [], ["a@b.example"], ["https://sdk.example/rules"], []),
        ("a-2", ["court"], ["public authority"], [], [], [], [], [], ["no consent needed", "by law"]),
    ],
    "sdk": [
        ("a-1", ["com.example.sdk"], ["1.2"], ["Firm A"], ["carrier"], ["IP address"], [], [], ["a@b.example"], ["https://sdk.example/rules"]),
    ],
    "permissions": [],
    "cookies": [
        ("a-1", ["session"], ["cookie"], ["security"], [], ["us"], ["two hours"], []),
        ("a-2", ["beacon"], ["pixel"], [], [], [], [], []),
    ],
    "retention": [
        ("a-1", ["IP address"], ["six months", "at least one year"], [], ["then deleted"], ["Personal Information Protection Law"]),
        ("a-2", ["name"], [], ["as needed"], [], []),
    ],
    "transfers": [("a-1", ["carrier"], [], ["identification"], [], ["IP address"], ["by letter"], ["Country A"], [], [], [])],
    "sensitive": [
        ("a-1", ["facial features*"], ["signing in"], ["identification"], ["to check"], ["risk"], ["yes"]),
        ("a-2", ["facial features*"], [], [], [], [], []),
        ("a-4", ["name"], [], [], [], ["few"], []),
    ],
    "rights": [("a-1", ["erasure"], ["a button", "settings"], ["yourself"], ["15 days"], ["free of charge"], [])],
    "automated": [("a-1", ["push"], ["rules"], [], ["switch off"], [], [])],
}  # fmt: skip


@pytest.fixture(scope="module")
def opened() -> Project:
    return project.open(ROOT).sound()


def naming(facts: str, locale: str = "en") -> Naming:
    files = small.files({"a": facts + small.text("甲", "A").removeprefix("text:\n")})
    found = small.opened(files).sound()
    return Naming(found.documents["p"], locale, found.library)


def test_there_are_these_lists() -> None:
    assert list(LISTS) == list(LIST_OF)
    assert {listing.kind for listing in LISTS.values()} <= set(Facts.model_fields)


@pytest.mark.parametrize("key", LIST_OF)
def test_cells(key: str) -> None:
    rows = naming(FACTS).rows(key)
    found = [(row.id, *([v.text + "*" * v.sensitive for v in cell] for cell in row.cells)) for row in rows]
    assert found == LIST_OF[key]


@pytest.mark.parametrize("key", LIST_OF)
def test_cells_in_chinese_have_the_same_shape(key: str) -> None:
    zh, en = (naming(FACTS, locale) for locale in ("zh", "en"))
    assert [[len(c) for c in row.cells] for row in zh.rows(key)] == [[len(c) for c in row.cells] for row in en.rows(key)]
    assert len(zh.columns(key)) == len(en.columns(key)) == len(LISTS[key].columns)
    for say in (Naming.list_title, Naming.list_source, Naming.list_empty, Naming.list_intro):
        assert say(zh, key) != say(en, key)


def test_a_cell_that_leads_somewhere_says_where() -> None:
    (row,) = naming(FACTS).rows("sdk")
    assert [v.href for cell in row.cells for v in cell if v.href] == ["https://sdk.example/rules"]


def test_collected() -> None:
    rows = lists.rows(made(), "collected")
    assert [(row.id, row.entry.anchor, row.fact.data) for row in rows] == [
        ("a-1", "a", ["name", "face"]),
        ("a-2", "a", ["ip", "name"]),
        ("b-1", "b", ["phone"]),
    ]


def test_provided_leaves_out_promises_not_to_provide() -> None:
    """A row keeps the number of its fact, so that its anchor does not move when a promise is added before it."""
    rows = lists.rows(made(), "shared")
    assert [(row.id, row.fact.recipient) for row in rows] == [
        ("a-1", "carrier"),
        ("b-2", "carrier"),
        ("b-3", "court"),
    ]


def test_a_clause_placed_twice_has_rows_of_its_own() -> None:
    sections = "sections:\n  - {id: s, title: {zh: 章, en: C}, clauses: [a, {id: a, as: again}]}\n"
    twice = small.document({"a": small.text("甲", "A", FACTS_A)}, sections)
    assert [row.id for row in lists.rows(twice, "collected")] == ["a-1", "a-2", "again-1", "again-2"]


def test_what_a_policy_calls_sensitive_is_in_the_list() -> None:
    own = small.document({"a": small.text("甲", "A", FACTS_A)}, head=small.HEAD + "sensitive: [ip]\n")
    cells = [row.cells[0] for row in lists.rows(own, "sensitive")]
    assert cells == [(Item("term", "face"),), (Item("term", "ip"),)]


# The lists of the two policies equal their facts.

PUBLISHED: dict[str, dict[str, Any]] = {
    "collected": {},
    "shared": {"relation": ("prohibited",), "modality": ("never",)},
    "sdk": {"sdk": (None,)},
    "permissions": {},
    "cookies": {},
    "retention": {},
    "transfers": {"modality": ("never",)},
    "rights": {},
    "automated": {},
}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("key", PUBLISHED)
def test_a_list_has_as_many_rows_as_there_are_facts(opened: Project, policy: str, key: str) -> None:
    document = opened.documents[policy]
    facts = [f for _, f in document.facts(LISTS[key].kind)]
    if key == "sdk":
        facts = [f for f in facts if getattr(f, "relation", "") == "sdk"]
    left = [f for f in facts if not any(getattr(f, name) in values for name, values in PUBLISHED[key].items())]
    assert [row.fact for row in lists.rows(document, key)] == left


@pytest.mark.parametrize("policy", POLICIES)
def test_every_sensitive_term_collected_is_in_the_sensitive_list(opened: Project, policy: str) -> None:
    document = opened.documents[policy]
    asked = [f for _, f in document.facts("collects") if set(lists.ids(f.data)) & document.sensitive]  # type: ignore[attr-defined]
    rows = lists.rows(document, "sensitive")
    assert bool(asked) == (policy == "gov-im")
    assert [row.fact for row in rows if lists.sensitive(row.fact, document)] == asked
    assert {i.value for row in rows for i in row.cells[0]} >= document.sensitive & {t for f in asked for t in lists.ids(f.data)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("key", LIST_OF)
def test_cells_hold_the_terms_of_the_fact_and_no_others(opened: Project, policy: str, key: str) -> None:
    document = opened.documents[policy]
    columns = {c.key for c in LISTS[key].columns}
    for row in lists.rows(document, key):
        named = Counter(term for _, _, term in records.terms(row.fact))
        shown = Counter(item.value for cell in row.cells for item in cell if item.kind == "term")
        assert shown <= named, row.id
        if "data" in columns and hasattr(row.fact, "data"):
            assert set(lists.ids(row.fact.data)) <= set(shown), row.id


def test_ids_stay_the_same_across_lists_of_one_fact(opened: Project) -> None:
    for document in opened.documents.values():
        collected = {row.id: row.fact for row in lists.rows(document, "collected")}
        assert all(collected[row.id] == row.fact for row in lists.rows(document, "sensitive"))


def test_an_empty_document_has_empty_lists() -> None:
    bare: Document = small.document({"a": small.text("甲", "A")})
    assert {key: lists.rows(bare, key) for key in LISTS} == {key: [] for key in LISTS}


@pytest.mark.parametrize(
    ("form", "address"),
    [("csv", "zh/p/lists/rights.csv"), ("xlsx", "zh/p/lists/lists.xlsx"), ("json", "p/lists/rights.json")],
)
def test_address(form: str, address: str) -> None:
    assert lists.address("p", "rights", form, "zh") == address
