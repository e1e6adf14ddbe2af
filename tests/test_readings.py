"""What a text states: numbers, periods, dates, money and addresses, in two languages and in one nobody has described."""

from __future__ import annotations

import pytest

from clausebook import load, readings, resources
from clausebook.tree import Folder

CHECKS, PROBLEMS = load.checks(Folder(resources.PACKAGE), "checks")
READERS = readings.readers(CHECKS.readings, ["zh", "zh-Hans", "zh-Hant", "en", "fr"])

# Kind, value and bound; the Chinese and the English that state it.
ALIKE = [
    ("period 15 days", "十五日", "15 days"),
    ("period 15 days most", "15 日内", "within 15 days"),
    ("period 72 hours most", "七十二小时内", "within seventy-two hours"),
    ("period 15 working-days most", "１５ 个工作日内", "within fifteen working days"),
    ("period 30 calendar-days most", "最迟不超过 30 个自然日", "within 30 calendar days at the latest"),
    ("period 6 months least", "至少留存 6 个月", "at least six months"),
    ("period 30 days least", "至少提前 30 日", "at least 30 days in advance"),
    ("period 14 age under", "不满十四周岁", "under the age of 14"),
    ("period 14 age most", "14 周岁以下", "14 or under"),
    ("period 14 age least", "年满 14 周岁", "aged 14 or over"),
    ("period 3 years over", "超过三年", "more than three years"),
    ("period 2 weeks", "两周", "two weeks"),
    ("number 5", "以下 5 种情形", "the following five cases"),
    ("number 320", "三百二十个", "three hundred and twenty"),
    ("number 2005", "两千零五名", "2,005"),
    ("number 12.5%", "12.5%", "12.5 %"),
    ("number 57", "第五十七条", "Article 57"),
    ("number 1234567", "一百二十三万四千五百六十七个", "1,234,567"),
    ("money 50000 cny", "人民币 5 万元", "CNY 50,000"),
    ("money 5000 cny", "五千元", "five thousand yuan"),
    ("money 30 usd", "30 美元", "US$30"),
    ("date 2026-3-1", "二〇二六年三月一日", "1 March 2026"),
    ("date 2026-11-22", "2026 年 11 月 22 日", "November 22nd, 2026"),
    ("date 2026-3-", "2026年3月", "March 2026"),
    ("date -3-15", "3 月 15 日", "15 March"),
    ("number 2020", "2020 年度", "for 2020"),
    ("period 20 years", "20 年", "20 years"),
    ("phone 05921234567", "0592-1234567", "0592 1234567"),
    ("email a.b@c.example", "A.b@c.example", "a.b@c.example"),
    ("url https://a.example", "https://a.example/。", "https://a.example."),
    ("url www.a-b.cn", "（域名为 www.a-b.cn）", "(domain www.a-b.cn)"),
]


def stated(locale: str, text: str) -> list[str]:
    return [f"{token.kind} {token.value} {token.bound}".rstrip() for token in READERS[locale].tokens(text) if not token.soft]


def test_the_tables_have_no_problem() -> None:
    assert PROBLEMS == []


@pytest.mark.parametrize(("value", "zh", "en"), ALIKE)
def test_languages_state_the_same(value: str, zh: str, en: str) -> None:
    assert stated("zh", zh) == [value]
    assert stated("zh-Hans", zh) == [value]
    assert stated("en", en) == [value]


TRADITIONAL = [
    ("period 15 working-days most", "十五個工作日內"),
    ("period 72 hours", "七十二小時"),
    ("period 14 age under", "不滿十四週歲"),
    ("period 6 months least", "至少留存六個月"),
    ("number 5", "以下五種情形"),
    ("money 50000 cny", "五萬元"),
    ("date 2026-3-1", "二〇二六年三月一日"),
]


@pytest.mark.parametrize(("value", "text"), TRADITIONAL)
def test_traditional_characters_are_read(value: str, text: str) -> None:
    assert stated("zh-Hant", text) == [value]


@pytest.mark.parametrize("text", ["第三方", "一旦", "统一", "万无一失", "十分"])
def test_idioms_are_no_numbers(text: str) -> None:
    assert stated("zh", text) == []


@pytest.mark.parametrize("text", ["one of them", "two-step verification", "third party", "May we", "the one"])
def test_words_are_no_numbers(text: str) -> None:
    assert stated("en", text) == []


def test_a_language_without_a_reading_states_addresses_and_dates_in_figures() -> None:
    text = "Écrivez avant le 2026-03-01 à a@b.example ou au 0592-1234567 dans les 15 jours."
    assert stated("fr", text) == ["date 2026-3-1", "email a@b.example", "phone 05921234567"]


def test_places_count_characters_of_the_text() -> None:
    text = "收到后 １５ 个工作日内答复，逾期赔付 300 元。"
    assert [text[t.start : t.start + len(t.words)] for t in READERS["zh"].tokens(text)] == ["１５ 个工作日", "300 元"]
