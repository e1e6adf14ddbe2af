"""The preview: `mkdocs serve` over a copy of the project, edited while pages of it are open in the browser."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opening
from tests.browser.kinds import draft

ROOT = Path(__file__).parents[2]
COPIED = ("clauses", "policies", "templates", "schemas", "docs")
SECONDS = 60.0
CLAUSE = "clauses/common/no-reduction-of-rights.yml"  # both policies use it
SENTENCE = "非经您明确同意，我们不会削减"
BROKEN = ("title: 不削减权利\n", "title: 不削减权利\n    titel: x\n")
BROKEN_LINE = f"{CLAUSE}:10:5: nothing is called “titel” here (did you mean “title”?)"


@dataclass
class Project:
    """A copy of this repository's site to edit."""

    root: Path

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the one place where `old` stands, as an editor does when it saves."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def line(self, path: str, text: str) -> int:
        """Return the line on which a text starts."""
        return (self.root / path).read_text(encoding="utf-8").split(text)[0].count("\n") + 1

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a module of this Python in the copy."""
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)


@dataclass
class Preview:
    """A running `mkdocs serve`: the project it shows, its address without a slash at the end, and what it prints."""

    project: Project
    url: str
    log: Path

    def said(self) -> str:
        """Return everything printed so far."""
        return self.log.read_text(encoding="utf-8")


def _project(folder: Path) -> Project:
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "mkdocs.yml", folder)
    return Project(folder)


@contextmanager
def _serving(project: Project, log: Path) -> Iterator[Preview]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-u", "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=project.root, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    try:
        found = Preview(project, f"http://127.0.0.1:{port}", log)
        _until(lambda: "Serving on" in found.said() or process.poll() is not None, 240)
        assert process.poll() is None, found.said()
        yield found
        assert process.poll() is None, found.said()
    finally:
        process.terminate()
        process.wait(SECONDS)


def _until(true: Callable[[], bool], seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """Serve one copy for all edits below; each test leaves it building."""
    folder = tmp_path_factory.mktemp("serve")
    with _serving(_project(folder / "site"), folder / "log.txt") as found:
        yield found


def _marked(page: Page) -> Page:
    """Leave a mark that only a reload removes."""
    page.evaluate("window.notReloaded = true")
    return page


def _not_by_hand(page: Page) -> None:
    assert page.evaluate("window.notReloaded === undefined"), "the page changed without a reload"


def test_a_shared_clause_changes_both_policies_in_open_tabs(preview: Preview, opened: Opening) -> None:
    tabs = [_marked(opened(f"{preview.url}/zh/{draft(policy)}").page) for policy in ("enterprise-email", "gov-im")]
    for tab in tabs:
        expect(tab.locator("#no-reduction-of-rights + .cb-body")).to_contain_text(SENTENCE)
    preview.project.edit(CLAUSE, SENTENCE, "非经您另行书面同意，我们不会削减")
    for tab in tabs:
        expect(tab.locator("#no-reduction-of-rights + .cb-body")).to_contain_text("非经您另行书面同意，我们不会削减")
        _not_by_hand(tab)
    where = preview.project.run("clausebook", "where", "no-reduction-of-rights")
    assert [line.split(":")[0] for line in where.stdout.splitlines()[:2]] == ["enterprise-email", "gov-im"]
    assert where.stdout.splitlines()[-1].endswith("in 2 of 2 policies")
    assert where.returncode == 0


def test_only_tabs_whose_page_changed_reload(preview: Preview, opened: Opening) -> None:
    """The clause is in both drafts, but in no released version."""
    draft_tab, released_tab = (_marked(opened(f"{preview.url}/zh/{place}").page) for place in (draft("gov-im"), "gov-im/1.0.0/"))
    preview.project.edit(CLAUSE, "非经您另行书面同意，我们不会削减", SENTENCE)
    expect(draft_tab.locator("#no-reduction-of-rights + .cb-body")).to_contain_text(SENTENCE)
    released_tab.wait_for_timeout(3000)
    assert released_tab.evaluate("window.notReloaded") is True


@pytest.mark.parametrize(
    ("path", "old", "new", "address", "words"),
    [
        (
            "clauses/vocabulary/recipients.yml",
            "zh: 第三方短信运营商",
            "zh: 外部短信运营商",
            f"zh/{draft('enterprise-email')}lists/shared/",
            "外部短信运营商",
        ),
        (
            "policies/gov-im/policy.yml",
            "\ntitle: {zh: 法律声明及隐私权政策,",
            "\ntitle: {zh: 新的政策名称,",
            f"zh/{draft('gov-im')}",
            "新的政策名称",
        ),
        ("templates/lists.html", '<div class="cb-lists">\n', '<div class="cb-lists"><p>来自模板</p>\n', "zh/gov-im/lists/", "来自模板"),
        ("mkdocs.yml", "site_name: 政策 · Policies", "site_name: 新的站名", "en/guide/", "新的站名"),
        ("docs/zh/guide/index.md", "# ", "# 改过的", "zh/guide/", "改过的"),
    ],
    ids=["vocabulary", "policy", "template", "setting", "guide"],
)
def test_any_edit_reloads_the_page(preview: Preview, opened: Opening, path: str, old: str, new: str, address: str, words: str) -> None:
    page = _marked(opened(f"{preview.url}/{address}").page)
    assert words not in page.locator("body").inner_text()
    if path.endswith(".md"):
        old, new = _first_line(preview.project, path, new)
    preview.project.edit(path, old, new)
    expect(page.locator("body")).to_contain_text(words)
    _not_by_hand(page)


def _first_line(project: Project, path: str, new: str) -> tuple[str, str]:
    line = (project.root / path).read_text(encoding="utf-8").splitlines(keepends=True)[0]
    return line, line.replace("# ", new, 1)


@pytest.mark.parametrize(
    ("path", "old", "new", "below", "words"),
    [
        (CLAUSE, *BROKEN, 1, "5: nothing is called “titel” here (did you mean “title”?)"),
        ("templates/home.html", '<div class="cb-home">\n', '<div class="cb-home">\n{% if %}\n', 1, "1: this template cannot be rendered"),
        ("templates/theme/main.html", "{% block config %}\n", "{% block config %}\n{% if %}\n", 1, "1: this template cannot be rendered"),
        ("mkdocs.yml", "  - clausebook\n", "  - clausebook: {claus: x}\n", 0, "18: nothing is called “claus” here"),
        ("mkdocs.yml", "theme:\n", "theme: [\n", 2, "11: this is not valid YAML"),
    ],
    ids=["clause", "template", "theme", "setting", "settings-syntax"],
)
def test_a_broken_edit_shows_where_and_the_next_good_save_recovers(
    preview: Preview, opened: Opening, path: str, old: str, new: str, below: int, words: str
) -> None:
    page = opened(f"{preview.url}/zh/gov-im/#contact").page
    before = len(preview.said())
    said = f"{path}:{preview.project.line(path, old) + below}:{words}"
    preview.project.edit(path, old, new)
    expect(page.locator("section[lang=en] li").first).to_contain_text(said)
    assert said in preview.said()[before:]
    assert "Traceback" not in preview.said()[before:]
    preview.project.edit(path, new, old)
    expect(page.locator("article h1")).to_be_visible()
    assert page.url == f"{preview.url}/zh/gov-im/#contact"
    assert _status(f"{preview.url}/en/gov-im/") == 200


def _status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:
        return int(answer.status)


def test_an_error_after_an_error_is_shown(preview: Preview, opened: Opening) -> None:
    """The page that shows an error asks again all the time, also while the next build is on its way to another error."""
    page = opened(f"{preview.url}/zh/gov-im/").page
    errors = page.locator("section[lang=en] li")
    preview.project.edit(CLAUSE, *BROKEN)
    expect(errors).to_have_text([BROKEN_LINE])
    preview.project.edit(CLAUSE, "titel: x", "tietl: x")
    expect(errors).to_have_text([BROKEN_LINE.replace("titel", "tietl")])
    preview.project.edit(CLAUSE, BROKEN[1].replace("titel", "tietl"), BROKEN[0])
    expect(page.locator("article h1")).to_be_visible()


def test_a_preview_of_a_broken_tree_starts_and_recovers(tmp_path: Path, opened: Opening) -> None:
    project = _project(tmp_path / "site")
    project.edit(CLAUSE, *BROKEN)
    with _serving(project, tmp_path / "log.txt") as preview:
        assert BROKEN_LINE in preview.said()
        assert "Traceback" not in preview.said()
        page = opened(f"{preview.url}/zh/gov-im/").page
        expect(page.locator("section[lang=en] li")).to_have_text([BROKEN_LINE])
        expect(page.locator("section[lang=zh] li")).to_have_text([f"{CLAUSE}:10:5: 此处没有名为“titel”的键（是否为“title”？）"])
        project.edit(CLAUSE, BROKEN[1], BROKEN[0])
        expect(page.locator("article h1")).to_have_text("法律声明及隐私权政策")


def test_a_failing_build_leaves_the_old_site_alone(tmp_path: Path) -> None:
    project = _project(tmp_path / "site")
    site = project.root / "site"
    (site / "zh").mkdir(parents=True)
    (site / "zh" / "index.html").write_text("old", encoding="utf-8")
    (site / "odd.txt").write_text("old", encoding="utf-8")
    before = _contents(site)
    project.edit(CLAUSE, *BROKEN)
    for strict in ([], ["--strict"]):
        built = project.run("mkdocs", "build", *strict)
        said = [line for line in (built.stdout + built.stderr).splitlines() if line.strip()]
        assert built.returncode != 0
        assert [line for line in said if ".yml:" in line] == [BROKEN_LINE]
        assert "Traceback" not in built.stdout + built.stderr
        assert _contents(site) == before


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
