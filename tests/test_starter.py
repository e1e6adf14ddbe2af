"""Starting something new: it works as it is, and nothing is ever overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from clausebook import project, starter
from clausebook.errors import UserError
from clausebook.messages import tell
from clausebook.model import LocaleSetting, Settings

MADE = [".gitattributes", ".gitignore", "clauses", "docs", "mkdocs.yml", "policies", "requirements.txt", "schemas", "templates"]


def said(action: object, *arguments: object) -> list[str]:
    with pytest.raises(UserError) as caught:
        action(*arguments)  # type: ignore[operator]
    return [tell(p) for p in caught.value.problems]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("starter") / "my-site"
    assert starter.site(target) == MADE
    return target


def test_a_new_site_has_no_problem(site: Path) -> None:
    opened = project.open(site)
    assert opened.problems == ()
    assert opened.documents
    assert sorted(p.name for p in site.iterdir()) == MADE
    assert sorted(p.relative_to(site).as_posix() for p in site.glob("docs/**/*.md")) == ["docs/en/guide/index.md", "docs/zh/guide/index.md"]


def test_a_new_site_holds_nothing_but_text(site: Path) -> None:
    odd = [p for p in site.rglob("*") if p.is_symlink() or p.name == "__pycache__" or p.suffix == ".pyc"]
    assert odd == []


def test_an_empty_folder_may_be_the_target(tmp_path: Path) -> None:
    assert starter.site(tmp_path) == MADE


@pytest.mark.parametrize("occupant", ["file.txt", ".git", "clauses/a.yml"])
def test_an_occupied_folder_is_left_as_it_is(tmp_path: Path, occupant: str) -> None:
    target = tmp_path / "taken"
    file = target / occupant
    file.parent.mkdir(parents=True)
    file.write_text("mine", encoding="utf-8")
    assert said(starter.site, target) == [f"{target}: this exists already; nothing was written (choose another name)"]
    assert [p for p in target.rglob("*") if p.is_file()] == [file]
    assert file.read_text(encoding="utf-8") == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_a_file_is_no_target(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.write_text("mine", encoding="utf-8")
    assert said(starter.site, target) == [f"{target}: this exists already; nothing was written (choose another name)"]
    assert target.read_text(encoding="utf-8") == "mine"


CLAUSE = """\
# yaml-language-server: $schema=../../schemas/clause.json
id: greeting
text:
  zh:
    title: 新条款
    body: |
      在此写条款正文。
  en:
    title: New clause
    body: |
      Write the clause here.
"""

POLICY = """\
# yaml-language-server: $schema=../../schemas/policy.json
id: guests
title: {zh: 新政策, en: New policy}
locales: [zh, en]
numbering: chapters
profile: {}
sections:
  - id: text
    title: {zh: 正文, en: Text}
    clauses: [greeting]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nplugins: [clausebook]\n", encoding="utf-8")
    return tmp_path


def test_a_new_clause_and_a_new_policy_load_as_they_are(root: Path) -> None:
    settings = project.settings(root)
    assert starter.clause(root, settings, "common", "greeting") == Path("clauses/common/greeting.yml")
    assert starter.policy(root, settings, "guests", ["greeting"]) == Path("policies/guests/policy.yml")
    assert (root / "clauses/common/greeting.yml").read_bytes().decode() == CLAUSE
    assert (root / "policies/guests/policy.yml").read_bytes().decode() == POLICY
    opened = project.open(root)
    assert opened.problems == ()
    assert [entry.anchor for entry in opened.documents["guests"].entries()] == ["greeting"]


def test_a_clause_or_policy_that_exists_is_left_as_it_is(root: Path) -> None:
    settings = Settings()
    for make, arguments, path in (
        (starter.clause, ("common", "greeting"), "clauses/common/greeting.yml"),
        (starter.policy, ("guests", ["greeting"]), "policies/guests/policy.yml"),
    ):
        (root / path).parent.mkdir(parents=True)
        (root / path).write_text("mine", encoding="utf-8")
        assert said(make, root, settings, *arguments) == [f"{path}: this exists already; nothing was written (choose another name)"]
        assert (root / path).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("locales", "titles"),
    [(["en"], ["New clause"]), (["zh-Hant", "en-GB"], ["新条款", "New clause"]), (["fr", "zh"], ["New clause", "新条款"])],
)
def test_the_languages_are_those_of_the_site(root: Path, locales: list[str], titles: list[str]) -> None:
    settings = Settings(locales={locale: LocaleSetting(name=locale) for locale in locales})
    made = yaml.safe_load((root / starter.clause(root, settings, "common", "a")).read_text(encoding="utf-8"))
    assert (list(made["text"]), [text["title"] for text in made["text"].values()]) == (locales, titles)
    policy = yaml.safe_load((root / starter.policy(root, settings, "b", [])).read_text(encoding="utf-8"))
    assert policy["locales"] == list(policy["title"]) == list(policy["sections"][0]["title"]) == locales


def test_the_folders_are_those_of_the_settings(root: Path) -> None:
    settings = Settings(clauses="law/parts", policies="law/whole")
    assert starter.clause(root, settings, "m", "a") == Path("law/parts/m/a.yml")
    assert starter.policy(root, settings, "b", []) == Path("law/whole/b/policy.yml")
    assert (root / "law/parts/m/a.yml").is_file()
    assert (root / "law/whole/b/policy.yml").is_file()
