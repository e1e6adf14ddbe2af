"""What a build makes of policies beside the host's run: pages the navigation leads to, links from pages by hand, and failures."""

from __future__ import annotations

import datetime
import json
import posixpath
import re
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from clausebook import chain, processes, project, resources, site
from clausebook.plugin.drafts import Own
from clausebook.plugin.navigation import NAV_POLICIES
from clausebook.site.pages import common, plan
from clausebook.site.parts import Share
from clausebook.site.writer import Writer, writer
from tests import small
from tests.conftest import ROOT
from tests.test_building import DAY, HOOK, hooked, run
from tests.test_staging import SETTINGS, held

POLICIES = ("p", "q", "r")
LINKS = """# X

[page](p/index.md) [clause](p/index.md#a) [version](p/1.0.0/index.md#a) [redline](p/changes/1.0.0..1.1.0/index.md)
[list](p/lists/collected.csv) [list](../p/lists/collected.json) [release](../p/releases/1.0.0.json) [all](../policies.json)
"""
LOST = """# Y

[no page](p/9.9.9/index.md) [no clause](p/1.0.0/index.md#none) [no file](p/lists/none.csv) [no policy](z/index.md)
"""

DYING = """
import os
from clausebook import processes
from clausebook.plugin import making
from mkdocs.__main__ import cli
here, make = os.getpid(), making.Maker.make
processes.count = lambda: 3
making.Maker.make = lambda maker, policy: make(maker, policy) if os.getpid() == here else os._exit(9)
cli(["build", "--site-dir", "alone"])
"""


def releases(policy: str) -> list[dict[str, object]]:
    made = []
    for version, words, day in (("1.0.0", "甲。", "2025-01-01"), ("1.1.0", "乙。", "2025-02-01")):
        opened = small.opened(named(small.files({"a": small.text(words, "A.")}), policy)).sound()
        made.append(small.Made(version, opened.sides[policy], day, day))
    return small.chain(*made)


def named(files: dict[str, str], policy: str) -> dict[str, str]:
    return {path.replace("/p/", f"/{policy}/"): text.replace("id: p\n", f"id: {policy}\n") for path, text in files.items()}


def laid(root: Path, policies: Iterable[str], released: Iterable[str]) -> Path:
    """Make a folder a project of policies, some of them with two releases."""
    files = {"mkdocs.yml": SETTINGS, "docs/zh/x.md": "# X\n"}
    for policy in policies:
        files |= named(small.files({"a": small.text("丙。", "C.")}), policy)
    for policy in released:
        files |= {f"policies/{policy}/releases/{data['version']}.json": chain.dump(data).decode() for data in releases(policy)}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a project of three policies with two releases each."""
    return laid(tmp_path, POLICIES, POLICIES)


def writing(root: Path) -> Writer:
    opened = project.open(root, drafts=Own(Share(), None)).sound()
    opened = project.judged(opened, root, datetime.date.fromisoformat(DAY))
    return writer(
        site.Site(
            opened.settings, opened.library, opened.documents, (resources.starter("templates"),), datetime.date.fromisoformat(DAY),
            ledgers=opened.indexes, packs=opened.packs, verdicts=opened.verdicts,
        )
    )  # fmt: skip


@pytest.mark.parametrize("made", ["small", "repository"])
def test_the_navigation_has_the_titles_of_the_pages_it_leads_to(made: str, root: Path) -> None:
    write = writing(root if made == "small" else ROOT)
    led = [page for page in common(write) if page.group]
    for name in write.site.documents:
        pages = [page for page in (make() for _, make in plan(write, name)) if page.in_nav]
        shown = [(page.address, page.title, page.short, page.section, page.alternates) for page in led if page.group == name]
        assert shown == [(page.address, page.title, page.short, page.section, page.alternates) for page in pages]
        assert len(shown) >= 16


def test_where_pages_stand_is_known_without_reading_a_release(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = writing(root)
    addresses = [at.address for name in POLICIES for at, _ in plan(write, name)]
    made = [make().address for name in POLICIES for _, make in plan(write, name)]
    assert addresses == made
    monkeypatch.setattr(chain, "release", None)
    assert addresses == [at.address for name in POLICIES for at, _ in plan(writing_again(write), name)]


def writing_again(write: Writer) -> Writer:
    return replace(write, site=replace(write.site, known={}), kept={})


def built(root: Path, *arguments: str, target: str = "site") -> subprocess.CompletedProcess[str]:
    return run(root, "mkdocs", "build", "--site-dir", target, *arguments)


def test_pages_by_hand_link_to_every_page_and_file_of_a_policy(root: Path) -> None:
    (root / "docs/zh/x.md").write_text(LINKS, encoding="utf-8")
    done = built(root, "--strict")
    assert done.returncode == 0, done.stderr
    page = (root / "site/zh/x/index.html").read_text(encoding="utf-8")
    for target in ("../p/#a", "../p/1.0.0/#a", "../p/changes/1.0.0..1.1.0/", "../../p/releases/1.0.0.json", "../../policies.json"):
        assert f'href="{target}"' in page


def test_a_link_to_what_no_policy_has_is_a_warning(root: Path) -> None:
    (root / "docs/zh/x.md").write_text(LOST, encoding="utf-8")
    done = built(root)
    told = [line for line in done.stderr.splitlines() if "zh/x.md" in line]
    assert ["9.9.9" in done.stderr, "#none" in done.stderr, "none.csv" in done.stderr, "z/index.md" in done.stderr] == [True] * 4, told


def test_a_page_by_hand_gives_way_to_that_of_a_policy(root: Path) -> None:
    for place in ("docs/zh/p/1.0.0/index.md", "docs/zh/q/index.md"):
        (root / place).parent.mkdir(parents=True)
        (root / place).write_text("# by hand\n", encoding="utf-8")
    done = built(root)
    assert done.returncode == 0, done.stderr
    for place in ("zh/p/1.0.0", "zh/q"):
        assert "by hand" not in (root / "site" / place / "index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_of_many_policies_a_page_shows_its_own_in_the_navigation(root: Path) -> None:
    others = [f"s{number}" for number in range(NAV_POLICIES - len(POLICIES) + 1)]
    for policy in others:
        made = named(small.files({"a": small.text("丙。", "C.")}), policy)[f"policies/{policy}/policy.yml"]
        (root / f"policies/{policy}").mkdir()
        (root / f"policies/{policy}/policy.yml").write_text(made, encoding="utf-8")
    assert built(root).returncode == 0
    fast = held(root / "site")
    for address, shown in (("en/q/1.0.0/", {"q"}), ("en/q/", {"q"}), ("en/s0/lists/", {"s0"}), ("zh/x/", set())):
        html = fast[f"{address}index.html"].decode()
        nav = html[html.index('<nav class="md-nav md-nav--primary"') :].split("</nav>\n", 1)[0]
        links = {posixpath.normpath(posixpath.join(address, href)) for href in re.findall('href="([^"#:]*)"', nav)}
        assert {link.split("/")[1] for link in links if link.count("/")} & {*POLICIES, *others} == shown
    hooked(root, HOOK)
    assert built(root, target="plain").returncode == 0
    plain = held(root / "plain")
    assert [path for path in sorted({*fast, *plain}) if fast.get(path) != plain.get(path)] == []


@pytest.mark.skipif(not processes.can_fork(), reason="this system cannot copy a process")
def test_one_process_makes_what_several_make(root: Path) -> None:
    assert built(root).returncode == 0
    for count, target in ((1, "one"), (3, "three")):
        code = f"from clausebook import processes; processes.count = lambda: {count}"
        code += f"; from mkdocs.__main__ import cli; cli(['build', '--site-dir', '{target}'])"
        done = run(root, "timeit", "-n1", "-r1", f"exec({code!r})")
        assert "Error" not in done.stderr
    assert held(root / "one") == held(root / "three") == held(root / "site")


@pytest.mark.skipif(not processes.can_fork(), reason="this system cannot copy a process")
def test_what_a_process_that_died_leaves_is_made_all_the_same(root: Path) -> None:
    assert built(root).returncode == 0
    (root / "dying.py").write_text(DYING, encoding="utf-8")
    done = run(root, "dying")
    assert done.returncode == 0, done.stderr
    assert held(root / "alone") == held(root / "site")


def tampered(root: Path, policy: str, version: str) -> str:
    path = root / f"policies/{policy}/releases/{version}.json"
    data = json.loads(path.read_bytes())
    data["document"]["sections"][0]["title"]["en"] = "Another"
    path.write_bytes(chain.dump(data))
    return f"policies/{policy}/releases/{version}.json"


@pytest.mark.parametrize("wrong", [(("p", "1.0.0"), ("r", "1.0.0")), (("p", "1.1.0"), ("q", "1.0.0"), ("r", "1.1.0"))])
def test_everything_wrong_in_releases_is_told_and_the_site_stays(root: Path, wrong: tuple[tuple[str, str], ...]) -> None:
    assert built(root).returncode == 0
    before = held(root / "site")
    paths = [tampered(root, *one) for one in wrong]
    done = built(root)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert [line.split(":")[0] for line in done.stderr.splitlines() if line.startswith("policies/")] == paths
    assert held(root / "site") == before


def test_a_broken_template_stops_a_build_and_the_site_stays(root: Path) -> None:
    assert built(root).returncode == 0
    before = held(root / "site")
    (root / "templates").mkdir()
    (root / "templates/redline.html").write_text("<p>\n{{ view.nothing() }}\n", encoding="utf-8")
    done = built(root)
    assert done.returncode != 0
    assert "templates/redline.html:2:1: " in done.stderr
    assert held(root / "site") == before
