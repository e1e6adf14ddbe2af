"""Ways of building give the same site: by the fast path, page by page, in parts; and a site nothing has changed in is left alone.

Real builds in processes of their own, of this repository's site and of a synthetic one with many versions.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import small
from tests.conftest import ROOT
from tests.test_staging import SETTINGS, held

COPIED = ("clauses", "policies", "templates", "schemas", "docs")
DAY = "2026-11-27"
HOOK = "def on_page_content(html, **_):\n    return html\n"  # changes nothing, which nobody can know
MARKED = "def on_post_page(output, **_):\n    return output.replace('</body>', '<!-- seen --></body>')\n"
THEME = '{% extends "base.html" %}\n{% block htmltitle %}<title>{{ page.meta.title | d("") | upper }}</title>{% endblock %}\n'
VERSIONS = 14  # of the synthetic policy: about 200 pages


def run(root: Path, *arguments: str, cache: str = "", day: str = DAY) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CLAUSEBOOK_AS_OF": day, "SOURCE_DATE_EPOCH": "1795000000", "CLAUSEBOOK_CACHE": cache}
    environment |= {"NO_MKDOCS_2_WARNING": "1", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=600)


def build(root: Path, *arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
    done = run(root, "clausebook", "build", *arguments, **options)
    assert done.returncode == 0, done.stderr
    return done


def repository(root: Path) -> None:
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name)
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    (root / "mkdocs.yml").write_text(text.replace("- clausebook\n", "- clausebook: {coverage: published}\n"), encoding="utf-8")


def synthetic(root: Path, versions: int = VERSIONS) -> None:
    command = [sys.executable, str(ROOT / "benchmarks/archive.py"), str(root), "1", "7", str(versions)]
    subprocess.run(command, check=True, timeout=300)


@pytest.fixture(scope="module", params=[repository, synthetic], ids=lambda made: made.__name__)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("building") / "project"
    request.param(root)
    build(root)
    return root


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    root = tmp_path / "tiny"
    for path, text in {**small.files({"a": small.text("甲。", "A.")}), "mkdocs.yml": SETTINGS, "docs/x.md": "# X\n"}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def hooked(root: Path, hook: str) -> str:
    """Return the settings as they were, and add a hook."""
    before = (root / "mkdocs.yml").read_text(encoding="utf-8")
    (root / "hook.py").write_text(hook, encoding="utf-8")
    (root / "mkdocs.yml").write_text(before + "\nhooks: [hook.py]\n", encoding="utf-8")
    return before


@pytest.mark.slow
def test_the_fast_path_gives_what_the_host_gives_page_by_page(project: Path) -> None:
    before = hooked(project, HOOK)
    try:
        done = run(project, "mkdocs", "build", "--site-dir", "plain")
    finally:
        (project / "mkdocs.yml").write_text(before, encoding="utf-8")
    assert "Pages are rendered one by one, for another plugin may change them: hook" in done.stderr
    fast, plain = held(project / "site"), held(project / "plain")
    assert len([path for path in fast if path.endswith(".html")]) > 140
    assert [path for path in sorted({*fast, *plain}) if fast.get(path) != plain.get(path)] == []


@pytest.mark.slow
def test_parts_joined_are_the_site_of_one_build(project: Path) -> None:
    folders = [f"part{number}" for number in (1, 2, 3)]
    for number, folder in enumerate(folders, 1):
        build(project, folder, "--shard", f"{number}/3")
    joined = run(project, "clausebook", "merge", *folders, "joined")
    assert joined.returncode == 0, joined.stderr
    whole, found = held(project / "site"), held(project / "joined")
    assert [path for path in sorted({*whole, *found}) if whole.get(path) != found.get(path)] == []


@pytest.mark.slow
def test_no_page_grows_with_the_number_of_versions(project: Path, tmp_path: Path) -> None:
    if not (project / "policies/policy-0001").is_dir():
        pytest.skip("the repository's policies have few versions")
    synthetic(tmp_path / "few", VERSIONS // 2)
    build(tmp_path / "few")
    pages = [held(root / "site")["zh/policy-0001/1.0.0/index.html"] for root in (project, tmp_path / "few")]
    assert abs(len(pages[0]) - len(pages[1])) < 2500  # at most twelve versions are listed


def test_a_theme_that_shows_a_title_in_its_own_way_gets_it(tiny: Path) -> None:
    (tiny / "templates/theme").mkdir(parents=True)
    (tiny / "templates/theme/main.html").write_text(THEME, encoding="utf-8")
    build(tiny)
    pages = {path: page.decode() for path, page in held(tiny / "site").items() if path.endswith(".html")}
    titles = {path: re.findall("<title>(.*?)</title>", page) for path, page in pages.items()}
    assert titles["en/p/index.html"] == ["POLICY"]
    assert not [path for path, found in titles.items() if any("SLOT" in title.upper() for title in found)]


def test_another_plugin_sees_every_page(tiny: Path) -> None:
    hooked(tiny, MARKED)
    build(tiny)
    pages = {path: page for path, page in held(tiny / "site").items() if path.endswith("index.html")}
    assert [path for path, page in pages.items() if b"<!-- seen -->" not in page] == []
    assert len(pages) > 20


# Nothing to do.


def edited(root: Path) -> None:
    path = next((root / "clauses").rglob("a.yml"))
    path.write_text(path.read_text(encoding="utf-8").replace("甲。", "乙。"), encoding="utf-8")


def touched(root: Path) -> None:
    (root / "site/index.html").write_text("x", encoding="utf-8")


def added(root: Path) -> None:
    (root / "site/more.html").write_text("x", encoding="utf-8")


def removed(root: Path) -> None:
    (root / "site/zh/p/index.html").unlink()


def guided(root: Path) -> None:
    (root / "docs/more.md").write_text("# More\n", encoding="utf-8")


def styled(root: Path) -> None:
    (root / "templates/theme/assets").mkdir(parents=True, exist_ok=True)
    (root / "templates/theme/assets/more.css").write_text("p { color: red }\n", encoding="utf-8")


@pytest.mark.parametrize("change", [edited, touched, added, removed, guided, styled], ids=lambda change: change.__name__)
def test_a_site_is_left_alone_only_while_nothing_has_changed(tiny: Path, tmp_path: Path, change: object) -> None:
    (tiny / "templates").mkdir()
    cache = str(tmp_path / "cache")
    build(tiny, cache=cache)
    first = held(tiny / "site")
    assert "Nothing has changed" in build(tiny, cache=cache).stdout
    assert held(tiny / "site") == first
    change(tiny)  # type: ignore[operator]
    assert build(tiny, cache=cache).stdout == ""
    after = held(tiny / "site")
    shutil.rmtree(tiny / "site")
    build(tiny)
    assert held(tiny / "site") == after


@pytest.mark.parametrize(
    ("arguments", "options"),
    [(["--no-cache"], {}), ([], {"day": "2026-11-28"}), (["elsewhere"], {}), ([], {"cache": ""})],
    ids=["no-cache", "another day", "another folder", "no store"],
)
def test_a_site_is_built_again_when_asked(tiny: Path, tmp_path: Path, arguments: list[str], options: dict[str, str]) -> None:
    cache = {"cache": str(tmp_path / "cache")}
    build(tiny, **cache)
    assert build(tiny, *arguments, **{**cache, **options}).stdout == ""


def test_a_site_with_a_hook_is_always_built_again(tiny: Path, tmp_path: Path) -> None:
    hooked(tiny, HOOK)
    cache = {"cache": str(tmp_path / "cache")}
    build(tiny, **cache)
    assert build(tiny, **cache).stdout == ""


@pytest.mark.parametrize(
    ("old", "new"), [("name: material", "name: material, custom_dir: ../shared"), ("Policies", "!ENV [NAMED, Policies]")]
)
def test_a_site_made_of_more_than_its_project_is_always_built_again(tiny: Path, tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "shared").mkdir()
    text = (tiny / "mkdocs.yml").read_text(encoding="utf-8")
    assert old in text
    (tiny / "mkdocs.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    cache = {"cache": str(tmp_path / "cache")}
    build(tiny, **cache)
    assert build(tiny, **cache).stdout == ""


# What is refused.


def test_a_failing_build_says_why_and_leaves_the_site(tiny: Path) -> None:
    build(tiny)
    before = held(tiny / "site")
    path = next((tiny / "clauses").rglob("a.yml"))
    path.write_text(path.read_text(encoding="utf-8") + "odd: x\n", encoding="utf-8")
    done = run(tiny, "clausebook", "build")
    assert (done.returncode, "Traceback" in done.stderr, held(tiny / "site")) == (2, False, before)
    assert "nothing is called “odd” here" in done.stderr


@pytest.mark.parametrize("value", ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3", "-1/2"])
def test_a_share_that_is_none(tiny: Path, value: str) -> None:
    done = run(tiny, "clausebook", "build", "part", f"--shard={value}")
    assert done.returncode == 2
    assert f"this is no share: {value}" in done.stderr


def test_parts_need_pages_no_other_plugin_may_change(tiny: Path) -> None:
    hooked(tiny, HOOK)
    done = run(tiny, "clausebook", "build", "part", "--shard", "1/2")
    assert done.returncode == 2
    assert "cannot be built in parts" in done.stderr


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("parts") / "tiny"
    for path, text in {**small.files({"a": small.text("甲。", "A.")}), "mkdocs.yml": SETTINGS, "docs/x.md": "# X\n"}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    for number in (1, 2):
        build(root, f"part{number}", "--shard", f"{number}/2")
    build(root, "late", "--shard", "2/2", day="2026-11-28")
    build(root, "whole")
    shutil.copytree(root / "part2", root / "differs")
    (root / "differs/404.html").write_text("x", encoding="utf-8")
    shutil.copytree(root / "part2", root / "broken")
    (root / "broken/.clausebook-part.json").write_text("{", encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (["part1"], "of 2 parts these are missing: 2"),
        (["part1", "part1"], "another folder has the same part"),
        (["part1", "late"], "late: this part was made from something else than part1"),
        (["part1", "whole"], "this is no part of a site"),
        (["part1", "broken"], "what this part says of itself cannot be read"),
        (["part1", "differs"], "404.html is not the same in all parts"),
    ],
    ids=["missing", "twice", "another day", "no part", "broken", "differs"],
)
def test_parts_that_do_not_belong_together(parts: Path, folders: list[str], said: str) -> None:
    (parts / "joined").mkdir(exist_ok=True)
    (parts / "joined/old.html").write_text("old", encoding="utf-8")
    done = run(parts, "clausebook", "merge", *folders, "joined")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert said in done.stderr
    assert held(parts / "joined") == {"old.html": b"old"}
