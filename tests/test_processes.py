"""Processes of a pool begin with what the first one holds, and end with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from clausebook import processes

pytestmark = pytest.mark.skipif(not processes.can_fork(), reason="this system cannot copy a process")

HELD = {"a": 1}
SLEEPERS = """
import os, sys, time
from clausebook import processes
pool = processes.pool(2)
def sleep(_):
    print(os.getpid(), flush=True)
    time.sleep(600)
list(pool.map(sleep, range(2)))
"""


def look(key: str) -> int:
    return HELD[key]


def test_they_hold_what_the_first_holds() -> None:
    HELD["b"] = 2
    with processes.pool(1) as pool:
        assert list(pool.map(look, "ab")) == [1, 2]


def runs(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_they_end_when_the_first_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEPERS], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        others = [int(first.stdout.readline()) for _ in range(2)]
        assert all(map(runs, others))
        first.send_signal(signal.SIGKILL)
        first.wait(60)
        until = time.monotonic() + 30
        while any(map(runs, others)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(map(runs, others))
