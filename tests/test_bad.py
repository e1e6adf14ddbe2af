"""Every bad input gets its line: path, line, column, what is wrong and what to do. No traceback, no hang.

The trees and their lines are in tests/bad/*.txt; tests/corpus.py says how they are written. What could run away is run as
a process of its own, with little time and memory; the rest enters the command line at the same door in this process.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from clausebook import cli
from tests import corpus

HOSTILE = "hostile"
FILES = sorted(file.stem for file in corpus.HERE.glob("*.txt"))
CASES = [pytest.param(file, case, id=f"{file}-{case.name}") for file in FILES for case in corpus.read(file)]
SUMMARY = re.compile(r"\d+ errors, \d+ warnings, \d+ notes, \d+ waived in ")
# What the text says, and what it was made from, is not the matter here.
FINDING = re.compile(r"[^:]+:\d+:\d+: (warning: |note: )?((lint|parity|term|typography)-|nothing says what)")
SECONDS = 5
MEMORY = 1 << 30


@pytest.mark.parametrize(("file", "case"), CASES)
def test_case(file: str, case: corpus.Case, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["--lang", "en", "--root", str(case.write(tmp_path)), "check", "--format", "concise"]
    monkeypatch.setattr(sys, "argv", ["clausebook", *arguments])
    code, out, err = _process(arguments) if file == HOSTILE else _here(capfd)
    lines = [line for line in (out + err).splitlines() if not SUMMARY.match(line)]
    assert [line for line in lines if not FINDING.match(line)] == case.expected
    refused = any(": warning: " not in line for line in case.expected)
    at_fault = any(found and not found[1] for found in map(FINDING.match, lines))  # an accepted tree whose words have an error
    assert code == (2 if refused else 1 if at_fault else 0)


def _here(capfd: pytest.CaptureFixture[str]) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.run()
    return left.value.code, *capfd.readouterr()


def _process(arguments: list[str]) -> tuple[object, str, str]:
    command = [sys.executable, "-m", "clausebook", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", preexec_fn=_limit, timeout=60)
    return done.returncode, done.stdout, done.stderr


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def test_names_are_unique() -> None:
    """A case that another one hides would never be missed."""
    for file in FILES:
        names = [case.name for case in corpus.read(file)]
        assert sorted(set(names)) == sorted(names)
