"""Reports as text, each compared with what it should be to the character."""

from __future__ import annotations

import json

import pytest

from clausebook import formats, project
from tests import small

# Where a clause is used, and a document as text.

SECTIONS = """sections:
  - id: one
    title: {zh: 第一, en: First}
    clauses: [a]
    sections:
      - id: inner
        title: {zh: 里, en: Inner}
        numbered: false
        clauses: [{id: a, as: again, numbered: false}]
  - {id: two, title: {zh: 二, en: Second}, clauses: [b]}
"""
BODY = "前言：\n\n1. 甲\n   - 乙\n1. 丙"
OPENED = small.opened(small.files({"a": small.text(BODY, BODY), "b": small.text("丁", "D"), "c": small.text("戊", "E")}, SECTIONS)).sound()


def test_placements() -> None:
    assert formats.placements(project.where(OPENED, "a"), OPENED, "a").splitlines() == [
        "p: one 第一章第（一）节 (policies/p/policy.yml:9:15)",
        "p: one > inner (policies/p/policy.yml:14:19)",
        "a: 2 places in 1 of 1 policies",
    ]


def test_placements_of_a_clause_nobody_uses() -> None:
    assert formats.placements(project.where(OPENED, "c"), OPENED, "c") == "c: used by no policy"


def test_placements_json() -> None:
    assert json.loads(formats.placements_json(project.where(OPENED, "b"))) == {
        "version": 1,
        "places": [
            {"policy": "p", "sections": ["two"], "anchor": "b", "number": "第二章第（一）节", "place": "policies/p/policy.yml:15:53"}
        ],
    }


def test_text() -> None:
    assert formats.text(OPENED.documents["p"], "zh", None).splitlines() == [
        "# 一、 第一", "",
        "[a] （一） 条", "前言：", "  1. 甲", "    - 乙", "  2. 丙", "",
        "# 里", "",
        "[again] 条", "前言：", "  1. 甲", "    - 乙", "  2. 丙", "",
        "# 二、 二", "",
        "[b] （一） 条", "丁",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("only", "anchors"), [("b", ["[b] (a) Clause"]), ("again", ["[again] Clause"]), ("a", ["[a] (a) Clause", "[again] Clause"])]
)
def test_text_of_one_clause(only: str, anchors: list[str]) -> None:
    lines = formats.text(OPENED.documents["p"], "en", only).splitlines()
    assert [line for line in lines if line.startswith("[")] == anchors


def test_text_writes_out_what_a_terminal_could_act_on() -> None:
    made = small.document({"a": small.text("甲\u3000乙", "A")})
    assert formats.text(made, "zh", "a").splitlines()[-1] == "甲U+3000乙"


def test_text_json() -> None:
    assert json.loads(formats.text_json(OPENED.documents["p"], "en", "b")) == [
        {"clause": "b", "as": "b", "part": "title", "text": "Clause"},
        {"clause": "b", "as": "b", "part": "body", "text": "D"},
    ]
