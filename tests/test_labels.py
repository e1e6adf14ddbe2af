"""Titles, names and other texts outside the bodies of clauses: what goes out, what comes back, and that nothing else moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from clausebook import edits, labels, project
from clausebook.errors import UserError
from clausebook.messages import tell
from clausebook.model import Path as YamlPath
from clausebook.units import Answer
from tests import small
from tests.conftest import ROOT
from tests.test_cli import Run, run, write  # noqa: F401  # a fixture

POLICY = """id: p   # the one policy
title: {zh: 政策, en: Policy}
locales: [zh, en, fr]
profile:
  operator: {name: {zh: 某公司}, email: a@b.example}   # no English name
  plain: {words: one text}
names: {name: {zh: 称呼, en: 'called'}}
sections:
  - id: s
    title:
      zh: 章   # on lines of its own
      en: Chapter
    clauses:
      - {id: a, params: {kinds: [{zh: 甲, en: A}, {zh: 乙, en: B}]}}
"""
CLAUSE = small.text(
    "{{ kinds | series }}{{ own }}", "{{ kinds | series }}{{ own }}",
    "params: {kinds: {type: texts}, own: {type: text, default: {zh: 默认, en: default}}}\n"
    "facts:\n  defines: [{key: word, term: {zh: 词, en: word}}]\n",
)  # fmt: skip
LOCALES = "plugins:\n  - clausebook:\n      locales: {zh: {name: 中文, lang: zh-CN}, en: {name: English}, fr: {name: français}}\n"
FILES = {"policies/p/policy.yml": POLICY, "mkdocs.yml": f"site_name: x\n{LOCALES}"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "site", {**small.files({"a": CLAUSE}), **FILES})


def texts(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.yml")}


def export(run: Run, root: Path, locale: str, *names: str, form: str = "po") -> Path:  # noqa: F811
    file = root / f"{locale}.{form}"
    ran = run("translate", "export", *names, "--locale", locale, "--format", form, "-o", str(file))
    assert (ran.code, ran.err) == (0, "")
    return file


def test_what_is_a_label(root: Path) -> None:
    found = labels.groups(project.open(root).sound().library, ["zh", "en", "fr"])
    assert [(label.block, dict(label.texts)) for label in found["policy:p"]] == [
        ("title", {"zh": "政策", "en": "Policy"}),
        ("profile.operator.name", {"zh": "某公司"}),
        ("names.name", {"zh": "称呼", "en": "called"}),
        ("sections.s.title", {"zh": "章", "en": "Chapter"}),
        ("sections.s.clauses.a.params.kinds.1", {"zh": "甲", "en": "A"}),
        ("sections.s.clauses.a.params.kinds.2", {"zh": "乙", "en": "B"}),
    ]
    assert [label.block for label in found["clause:a"]] == ["params.own.default", "facts.defines.word.term"]
    assert [label.block for label in found["vocabulary:laws"]] == [
        "terms.pipl.name", "terms.pipl.short", "terms.civil-code.name"
    ]  # fmt: skip


def test_the_labels_of_this_repository_have_names_of_their_own() -> None:
    opened = project.open(ROOT).sound()
    found = labels.groups(opened.library, list(opened.settings.locales))
    assert {group.partition(":")[0] for group in found} == {"policy", "vocabulary", "clause"}
    for group, own in found.items():
        assert len({label.block for label in own}) == len(own), group
        assert len({label.path for label in own}) == len(own), group
    assert sum(map(len, found.values())) > 800


@pytest.mark.parametrize("form", ["po", "xliff"])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_round_trip_changes_no_byte(run: Run, root: Path, form: str, locale: str) -> None:  # noqa: F811
    before = texts(root)
    assert run("translate", "import", str(export(run, root, locale, form=form))).out == ""
    assert texts(root) == before


def filled(file: Path, sources: dict[str, str]) -> None:
    """Translate some units of a PO file."""
    text = file.read_text(encoding="utf-8")
    for source, target in sources.items():
        assert text.count(f'msgid "{source}"\nmsgstr ""') == 1, source
        text = text.replace(f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{target}"')
    file.write_text(text, encoding="utf-8")


def test_a_third_language_is_written_where_it_belongs_and_nothing_else_moves(run: Run, root: Path) -> None:  # noqa: F811
    file = export(run, root, "fr", "policy:p")
    assert file.read_text(encoding="utf-8").count("msgctxt") == 6
    filled(file, {"政策": "Politique: générale", "某公司": "Société", "章": "Chapitre", "乙": "B, deux"})
    before = texts(root)
    assert run("translate", "import", str(file)).lines == ["policies/p/policy.yml: fr: 4 names and texts"]
    after = texts(root)
    assert [name for name in after if after[name] != before[name]] == ["policies/p/policy.yml"]
    expected = POLICY.replace("en: Policy}", "en: Policy, fr: 'Politique: générale'}").replace("{zh: 某公司}", "{zh: 某公司, fr: Société}")
    expected = expected.replace("      en: Chapter\n", "      en: Chapter\n      fr: Chapitre\n").replace("en: B}", "en: B, fr: 'B, deux'}")
    assert after["policies/p/policy.yml"].decode() == expected
    assert run("translate", "import", str(file)).out == ""


def test_a_text_of_a_fact_and_a_name_are_revised(run: Run, root: Path) -> None:  # noqa: F811
    file = export(run, root, "en", "clause:a", "vocabulary:rights")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('msgstr "word"', 'msgstr "term"').replace('msgstr "erasure"', 'msgstr "deletion"'), encoding="utf-8")
    assert sorted(run("translate", "import", str(file)).lines) == [
        "clauses/m/a.yml: en: 1 names and texts",
        "clauses/vocabulary/rights.yml: en: 1 names and texts",
    ]
    assert "term: {zh: 词, en: term}" in (root / "clauses/m/a.yml").read_text(encoding="utf-8")


REFUSED = [
    ('msgid "政策"', 'msgid "旧政策"', "policy:p#title: the source text has changed since the export"),
    ('#names.name"', '#names.other"', "policy:p#names.other: there is no such unit"),
    ('msgctxt "policy:p#title"', 'msgctxt "policy:q#title"', "policy:q#title: there is no such unit"),
    ('msgstr "Policy"', 'msgstr "{{ x }}"', "policy:p#title: {{ x }} is not in the source"),
    ('msgstr "Policy"', f'msgstr "{"x" * 301}"', "policy:p#title: the text has more than one line or more than 300 characters"),
    ('msgstr "Policy"', 'msgstr "a\\nb"', "policy:p#title: the text has more than one line"),
    ('msgstr "Policy"', 'msgstr "Pol\u202eicy"', "U+202E"),
]


@pytest.mark.parametrize(("old", "new", "told"), REFUSED)
def test_what_does_not_fit_is_refused_and_the_rest_is_written(run: Run, root: Path, old: str, new: str, told: str) -> None:  # noqa: F811
    file = export(run, root, "en", "policy:p")
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new).replace('msgstr "Chapter"', 'msgstr "Part"'), encoding="utf-8")
    ran = run("translate", "import", str(file))
    assert (ran.code, ran.lines[0]) == (1, "policies/p/policy.yml: en: 1 names and texts")
    assert told in ran.lines[1]
    assert (root / "policies/p/policy.yml").read_text(encoding="utf-8") == POLICY.replace("en: Chapter", "en: Part")


def test_a_group_that_has_nothing_for_a_language(run: Run, root: Path) -> None:  # noqa: F811
    write(root, {"policies/p/policy.yml": POLICY.replace("[zh, en, fr]", "[zh, en]")})
    ran = run("translate", "export", "policy:p", "vocabulary:none", "--locale", "fr")
    assert (ran.code, [line.partition(" (")[0] for line in ran.errors]) == (
        2,
        ["translate: “policy:p” has no texts to translate into “fr”", "translate: “vocabulary:none” has no texts to translate into “fr”"],
    )


def test_a_unit_marked_as_behind_is_left() -> None:
    label = labels.Label("policy:p", "title", "f", ("title",), {"zh": "政策", "en": "Policy"})
    answers = [Answer("policy:p", "title", "政策", "New", behind=True)]
    assert labels.changes("f", [label], "en", answers) == ({}, [])
    (told,) = labels.changes("f", [label], "en", [Answer("policy:p", "title", "政", "New", line=3)])[1]
    assert tell(told) == "f:3:1: policy:p#title: the source text has changed since the export (export again, and translate the new text)"


# Many texts put into a file at once

PUT = [
    ("a: {zh: x, en: y}\nb: {zh: z}\n", {("a", "en"): "Y, z", ("b", "en"): "new"}, "a: {zh: x, en: 'Y, z'}\nb: {zh: z, en: new}\n"),
    ('a: {zh: x, en: "y"} # c\n', {("a", "en"): 'say "y"'}, 'a: {zh: x, en: "say \\"y\\""} # c\n'),
    (
        "a:\n  zh: x\n  en: |\n    y\nb: {zh: z}\n",
        {("a", "en"): "w\n", ("b", "en"): "n"},
        "a:\n  zh: x\n  en: |\n    w\nb: {zh: z, en: n}\n",
    ),
    ("a: [{zh: x}, {zh: y}]\n", {("a", 0, "en"): "one", ("a", 1, "en"): "two"}, "a: [{zh: x, en: one}, {zh: y, en: two}]\n"),
    ("a:\r\n  zh: x\r\n", {("a", "en"): "y"}, "a:\r\n  zh: x\r\n  en: y\r\n"),
    ("a: {zh: x}\n", {}, "a: {zh: x}\n"),
]


@pytest.mark.parametrize(("before", "values", "after"), PUT)
def test_put_all(before: str, values: dict[YamlPath, str], after: str) -> None:
    assert edits.put_all("f.yml", before.encode(), values).decode() == after


def test_put_all_of_a_broken_file() -> None:
    with pytest.raises(UserError):
        edits.put_all("f.yml", b"a: [", {("a", "en"): "x"})
