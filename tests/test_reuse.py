"""After an edit the files of policies it does not reach stay where they are, and the site is the one a build from nothing gives.

Real builds of a site of three policies: p and q have releases, r has none, so that its draft is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from clausebook import chain
from tests import small
from tests.test_building import build, run
from tests.test_making import laid, tampered
from tests.test_staging import held

GLOSSARY = "terms:\n  - {id: site, preferred: {zh: 网站, en: website}}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = laid(tmp_path / "project", "pqr", "pq")
    (root / "templates").mkdir()
    return root


def replaced(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new), encoding="utf-8", newline="")


def clause(root: Path) -> None:
    replaced(root, "clauses/m/a.yml", "C.", "D.")


def term(root: Path) -> None:
    replaced(root, "clauses/vocabulary/data.yml", "en: name", "en: full name")


def title(root: Path) -> None:
    replaced(root, "policies/r/policy.yml", "en: Policy", "en: Another policy")


def draft(root: Path) -> None:
    replaced(root, "policies/p/policy.yml", "en: Chapter", "en: Part")


def release(root: Path) -> None:
    made = small.Made("1.2.0", small.opened(small.files({"a": small.text("丁。", "D.")})).sound().sides["p"], "2025-03-01", "2025-03-01")
    first = [json.loads((root / f"policies/p/releases/{version}.json").read_bytes()) for version in ("1.0.0", "1.1.0")]
    last = first[-1]
    data = {key: value for key, value in small.chain(made)[0].items() if key not in ("seal", "fingerprint")}
    data |= {"number": 3, "previous": {key: last[key] for key in ("version", "fingerprint", "seal")}}
    data["record"]["verdict"]["base"] = "1.1.0"
    (root / "policies/p/releases/1.2.0.json").write_bytes(chain.dump(chain.sealed(data)))


def template(root: Path) -> None:
    (root / "templates/theme").mkdir()
    (root / "templates/theme/main.html").write_text('{% extends "base.html" %}\n{% block footer %}-{% endblock %}\n', encoding="utf-8")


def settings(root: Path) -> None:
    replaced(root, "mkdocs.yml", "site_name: Policies", "site_name: Other policies")


def page(root: Path) -> None:
    replaced(root, "docs/zh/x.md", "# X\n", "# X\n\nMore.\n")


def heading(root: Path) -> None:
    replaced(root, "docs/zh/x.md", "# X\n", "# Y\n")


def touched(root: Path) -> None:
    (root / "site/zh/q/1.0.0/index.html").write_text("x", encoding="utf-8")


def removed(root: Path) -> None:
    (root / "site/q/releases/1.0.0.json").unlink()


def forgotten(root: Path) -> None:
    for entry in (root / "cache").glob("unit-*"):
        entry.write_bytes(entry.read_bytes()[:-1])


def glossary(root: Path) -> None:
    (root / "clauses/vocabulary/glossary.yml").write_text(GLOSSARY, encoding="utf-8")


def rebuilt(root: Path, before: dict[str, tuple[int, int]]) -> str:
    """Return the policies whose files were written anew. A file that was taken over is the same file."""
    after = stamps(root)
    return "".join(policy for policy in "pqr" if before.get(f"zh/{policy}/index.html") != after[f"zh/{policy}/index.html"])


def stamps(root: Path) -> dict[str, tuple[int, int]]:
    site = root / "site"
    return {path.relative_to(site).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns) for path in site.rglob("*.html")}


@pytest.mark.parametrize(
    ("change", "made"),
    [
        (clause, "r"), (term, "r"), (draft, ""), (release, "p"), (title, "pqr"), (template, "pqr"), (settings, "pqr"), (page, ""),
        (heading, "pqr"), (touched, "q"), (removed, "q"), (glossary, "pqr"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)  # fmt: skip
def test_an_edit_reaches_the_policies_it_concerns(root: Path, change: Callable[[Path], None], made: str) -> None:
    cache = str(root / "cache")
    build(root, cache=cache)
    before = stamps(root)
    change(root)
    build(root, cache=cache)
    assert rebuilt(root, before) == made
    build(root, "fresh")
    assert held(root / "site") == held(root / "fresh")


def test_what_was_taken_over_is_taken_over_again(root: Path) -> None:
    """What is known of a policy outlives builds that did not make it."""
    cache = str(root / "cache")
    build(root, cache=cache)
    first = stamps(root)
    for old, new in (("C.", "D."), ("D.", "E.")):
        replaced(root, "clauses/m/a.yml", old, new)
        build(root, cache=cache)
    assert rebuilt(root, first) == "r"
    assert b"E." in held(root / "site")["en/r/index.html"]


@pytest.mark.parametrize(
    ("arguments", "options"), [(["--no-cache"], {}), ([], {"day": "2026-11-28"}), ([], {"cache": ""})], ids=["no-cache", "day", "no store"]
)
def test_everything_is_made_again_when_asked(root: Path, arguments: list[str], options: dict[str, str]) -> None:
    cache = {"cache": str(root / "cache")}
    build(root, **cache)
    before = stamps(root)
    clause(root)
    build(root, *arguments, **{**cache, **options})
    assert rebuilt(root, before) == "pqr"


def test_an_entry_that_is_torn_is_none(root: Path) -> None:
    cache = str(root / "cache")
    build(root, cache=cache)
    before = stamps(root)
    forgotten(root)
    clause(root)
    build(root, cache=cache)
    assert rebuilt(root, before) == "pqr"


def test_a_tampered_release_is_found_though_its_pages_are_there(root: Path) -> None:
    cache = str(root / "cache")
    build(root, cache=cache)
    before = held(root / "site")
    path = tampered(root, "q", "1.0.0")
    clause(root)  # files of p are linked into the new site by then, and those of r written
    done = run(root, "clausebook", "build", cache=cache)
    assert done.returncode == 2
    assert f"{path}: " in done.stderr
    assert held(root / "site") == before
