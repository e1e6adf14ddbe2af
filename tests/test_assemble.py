"""From a policy and its clauses to a document in every language."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clausebook import assemble, load, parity, project, resources, snapshot
from clausebook.errors import Problem
from clausebook.messages import tell
from clausebook.model import Library, Loaded, Param, Policy, Section
from clausebook.project import Project
from clausebook.tree import Folder
from tests import small

ROOT = Path(__file__).parent.parent


def lines(texts: dict[str, str]) -> list[str]:
    return [tell(p) for p in small.opened(texts).problems]


def spoken(clause: str, sections: str = "", **files: str) -> tuple[str, str]:
    """Return what clause `a` says in Chinese and English."""
    entry = small.entry(small.document({"a": clause}, sections, **files), "a")
    return entry.text("zh"), entry.text("en")


def uses(*placed: str) -> str:
    listed = "".join(f"      - {line}\n" for line in placed)
    return f"sections:\n  - id: s\n    title: {{zh: 章, en: Chapter}}\n    clauses:\n{listed}"


# Parameters.

PARAMS = """params:
  polite: {type: flag, default: true}
  how: {type: choice, values: [by-use, by-click], default: by-use}
  note: {type: text, default: null}
  keep: {type: duration}
"""
NOTE = "{% if note %}({{ note }}){% endif %}"
BODY = small.text(
    "{% if polite %}请{% endif %}{% if how == 'by-use' %}用{% else %}点{% endif %}{{ keep | duration }}" + NOTE + "。",
    "{% if polite %}Please {% endif %}{% if how == 'by-use' %}use{% else %}click{% endif %} {{ keep | duration }}" + NOTE + ".",
    PARAMS,
)


@pytest.mark.parametrize(
    ("params", "zh", "en"),
    [
        ("keep: P6M", "请用 6 个月。", "Please use six months."),
        ("keep: P1D, polite: false", "用 1 日。", "use one day."),
        ("keep: P1D, how: by-click", "请点 1 日。", "Please click one day."),
        ("keep: P1D, note: {zh: 注, en: note}", "请用 1 日(注)。", "Please use one day(note)."),
        ("keep: P1D, note: ABC", "请用 1 日(ABC)。", "Please use one day(ABC)."),
        ("keep: P1D, note: null", "请用 1 日。", "Please use one day."),
        (
            'keep: P1D, note: "**b** {{ x }} <i>[x](y)"',
            "请用 1 日(**b** {{ x }} <i>[x](y))。",
            "Please use one day(**b** {{ x }} <i>[x](y)).",
        ),
    ],
)
def test_parameters_and_their_defaults(params: str, zh: str, en: str) -> None:
    assert spoken(BODY, uses(f"{{id: a, params: {{{params}}}}}")) == (zh, en)


def test_a_value_makes_no_look_and_no_link() -> None:
    made = small.document({"a": BODY}, uses('{id: a, params: {keep: P1D, note: "**b** [x](https://y.example/)"}}'))
    runs = small.entry(made, "a").blocks["en"][0].runs
    assert [(r.strong, r.href) for r in runs] == [(False, "")]


def test_two_placements_have_their_own_values_and_anchors() -> None:
    made = small.document({"a": BODY}, uses("{id: a, params: {keep: P1D}}", "{id: a, as: b, params: {keep: P2D}}"))
    assert {e.anchor: (e.clause, e.text("en")) for e in made.entries()} == {
        "a": ("a", "Please use one day."),
        "b": ("a", "Please use two days."),
    }


# Conditions.


@pytest.mark.parametrize(("beta", "anchors"), [("true", ["a", "b"]), ("false", ["b"])])
def test_a_condition_on_a_clause(beta: str, anchors: list[str]) -> None:
    clauses = {"a": small.text("甲", "A"), "b": small.text("乙", "B")}
    profile = f"profile:\n  operator: {{beta: {beta}}}\n"
    made = small.document(clauses, uses("{id: a, when: operator.beta}", "b"), profile=profile)
    assert [e.anchor for e in made.entries()] == anchors
    # Numbers count only what is shown.
    assert [e.number.labels["zh"] for e in made.entries() if e.number] == ["（一）", "（二）"][: len(anchors)]


WHEN = """params:
  web: {type: flag}
facts:
  storage:
    - {location: mainland, scope: name, when: web}
    - {location: mainland, scope: ip, when: not web}
    - {location: mainland, scope: phone}
"""


@pytest.mark.parametrize(("web", "scopes"), [("true", ["name", "phone"]), ("false", ["ip", "phone"])])
def test_a_condition_on_a_fact(web: str, scopes: list[str]) -> None:
    body = "{{ facts.storage.scope | terms }}"
    made = small.document({"a": small.text(body, body, WHEN)}, uses(f"{{id: a, params: {{web: {web}}}}}"))
    assert [fact.scope for _, fact in small.entry(made, "a").facts] == scopes  # type: ignore[attr-defined]
    names = {"name": "name", "ip": "IP address", "phone": "phone number"}
    assert small.entry(made, "a").text("en") == " and ".join(names[s] for s in scopes)


# Facts filled from parameters and the profile.

FROM = """params:
  data: {type: terms, of: data}
  days: {type: number, default: null}
facts:
  collects: [{key: sign-up, data: {from: data}, subject: user}]
  rights: [{right: erase, response_days: {from: days}, how: {from: operator.name}}]
  contacts: [{role: operator, channel: e-mail, value: {from: operator.email}}]
"""


def test_facts_take_values_from_parameters_and_the_profile() -> None:
    clause = small.text("收集{{ facts.sign-up.data | terms }}".replace("sign-up", "collects"), "{{ facts.collects.data | terms }}", FROM)
    made = small.document({"a": clause}, uses("{id: a, params: {data: [phone, ip], days: '15'}}"))
    entry = small.entry(made, "a")
    assert (entry.text("zh"), entry.text("en")) == ("收集手机号码、IP 地址", "phone number and IP address")
    assert [(kind, fact.model_dump(exclude_defaults=True)) for kind, fact in entry.facts] == [
        ("collects", {"key": "sign-up", "data": ["phone", "ip"], "subject": "user"}),
        ("rights", {"right": "erase", "response_days": 15, "how": {"zh": "某公司", "en": "Some Company"}}),
        ("contacts", {"role": "operator", "channel": "e-mail", "value": "a@b.example"}),
    ]


def test_an_empty_value_leaves_an_optional_field_out() -> None:
    made = small.document({"a": small.text("甲", "A", FROM)}, uses("{id: a, params: {data: [ip]}}"))
    assert [fact.response_days for kind, fact in small.entry(made, "a").facts if kind == "rights"] == [None]  # type: ignore[attr-defined]


# What assembly finds wrong: what is added to clause `a`, Chinese and English body, the lines.

FAULTS: dict[str, tuple[str, str, list[str]]] = {
    "a parameter that does not fit its fact": (
        small.text("甲", "A", "params: {n: {type: number, default: 9999}}\nfacts:\n  rights: [{right: erase, response_days: {from: n}}]\n"),
        "",
        ["clauses/m/a.yml:4:42: in policy p this fact does not fit: Input should be less than or equal to 3660 "
            "(correct the parameter or the fact)"],
    ),
    "a parameter with a term of another scheme": (
        small.text("甲", "A", "params: {x: {type: term, of: recipients, default: court}}\nfacts:\n  storage: [{location: {from: x}}]\n"),
        "",
        ["clauses/m/a.yml:4:24: “court” is one of recipients, but locations is expected (choose a term of locations)"],
    ),
    "an empty value in a needed field": (
        small.text("甲", "A", "params: {at: {type: term, of: locations, default: null}}\nfacts:\n  storage: [{location: {from: at}}]\n"),
        "",
        ["clauses/m/a.yml:4:24: in policy p this fact does not fit: Field required (correct the parameter or the fact)"],
    ),
    "a value that is not text": (
        small.text("甲", "A\n\n{{ x }}", "params: {x: {type: term, of: data, default: name}}\n"),
        "",
        ["clauses/m/a.yml:13:7: in policy p a value printed here is not text but a term "
            "(use a filter, give it a value, or put it under `if`)"],
    ),
    "a value for another filter": (
        small.text("{{ x | date }}", "A", "params: {x: {type: term, of: data, default: name}}\n"),
        "",
        ["clauses/m/a.yml:7:7: in policy p the filter “date” needs a date (choose another filter or value)"],
    ),
    "a condition that cannot be tested": (
        small.text("甲", "A", "params: {x: {type: number, default: 1}}\nfacts:\n  storage: [{location: mainland, when: x < 'a'}]\n"),
        "",
        [
            "clauses/m/a.yml:4:40: in policy p this text could not be made: '<' not supported between instances of 'int' and 'str' "
            "(simplify it)"
        ],
    ),
    "a reference to what this policy hides": (
        small.text("见{{ ref('b') }}", "See {{ ref('b') }}"),
        uses("a", "{id: b, when: operator.beta}"),
        [
            "clauses/m/a.yml:6:7: policy p shows no “b” (place it there, or put the reference under a condition)",
            "clauses/m/a.yml:10:7: policy p shows no “b” (place it there, or put the reference under a condition)",
        ],
    ),
    "a parameter that refers to what this policy hides": (
        small.text("见{{ x }}", "See {{ x }}", "params: {x: {type: clause}}\n"),
        uses("{id: a, params: {x: b}}", "{id: b, when: operator.beta}"),
        [
            "clauses/m/a.yml:6:11: policy p shows no “b” (place it there, or put the reference under a condition)",
            "clauses/m/a.yml:10:11: policy p shows no “b” (place it there, or put the reference under a condition)",
        ],
    ),
    "a default that lacks a language": (
        small.text("{{ x }}", "{{ x }}", "params: {x: {type: text, default: {zh: 甲}}}\n"),
        "",
        [
            "clauses/m/a.yml:2:35: warning: the text for “en” is missing (add it)",
            "clauses/m/a.yml:11:7: warning: “甲” has no translation "
            "(translate it where it is set; until then the clause is shown in the source language)",
        ],
    ),
    "a fact that lacks a language": (
        small.text("甲", "A", "facts:\n  defines: [{term: {zh: 词}}]\n"),
        "",
        ["clauses/m/a.yml:3:20: warning: the text for “en” is missing (add it)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("clause", "sections", "expected"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong(clause: str, sections: str, expected: list[str]) -> None:
    clauses = {"a": clause, **({"b": small.text("乙", "B")} if sections else {})}
    assert lines(small.files(clauses, sections)) == expected


def test_a_document_with_errors_is_not_shown() -> None:
    opened = small.opened(small.files({"a": FAULTS["a value for another filter"][0]}))
    assert opened.documents == {}


# References.


def test_references_in_both_languages() -> None:
    body = "见{{ ref('s') }}、{{ ref('b') }}、{{ ref('c') }}。"
    clauses = {"a": small.text(body, body), "b": small.text("乙", "B"), "c": small.text("丙", "C")}
    made = small.document(clauses, uses("a", "b", "{id: c, numbered: false}"))
    blocks = small.entry(made, "a").blocks
    assert [(r.text, r.href) for r in blocks["zh"][0].runs] == [
        ("见", ""), ("第一章“章”", "#s"), ("、", ""), ("第一章第（二）节“条”", "#b"), ("、", ""), ("“条”", "#c"), ("。", ""),
    ]  # fmt: skip
    assert [(r.text, r.href) for r in blocks["en"][0].runs if r.href] == [
        ("Section 1 (Chapter)", "#s"), ("Section 1(b) (Clause)", "#b"), ("“Clause”", "#c"),
    ]  # fmt: skip


def test_a_list_of_references() -> None:
    body = "{{ x | bullets }}"
    made = small.document({"a": small.text(body, body, "params: {x: {type: clauses}}\n")}, uses("{id: a, params: {x: [s, a]}}"))
    assert [(b.kind, b.text) for b in small.entry(made, "a").blocks["zh"]] == [
        ("bullet", "第一章“章”；"),
        ("bullet", "第一章第（一）节“条”。"),
    ]


# Translations.


def test_a_missing_translation_leaves_the_source() -> None:
    entry = small.entry(small.opened(small.files({"a": "text:\n  zh:\n    title: 条\n    body: 甲\n"})).documents["p"], "a")
    assert (entry.missing, set(entry.blocks), entry.titles) == (frozenset({"en"}), {"zh"}, {"zh": "条"})


# Terms.


def test_the_document_names_its_terms_in_each_language() -> None:
    facts = "facts:\n  storage: [{location: mainland, scope: face}, {location: mainland, scope: ip}]\n"
    head = small.HEAD + "sensitive: [phone]\nnames:\n  face: {zh: 面部特征, en: face geometry}\n"
    made = small.document({"a": small.text("甲", "A", facts)}, head=head)
    assert made.terms == {
        "face": {"zh": "面部特征", "en": "face geometry"},
        "ip": {"zh": "IP 地址", "en": "IP address"},
        "mainland": {"zh": "中国境内", "en": "mainland China"},
        "phone": {"zh": "手机号码", "en": "phone number"},
    }
    assert made.sensitive == {"face", "phone"}  # by law, and by this policy; `context` alone is not


def test_a_term_without_a_name_is_told_at_the_term() -> None:
    files = small.files({"a": small.text("甲", "A", "facts:\n  storage: [{location: mainland}]\n")})
    files["clauses/vocabulary/locations.yml"] = "scheme: locations\nterms:\n  - {id: mainland, name: {zh: 中国境内}}\n"
    assert lines(files) == ["clauses/vocabulary/locations.yml:3:26: warning: “mainland” has no name in “en” (add it)"]


# The order in which files are found changes nothing.


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_files_changes_nothing(seed: int) -> None:
    facts = "facts:\n  storage: [{location: mainland, scope: face}]\n  rights: [{right: erase}]\n"
    clauses = {name: small.text(f"见{{{{ ref('{name}') }}}}", "A", facts) for name in ("a", "b", "c")}
    texts = small.files(clauses)
    texts["policies/q/policy.yml"] = texts["policies/p/policy.yml"].replace("id: p", "id: q")
    shuffled = list(texts.items())
    random.Random(seed).shuffle(shuffled)
    one, other = small.opened(texts), small.opened(dict(shuffled))
    assert list(one.documents) == list(other.documents) == ["p", "q"]
    assert {key: snapshot.of(d) for key, d in one.sides.items()} == {key: snapshot.of(d) for key, d in other.sides.items()}


# The clauses of this repository: whatever a policy chooses, the languages stay side by side.


@pytest.fixture(scope="module")
def repository() -> Project:
    return project.open(ROOT).sound()


def _choices(param: Param) -> list[Any]:
    """Return values a policy may choose for a parameter that switches text; none for the others."""
    if param.type == "flag":
        return ["true", "false"]
    if param.type == "choice":
        return list(param.values)
    if param.type == "choices":
        return [list(c) for n in range(len(param.values), 0, -1) for c in itertools.combinations(param.values, n)]
    return []


def _chosen(library: Library, sections: list[Section], pick: Any) -> list[Section]:
    """Return the sections with the switching parameters of each clause set to what `pick(clause, parameter, values)` gives."""

    def params(clause: str, given: dict[str, Any]) -> dict[str, Any]:
        switches = {name: _choices(param) for name, param in library.clauses[clause].value.params.items()}
        picked = {name: pick(clause, name, values) for name, values in switches.items() if values}
        optional = {
            name: None for name, param in library.clauses[clause].value.params.items() if param.default is None and not switches[name]
        }
        dropped = {name: None for name in optional if pick(clause, name, [False, True])}
        return {**given, **picked, **dropped}

    return [
        s.model_copy(
            update={
                "clauses": [use.model_copy(update={"params": params(use.id, use.params)}) for use in s.clauses],
                "sections": _chosen(library, s.sections, pick),
            }
        )
        for s in sections
    ]


def _unpaired(library: Library, policy_id: str, pick: Any) -> Iterator[str]:
    loaded: Loaded[Policy] = library.policies[policy_id]
    policy = loaded.value.model_copy(update={"sections": _chosen(library, loaded.value.sections, pick)})
    varied = replace(library, policies={**library.policies, policy_id: replace(loaded, value=policy)})
    made, problems = assemble.document(varied, policy_id)
    yield from map(tell, filter(_breaks, problems))
    for entry in made.entries():
        zh, en = entry.blocks["zh"], entry.blocks["en"]
        if [(b.kind, b.depth, b.number) for b in zh] != [(b.kind, b.depth, b.number) for b in en]:
            yield f"{entry.anchor}: {[b.text for b in zh]} {[b.text for b in en]}"
        for block in (*zh, *en):
            if "**" in block.text or not block.text.strip():
                yield f"{entry.anchor}: {block.text!r}"


def _breaks(found: Problem) -> bool:
    return found.code in {"body-failed", "body-not-text", "filter-value"}


@pytest.mark.parametrize("policy_id", ["enterprise-email", "gov-im"])
def test_each_choice_of_each_real_clause_pairs(repository: Project, policy_id: str) -> None:
    """Each value of each switch is taken in turn, all others as they are and all others at their first value."""
    library = repository.library
    longest = max(len(_choices(p)) for c in library.clauses.values() for p in c.value.params.values() if p.type != "choices")
    assert longest >= 2
    for turn in range(longest):
        assert list(_unpaired(library, policy_id, lambda c, n, values, at=turn: values[at % len(values)])) == []


@pytest.mark.parametrize("policy_id", ["enterprise-email", "gov-im"])
@pytest.mark.parametrize("turn", range(3))
def test_each_choice_says_the_same_in_both_languages(repository: Project, policy_id: str, turn: int) -> None:
    library, loaded = repository.library, repository.library.policies[policy_id]
    sections = _chosen(library, loaded.value.sections, lambda c, n, values: values[turn % len(values)])
    policy = replace(loaded, value=loaded.value.model_copy(update={"sections": sections}))
    varied = replace(library, policies={**library.policies, policy_id: policy})
    checks, _ = load.checks(Folder(resources.PACKAGE), "checks")
    found = parity.check(assemble.document(varied, policy_id)[0], checks, varied)
    assert [f"{f.rule.id} {f.place} {f.words} {f.against} {f.theirs}" for f in found] == []


@pytest.mark.parametrize("policy_id", ["enterprise-email", "gov-im"])
@given(picks=st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=60))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_choices_of_real_clauses_pair(repository: Project, policy_id: str, picks: list[int]) -> None:
    turns = itertools.cycle(picks)
    assert list(_unpaired(repository.library, policy_id, lambda _c, _n, values: values[next(turns) % len(values)])) == []
