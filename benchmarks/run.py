"""Measure the time and memory that sites of several sizes take; print a table. How to read it: benchmarks/README.md."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import platform
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).resolve().parent
ENVIRONMENT = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}

SEED = 1
EDITED = "preamble-operator-commitment"  # the clause whose saving is timed
SERVED_PAGES = 100
SAVES = 5
ONCE_FROM = 1000  # policy pages: so large a site is measured once
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # of the peak memory a system reports
STEP_SECONDS, BUILD_SECONDS, SAVE_SECONDS = 1800, 7200, 300
STEPS = {
    "load": "load",
    "assemble": "resolve and assemble",
    "judge": "requirements and wording",
    "pages": "make the pages",
    "check": "`clausebook check`, whole process",
    "build": "`mkdocs build`, whole process",
}


@dataclass(frozen=True)
class Row:
    """What one step took on one size: medians over the runs."""

    pages: int
    step: str
    seconds: float
    cpu: float
    bytes: float


@dataclass(frozen=True)
class Serving:
    """The seconds from saving a clause to its new words being served, one for each save."""

    site: str
    seconds: list[float]


class Failed(Exception):
    """A measured process failed or took too long."""


def main() -> None:
    """Measure what the command line asks for."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that every process started here is stopped
    rows: list[Row] = []
    served: list[Serving] = []
    try:
        for pages in options.sizes:
            rows += size(pages, 1 if pages >= ONCE_FROM else options.runs, build=not options.no_build)
        if not options.no_serve:
            served += servings()
    finally:  # what took an hour is not lost by what fails after it
        print(table(rows, served))
    if options.json:
        found = {"machine": _machine(), "rows": [asdict(row) for row in rows], "serve": [asdict(one) for one in served]}
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=[2, 100, 1000], help="policy pages, even numbers (default: 2,100,1000)")
    parser.add_argument(
        "--runs", type=int, choices=range(1, 100), default=3, metavar="N", help="runs of a size (default: 3; 1000 and up: 1)"
    )
    parser.add_argument("--no-build", action="store_true", help="measure `clausebook check` only")
    parser.add_argument("--no-serve", action="store_true", help="leave out the time from saving to served")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as well")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    sizes = [int(part) for part in text.split(",")]
    if any(size < 2 or size % 2 for size in sizes):
        raise argparse.ArgumentTypeError("a policy has two pages: give even numbers from 2")
    return sizes


def size(pages: int, runs: int, *, build: bool = True) -> Iterator[Row]:
    """Measure every step on a site of so many policy pages; without `build` only what `check` does."""
    with _folder() as folder:
        _say(f"{pages} policy pages: writing the site")
        _write(folder, pages)
        found = []
        for run in range(1, runs + 1):
            _say(f"{pages} policy pages: run {run} of {runs}")
            found.append(dict(_measured(folder, build)))
    for step in (step for step in STEPS if step in found[0]):
        seconds, cpu, rss = (statistics.median(run[step][name] for run in found) for name in ("seconds", "cpu", "rss"))
        yield Row(pages, step, seconds, cpu, rss * RSS_UNIT)


def _measured(folder: Path, build: bool) -> Iterator[tuple[str, dict[str, float]]]:
    checked = _run(["-m", "clausebook", "check", "--no-cache", "--fail-on", "never", "--format", "concise"], folder / "site", STEP_SECONDS)
    yield "check", checked.figures()
    if build:
        yield from json.loads(_run([HERE / "steps.py", folder / "site"], folder, STEP_SECONDS).output).items()
        built = _run(["-m", "mkdocs", "build", "--quiet", "--site-dir", folder / "built"], folder / "site", BUILD_SECONDS)
        yield "build", built.figures()
        shutil.rmtree(folder / "built")


def _write(folder: Path, pages: int) -> None:
    """Write a site in another process: what this one holds would count as its children's peak memory."""
    _run([HERE / "synthetic.py", folder / "site", pages, SEED, EDITED], folder, STEP_SECONDS)


def servings() -> Iterator[Serving]:
    """Time saved clauses on a copy of this repository and on a synthetic site."""
    for name, pages in (("this repository", 0), (f"{SERVED_PAGES} policy pages", SERVED_PAGES)):
        with _folder() as folder:
            _say(f"{name}: starting the preview")
            _write(folder, pages)
            yield Serving(name, list(_saves(folder)))


def _saves(folder: Path) -> Iterator[float]:
    site = folder / "site"
    clause = next((site / "clauses").rglob(f"{EDITED}.yml"))
    policy = min((site / "policies").iterdir()).name
    with _preview(site, folder / "serve.txt") as preview:
        page = f"{preview.url}/zh/{policy}/"
        preview.wait(page, "<h1>", BUILD_SECONDS)
        for number in range(1, SAVES + 1):
            words = f"测速{number}"
            clause.write_text(_edited(clause.read_text(encoding="utf-8"), words), encoding="utf-8")
            start = time.perf_counter()
            preview.wait(page, words, SAVE_SECONDS)
            yield time.perf_counter() - start


def _edited(text: str, words: str) -> str:
    """Return a clause file with new words at the end of its first text, and so at the end of a Chinese paragraph."""
    before, after = text.split("\n  en:\n", 1)
    return f"{before.rstrip()}{words}\n  en:\n{after}"


@dataclass(frozen=True)
class _Preview:
    """A running `mkdocs serve`: its address, its process and what it says."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def wait(self, page: str, words: str, seconds: float) -> None:
        """Ask for a page until it has the words."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(OSError), urllib.request.urlopen(page, timeout=seconds) as answer:
                if words in answer.read().decode():
                    return
            time.sleep(0.02)
        what = "mkdocs serve stops" if self.process.returncode is not None else f"{page}: no “{words}” within {seconds} s"
        raise Failed(f"{what}:\n{self.log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@contextlib.contextmanager
def _preview(site: Path, log: Path) -> Iterator[_Preview]:
    """Run `mkdocs serve` on a free port of this machine while the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("wb") as said, _started(["-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"], site, said, said) as process:
        yield _Preview(f"http://127.0.0.1:{port}", process, log)


@dataclass(frozen=True)
class _Ran:
    output: str
    seconds: float
    cpu: float
    rss: int

    def figures(self) -> dict[str, float]:
        """Return what the process took."""
        return {"seconds": self.seconds, "cpu": self.cpu, "rss": self.rss}


def _run(arguments: list[Any], folder: Path, seconds: float) -> _Ran:
    """Run Python to its end; return its output and what it took."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        with _started(arguments, folder, out, err) as process:
            usage = _ended(process, start + seconds)
        took = time.perf_counter() - start
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise Failed(f"{process.args!r} ends with {process.returncode}:\n{err.read().decode(errors='replace')[-2000:]}")
        return _Ran(out.read().decode(), took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def _ended(process: subprocess.Popen[bytes], end: float) -> resource.struct_rusage:
    """Wait for a process; return the time and memory it took."""
    while time.perf_counter() < end:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage
        time.sleep(0.005)
    raise Failed(f"{process.args!r} takes too long")


@contextlib.contextmanager
def _started(arguments: list[Any], folder: Path, out: IO[bytes], err: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, *map(str, arguments)]
    process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="clausebook-bench-") as name:
        yield Path(name)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _machine() -> dict[str, Any]:
    today = datetime.date.today().isoformat()
    return {"date": today, "cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}


def table(rows: list[Row], served: list[Serving]) -> str:
    """Return the figures as Markdown."""
    machine = _machine()
    lines = [
        f"{machine['date']}, {machine['cores']} cores, Python {machine['python']}, {machine['system']}",
        "",
        "| policy pages | step | seconds | CPU seconds | CPU ms per page | peak MiB |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row.pages:,} | {STEPS[row.step]} | {row.seconds:.2f} | {row.cpu:.2f} "
        f"| {row.cpu * 1000 / row.pages:.0f} | {row.bytes / 2**20:.0f} |"
        for row in rows
    ]
    if served:
        lines += ["", f"| site | saved to served, median of {SAVES} | fastest | slowest |", "| --- | ---: | ---: | ---: |"]
    for one in served:
        lines.append(f"| {one.site} | {statistics.median(one.seconds):.2f} s | {min(one.seconds):.2f} s | {max(one.seconds):.2f} s |")
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit(130)
