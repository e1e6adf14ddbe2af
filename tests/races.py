"""Forked workers that append to one ledger at one moment. Run as `python -m tests.races ROOT ROUNDS RACERS`.

A ledger is left to itself after ten rounds and the next one begun, so that reading long chains does not fill the time.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

from clausebook import ledger
from clausebook.errors import USER_ERROR, UserError
from clausebook.tree import Folder
from tests import ledgers

LENGTH = 10


def main() -> None:
    """Print, for each round, the exit codes of its racers."""
    root, rounds, racers = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    before: dict[str, Any] | None = None
    gc.freeze()
    for number in range(rounds):
        if number % LENGTH == 0:
            here, before = root / str(number // LENGTH), None
            (here / ledgers.FOLDER / ledgers.POLICY).mkdir(parents=True)
        names = [f"{number}.{0 if number % 2 else racer}.0" for racer in range(racers)]
        wanted = [ledgers.data(name, before, published="2026-01-01", effective="2026-01-02") for name in names]
        ledger.read(Folder(here), ledgers.FOLDER, ledgers.POLICY)  # proved once here, so that the racers need not each
        codes = _race(here, wanted)
        sys.stdout.write(json.dumps(codes) + "\n")
        if 0 not in codes:
            sys.exit(1)
        before = wanted[codes.index(0)]


def _race(root: Path, wanted: list[dict[str, Any]]) -> list[int]:
    held, go = os.pipe()
    racers = [_racer(root, release, held, go) for release in wanted]
    os.close(held)
    os.close(go)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in racers]


def _racer(root: Path, release: dict[str, Any], held: int, go: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.close(go)
    os.read(held, 1)  # ends for all at once, when the last writer closes
    try:
        ledger.append(root, ledgers.FOLDER, release)
    except UserError:
        os._exit(USER_ERROR)
    except BaseException:
        os._exit(3)
    os._exit(0)


if __name__ == "__main__":
    main()
