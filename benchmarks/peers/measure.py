"""Run one program to its end and say what it and its children took.

Time is right everywhere. Memory of several processes at once and written bytes are read from /proc, so only on Linux:
elsewhere memory is the largest single process's, and written bytes are unknown.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # of the peak memory a system reports
PROC = Path("/proc/self/io").exists()
LOOK, ENDED = 0.1, 0.005  # seconds between looks at the memory of the tree, and at whether it has ended


class Failed(Exception):
    """A measured program failed or took too long."""


@dataclass(frozen=True)
class Taken:
    """What a program took: wall and processor seconds, peak bytes of memory, bytes written (None where unknown)."""

    seconds: float
    cpu: float
    memory: int
    written: int | None


def run(command: Sequence[str], folder: Path, env: Mapping[str, str], limit: float) -> Taken:
    """Run a command to its end, at most `limit` seconds. Raises Failed with the end of what it said."""
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        with started(command, folder, env, said.fileno()) as process:
            peak = _watch(process, start + limit)
            seconds = time.perf_counter() - start
            written = _written(process.pid)
            usage = _reaped(process)
        if process.returncode:
            said.seek(0)
            raise Failed(f"{' '.join(command)} ends with {process.returncode}:\n{said.read().decode(errors='replace')[-2000:]}")
        return Taken(seconds, usage.ru_utime + usage.ru_stime, max(peak, usage.ru_maxrss * RSS_UNIT), written)


@contextlib.contextmanager
def started(command: Sequence[str], folder: Path, env: Mapping[str, str], out: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command while the block runs, in a process group of its own; then end all that is left of the group."""
    process = subprocess.Popen(
        list(command), cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()


def _watch(process: subprocess.Popen[bytes], end: float) -> int:
    """Wait until a process has ended, but do not reap it; return the most memory its tree was seen to hold."""
    peak, looked = 0, 0.0
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        now = time.perf_counter()
        if now > end:
            raise Failed(f"{process.args!r} takes too long")
        if PROC and now - looked > LOOK:
            peak, looked = max(peak, _memory(process.pid)), now
        time.sleep(ENDED)
    return peak


def _memory(root: int) -> int:
    """Return what a process and those below it hold, memory they share counted once; 0 for a process without any below."""
    found = list(_tree(root))
    return sum(_share(pid) for pid in found) if len(found) > 1 else 0


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _share(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _written(pid: int) -> int | None:
    """Return the bytes a process that has ended, and those below it, gave to the system to write."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/io").read_text().splitlines():
            if line.startswith("wchar:"):
                return int(line.split()[1])
    return None


def _reaped(process: subprocess.Popen[bytes]) -> resource.struct_rusage:
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage
