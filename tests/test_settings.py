"""Settings are the plugin's block of mkdocs.yml, in either form mkdocs takes; the rest of that file is the host's."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from clausebook import project
from clausebook.errors import UserError
from clausebook.messages import tell
from clausebook.model import LocaleSetting, Settings


def settings(root: Path, text: str) -> Settings:
    (root / "mkdocs.yml").write_text(text, encoding="utf-8")
    return project.settings(root)


def problems(root: Path, text: str) -> list[str]:
    with pytest.raises(UserError) as error:
        settings(root, text)
    return [tell(p).removeprefix("mkdocs.yml:") for p in error.value.problems]


KNOWN = "as_of, blocks, changes, clauses, coverage, drafts, iri, levels, locales, packs, policies, redlines, templates, time_zone"


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("plugins: [clausebook]\n", "clauses"),
        ("plugins:\n  - search\n  - clausebook\n", "clauses"),
        ("plugins:\n  - clausebook: {clauses: library}\n", "library"),
        ("plugins:\n  - clausebook:\n", "clauses"),
        ("plugins:\n  clausebook: {clauses: library}\n", "library"),
        ("plugins:\n  - clausebook: {clauses: ./library/}\n", "library"),
        ("plugins:\n  search: {}\n  clausebook:\n", "clauses"),
        ("plugins:\n  search: {}\n  clausebook: {}\n", "clauses"),
    ],
)
def test_forms(tmp_path: Path, text: str, clauses: str) -> None:
    assert settings(tmp_path, text).clauses == clauses


def test_every_setting(tmp_path: Path) -> None:
    text = (
        "plugins:\n  - clausebook:\n      clauses: c\n      policies: p\n      templates: t\n"
        "      locales:\n        zh-Hant: {name: 繁體中文, lang: zh-TW}\n        no: {name: Norsk}\n"
    )
    found = settings(tmp_path, text)
    assert found == Settings(
        clauses="c", policies="p", templates="t",
        locales={"zh-Hant": LocaleSetting(name="繁體中文", lang="zh-TW"), "no": LocaleSetting(name="Norsk")},
    )  # fmt: skip
    assert [found.lang(locale) for locale in found.locales] == ["zh-TW", "no"]


@pytest.mark.parametrize(
    "rest",
    [
        "markdown_extensions:\n  - toc: {slugify: !!python/object/apply:pymdownx.slugs.slugify {kwds: {case: lower}}}\n",
        "markdown_extensions:\n  - emoji:\n      emoji_index: !!python/name:material.extensions.emoji.twemoji\n",
        "site_url: !ENV [SITE_URL, https://example.com]\n",
        "theme: &theme {name: material}\nextra:\n  theme: *theme\n  <<: *theme\n",
        "extra: {deep: [[[[[[[[[[x]]]]]]]]]], nothing: ~, date: 2026-01-01, flag: no}\n",
    ],
)
def test_the_rest_is_the_host_s(tmp_path: Path, rest: str) -> None:
    assert settings(tmp_path, rest + "plugins: [clausebook]\n") == Settings()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site_name: x\n", ["1:1: mkdocs.yml does not list the plugin “clausebook” (add it under plugins)"]),
        ("plugins: [search]\n", ["1:10: mkdocs.yml does not list the plugin “clausebook” (add it under plugins)"]),
        ("plugins:\n", ["1:9: mkdocs.yml does not list the plugin “clausebook” (add it under plugins)"]),
        ("plugins: clausebook\n", ["1:10: mkdocs.yml does not list the plugin “clausebook” (add it under plugins)"]),
        ("- plugins\n", ["1:1: mkdocs.yml does not list the plugin “clausebook” (add it under plugins)"]),
        ("", ["1:1: this file is empty (write a clause, a policy or a list of terms, or delete it)"]),
        ("plugins:\n  - clausebook: {clause: x}\n", ["2:18: nothing is called “clause” here (did you mean “clauses”?)"]),
        ("plugins:\n  clausebook: {colour: x}\n", [f"2:16: nothing is called “colour” here (known: {KNOWN})"]),
        ("plugins:\n  - clausebook: {clauses: [x]}\n",
         ["2:27: expected text, got a list (write text; put it in quotes if it looks like something else)"]),
        ("plugins:\n  - clausebook: {clauses: }\n",
         ["2:27: expected text, got nothing (write text; put it in quotes if it looks like something else)"]),
        ("plugins:\n  - clausebook: [x]\n", ["2:17: expected named values, got a list (write `name: value`)"]),
        ("plugins:\n  - clausebook: yes\n", ["2:17: expected named values, got “yes” (write `name: value`)"]),
        ("plugins:\n  - clausebook:\n      locales:\n        zh: 中文\n",
         ["4:13: expected named values, got “中文” (write `name: value`)"]),
        ("plugins:\n  - clausebook:\n      locales:\n        zh: {lang: zh}\n", ["4:13: “name” is missing (add it)"]),
        ("plugins:\n  - clausebook:\n      locales:\n        Chinese: {name: 中文}\n",
         ["4:9: “Chinese” cannot be used as a name here (use lower-case letters, digits and - or _; a locale is written zh or en)"]),
        ("plugins:\n  - clausebook:\n      changes:\n        levels: {right-remove: editorial, nothing-like-it: editorial}\n",
         ["4:18: there is no rule “right-remove” (did you mean “right-removed”?)",
          "4:43: there is no rule “nothing-like-it” (clausebook explain lists the rules there are)"]),
        ("plugins:\n  - clausebook:\n      changes: {levels: {right-removed: grave}}\n",
         ["3:41: “grave” is not known here (known: material, substantive, editorial, translation, internal)"]),
        ("plugins: [clausebook]\nplugins: [search]\n", ["2:1: “plugins” is written twice (first in line 1; keep one)"]),
        ("plugins: [clausebook\nextra: x\n",
         ["2:6: this is not valid YAML: did not find expected ',' or ']' (check indentation, quotes and colons)"]),
    ],
)  # fmt: skip
def test_problem(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert problems(tmp_path, text) == expected


def test_no_settings(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        project.settings(tmp_path)
    assert [tell(p) for p in error.value.problems] == [
        "mkdocs.yml: no mkdocs.yml here (run this in a site's folder, or make one with `clausebook init`)"
    ]


NOON = datetime.datetime(2026, 3, 1, 20, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("text", "named", "epoch", "day"),
    [
        ("", None, None, "2026-03-02"),  # 20:00 UTC is the next morning in Shanghai
        ("time_zone: UTC", None, None, "2026-03-01"),
        ("as_of: 2026-05-01", None, None, "2026-05-01"),
        ("as_of: 2026-05-01", None, "1772395200", "2026-03-02"),
        ("time_zone: UTC", None, "1772395200", "2026-03-01"),
        ("as_of: 2026-05-01", "2028-02-29", "1772395200", "2028-02-29"),
        ("", "", "soon", "2026-03-02"),
    ],
)
def test_the_day_to_judge_by(tmp_path: Path, text: str, named: str | None, epoch: str | None, day: str) -> None:
    chosen = settings(tmp_path, f"plugins:\n  - clausebook: {{{text}}}\n")
    assert project.as_of(chosen, NOON, named, epoch).isoformat() == day


@pytest.mark.parametrize("named", ["2026-02-30", "20260301", "2026-W09-1", "tomorrow", "٢٠٢٦-٠٣-٠١"])
def test_a_named_day_must_be_one(named: str) -> None:
    with pytest.raises(UserError) as error:
        project.as_of(Settings(), NOON, named)
    assert tell(error.value.problems[0]).startswith("as-of: expected a date")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("as_of: 2026-02-30", "3:12: expected a date, got “2026-02-30” (write YYYY-MM-DD)"),
        ("time_zone: Mars/Base", "3:16: there is no time zone “Mars/Base” (write one such as Asia/Shanghai or UTC)"),
        ("time_zone: ../etc", "3:16: there is no time zone “../etc” (write one such as Asia/Shanghai or UTC)"),
    ],
)
def test_settings_of_time_are_checked(tmp_path: Path, text: str, said: str) -> None:
    assert problems(tmp_path, f"plugins:\n  clausebook:\n    {text}\n") == [said]


@pytest.mark.parametrize("iri", ["https://policies.example/id/", "https://policies.example/ns#", "urn:example:", "urn:example:privacy:"])
def test_names_in_rdf_may_begin_with_an_address_of_ones_own(iri: str, tmp_path: Path) -> None:
    assert settings(tmp_path, f"plugins:\n  - clausebook: {{iri: '{iri}'}}\n").iri == iri


@pytest.mark.parametrize(
    "iri", ["http://policies.example/", "https://policies.example", "policies", "urn:example", "https://a.example/ b/", ""]
)
def test_names_in_rdf_need_a_whole_beginning(iri: str, tmp_path: Path) -> None:
    assert len(problems(tmp_path, f"plugins:\n  - clausebook: {{iri: '{iri}'}}\n")) == 1
