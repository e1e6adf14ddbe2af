"""`check --fix`: spellings mended in real files, byte for byte the same elsewhere; refused where the place is not certain."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from clausebook import project, repair, translation
from clausebook.errors import Place, rule_of
from clausebook.model import ClauseText
from clausebook.project import Project
from clausebook.repair import Edit, applied
from tests import small

ROOT = Path(__file__).parent.parent
TODAY = datetime.date(2026, 11, 22)
CLAUSE = "clauses/m/a.yml"
TEXT = """# 帐号 in a comment stays; so does this odd   spacing.
id: a

text:   # 帐号
    zh:
        title: "您的帐号"     # 帐号
        body: |
            您的帐号，归您所有；**帐号**不得转让。

            - 帐号一；
            - {{ 'name' | term }}。
    en:
        title: 'An organization'
        translates: PRINT
        body: |
            The Organization decides,
            as do organizations.
            - first; # not a comment
            - {{ 'name' | term }}.
"""
FILES = {
    **small.files({"a": small.text("甲", "A")}, sections="sections:\n  - {id: s, title: {zh: 章, en: Chapter}, clauses: [a]}\n"),
    "mkdocs.yml": "site_name: x\nplugins: [clausebook]\n",
    "clauses/vocabulary/glossary.yml": (ROOT / "clauses/vocabulary/glossary.yml").read_text(encoding="utf-8"),
    "clauses/vocabulary/laws.yml": (ROOT / "clauses/vocabulary/laws.yml").read_text(encoding="utf-8"),
}


def write(root: Path, text: str, more: dict[str, str] | None = None) -> Path:
    for path, content in {**FILES, **(more or {})}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    print_ = translation.fingerprint(_source(text))
    (root / CLAUSE).write_bytes(text.replace("PRINT", print_).encode())
    return root


def _source(text: str) -> ClauseText:
    body = text.split("body: |")[1].split("    en:")[0].replace("\r", "")
    return ClauseText(title=text.split('title: "')[1].split('"')[0], body="\n".join(line[12:] for line in body.split("\n")[1:]))


def judged(root: Path) -> Project:
    return project.judged(project.open(root).sound(), root, TODAY)


def fix(root: Path) -> int:
    """Mend the spellings of a site as `check --fix` does; return how many."""
    made = judged(root)
    files, count = repair.files(made.library, made.checks, made.findings, lambda path: (root / path).read_bytes())
    for path, content in files.items():
        (root / path).write_bytes(content)
    return count


def left(root: Path) -> list[str]:
    return [dict(f.values)["words"] for f in judged(root).findings if rule_of(f) == "term-variant"]


def mended(text: str) -> str:
    """Return the text as it should be: every spelling outside comments set right."""
    for old, new in (
        ('"您的帐号"', '"您的账号"'), ("您的帐号，", "您的账号，"), ("**帐号**", "**账号**"), ("- 帐号一", "- 账号一"),
        ("'An organization'", "'An organisation'"), ("The Organization", "The Organisation"), ("do organizations", "do organisations"),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_spellings_change(tmp_path: Path, ends: str, mark: str) -> None:
    text = mark + TEXT.replace("\n", ends)
    root = write(tmp_path, text)
    assert fix(root) == 7
    expected = mended(text)
    assert (root / CLAUSE).read_bytes() == expected.replace("PRINT", translation.fingerprint(_source(expected))).encode()
    assert left(root) == []
    assert not next(project.open(root).documents["p"].entries()).stale


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    root = write(tmp_path, TEXT)
    fix(root)
    once = (root / CLAUSE).read_bytes()
    assert fix(root) == 0
    assert (root / CLAUSE).read_bytes() == once


def test_a_stale_translation_stays_stale(tmp_path: Path) -> None:
    root = write(tmp_path, TEXT.replace("PRINT", "'00000000'"))
    fix(root)
    assert "translates: '00000000'" in (root / CLAUSE).read_text(encoding="utf-8")


def test_a_word_that_is_no_spelling_is_left(tmp_path: Path) -> None:
    root = write(tmp_path, TEXT.replace("您的帐号，", "个人敏感信息，"))
    assert fix(root) == 6
    assert left(root) == ["个人敏感信息"]


def test_what_a_tag_prints_is_left(tmp_path: Path) -> None:
    file = "clauses/vocabulary/data.yml"
    root = write(tmp_path, TEXT, {file: FILES[file].replace("姓名", "帐号")})
    assert fix(root) == 7
    assert left(root) == ["帐号"]


def test_a_clause_of_two_policies_that_differ_is_left(tmp_path: Path) -> None:
    policy = FILES["policies/p/policy.yml"]
    other = policy.replace("id: p\n", "id: q\n", 1).replace("profile:\n", "profile:\n  term: {account: {zh: 帐号, en: account}}\n")
    root = write(tmp_path, TEXT, {"policies/q/policy.yml": other})
    assert fix(root) == 3
    assert left(root) == ["帐号"] * 4


def test_a_file_that_has_changed_since_is_not_touched_at_the_wrong_place() -> None:
    raw = "a: 一个帐号\n".encode()
    assert applied(raw, [Edit(Place("x", 1, 4), "帐号", "账号")]) == (raw, 0)
    assert applied(raw, [Edit(Place("x", 9, 4), "帐号", "账号")]) == (raw, 0)
    assert applied(raw, [Edit(Place("x", 1, 6), "帐号", "账号")]) == ("a: 一个账号\n".encode(), 1)


def test_every_clause_of_the_repository_comes_back_byte_for_byte() -> None:
    """Misspell each 账号 and organisation of the library in place, and set them right again."""
    count = 0
    for file in sorted((ROOT / "clauses").glob("[!v]*/*.yml")):
        raw = file.read_bytes()
        edits = [
            Edit(Place("x", n, at + 1), good, bad)
            for n, line in enumerate(raw.decode().split("\n"), 1)
            for good, bad in (("账号", "帐号"), ("organisation", "organization"))
            for at in range(len(line))
            if line.startswith(good, at)
        ]
        wrong, done = applied(raw, edits)
        back, again = applied(wrong, [Edit(e.place, e.new, e.old) for e in edits])
        assert (back, done, again) == (raw, len(edits), len(edits))
        count += done
    assert count > 50
