"""What a long command is at, for who waits at a terminal: nothing in the first two seconds, and nothing where nobody looks."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TextIO

from clausebook import messages
from clausebook.cli.shell import language

AFTER = 2.0  # seconds
EVERY = 0.5


class Waiting:
    """Shows the step a command is at, with the seconds it has taken so far, on one line that is gone at the end."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.step, self.shown = "", ""
        self.began = time.monotonic()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._show, daemon=True)

    def at(self, step: str) -> None:
        """Note the step that begins now: a key of the catalogue's steps."""
        self.step = messages.say(f"step-{step}", language())

    def __enter__(self) -> Waiting:
        if self.stream.isatty():
            self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.over.set()
        if self.thread.ident is not None:
            self.thread.join()
            self._write("")

    def _show(self) -> None:
        wait = AFTER
        while not self.over.wait(wait):
            self._write(f"{self.step} … {time.monotonic() - self.began:.0f} s")
            wait = EVERY

    def _write(self, line: str) -> None:
        """Write over the line before; a Chinese letter may take two columns."""
        if line or self.shown:
            self.stream.write("\r" + " " * (2 * len(self.shown)) + f"\r{line}")
            self.stream.flush()
            self.shown = line
