"""Every bad input gets its line: path, line, column, what is wrong and what to do. No traceback, no hang.

The trees and their lines are in tests/bad/*.txt; tests/corpus.py says how they are written.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests import corpus

FILES = sorted(file.stem for file in corpus.HERE.glob("*.txt"))
CASES = [pytest.param(case, id=f"{file}-{case.name}") for file in FILES for case in corpus.read(file)]
SECONDS = 5
MEMORY = 1 << 30


def check(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the real command line over a tree, with little time and memory."""
    command = [sys.executable, "-m", "clausebook", "--lang", "en", "--root", str(root), "check", "--format", "concise"]
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))  # noqa: E731
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, preexec_fn=limit)


@pytest.mark.parametrize("case", CASES)
def test_case(case: corpus.Case, tmp_path: Path) -> None:
    done = check(case.write(tmp_path))
    assert done.stdout.splitlines() == case.expected
    errors = [line for line in case.expected if ": warning: " not in line]
    assert done.returncode == (2 if errors else 0)
    assert "Traceback" not in done.stderr
