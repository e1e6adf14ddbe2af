"""What pydantic finds wrong is told in our words, at the place of the value or the key; nothing is told in pydantic's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausebook import records, yamltree
from clausebook.facts import KINDS, Collects, Facts, Shares
from clausebook.messages import tell
from clausebook.model import Clause, Policy, Settings, Vocabulary

CLAUSE = "id: a\ntext: {zh: {title: 一, body: 二}}\n"


def said(model: type[Any], text: str) -> list[str]:
    tree = yamltree.read("a.yml", text.encode())
    records.make(model, tree)
    return [tell(p).removeprefix("a.yml:") for p in sorted(tree.problems)]


@pytest.mark.parametrize(
    ("model", "text", "expected"),
    [
        (Vocabulary, "scheme: data\nterms: []\n", []),
        (Vocabulary, "scheme: data\n", ["1:1: “terms” is missing (add it)"]),
        (Vocabulary, "scheme: data\nterms: {}\n", ["2:8: expected a list, got named values (write [a, b] or one `- item` a line)"]),
        (Vocabulary, "scheme: data\nterms: [a]\n", ["2:9: expected named values, got “a” (write `name: value`)"]),
        (Vocabulary, "scheme: data\nterms: [{id: a}]\n", ["2:9: “name” is missing (add it)"]),
        (Vocabulary, "scheme: data\nterms: [{id: a, name: {ZH: 一}}]\n",
         ["2:24: “ZH” cannot be used as a name here (use lower-case letters, digits and - or _; a locale is written zh or en)"]),
        (Vocabulary, "scheme: data\nterms: [{id: a, name: {zh: 一}, sensitive: yes}]\n",
         ["2:43: “yes” is not known here (known: none, context, law, stated)"]),
        (Vocabulary, "scheme: data\nterms: [{id: A B, name: {zh: 一}}]\n",
         ["2:14: “id” cannot be “A B” (use lower-case letters, digits and single hyphens)"]),
        (Policy, "id: a\ntitle: {zh: 一}\nlocales: zh\nsections: []\n",
         ["3:10: expected a list, got “zh” (write [a, b] or one `- item` a line)", "4:11: “sections” is empty (fill it in or delete it)"]),
        (Policy, "id: a\ntitle: 一\nlocales: [zh]\nsections: [{id: s, title: {zh: 一}, clauses: [{as: b}]}]\n",
         ["2:8: expected named values, got “一” (write `name: value`)", "4:46: “id” is missing (add it)"]),
        (Policy, "id: a\ntitle: {zh: 一}\nlocales: [zh]\nsections: [{id: s, title: {zh: 一}, clauses: [{id: b, param: {}}]}]\n",
         ["4:54: nothing is called “param” here (did you mean “params”?)"]),
        (Policy, "id: a\ntitle: {zh: 一}\nlocales: [zh]\nsections: [{id: s, title: {zh: 一}, clauses: [[b]]}]\n",
         ["4:46: expected named values, got a list (write `name: value`)"]),
        (Policy, "id: a\ntitle: {zh: 一}\nlocales: [zh]\nsample: yes\nsections: [{id: s, title: {zh: 一}}]\n",
         ["4:9: expected true or false, got “yes” (write true or false)"]),
        (Policy, "id: a\ntitle: {zh: 一}\nlocales: [zh]\nprofile: {Product: {name: x}}\nsections: [{id: s, title: {zh: 一}}]\n",
         ["4:11: “Product” cannot be used as a name here (use lower-case letters, digits and - or _; a locale is written zh or en)"]),
        (Clause, CLAUSE + "facts: {collects: [{data: [A], subject: {from: A.b}}]}\n",
         ["3:28: “data” cannot be “A” (use lower-case letters, digits and single hyphens)",
          "3:48: “from” cannot be “A.b” (use lower-case letters, digits and single hyphens)"]),
        (Clause, CLAUSE + "facts: {minors: [{threshold: {op: lt, age: 0}}]}\n", ["3:44: 0 is out of range (the limit is 1)"]),
        (Clause, CLAUSE + "facts: {changes: [{notice_days: ３０}]}\n", []),
        (Settings, "clause: x\n", ["1:1: nothing is called “clause” here (did you mean “clauses”?)"]),
    ],
)  # fmt: skip
def test_problem(model: type[Any], text: str, expected: list[str]) -> None:
    assert said(model, text) == expected


def test_terms_of_a_record() -> None:
    fact = Collects.model_validate({"data": ["a", "b"], "subject": "c", "purposes": {"from": "x"}, "method": "d", "key": "k"})
    assert list(records.terms(fact)) == [
        (("data", 0), "data", "a"), (("data", 1), "data", "b"), (("subject",), "subjects", "c"), (("method",), "methods", "d"),
    ]  # fmt: skip
    assert list(records.sources(fact)) == [(("purposes",), "x")]


def test_sources_below_a_record() -> None:
    fact = Shares.model_validate({"recipient": {"from": "a.b"}, "relation": "sdk", "sdk": {"package": "p", "operator": {"from": "c"}}})
    assert list(records.sources(fact)) == [(("recipient",), "a.b"), (("sdk", "operator"), "c")]


@pytest.mark.parametrize(
    ("word", "known", "expected"), [("titel", ["title", "body"], "title"), ("zebra", ["title", "body"], ""), ("a", [], "")]
)
def test_near(word: str, known: list[str], expected: str) -> None:
    assert records.near(word, known) == expected


SHAPES = st.recursive(
    st.one_of(
        st.none(),
        st.sampled_from(["", "a", "A b", "zh", "from", "true", "no", "1", "-1", "P1D", "https://a.b", "@from", "data", "@missing"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["zh", "from", "id", "type", "of", "op", "package"]), inner, max_size=3),
    ),
    max_leaves=6,
)


@settings(max_examples=200)
@given(st.data())
def test_any_value_for_any_field_is_told_in_our_words(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    (model,) = records.inner_models(Facts.model_fields[kind].annotation)
    names = sorted({field.alias or name for name, field in model.model_fields.items()})
    fact = data.draw(st.dictionaries(st.sampled_from([*names, "other"]), SHAPES, max_size=4))
    tree = yamltree.Tree(
        yamltree.read("a.yml", b"a: b").source, {"id": "a", "text": {"zh": {"title": "a", "body": "b"}}, "facts": {kind: [fact]}}
    )
    record = records.make(Clause, tree)
    assert (record is None) == bool(tree.problems)
    assert [p.code for p in tree.problems if p.code == "value-wrong"] == []
    assert all(tell(p, locale) for p in tree.problems for locale in ("en", "zh"))
