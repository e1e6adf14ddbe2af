"""What a long command shows on a terminal while it works: late, on one line, gone at the end, and never where nobody looks."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from clausebook.cli import waiting
from clausebook.cli.waiting import Waiting
from tests.repositories import made, written
from tests.test_review import EDITED, GOOD, B


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def seen(written: str) -> list[str]:
    """Return what stood on the line, one after another, as a terminal shows it."""
    return [shown for shown in written.split("\r") if shown.strip()]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "AFTER", 0.05)
    monkeypatch.setattr(waiting, "EVERY", 0.02)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def test_steps_are_shown_and_the_line_is_left_empty(quick: None) -> None:
    stream = Terminal()
    with Waiting(stream) as shown:
        for step in ("reading", "texts"):
            shown.at(step)
            time.sleep(0.2)
    lines = seen(stream.getvalue())
    assert lines[0] == "reading clauses and policies … 0 s"
    assert lines[-1].startswith("comparing texts and lists … ")
    assert stream.getvalue().endswith(" \r")  # written over


def test_a_short_command_shows_nothing() -> None:
    stream = Terminal()
    with Waiting(stream) as shown:
        shown.at("reading")
    assert stream.getvalue() == ""


def test_where_nobody_looks_nothing_is_shown(quick: None) -> None:
    stream = io.StringIO()
    with Waiting(stream) as shown:
        shown.at("reading")
        time.sleep(0.15)
    assert stream.getvalue() == ""


def test_a_line_is_gone_when_a_command_fails(quick: None) -> None:
    stream = Terminal()
    with suppress(ValueError), Waiting(stream) as shown:
        shown.at("reading")
        time.sleep(0.15)
        raise ValueError("x")
    assert seen(stream.getvalue())
    assert stream.getvalue().endswith(" \r")


CODE = (
    "import sys; from clausebook.cli import shell, waiting; waiting.AFTER = 0.0; waiting.EVERY = 0.001; sys.exit(shell._code(sys.argv[1:]))"
)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_review_shows_its_steps_on_a_terminal_and_prints_its_report_clean(tmp_path: Path) -> None:
    import pty

    root = made(tmp_path / "site", GOOD)
    written(root, {B: EDITED})
    command = [sys.executable, "-c", CODE, "--root", str(root), "--lang", "en", "review", "--base", "HEAD", "--format", "json"]
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=True)
        told = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.stdout.startswith(b"{")
    assert done.stdout.endswith(b"}\n")
    assert "reading clauses and policies … 0 s" in told
    piped = subprocess.run(command, capture_output=True, timeout=60, check=True)
    assert (piped.stdout, piped.stderr) == (done.stdout, b"")
