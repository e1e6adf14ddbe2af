"""Processes beside this one: how many can run at a time, and a pool of such as begin with all that this one holds."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor


def count() -> int:
    """Return how many processes can run at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_fork() -> bool:
    """Tell whether another process can begin with all that this one holds; to load it again would cost more than it saves."""
    return sys.platform != "darwin" and "fork" in multiprocessing.get_all_start_methods()


def pool(workers: int) -> ProcessPoolExecutor:
    """Return a pool of processes that are copies of this one. They end with it, however it ends."""
    gc.collect()
    gc.freeze()  # to look through what they share with this one, in each of them, would make copies of it
    return ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), initializer=_begun)


def _begun() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # to be interrupted is the first process's business
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """End when the first process does: killed, it can tell nobody, and who waits for it would wait for ever."""
    first = multiprocessing.parent_process()
    assert first is not None
    first.join()
    os._exit(1)
