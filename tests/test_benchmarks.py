"""The benchmark's policies: the same for a seed, sound, as many as asked; and the table it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import synthetic
from clausebook import project

ROOT = Path(__file__).parent.parent
RUN = [sys.executable, str(ROOT / "benchmarks" / "run.py")]
STEPS = [
    "load", "resolve and assemble", "requirements and wording", "make the pages", "`clausebook check`, whole process",
    "`mkdocs build`, whole process",
]  # fmt: skip


def sections(policy: dict[str, Any]) -> list[str]:
    """Return the ids of all sections in reading order."""
    return [name for section in policy["sections"] for name in (section["id"], *sections(section))]


def uses(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all placed clauses in reading order."""
    return [*policy.get("clauses", []), *(use for section in policy.get("sections", []) for use in uses(section))]


def params(policy: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of every placed clause, by anchor."""
    return {use.get("as", use["id"]): use["params"] for use in uses(policy)}


def clauses(policy: dict[str, Any]) -> list[str]:
    """Return the anchors of all clauses in reading order."""
    return [use.get("as", use["id"]) for use in uses(policy)]


def test_a_seed_gives_the_same_policies() -> None:
    assert list(synthetic.policies(4, 7)) == list(synthetic.policies(4, 7))


def test_another_seed_gives_others() -> None:
    pairs = zip(synthetic.policies(4, 7), synthetic.policies(4, 8), strict=True)
    assert [one == other for one, other in pairs] == [False] * 4


def test_policies_keep_sections_and_vary_the_rest() -> None:
    email, im, more_email, more_im = synthetic.policies(4, 1, frozenset({"cookie-management"}))
    assert [sections(email), sections(im)] == [sections(more_email), sections(more_im)]
    assert sections(email) != sections(im)
    assert sorted(params(email)) != sorted(params(more_email))
    common = [anchor for anchor in clauses(email) if anchor in params(more_email)]
    assert common != [anchor for anchor in clauses(more_email) if anchor in common]
    assert [a for a in common if params(email)[a] != params(more_email)[a]]
    assert len({p["profile"]["operator"]["legal_name"]["zh"] for p in (email, im, more_email, more_im)}) == 4
    assert all("cookie-management" in clauses(p) for p in (email, im, more_email, more_im))


@pytest.mark.parametrize(("pages", "policies"), [(2, 1), (12, 6)])
def test_sites_are_as_large_as_asked_and_sound(pages: int, policies: int, tmp_path: Path) -> None:
    synthetic.site(tmp_path, pages, seed=3)
    opened = project.open(tmp_path)
    assert opened.problems == ()
    assert list(opened.documents) == [f"policy-{n:04}" for n in range(1, policies + 1)]
    assert sum(len(document.policy.locales) for document in opened.documents.values()) == pages


@pytest.mark.slow
def test_the_table_has_a_row_for_every_step() -> None:
    done = subprocess.run([*RUN, "--sizes", "2", "--no-serve", "--runs", "1"], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| 2 \| (.+?) \| \d+\.\d\d \| \d+\.\d\d \| \d+ \| \d+ \|$", done.stdout, re.MULTILINE)
    assert rows == STEPS
    assert "| policy pages | step | seconds | CPU seconds | CPU ms per page | peak MiB |" in done.stdout.splitlines()


@pytest.mark.slow
def test_the_table_of_checks() -> None:
    """The second run finds what the first has kept, and so takes a fraction of its time."""
    done = subprocess.run(
        [*RUN[:1], str(ROOT / "benchmarks" / "checks.py"), "--policies", "3"], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| (\d) \| (.+?) \| \d+\.\d\d \| (\d+\.\d\d) \| \d+ \|$", done.stdout, re.MULTILINE)
    checks = ["check, nothing kept", "check, nothing changed", "check, one clause changed"]
    assert [(count, what) for count, what, _ in rows] == [
        *(("2", what) for what in (*checks, "review of one clause changed")), *(("3", what) for what in checks),
    ]  # fmt: skip
    assert float(rows[1][2]) < float(rows[0][2]) / 4


@pytest.mark.parametrize("sizes", ["3", "0", "-2"])
def test_an_odd_size_is_refused(sizes: str) -> None:
    done = subprocess.run([*RUN, f"--sizes={sizes}"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "run.py: error: argument --sizes: a policy has two pages: give even numbers from 2"
