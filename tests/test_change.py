"""A lawyer edits one clause in one file: every policy that uses it changes, and nothing else does."""

from __future__ import annotations

import datetime
import re
import shutil
from pathlib import Path

import pytest

from clausebook import project, resolve, site, snapshot
from clausebook.facts import Facts
from clausebook.project import Project

DAY = datetime.date(2026, 11, 27)
ROOT = Path(__file__).parent.parent
LOCALES = ("zh", "en")
POLICIES = ("enterprise-email", "gov-im")


def _users(opened: Project) -> dict[str, set[str]]:
    """Return the policies that use each clause."""
    found: dict[str, set[str]] = {}
    for policy_id, loaded in opened.library.policies.items():
        for _, use in resolve.uses(loaded.value):
            found.setdefault(use.id, set()).add(policy_id)
    return found


def _pages(opened: Project) -> dict[str, str]:
    made = site.build(site.Site(opened.settings, opened.library, opened.sound().documents, (ROOT / "templates",), DAY))
    return {page.address: str(page.content) for page in made}


@pytest.fixture(scope="module")
def before() -> Project:
    return project.open(ROOT).sound()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("clauses", "policies"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("policies", [set(POLICIES), {"enterprise-email"}, {"gov-im"}], ids=["shared", *POLICIES])
def test_a_change_of_one_clause(before: Project, copy: Path, policies: set[str]) -> None:
    clause = next(clause for clause, users in sorted(_users(before).items()) if users == policies)
    file = copy / before.library.clauses[clause].source.path
    text = file.read_text(encoding="utf-8")
    assert text.count("    body: |\n") == 2
    text = text.replace("    body: |\n", "    body: |\n      {{ policy.title }} QQQ.\n\n")
    file.write_text(re.sub(r"\n    translates: \w+", "", text), encoding="utf-8")  # otherwise every page would tell of a stale translation

    after = project.open(copy).sound()
    old, new = _pages(before), _pages(after)
    changed = {address for address in old if new[address] != old[address]}
    assert old.keys() == new.keys()
    assert changed == {f"{loc}/{policy}/{kind}" for policy in policies for loc in LOCALES for kind in ("", "bilingual/")}
    assert all("QQQ" in new[address] and "QQQ" not in old[address] for address in changed)
    prints = {policy: (snapshot.fingerprint(before.sides[policy]), snapshot.fingerprint(after.sides[policy])) for policy in POLICIES}
    assert {policy for policy, (one, other) in prints.items() if one != other} == policies


def test_most_clauses_are_written_once_for_both_policies_or_for_one(before: Project) -> None:
    """No clause lies unused, and the two policies share clauses."""
    users = _users(before)
    assert sorted(set(before.library.clauses) - set(users)) == []
    assert sum(found == set(POLICIES) for found in users.values()) > 10


def test_a_new_fact_is_a_new_row(before: Project, copy: Path) -> None:
    """A fact added to a clause stands in the list of each policy that uses it, in both languages, and in no other list."""
    library = before.library
    clause = next(c for c, users in sorted(_users(before).items()) if users == {"gov-im"} and library.clauses[c].value.facts == Facts())
    sensitive = before.documents["gov-im"].sensitive
    known = {t: found for t, (found, term) in library.terms.items() if term.sensitive == "none" and t not in sensitive}
    ids = {scheme: next(t for t, found in known.items() if found == scheme) for scheme in ("data", "subjects")}
    file = copy / library.clauses[clause].source.path
    fact = f"facts:\n  collects: [{{data: [{ids['data']}], subject: {ids['subjects']}}}]\n"
    file.write_text(file.read_text(encoding="utf-8").replace("\ntext:\n", f"\n{fact}text:\n"), encoding="utf-8")

    old, new = _pages(before), _pages(project.open(copy))
    grown = {address: new[address].count(f'<tr id="{clause}-1"') - old[address].count(f'<tr id="{clause}-1"') for address in old}
    assert {address for address, more in grown.items() if more} == {f"{locale}/gov-im/lists/collected/" for locale in LOCALES}
    assert all(new[address] == old[address] for address in old if "enterprise-email" in address)


def test_an_untouched_copy_makes_the_same_pages(before: Project, copy: Path) -> None:
    assert _pages(project.open(copy)) == _pages(before)
