"""The parts of a site built on a cluster of machines that share its folders, through an executor as `concurrent.futures` knows it.

Which machine builds which part, and that a part is built again when its machine is lost, is the cluster's business.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clausebook.errors import Place, UserError, problem

SECONDS = 10  # a cluster has to answer within


@dataclass(frozen=True)
class Order:
    """What is to be built: the project's folder, where the parts go, how many there are, and what their builds find in the environment."""

    root: Path
    folder: Path
    count: int
    environment: Mapping[str, str]
    strict: bool = False


@dataclass(frozen=True)
class Made:
    """A part that was built: its folder, and what was said where it could not be."""

    folder: Path
    wrong: str


@contextmanager
def connected(address: str) -> Iterator[tuple[Executor, int]]:
    """Have an executor of a Dask cluster, and how many tasks it runs at a time. Raises UserError where none answers."""
    try:
        from distributed import Client
    except ImportError:
        raise UserError([problem(Place("--cluster"), "extra-missing", package="distributed", extra="dask")]) from None
    try:
        client: Any = Client(address, timeout=SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        what = str(error) or type(error).__name__
        raise UserError([problem(Place("--cluster"), "cluster-silent", address=address, what=what)]) from None
    with client:
        yield client.get_executor(pure=False), sum(client.nthreads().values())


def build(executor: Executor, order: Order) -> list[Path]:
    """Build every part and return their folders. Raises UserError with what each part says that could not be built."""
    futures = [executor.submit(part, order, number) for number in range(1, order.count + 1)]
    made = [future.result() for future in futures]
    places = [Place(f"{number}/{order.count}") for number in range(1, order.count + 1)]
    if wrong := [problem(place, "part-failed", what=one.wrong) for place, one in zip(places, made, strict=True) if one.wrong]:
        raise UserError(wrong)
    return [one.folder for one in made]


def part(order: Order, number: int) -> Made:
    """Build one part, in a process of its own and a folder of its own: what a lost machine had begun may still be written to."""
    folder = order.folder / f"{number}-{secrets.token_hex(4)}"
    command = [sys.executable, "-m", "clausebook", "build", str(folder), "--shard", f"{number}/{order.count}"]
    done = subprocess.run(
        [*command, *(["--strict"] if order.strict else [])],
        cwd=order.root, env={**os.environ, **order.environment}, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    said = done.stderr.decode(errors="replace").strip()
    return Made(folder, (said or f"exit code {done.returncode}") if done.returncode else "")
