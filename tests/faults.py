"""A release that fails: a process that forks the real `clausebook release` and has strace kill it, or fail it, at a system call.

Run as `python -m tests.faults ROOT VERSION`; it reads one line of strace options a run and answers with one line of JSON.
What has nothing to do with the ledger (packs, checks and rules of the package) is read once, before the first fork; each run
begins with the ledger as it was at the start.
"""

from __future__ import annotations

import ctypes
import gc
import io
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from clausebook import cli, load
from tests.ledgers import FOLDER, POLICY

TOKEN = "0011aabb"  # of the file aside: strace picks files by name
_SET_PTRACER, _ANY = 0x59616D61, -1
_ATTACHED = 20.0


class Runs:
    """The runs of one release of one site."""

    def __init__(self, root: Path, version: str) -> None:
        self.root, self.version = root, version
        self.folder = root / FOLDER / POLICY / "releases"
        self.before = _state(self.folder)
        self.arguments = ["--lang", "en", "--root", str(root), "release", POLICY, "--yes", "--version", version]
        names = {f"{version}.json", f".{version}.json.{TOKEN}.tmp", *(self.before or {})}
        self.paths = [self.folder.parent, self.folder, *(self.folder / name for name in sorted(names))]

    def run(self, options: list[str]) -> dict[str, Any]:
        """Run the release under strace with these options; return its exit, what it said, what was called and what stands there."""
        self._restore()
        with tempfile.TemporaryDirectory() as aside:
            said, log = Path(aside) / "said", Path(aside) / "log"
            code = self._traced(said, log, options)
            state = _state(self.folder)
            again = os.waitstatus_to_exitcode(os.waitpid(self._child(Path(aside) / "again", None), 0)[1])
            return {
                "code": code,
                "said": said.read_text(encoding="utf-8"),
                "trace": log.read_text(encoding="utf-8", errors="replace").splitlines(),
                "state": state,
                "again": again,
                "said_again": (Path(aside) / "again").read_text(encoding="utf-8"),
                "after": _state(self.folder),
            }

    def _restore(self) -> None:
        for file in self.folder.iterdir() if self.folder.exists() else ():
            if file.name not in (self.before or {}):
                file.unlink()
        if self.before is None and self.folder.exists():
            self.folder.rmdir()

    def _traced(self, said: Path, log: Path, options: list[str]) -> int:
        held, go = os.pipe()
        pid = self._child(said, held)
        os.close(held)
        command = ["strace", "-p", str(pid), "-o", str(log), "-s", "0", *(word for path in self.paths for word in ("-P", str(path)))]
        with subprocess.Popen([*command, *options], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as strace:
            end = time.monotonic() + _ATTACHED
            while "TracerPid:\t0" in Path(f"/proc/{pid}/status").read_text(encoding="utf-8"):
                if strace.poll() is not None or time.monotonic() > end:
                    os.kill(pid, 9)
                    break
                time.sleep(0.001)
            os.write(go, b"x")
            os.close(go)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return status

    def _child(self, said: Path, held: int | None) -> int:
        pid = os.fork()
        if pid:
            return pid
        try:
            ctypes.CDLL(None).prctl(_SET_PTRACER, ctypes.c_ulong(_ANY & (2**64 - 1)), 0, 0, 0)
            file = os.open(said, os.O_WRONLY | os.O_CREAT)
            os.dup2(file, 1)
            os.dup2(file, 2)
            if held is not None:
                secrets.token_hex = _token
                os.read(held, 1)
                time.sleep(0.005)  # until the tracer lets go of the call above
            code = cli._code(self.arguments)
            sys.stdout.flush()
            os._exit(code)
        finally:
            os._exit(99)


def _token(nbytes: int | None = None) -> str:
    return TOKEN


def _state(folder: Path) -> dict[str, str] | None:
    """Return the content of every file by name, or None without a folder."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir())} if folder.exists() else None


def main() -> None:
    """Answer runs until the input ends."""
    root, version = Path(sys.argv[1]), sys.argv[2]
    reading: Any = load
    reading.packs = cache_by_folder(load.packs)
    reading.checks, reading.rulebook = cache(load.checks), cache(load.rulebook)
    runs = Runs(root, version)
    with redirect_stdout(io.StringIO()):
        cli._code([*runs.arguments, "--draft"])
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(runs.run(json.loads(line))) + "\n")
        sys.stdout.flush()


def cache_by_folder(packs: Any) -> Any:
    """Return `load.packs`, remembering what it read."""
    remembered = cache(lambda trees: packs(trees))
    return lambda trees: remembered(tuple(trees))


if __name__ == "__main__":
    main()
