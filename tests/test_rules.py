"""How serious each change is, and its sentence: cases of every kind, there and back; what the table promises; what people attest."""

from __future__ import annotations

import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from clausebook import diff, messages, project, records, rules, sentences
from clausebook.diff import IDENTITY, Change, Comparison, Item
from clausebook.document import Side
from clausebook.facts import KINDS, Facts
from clausebook.kinds import FIELDS, OTHERWISE, TOLD, WHOLE, one
from clausebook.model import ChangeSettings, NoticeDays, Settings, Source
from clausebook.release import Attested, Notes, Version
from clausebook.rules import DETAILS, Verdict
from clausebook.sentences import DAYS, DURATIONS, SUBJECT
from tests import judging
from tests.judging import Way

ROOT = Path(__file__).parent.parent
BOOK = project.rulebook()
WAYS = judging.ways()
LOCALES = ("zh", "en")


# Cases


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_case(way: Way) -> None:
    assert judging.told(*judging.judged(judging.side(way.old), judging.side(way.new), way.attest)) == way.expected


def test_every_kind_is_reached_by_a_case() -> None:
    assert set(BOOK.by_id) - {found["is"].split()[0] for way in WAYS for found in way.expected} == set()


def test_every_case_of_a_kind_is_reached() -> None:
    """A variant shows by what it sets otherwise: a level or a direction."""
    reached = {tuple(found["is"].split()[:3]) for way in WAYS for found in way.expected}
    for kind in BOOK.kinds:
        for name in ("", *kind.variants):
            case = kind.case(name)
            if kind.id in {k for kinds in BOOK.criteria.values() for k in kinds}:
                continue
            attested = {level for k, level, _ in reached if k == kind.id}
            assert (kind.id, case.level, case.direction) in reached or case.level not in attested, (kind.id, name)


def _there_and_back() -> set[tuple[str, str]]:
    found = set()
    for case in judging.cases():
        for forth in case["forth"]:
            for back in case.get("back", []):
                pair = forth["is"].split()[0], back["is"].split()[0]
                found |= {pair, pair[::-1]}
    return found


def test_a_mirror_is_what_the_way_back_is() -> None:
    assert {(kind.id, kind.mirror) for kind in BOOK.kinds if kind.mirror} - _there_and_back() == set()


def test_a_reason_for_no_mirror_holds() -> None:
    """The way back of such a kind is the same kind, or it is not made by a change at all."""
    known = {
        "storage-location-changed": {"transfer-added"},
        "text-edited": set(),
        "text-meaning-changed": set(),
        "fact-backfilled-no-text-change": set(),
    }
    for kind in BOOK.kinds:
        if kind.no_mirror:
            back = {b for a, b in _there_and_back() if a == kind.id} - known.get(kind.id, set())
            assert kind.id in back or not back, (kind.id, back)


def test_mirrors_point_the_other_way() -> None:
    other = {"worse": {"better", "neutral"}, "better": {"worse", "neutral"}, "neutral": {"better", "worse", "neutral"}}
    assert [k.id for k in BOOK.kinds if k.mirror and BOOK.by_id[k.mirror].direction not in other[k.direction]] == [
        "data-recategorised-sensitive",
        "data-recategorised-normal",
    ]


# The table and the catalogues


def test_the_kinds_and_the_sentences_are_the_same() -> None:
    for locale in LOCALES:
        assert set(messages.catalogue(locale)["changes"]) == set(BOOK.by_id), locale


@pytest.mark.parametrize("kind", BOOK.by_id)
def test_a_kind_has_a_title_and_says_the_same_values_in_every_language(kind: str) -> None:
    fields = []
    for locale in LOCALES:
        row = messages.catalogue(locale)["changes"][kind]
        assert row["title"]
        fields.append({name for _, name, _, _ in string.Formatter().parse(row["sentence"]) if name})
    assert fields[0] == fields[1] <= {"what", "old", "new", "turn", "field"}


def test_every_material_kind_says_why() -> None:
    assert [kind.id for kind in BOOK.kinds if kind.level == "material" and not kind.why] == []
    said = [words for kind in BOOK.kinds for words in (kind.why, kind.no_mirror) if words]
    assert [words for words in said if set(words) != set(LOCALES)] == []


def test_only_editorial_kinds_leave_practice_alone_or_texts_do() -> None:
    """What a fact says is practice; words alone are not."""
    words = {"liability-limit-changed", "text-unclassified", "title-changed", "term-renamed"}
    words |= {"translation-removed", "translation-correction-of-meaning"}
    low = ("editorial", "translation", "internal")
    assert {k.id for k in BOOK.kinds if k.practice == "none" and k.level not in low} == words
    assert {k.id for k in BOOK.kinds if k.practice == "changed" and k.level in low} == {"sdk-version-changed"}


def test_no_kind_asks_for_consent_below_material() -> None:
    assert [kind.id for kind in BOOK.kinds if kind.reconsent != "none" and kind.level != "material"] == []


# The fact model


def _model(kind: str) -> Any:
    return records.inner_models(Facts.model_fields[kind].annotation)[0]


@cache
def fields(kind: str) -> tuple[tuple[str, Any], ...]:
    """Return every field of a kind of fact by its path, with its declaration."""
    return tuple(_fields(_model(kind), ""))


def _fields(model: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        inner = [found for found in records.inner_models(field.annotation) if found.__name__ != "From"]
        if name in ("key", "when"):
            continue
        if inner:
            yield from _fields(inner[0], f"{path}{name}.")
        else:
            yield path + name, field


def _literal(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for found in map(_literal, get_args(annotation)) if found), ())


def _checks(annotation: Any) -> set[str]:
    """Return the names of the functions that check a field, wherever they stand in its annotation."""
    marks = getattr(annotation, "__metadata__", ())
    named = {mark.func.__name__ for mark in marks if hasattr(mark, "func") and hasattr(mark.func, "__name__")}
    return named.union(*(_checks(inner) for inner in get_args(annotation) if inner is not annotation))


def _two(name: str, field: Any) -> tuple[str, str]:
    """Return two values a field can have."""
    last = name.rsplit(".", 1)[-1]
    choices = _literal(field.annotation)
    if choices:
        return choices[0], choices[-1]
    if last in DURATIONS:
        return "P3M", "P6M"
    if last in DAYS or last == "age":
        return "14", "30"
    if "url" in last:
        return "https://a.example/", "https://b.example/"
    if "_flag" in _checks(field.annotation):
        return "true", "false"
    return "one", "two"


NAMES = [(kind, name) for kind in KINDS for name, _ in fields(kind)]


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_every_field_of_every_fact_is_judged(kind: str, name: str) -> None:
    """Gained, lost or changed, it is of a kind that is at least substantive, but for what is no practice."""
    first, second = _two(name, dict(fields(kind))[name])
    comparison = _nothing()
    key = tuple("" for _ in IDENTITY[kind])
    for old, new in (((), (first,)), ((first,), ()), ((first,), (second,)), ((second,), (first,))):
        change = Change(kind, key, Item(kind, key, {name: old}), Item(kind, key, {name: new}))
        found = list(one(change, comparison, BOOK)) if old != new else []
        assert found or first == second, (old, new)
        for judged in found:
            low = BOOK.by_id[judged.kind].case(judged.variant).level in ("editorial", "translation", "internal")
            assert not low or judged.kind in ("law-citation-updated", "sdk-version-changed", "period-reworded"), judged


@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_that_comes_or_goes_is_judged(kind: str) -> None:
    key = tuple("a" for _ in IDENTITY[kind])
    for old, new in ((None, Item(kind, key, {})), (Item(kind, key, {}), None)):
        found = list(one(Change(kind, key, old, new), _nothing(), BOOK))
        assert found
        assert {BOOK.by_id[judged.kind].level for judged in found} <= {"material", "substantive"}


@cache
def _nothing() -> Comparison:
    return diff.compare(judging.side({}), judging.side({}))


def test_the_tables_name_fields_there_are() -> None:
    known = {kind: {name for name, _ in fields(kind)} for kind in KINDS}
    for table in (FIELDS, TOLD, DETAILS):
        assert {(kind, name) for kind, names in table.items() for name in names if name not in known[kind]} == set()
    assert set(OTHERWISE) == set(KINDS) == set(IDENTITY)
    assert set(KINDS) - set(WHOLE) == {"collects", "shares", "cookies"}


def test_every_field_has_a_name_and_every_choice_a_word() -> None:
    for locale in LOCALES:
        words, choices = messages.catalogue(locale)["change-words"], messages.catalogue(locale)["choices"]
        for kind in KINDS:
            for name, field in fields(kind):
                last = name.rsplit(".", 1)[-1]
                assert last in words["fields"], (locale, last)
                for value in _literal(field.annotation):
                    assert (words["choices"].get(last) or choices[last])[value], (locale, last, value)


def test_durations_are_known_by_their_name() -> None:
    found = {name.rsplit(".", 1)[-1] for kind in KINDS for name, field in fields(kind) if "_duration" in _checks(field.annotation)}
    assert found == DURATIONS
    assert set(SUBJECT) == {kind for kind in KINDS if IDENTITY[kind]}


# What must hold whatever the case


def test_a_typo_never_asks_for_fresh_consent_and_a_new_recipient_always_does() -> None:
    asked: dict[str, set[str]] = {}
    for way in WAYS:
        for found in way.expected:
            kind, *_, reconsent, _ = found["is"].split()
            asked.setdefault(kind, set()).add(reconsent)
    assert asked["typo-punctuation"] == asked["text-edited"] == asked["emphasis-changed"] == {"none"}
    assert (
        "none" not in asked["recipient-added"] | asked["processor-added"] | asked["public-disclosure-added"] | asked["recipient-replaced"]
    )


RELATIONS = ("entrusted", "independent", "joint", "merger", "authority", "public", "sdk")


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_recipient_of_any_kind_asks_for_fresh_consent(relation: str) -> None:
    shares = {"shares": [{"recipient": "courier", "relation": relation}]}
    _, found = judging.judged(judging.side({}), judging.side(shares))
    assert [(one.level, one.reconsent != "none") for one in found] == [("material", True)]


@cache
def real() -> dict[str, Side]:
    return project.open(ROOT).sound().sides


def _both_ways(side: Side, less: Side) -> Iterator[Comparison]:
    """Yield the comparisons there and back, reading each side once."""
    was, now = _state(side), diff.state(less)
    yield Comparison(side, less, was, now, tuple(diff.diff(was, now)))
    yield Comparison(less, side, now, was, tuple(diff.diff(now, was)))


_STATES: dict[int, diff.State] = {}


def _state(side: Side) -> diff.State:
    if id(side) not in _STATES:
        _STATES[id(side)] = diff.state(side)
    return _STATES[id(side)]


@pytest.mark.slow
@pytest.mark.parametrize("policy", real())
def test_no_fact_of_a_real_policy_goes_or_comes_in_silence(policy: str) -> None:
    """A fact that another clause states too may go: the policy still says it."""
    side = real()[policy]
    for entry in side.document.entries():
        for index in range(len(entry.facts)):
            for comparison in _both_ways(side, judging.without(side, entry.anchor, index)):
                found = rules.judge(comparison, BOOK, None, Settings())
                assert bool(found) is bool(comparison.changes), (entry.anchor, index)
                assert {one.level for one in found} <= {"material", "substantive"}, (entry.anchor, index)
                assert all(sentences.sentence(one, comparison, locale) for one in found for locale in LOCALES)


# Ids


def test_an_id_stays_while_the_change_does_and_moves_with_it() -> None:
    short, long, longer = ({"retention": [{"scope": "phone", "period": period}]} for period in ("P3M", "P6M", "P9M"))
    first = judging.judged(judging.side(short), judging.side(long))[1][0].id
    beside = judging.judged(judging.side(short), judging.side({**long, "security": [{"measure": "encryption"}]}))[1]
    assert first in {one.id for one in beside}
    assert judging.judged(judging.side(short), judging.side(longer))[1][0].id != first
    assert len(first) == 12


def test_ids_differ_within_a_comparison() -> None:
    for way in WAYS:
        _, found = judging.judged(judging.side(way.old), judging.side(way.new))
        assert len({one.id for one in found}) == len(found)


# What the policy promises


PROMISE = {"changes": [{"material_criteria": ["main-recipients"], "material": ["wechat-article"], "all": ["email"], "notice_days": 45}]}
ENTRUSTED = {"shares": [{"recipient": "carrier", "relation": "entrusted", "data": ["phone"], "purposes": ["identify"]}]}
REPLACED = {"shares": [{"recipient": "platform", "relation": "entrusted", "data": ["phone"], "purposes": ["identify"]}]}


def _verdict(old: dict[str, Any], new: dict[str, Any], settings: Settings | None = None) -> Verdict:
    chosen = settings or Settings()
    comparison, found = judging.judged(judging.side(old), judging.side(new), None, chosen)
    return rules.verdict(found, comparison, BOOK, chosen)


def test_a_promise_of_the_old_document_raises_a_level() -> None:
    assert _verdict(ENTRUSTED, REPLACED).level == "substantive"
    assert _verdict({**PROMISE, **ENTRUSTED}, {**PROMISE, **REPLACED}).level == "material"
    _, found = judging.judged(judging.side(ENTRUSTED), judging.side({**PROMISE, **REPLACED}))
    assert {one.kind: one.level for one in found}["processor-replaced"] == "substantive"


def test_the_old_promise_of_notice_governs_the_change() -> None:
    found = _verdict({**PROMISE, **ENTRUSTED}, {**PROMISE, **REPLACED})
    assert (found.notice_days, {"account-article", "direct"} <= set(found.notice)) == (45, True)


def test_a_criterion_raises_kinds_there_are() -> None:
    named = {kind for kinds in BOOK.criteria.values() for kind in kinds}
    assert named <= set(BOOK.by_id)
    vocabulary = real()["enterprise-email"].library.terms
    assert {criterion for criterion in BOOK.criteria if vocabulary[criterion][0] != "criteria"} == set()
    assert {term for term in BOOK.channels if vocabulary[term][0] != "channels"} == set()
    assert [term for terms in BOOK.terms.values() for term in terms if term not in vocabulary] == []


# What people attest

WORDS = judging.side({"text": ["我们尽快处理。", "We act soon."]})
LIGHT = judging.side({"text": ["我们迅速处理。", "We act promptly."]})
HEAVY = judging.side({"text": ["我们不处理。", "We do not act."]})
SHORT, LONG = (judging.side({"retention": [{"scope": "phone", "period": period}]}) for period in ("P3M", "P6M"))
BOTH = {"shares": [{"recipient": name, "relation": "independent"} for name in ("carrier", "courier")]}
ONE, ANOTHER = (judging.side({**BOTH, "text": [f"我们把包裹交给{name}。", "We hand it over."]}) for name in ("短信运营商", "快递公司"))
PROMISED = [judging.side({**PROMISE, **facts}) for facts in (ENTRUSTED, REPLACED)]
REASON = {"zh": "理由", "en": "reason"}

ATTESTED = [
    # between, what is said, why it does not hold, the level that counts
    (WORDS, LIGHT, {"level": "editorial"}, None, "editorial"),
    (WORDS, HEAVY, {"level": "editorial"}, "attested-second", "unclassified"),
    (WORDS, HEAVY, {"level": "editorial", "second": "B"}, None, "editorial"),
    (WORDS, HEAVY, {"level": "substantive"}, None, "substantive"),
    (ONE, ANOTHER, {"level": "editorial"}, "attested-second", "unclassified"),
    (WORDS, HEAVY, {"kind": "right-removed"}, None, "material"),
    (WORDS, LIGHT, {"kind": "typo-punctuation"}, None, "editorial"),
    (WORDS, LIGHT, {"level": "internal"}, "attested-second", "unclassified"),
    (WORDS, LIGHT, {"level": "editorial", "reason": {"zh": "理由"}}, "attested-reason", "unclassified"),
    (WORDS, LIGHT, {"kind": "no-such-kind"}, "attested-kind", "unclassified"),
    (WORDS, LIGHT, {"change": "0123456789ab", "level": "editorial"}, "attested-unknown", "unclassified"),
    (SHORT, LONG, {"level": "substantive"}, "attested-second", "material"),
    (SHORT, LONG, {"level": "substantive", "second": "A"}, "attested-same-person", "material"),
    (SHORT, LONG, {"level": "substantive", "second": "B"}, None, "substantive"),
    (SHORT, LONG, {"practice": "description"}, None, "material"),
    (LONG, SHORT, {"level": "material"}, None, "material"),
    (SHORT, LONG, {"kind": "fact-backfilled-no-text-change", "second": "B"}, None, "internal"),
    (
        judging.side({"retention": [{"scope": "phone"}], "text": ["三个月。", "Three months."]}),
        judging.side({"retention": [{"scope": "phone", "period": "P6M"}], "text": ["六个月。", "Six months."]}),
        {"kind": "fact-backfilled-no-text-change", "second": "B"}, "attested-backfill", "substantive",
    ),
    (*PROMISED, {"level": "substantive", "second": "B"}, "attested-promised", "material"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said", "code", "level"), ATTESTED)
def test_what_is_attested(old: Side, new: Side, said: dict[str, Any], code: str | None, level: str) -> None:
    comparison, found = judging.judged(old, new)
    attested = Attested(**{"change": found[0].id, "reason": REASON, "by": "A", **said})
    notes = Notes(version="1.0.0", changes=[attested])
    refused = rules.refusals(comparison, BOOK, notes, Settings())
    assert [refusal.code for refusal in refused] == ([code] if code else [])
    counted = rules.judge(comparison, BOOK, notes, Settings())[0]
    assert (counted.level, counted.by is None) == (level, code is not None)


def test_a_refusal_is_told_at_its_place() -> None:
    comparison, _ = judging.judged(WORDS, LIGHT)
    attested = Attested(change="0123456789ab", level="editorial", reason=REASON, by="A")
    refused = rules.refusals(comparison, BOOK, Notes(version="1.0.0", changes=[attested]), Settings())
    source = Source("policies/p/changes.yml", {("changes", 0): (3, 5)})
    assert [messages.tell(found) for found in rules.problems(refused, source)] == [
        "policies/p/changes.yml:3:5: no change has the id “0123456789ab”"
        " (it has moved on or is gone; run `clausebook diff` and take the id from there)"
    ]


def test_a_reason_and_its_people_are_kept() -> None:
    _, found = judging.judged(SHORT, LONG, {"level": "substantive", "second": "B"})
    assert [(one.why, one.by, one.bump, one.reconsent, one.notice) for one in found] == [
        (REASON, "A, B", "minor", "none", ("page", "change-log", "announcement"))
    ]


# Settings


def test_a_site_sets_levels_and_days() -> None:
    chosen = Settings(changes=ChangeSettings(levels={"retention-lengthened": "substantive"}, notice_days=NoticeDays(substantive=10)))
    comparison, found = judging.judged(SHORT, LONG, None, chosen)
    assert [(one.kind, one.level, one.bump) for one in found] == [("retention-lengthened", "substantive", "minor")]
    assert rules.verdict(found, comparison, BOOK, chosen).notice_days == 10


def test_a_promise_counts_for_more_than_a_setting() -> None:
    chosen = Settings(changes=ChangeSettings(levels={"processor-replaced": "editorial"}))
    assert [one.level for one in judging.judged(PROMISED[0], PROMISED[1], None, chosen)[1]] == ["material"]


@pytest.mark.parametrize(("days", "least", "asked"), [(30, 7, 30), (3, 7, 7), (0, 0, 0)])
def test_a_material_change_keeps_the_least_notice(days: int, least: int, asked: int) -> None:
    chosen = Settings(changes=ChangeSettings(notice_days=NoticeDays(material=days), least_notice=least))
    comparison, found = judging.judged(SHORT, LONG, None, chosen)
    assert rules.verdict(found, comparison, BOOK, chosen).notice_days == asked


# The verdict and the version

VERDICTS = [
    ({}, {}, "internal", "neutral", "none", 0, ()),
    ({"text": ["甲,乙。", "A."]}, {"text": ["甲，乙。", "A."]}, "editorial", "neutral", "patch", 0, ()),
    ({"text": ["甲。", "A."]}, {"text": ["甲。", "B."]}, "translation", "neutral", "revision", 0, ()),
    ({"text": ["甲。", "A."]}, {"text": ["丙。", "A."]}, "unclassified", "neutral", "minor", 7, ()),
    ({}, {"rights": [{"right": "erase"}]}, "substantive", "better", "minor", 7, ()),
    ({}, {"rights": [{"right": "erase"}], "duties": [{"on": "user", "duty": "x"}]}, "substantive", "worse", "minor", 7, ()),
    ({}, {"shares": [{"recipient": "courier", "relation": "independent"}], "collects": [{"data": ["phone"], "subject": "user"}]},
     "material", "worse", "major", 30, ("separate", "consent")),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "level", "direction", "bump", "days", "reconsent"), VERDICTS)
def test_verdict(old: Any, new: Any, level: str, direction: str, bump: str, days: int, reconsent: tuple[str, ...]) -> None:
    found = _verdict(old, new)
    assert (found.level, found.direction, found.bump, found.notice_days, found.reconsent) == (level, direction, bump, days, reconsent)


VERSIONS = [
    (None, "none", (), "1.0.0"),
    ("2.1.3", "major", (), "3.0.0"),
    ("2.1.3", "minor", (), "2.2.0"),
    ("2.1.3", "patch", (), "2.1.4"),
    ("2.1.3", "none", (), "2.1.4"),
    ("2.0.0", "revision", ("en",), "2.0.0+en.1"),
    ("2.0.0+en.1", "revision", ("fr",), "2.0.0+fr.2"),
    ("2.0.0+en.1", "patch", (), "2.0.1"),
]


@pytest.mark.parametrize(("base", "bump", "revised", "expected"), VERSIONS)
def test_suggest(base: str | None, bump: Any, revised: tuple[str, ...], expected: str) -> None:
    found = Verdict("editorial", "neutral", bump, 0, revised=revised)
    assert str(rules.suggest(Version.parse(base) if base else None, found)) == expected


def test_the_worst_stands_first() -> None:
    new = {
        "rights": [{"right": "erase"}],
        "duties": [{"on": "user", "duty": "x"}],
        "shares": [{"recipient": "carrier", "relation": "entrusted"}],
    }
    _, found = judging.judged(judging.side({}), judging.side(new))
    assert [one.kind for one in found] == ["processor-added", "duty-added", "right-added"]


# Sentences


def test_a_further_language_borrows_english() -> None:
    comparison, found = judging.judged(SHORT, LONG)
    assert sentences.sentence(found[0], comparison, "fr") == "Kept longer: 手机号码, was “three months”, now “six months”"
    assert sentences.title("right-added", "fr") == "Right added"


def test_untrusted_words_stay_as_they_are() -> None:
    facts = {"contacts": [{"role": "operator", "channel": "email", "value": "<b>{what}</b>@x.example"}]}
    comparison, found = judging.judged(judging.side({}), judging.side(facts))
    assert sentences.sentence(found[0], comparison, "en") == "New contact: the operator (e-mail; contact: <b>{what}</b>@x.example)"
