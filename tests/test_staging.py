"""A build that dies leaves the site before as it was; one that ends puts a whole new one in its place."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clausebook.site import staging
from tests import small

SETTINGS = """site_name: Policies
site_url: https://policies.example/
theme: {name: material, font: false}
plugins:
  - search:
  - clausebook:
"""
KILLS = 20


def write(root: Path, words: str) -> None:
    files = {**small.files({"a": small.text(words, "A.")}), "mkdocs.yml": SETTINGS}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    (root / "docs").mkdir(exist_ok=True)


def start(root: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "CLAUSEBOOK_AS_OF": "2026-03-01", "SOURCE_DATE_EPOCH": "1770000000", "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", *(arguments or ["--quiet"])]
    return subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def built(root: Path) -> dict[str, bytes]:
    assert start(root).wait(300) == 0
    return held(root / "site")


def held(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}


@pytest.mark.slow
def test_killed_at_any_moment_the_site_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    write(tmp_path, "甲。")
    old = built(tmp_path)
    write(tmp_path, "乙。")
    started = time.monotonic()
    new = built(tmp_path)
    seconds = time.monotonic() - started
    assert old != new
    write(tmp_path, "甲。")
    assert built(tmp_path) == old
    write(tmp_path, "乙。")
    chance = random.Random(7)
    for _ in range(KILLS):
        running = start(tmp_path)
        time.sleep(chance.uniform(0.05, 0.95) * seconds)
        running.send_signal(signal.SIGKILL)
        running.wait(60)
        assert held(tmp_path / "site") in (old, new)
    assert built(tmp_path) == new
    assert {path.name for path in tmp_path.glob(".site*")} == set()


def test_a_build_that_fails_leaves_the_site(tmp_path: Path) -> None:
    write(tmp_path, "甲。")
    old = built(tmp_path)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/theme").mkdir()
    (tmp_path / "templates/theme/main.html").write_text("{% nothing %}", encoding="utf-8")
    assert start(tmp_path).wait(300) != 0
    assert held(tmp_path / "site") == old


def test_a_strict_build_with_a_warning_leaves_the_site(tmp_path: Path) -> None:
    write(tmp_path, "甲。")
    old = built(tmp_path)
    write(tmp_path, "乙。")
    (tmp_path / "docs/x.md").write_text("[nowhere](nowhere.md)\n", encoding="utf-8")
    assert start(tmp_path, "--strict").wait(300) != 0
    assert held(tmp_path / "site") == old
    assert start(tmp_path).wait(300) == 0
    assert held(tmp_path / "site") != old


@pytest.mark.parametrize("fails", [False, True])
def test_a_site_that_cannot_be_renamed_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    site, part = tmp_path / "site", staging.aside(tmp_path / "site")
    for folder, names in ((site, ("a.html", "old/b.html")), (part, ("a.html", "new/c.html"))):
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(folder.name, encoding="utf-8")
    (site / "same.html").write_text("same", encoding="utf-8")
    (part / "same.html").hardlink_to(site / "same.html")
    if fails:

        def refuse(_self: Path, _target: Path) -> Path:
            raise OSError("device or resource busy")

        monkeypatch.setattr(Path, "rename", refuse)
    staging.settle(site)
    assert held(site) == {"a.html": b".site.part", "new/c.html": b".site.part", "same.html": b"same"}
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
