"""Where translations stand: by the text and the facts they were made from, and what people have said of them."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest

from clausebook import project, translation
from clausebook.document import Side
from clausebook.messages import tell
from clausebook.model import ClauseText, Library, Settings
from clausebook.translation import Translation
from tests import small
from tests.conftest import ROOT

DAY = datetime.date(2026, 6, 1)

SOURCE = ClauseText(title="条", body="甲\n\n乙\n")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (ClauseText(title="条", body="甲  \n\n乙\n\n"), True),  # ends of lines and of the text do not count
        (ClauseText(title="条", body="甲\n\n乙", translates="0" * 8), True),
        (ClauseText(title="条", body="甲\n乙\n"), False),
        (ClauseText(title="条 ", body="甲\n\n丙\n"), False),
        (ClauseText(title="款", body="甲\n\n乙\n"), False),
    ],
)
def test_fingerprint_of_a_text(text: ClauseText, same: bool) -> None:
    assert (translation.fingerprint(text) == translation.fingerprint(SOURCE)) is same
    assert len(translation.fingerprint(text)) == 8


def test_the_fingerprint_does_not_depend_on_how_a_letter_is_composed() -> None:
    composed, apart = (ClauseText(title="t", body=body) for body in ("caf\u00e9", "cafe\u0301"))
    assert translation.fingerprint(composed) == translation.fingerprint(apart)


FACTS = """facts:
  collects:
    - {data: [name], subject: user, purposes: [identify]}
    - {data: [phone], subject: user, sensitive: {necessity: {zh: 必要, en: needed}}}
"""


def facts_print(facts: str) -> str:
    made = small.opened(small.files({"a": small.text("甲", "A", facts)})).sound()
    return translation.fact_fingerprint(made.library.clauses["a"].value, "zh")


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("    - {data: [name], subject: user, purposes: [identify]}\n", "", False),
        ("[identify]", "[identify, secure]", False),
        ("必要", "必需", False),
        ("needed", "required", True),  # only the source counts
        ("subject: user, purposes: [identify]", "purposes: [identify], subject: user", True),
        ("subject: user, purposes: [identify]", "subject: user, method: null, purposes: [identify]", True),
        ("facts:", "# said\nfacts:", True),
    ],
)
def test_fingerprint_of_facts(old: str, new: str, same: bool) -> None:
    assert old in FACTS
    assert (facts_print(FACTS.replace(old, new)) == facts_print(FACTS)) is same


def test_the_order_of_facts_does_not_count() -> None:
    head, one, two = FACTS.split("    - ")
    assert facts_print(f"{head}    - {two}    - {one}") == facts_print(FACTS)


TEXT = translation.fingerprint(ClauseText(title="条", body="甲\n"))
FACT = facts_print(FACTS)
HELD = "waived: {en: {reason: 试行, by: 王某, until: 2026-06-01}}\n"
OLD = HELD.replace("2026-06-01", "2026-05-31")
ATTESTED = f"attested: {{source: {TEXT}, by: 李某, reason: 仅改标点}}"


def clause(head: str = "", lines: str = "", *, lacking: bool = False) -> str:
    """Return a clause with facts whose English text has some lines more."""
    whole = small.text("甲", "A", head + FACTS)
    if lacking:
        return whole[: whole.index("  en:\n")]
    more = "".join(f"    {line}\n" for line in lines.split(" & ") if line)
    return whole.replace("title: Clause\n", f"title: Clause\n{more}")


@pytest.mark.parametrize(
    ("text", "state", "without"),
    [
        (clause(), "current", "current"),  # names nothing, so nothing is behind
        (clause(lines=f"translates: {TEXT} & facts: {FACT}"), "current", "current"),
        (clause(lines="translates: 00000000"), "stale-text", "stale-text"),
        (clause(lines=f"translates: 00000000 & facts: {'0' * 8}"), "stale-text", "stale-text"),
        (clause(lines=f"translates: {TEXT} & facts: 00000000"), "stale-facts", "stale-facts"),
        (clause(lacking=True), "missing", "missing"),
        (clause(lines=f"translates: {TEXT} & machine_draft: true"), "machine-draft", "machine-draft"),
        (clause(lines="translates: 00000000 & machine_draft: true"), "stale-text", "stale-text"),
        (clause(lines=f"translates: {TEXT} & {ATTESTED}"), "attested", "attested"),
        (clause(lines=f"translates: 00000000 & {ATTESTED}"), "stale-text", "stale-text"),
        (clause(lines=f"translates: {TEXT} & facts: 00000000 & {ATTESTED}"), "stale-facts", "stale-facts"),
        (clause(lines=f"translates: {TEXT} & {ATTESTED.replace(TEXT, '0' * 8)}"), "current", "current"),  # said of an older source
        (clause(HELD, "translates: 00000000"), "waived", "stale-text"),
        (clause(OLD, "translates: 00000000"), "stale-text", "stale-text"),
        (clause(HELD, lacking=True), "waived", "missing"),
        (clause(HELD, f"translates: {TEXT}"), "current", "current"),  # nothing to waive
    ],
)
def test_states(text: str, state: str, without: str) -> None:
    opened = small.opened(small.files({"a": text})).sound()
    assert translation.of_library(opened.library, Settings(), DAY) == [Translation("a", "en", "zh", state, without)]  # type: ignore[arg-type]
    entry = small.entry(opened.documents["p"], "a")
    assert ("en" in entry.stale, "en" in entry.missing) == (without.startswith("stale"), without == "missing")
    told = list(translation.problems(opened.library, Settings(), DAY))
    assert [p.severity for p in told if p.code != "translation-unrecorded"] == ["warning"] * (state in translation.OPEN)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "lacking",
            "7:3: warning: there is no “en” text (translate the clause)",
        ),
        (
            "translates: 00000000",
            f"13:17: warning: the “en” text was made from an older source (revise it, then write translates: {TEXT})",
        ),
        (
            "facts: 00000000",
            f"13:12: warning: the facts have changed since the “en” text was made (read it again, then write facts: {FACT})",
        ),
        ("machine_draft: true", "13:20: warning: a machine made the “en” text (have somebody read it, then delete this line)"),
    ],
)
def test_a_warning_says_what_to_do(lines: str, told: str) -> None:
    library = small.opened(small.files({"a": clause(lines=lines, lacking=lines == "lacking")})).library
    assert [tell(p) for p in translation.problems(library, Settings(), DAY)] == [f"clauses/m/a.yml:{told}"]


@pytest.mark.parametrize(
    ("lines", "noted"),
    [("", True), (f"translates: {TEXT}", True), (f"facts: {FACT}", True), (f"translates: {TEXT} & facts: {FACT}", False)],
)
def test_a_translation_that_cannot_fall_behind_is_noted(lines: str, noted: bool) -> None:
    library = small.opened(small.files({"a": clause(lines=lines)})).library
    told = [f"{tell(p)} {p.severity}" for p in translation.problems(library, Settings(), DAY)]
    said = "nothing says what the “en” text was made from, so it cannot be seen to fall behind"
    do = "(where it holds today, run: clausebook translate record a)"
    assert told == [f"clauses/m/a.yml:12:5: note: {said} {do} info"] * noted


def test_a_clause_nobody_uses_stands_in_the_languages_of_the_site() -> None:
    texts = {**small.files({"a": clause()}), "clauses/m/x.yml": "id: x\ntext:\n  en: {title: T, body: B}\n"}
    library = small.opened(texts).library
    assert [(t.locale, t.source, t.state) for t in translation.of_library(library, Settings(), DAY) if t.clause == "x"] == [
        ("zh", "en", "missing")
    ]


def test_a_policy_in_one_language_asks_for_no_translation() -> None:
    texts = small.files({"a": clause(lacking=True)}, head=small.HEAD.replace("[zh, en]", "[zh]"))
    library = small.opened({**texts, "clauses/m/x.yml": "id: x\ntext:\n  zh: {title: 条, body: 甲}\n"}).sound().library
    assert [t.clause for t in translation.of_library(library, Settings(), DAY)] == ["x"]  # no policy says in which languages
    assert list(translation.problems(library, Settings(), DAY)) == []


def test_every_policy_has_its_own_source() -> None:
    second = "id: q\ntitle: {zh: 政策, en: Policy}\nlocales: [en, zh]\nsections:\n  - {id: s, title: {zh: 章, en: C}, clauses: [a]}\n"
    opened = small.opened({**small.files({"a": clause(lines="translates: 00000000")}), "policies/q/policy.yml": second}).sound()
    states = {key: translation.of_policy(opened.library, loaded.value, DAY) for key, loaded in opened.library.policies.items()}
    assert {key: [(t.locale, t.source, t.state) for t in found] for key, found in states.items()} == {
        "p": [("en", "zh", "stale-text")],
        "q": [("zh", "en", "current")],
    }


@pytest.mark.parametrize(
    ("blocks", "levels", "blocked"),
    [
        ("material", {"a": "material", "b": "material"}, ["a"]),
        ("material", {"a": "editorial", "b": "material"}, []),
        ("material", {}, []),
        ("always", {}, ["a"]),
        ("never", {"a": "material"}, []),
    ],
)
def test_what_blocks_a_release(blocks: str, levels: dict[str, str], blocked: list[str]) -> None:
    opened = small.opened(small.files({"a": clause(lines="translates: 00000000"), "b": clause(), "c": clause(HELD, lacking=True)})).sound()
    side = Side(opened.documents["p"], opened.library)
    found = translation.blocking(side, levels, Settings.model_validate({"blocks": blocks}), DAY)
    assert [entry.anchor for entry, _ in found] == blocked


@pytest.fixture(scope="module")
def own_library() -> Library:
    return project.open(ROOT).sound().library


def test_no_translation_of_this_repository_is_behind(own_library: Library) -> None:
    states = Counter(t.state for t in translation.of_library(own_library, Settings(), DAY))
    assert set(states) <= {"current", "attested"}


def test_every_translation_of_this_repository_says_what_it_was_made_from(own_library: Library) -> None:
    """So that one falls behind when the text or a fact changes, and not in silence."""
    clauses = own_library.clauses
    found = translation.of_library(own_library, Settings(), DAY)
    assert [t.clause for t in found if translation.unrecorded(clauses[t.clause].value, t)] == []
