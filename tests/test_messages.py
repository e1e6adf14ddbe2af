"""Problems and sentences in words."""

from __future__ import annotations

import pytest

from clausebook.errors import Place, Problem, problem, warning
from clausebook.messages import catalogue, say, tell

AT = Place("clauses/m/a.yml", 3, 7)

TELL = [
    (problem(AT, "key-missing", key="id"), "en", "clauses/m/a.yml:3:7: “id” is missing (add it)"),
    (problem(AT, "key-missing", key="id"), "zh", "clauses/m/a.yml:3:7: 缺少“id”（请补上）"),
    (problem(Place("clauses"), "folder-missing"), "en", "clauses: there is no such folder (create it, or name another in the settings)"),
    (warning(AT, "file-kind"), "en", "clauses/m/a.yml:3:7: warning: only .yml files are read here (rename or move it)"),
    (warning(AT, "file-kind"), "zh", "clauses/m/a.yml:3:7: 警告：此处只读取 .yml 文件（请改名或者移走）"),
    (problem(AT, "expected-localised"), "en", "clauses/m/a.yml:3:7: expected text for each locale (write {zh: ..., en: ...})"),
    (problem(AT, "expected-localised"), "zh", "clauses/m/a.yml:3:7: 此处应有每种语言的文字（请写 {zh: ..., en: ...}）"),
    # What was found and what was wanted are words of ours; what an author wrote stays.
    (
        problem(AT, "expected-list", got="a mapping"),
        "en",
        "clauses/m/a.yml:3:7: expected a list, got named values (write [a, b] or one `- item` a line)",
    ),
    (
        problem(AT, "expected-list", got="a mapping"),
        "zh",
        "clauses/m/a.yml:3:7: 此处应为列表，现为一组带名称的值（请写 [a, b]，或者每行一个 `- 项目`）",
    ),
    (problem(AT, "value-empty", key="list"), "zh", "clauses/m/a.yml:3:7: “list”是空的（请填写或者删除）"),
    # Values are data: braces in them stay as they are, and what a terminal could act on is written out.
    (problem(AT, "key-missing", key="{x}"), "en", "clauses/m/a.yml:3:7: “{x}” is missing (add it)"),
    (problem(AT, "key-missing", key="a\x1b[31m\u202eb"), "en", "clauses/m/a.yml:3:7: “a\\x1b[31mU+202Eb” is missing (add it)"),
]


@pytest.mark.parametrize(("found", "locale", "line"), TELL)
def test_tell(found: Problem, locale: str, line: str) -> None:
    assert tell(found, locale) == line


def test_tell_speaks_english_unless_told_otherwise() -> None:
    assert tell(problem(AT, "file-empty")) == tell(problem(AT, "file-empty"), "en")


@pytest.mark.parametrize(
    ("locale", "name"),
    [("en", "English"), ("zh", "中文"), ("zh-Hant", "中文"), ("en-GB", "English"), ("fr", "English"), ("fr-CA", "English")],
)
def test_a_locale_without_catalogue_uses_its_language_or_english(locale: str, name: str) -> None:
    assert catalogue(locale)["name"] == name


@pytest.mark.parametrize(
    ("key", "locale", "values", "sentence"),
    [
        ("in-brackets", "en", {"words": "{a} % b"}, "({a} % b)"),
        ("in-brackets", "zh", {"words": "甲"}, "（甲）"),
    ],
)
def test_say(key: str, locale: str, values: dict[str, object], sentence: str) -> None:
    assert say(key, locale, **values) == sentence
