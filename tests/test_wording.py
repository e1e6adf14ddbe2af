"""How each language writes values."""

from __future__ import annotations

from typing import Any

import pytest

from clausebook.language import Fitting, Said, Words
from clausebook.wording import Anchor, Choice, Day, Period, TermId, Wording, han, letters, numeral, roman
from tests import small

NAMES = "names:\n  phone: {zh: 电话, en: telephone number}\n"
PROJECT = small.opened(small.files({"a": small.text("甲", "A")}, head=small.HEAD + NAMES)).sound()
POLICY = PROJECT.library.policies["p"].value


def wording(locale: str) -> Wording:
    return Wording(locale, PROJECT.library, POLICY, lambda anchor: Said(f"[ref {anchor}](#{anchor})"))


def ids(*names: str) -> list[TermId]:
    return [TermId(name) for name in names]


def words(*texts: str) -> list[Words]:
    return [Words(text) for text in texts]


# filter, value, argument, Chinese, English
FILTERS: list[tuple[str, Any, tuple[str, ...], str, str]] = [
    ("duration", Period("P1Y"), (), "1 年", "one year"),
    ("duration", Period("P6M"), (), "6 个月", "six months"),
    ("duration", Period("P1M"), (), "1 个月", "one month"),
    ("duration", Period("P2W"), (), "2 周", "two weeks"),
    ("duration", Period("P1D"), (), "1 日", "one day"),
    ("duration", Period("P30D"), (), "30 日", "30 days"),
    ("duration", Period("PT72H"), (), "72 小时", "72 hours"),
    ("duration", Period("PT1H"), (), "1 小时", "one hour"),
    ("duration", Period("PT30M"), (), "30 分钟", "30 minutes"),
    ("duration", Period("P15D working"), (), "15 个工作日", "15 working days"),
    ("duration", Period("P1D working"), (), "1 个工作日", "one working day"),
    ("duration", Period("P7D calendar"), (), "7 个自然日", "seven calendar days"),
    ("date", Day("2026-01-09"), (), "2026年1月9日", "9 January 2026"),
    ("date", Day("2024-02-29"), (), "2024年2月29日", "29 February 2024"),
    ("date", Day("2025-12-31"), (), "2025年12月31日", "31 December 2025"),
    ("number", 0, (), "0", "zero"),
    ("number", 9, (), "9", "nine"),
    ("number", 10, (), "10", "10"),
    ("number", 14, (), "14", "14"),
    ("law", TermId("pipl"), (), "《个人信息保护法》", "Personal Information Protection Law (PIPL)"),
    ("law", TermId("pipl"), ("short",), "《个保法》", "PIPL"),
    ("law", "civil-code", (), "《民法典》", "Civil Code"),
    ("law", "civil-code", ("short",), "《民法典》", "Civil Code"),
    ("term", TermId("name"), (), "姓名", "name"),
    ("term", "name", (), "姓名", "name"),
    ("term", TermId("phone"), (), "电话", "telephone number"),  # the policy's own name
    ("terms", ids("name"), (), "姓名", "name"),
    ("terms", TermId("name"), (), "姓名", "name"),
    ("terms", ids("name", "phone"), (), "姓名、电话", "name and telephone number"),
    ("terms", ids("name", "phone", "ip"), (), "姓名、电话、IP 地址", "name, telephone number and IP address"),
    ("terms", ids("name", "phone", "ip"), ("or",), "姓名、电话或者 IP 地址", "name, telephone number or IP address"),
    ("terms", ids("ip", "name"), ("or",), "IP 地址或者姓名", "IP address or name"),
    ("terms", [], (), "", ""),
    ("series", words("甲", "乙"), (), "甲、乙", "甲 and 乙"),
    ("series", words("A1", "B2"), ("or",), "A1 或者 B2", "A1 or B2"),
    ("capital", Words("name and age"), (), "name and age", "Name and age"),
    ("capital", Words("姓名"), (), "姓名", "姓名"),
    ("capital", Words(""), (), "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "arguments", "zh", "en"), FILTERS)
def test_filter(name: str, value: Any, arguments: tuple[str, ...], zh: str, en: str) -> None:
    made = {locale: wording(locale).filters()[name](value, *arguments) for locale in ("zh", "en")}
    assert made == {"zh": zh, "en": en}
    assert all(isinstance(text, Words) for text in made.values())


def test_count_is_a_number() -> None:
    assert wording("zh").filters()["count"](ids("name", "ip")) == 2


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (ids("name"), "- 姓名。\n", "- name.\n"),
        (ids("name", "phone", "ip"), "- 姓名；\n- 电话；\n- IP 地址。\n", "- name;\n- telephone number;\n- IP address.\n"),
        (words("a*b", "[c](https://d)"), "- a\\*b；\n- \\[c\\]\\(https\\:\\/\\/d\\)。\n", "- a\\*b;\n- \\[c\\]\\(https\\:\\/\\/d\\).\n"),
        ([Anchor("x")], "- [ref x](#x)。\n", "- [ref x](#x).\n"),
    ],
)
def test_bullets(value: Any, zh: str, en: str) -> None:
    assert {loc: wording(loc).bullets(value) for loc in ("zh", "en")} == {"zh": Said(zh, whole=True), "en": Said(en, whole=True)}


@pytest.mark.parametrize(
    ("address", "markdown"),
    [
        ("https://a.example/b?c=d", r"[https\:\/\/a\.example\/b\?c\=d](<https://a.example/b?c=d>)"),
        ("a@b.example", r"[a\@b\.example](mailto:a@b.example)"),
        ("0592-295 8888", r"[0592\-295 8888](tel:05922958888)"),
        ("+86 10 1234 5678", r"[\+86 10 1234 5678](tel:+861012345678)"),
        # What may not be linked stays text.
        ("http://a.example/", r"http\:\/\/a\.example\/"),
        ("a.example", r"a\.example"),
        ("javascript:alert(1)", r"javascript\:alert\(1\)"),
        ("https://a.example/ x", r"https\:\/\/a\.example\/ x"),
        ("https://a.example/)<b>", r"https\:\/\/a\.example\/\)\<b\>"),
        ("12345", "12345"),
    ],
)
def test_link(address: str, markdown: str) -> None:
    assert wording("en").filters()["link"](Words(address)) == Said(markdown)


ONE_TERM, TERMS, TEXTS = "one term", "a list of terms", "a list of texts"

REFUSED: list[tuple[str, Any, str, dict[str, str]]] = [
    ("term", Words("name"), "filter-value", {"filter": "term", "want": ONE_TERM}),
    ("term", Choice("name"), "filter-value", {"filter": "term", "want": ONE_TERM}),
    ("term", ids("name"), "filter-value", {"filter": "term", "want": ONE_TERM}),
    ("term", "nowhere", "term-unknown", {"id": "nowhere"}),
    ("terms", words("name"), "filter-value", {"filter": "terms", "want": TERMS}),
    ("terms", None, "filter-value", {"filter": "terms", "want": TERMS}),
    ("series", ids("name"), "filter-value", {"filter": "series", "want": TEXTS}),
    ("series", Words("name"), "filter-value", {"filter": "series", "want": TEXTS}),
    ("bullets", [], "filter-value", {"filter": "bullets", "want": "a list that is not empty"}),
    ("bullets", [1], "filter-value", {"filter": "bullets", "want": "a list of terms or texts"}),
    ("bullets", [Choice("a")], "filter-value", {"filter": "bullets", "want": "a list of terms or texts"}),
    ("duration", Words("soon"), "filter-value", {"filter": "duration", "want": "a duration"}),
    ("duration", None, "filter-value", {"filter": "duration", "want": "a duration"}),
    ("date", Day("2026-02-30"), "filter-value", {"filter": "date", "want": "a date"}),
    ("date", None, "filter-value", {"filter": "date", "want": "a date"}),
    ("law", "nowhere", "filter-value", {"filter": "law", "want": "a law"}),
    ("number", "9", "filter-value", {"filter": "number", "want": "a number"}),
    ("number", True, "filter-value", {"filter": "number", "want": "a number"}),
    ("count", "abc", "filter-value", {"filter": "count", "want": "a list"}),
    ("capital", TermId("name"), "filter-value", {"filter": "capital", "want": "text"}),
    ("link", TermId("name"), "filter-value", {"filter": "link", "want": "an address"}),
]


@pytest.mark.parametrize(("name", "value", "code", "values"), REFUSED)
def test_a_filter_refuses_what_it_is_not_made_for(name: str, value: Any, code: str, values: dict[str, str]) -> None:
    with pytest.raises(Fitting) as caught:
        wording("en").filters()[name](value)
    assert (caught.value.code, caught.value.values) == (code, values)


def test_a_term_without_a_name_in_the_language() -> None:
    with pytest.raises(Fitting) as caught:
        wording("fr").term_name("name")
    assert (caught.value.code, caught.value.values) == ("term-untranslated", {"id": "name", "locale": "fr"})


# number, Chinese, letters, Roman
NUMERALS = [
    (1, "一", "a", "i"), (2, "二", "b", "ii"), (4, "四", "d", "iv"), (9, "九", "i", "ix"), (10, "十", "j", "x"), (11, "十一", "k", "xi"),
    (14, "十四", "n", "xiv"), (19, "十九", "s", "xix"), (20, "二十", "t", "xx"), (21, "二十一", "u", "xxi"), (26, "二十六", "z", "xxvi"),
    (27, "二十七", "aa", "xxvii"), (40, "四十", "an", "xl"), (49, "四十九", "aw", "xlix"), (52, "五十二", "az", "lii"),
    (53, "五十三", "ba", "liii"), (90, "九十", "cl", "xc"), (99, "九十九", "cu", "xcix"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "chinese", "letter", "numeral_"), NUMERALS)
def test_numerals(number: int, chinese: str, letter: str, numeral_: str) -> None:
    assert (han(number), letters(number), roman(number)) == (chinese, letter, numeral_)


@pytest.mark.parametrize("make", [han, letters, roman])
def test_numerals_up_to_99_differ(make: Any) -> None:
    assert len({make(n) for n in range(1, 100)}) == 99


@pytest.mark.parametrize(
    ("pattern", "number", "above", "text"),
    [
        ("{n}.", 12, "", "12."), ("第{han}章", 12, "", "第十二章"), ("({a})", 28, "", "(ab)"), ("({i})", 8, "", "(viii)"),
        ("({A})", 28, "", "(AB)"), ("{above}.{n}", 3, "1.2", "1.2.3"), ("第{han}条", 100, "", "第100条"),
    ],
)  # fmt: skip
def test_numeral_fills_a_pattern(pattern: str, number: int, above: str, text: str) -> None:
    assert numeral(pattern, number, above) == text
