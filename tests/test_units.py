"""Units: a clause cut into what is translated, and put together again without a byte changed."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clausebook import project, translation, units
from clausebook.model import ClauseText, Settings
from clausebook.units import Segment
from tests import small
from tests.conftest import ROOT

DAY = datetime.date(2026, 6, 1)

BODY = """{% if x %}
Some {{ a | terms }} text
  that goes on:

- one;
- two
  more {% if y %}(y){% endif %}.

  {{ z }}
{{ list | bullets }}
{% else %}
1. Numbered
{% endif %}

"""


def test_the_blocks_of_a_body() -> None:
    found = units.segments(BODY)
    assert [part.text for part in found] == [
        "Some {{ a | terms }} text\n  that goes on:",
        "one;",
        "two\n  more {% if y %}(y){% endif %}.",
        "Numbered",
        "",
    ]
    assert [part.shape for part in found][:2] == [("{% if x %}", "", "0"), ("-", "0")]
    assert found[3].lead == "\n\n  {{ z }}\n{{ list | bullets }}\n{% else %}\n1. "


@given(st.text(st.sampled_from("a{}%-1. \n\t甲"), max_size=60))
def test_the_blocks_of_any_text_join_to_it_again(body: str) -> None:
    assert units.joined(units.segments(body)) == body


def test_filled_puts_other_words_in_the_same_places() -> None:
    made = units.filled(units.segments(BODY), ["A", "B", "C", "D"])
    assert made.startswith("{% if x %}\nA\n\n- B\n- C\n")
    assert units.pairs(units.segments(BODY), units.segments(made))


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("one;", "three", True),
        ("- two", "- two\n- three", False),
        ("- two", "* two", False),
        ("1. N", "2. N", True),
        ("{% else %}", "{% elif z %}", False),
        ("\n- one", "- one", True),
    ],
)
def test_what_pairs(old: str, new: str, same: bool) -> None:
    assert units.pairs(units.segments(BODY), units.segments(BODY.replace(old, new))) is same


@pytest.mark.parametrize(
    ("source", "target", "lost", "strange"),
    [
        ("{{ a }}甲{{ b | terms }}", "{{ b | terms('or') | capital }} A {{a}}", [], []),
        ("{{ a }}甲{{ a }}", "A {{ a }}", [], []),
        ("{{ a }}甲", "A", ["{{ a }}"], []),
        ("{{ a }}甲", "A {{ a }} {{ b }}", [], ["{{ b }}"]),
        ("{{ ref('x') }}", "{{ ref('y') }}", ["{{ ref('x') }}"], ["{{ ref('y') }}"]),
        ("{% if a %}甲{% endif %}", "A", ["{% if a %}", "{% endif %}"], []),
        ("{%- if a -%}甲{% endif %}", "{% if a %}A{%  endif %}", [], []),
    ],
)
def test_which_placeholders_did_not_come_back(source: str, target: str, lost: list[str], strange: list[str]) -> None:
    assert units.lost(source, target) == (lost, strange)


def of(text: str, origin: ClauseText | None = None) -> list[units.Unit]:
    library = small.opened(small.files({"a": text})).library
    return units.of(library, translation.of_library(library, Settings(), DAY)[0], origin)


FACTS = "facts:\n  collects:\n    - {data: [phone], subject: user, sensitive: {necessity: {zh: 必要, en: needed}}}\n"
OLD = "    title: Clause\n    translates: 00000000\n"


def test_a_unit_has_context() -> None:
    title, first = of(small.text("您的手机号码和姓名", "Your phone number and name", FACTS))
    assert (title.id, title.source, title.target) == ("a#title", "条", "Clause")
    assert title.notes == ("collects: data = phone; subject = user; sensitive = necessity 必要",)
    assert (first.id, first.target) == ("a#b1", "Your phone number and name")
    assert first.notes == ("手机号码 = phone number", "姓名 = name")


@pytest.mark.parametrize(
    ("origin", "behind", "previous"),
    [
        (None, [True, True, True], ["", "", ""]),
        (ClauseText(title="条", body="甲\n\n丙\n"), [False, False, True], ["", "", "丙"]),
        (ClauseText(title="款", body="甲\n\n乙\n"), [True, False, False], ["款", "", ""]),
        (ClauseText(title="条", body="甲\n"), [True, True, True], ["", "", ""]),  # other blocks
        (ClauseText(title="条", body="甲\n\n\n乙\n"), [True, True, True], ["", "", ""]),  # the same words
    ],
)
def test_only_what_changed_is_behind(origin: ClauseText | None, behind: list[bool], previous: list[str]) -> None:
    found = of(small.text("甲\n\n乙", "A\n\nB").replace("    title: Clause\n", OLD), origin)
    assert ([unit.behind for unit in found], [unit.previous for unit in found]) == (behind, previous)


def test_a_translation_with_other_blocks_has_only_its_title() -> None:
    assert [unit.target for unit in of(small.text("甲\n\n乙", "A"))] == ["Clause", "", ""]


def test_every_clause_of_this_repository_pairs() -> None:
    opened = project.open(ROOT).sound()
    for found in translation.of_library(opened.library, opened.settings, DAY):
        text = opened.library.clauses[found.clause].value.text
        source, target = (units.segments(text[locale].body) for locale in (found.source, found.locale))
        assert units.joined(source) == text[found.source].body
        assert units.pairs(source, target), found.clause
        assert source[-1] == Segment(source[-1].lead, "")
