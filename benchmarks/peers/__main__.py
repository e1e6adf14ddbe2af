"""Measure Clausebook and other generators on the same pages; print a table. How to read it: benchmarks/README.md."""

from __future__ import annotations

import argparse
import compileall
import contextlib
import datetime
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

from benchmarks.peers import chart, corpus, environment, measure, results
from benchmarks.peers.corpus import ROOT, SIZES, Corpus
from benchmarks.peers.results import Row
from benchmarks.peers.tools import TOOLS, Tool

HISTORY = ROOT / "benchmarks" / "history.jsonl"
CHART = ROOT / "benchmarks" / "history.svg"
BUILD_SECONDS, SAVE_SECONDS = 3600, 600
SAVES = 3
SLOW_SAVE = 10  # seconds: one so slow is not repeated
ONCE_FROM = 1000  # pages: so large a site is measured once
TITLES = {tool.name: tool.title for tool in TOOLS.values()}


def main() -> None:
    """Measure what the command line asks for."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that every process started here is stopped
    chosen = [TOOLS[name] for name in options.tools]
    peers = environment.ready()
    compileall.compile_dir(ROOT / "generator", quiet=2)  # the other packages were compiled when they were installed
    commit = _commit()
    rows: list[Row] = []
    failed: list[str] = []
    try:
        for size in options.sizes:
            _say(f"{size:,} pages: making them, if they are not kept from before")
            made = corpus.get(SIZES[size], options.seed)
            for tool in (tool for tool in chosen if size <= tool.pages):
                try:
                    rows.extend(_measured(tool, made, size, peers, options))
                except measure.Failed as failure:  # the others are measured all the same
                    failed.append(str(failure))
    finally:  # what took an hour is not lost by what stops it
        print(results.table(rows, TITLES))
        if rows and not options.no_history:
            _keep(results.line(_machine(commit, options.seed), rows))
    if failed:
        sys.exit("\n\n".join(failed))


def _keep(line: str) -> None:
    """Add a run to the history, and draw it anew."""
    with HISTORY.open("a", encoding="utf-8") as kept:
        kept.write(line)
    CHART.write_text(chart.drawn(results.history(HISTORY), TITLES), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--sizes", type=_among(SIZES, int), default=[100, 1000], help=f"of {', '.join(map(str, SIZES))} (100,1000)")
    parser.add_argument("--tools", type=_among(TOOLS, str), default=list(TOOLS), help=f"of {', '.join(TOOLS)} (all)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="cold builds below 1,000 pages, of which the median is taken (3)")
    parser.add_argument("--cold", action="store_true", help="measure cold builds only")
    parser.add_argument("--no-serve", action="store_true", help="leave out the time from saving to served")
    parser.add_argument("--no-history", action="store_true", help="print the table, keep nothing")
    parser.add_argument("--seed", type=int, default=1, help="of the pages (1)")
    return parser.parse_args()


def _among(known: Any, kind: type) -> Any:
    def read(text: str) -> list[Any]:
        found = [kind(part) for part in text.split(",")]
        if unknown := [part for part in found if part not in known]:
            raise argparse.ArgumentTypeError(f"there is no {unknown[0]} (choose from {', '.join(map(str, known))})")
        return found

    return read


class _Bench:
    """One tool's project in a folder of its own, with a home of its own for what it keeps."""

    def __init__(self, tool: Tool, made: Corpus, folder: Path, peers: environment.Environment) -> None:
        self.tool, self.folder, self.peers = tool, folder, peers
        self.project, self.out, self.home = folder / "project", folder / "out", folder / "home"
        self.expected = made.count()
        self.home.mkdir()
        tool.lay(made, self.project)

    def command(self, parts: tuple[str, ...], port: int = 0) -> list[str]:
        known = {"out": self.out, "port": port, "python": self.peers.python, "hugo": self.peers.hugo}
        return [part.format_map(known) for part in parts]

    @property
    def variables(self) -> dict[str, str]:
        return environment.variables(self.home)

    def build(self) -> measure.Taken:
        return measure.run(self.command(self.tool.build), self.project, self.variables, BUILD_SECONDS)

    def pages(self) -> int:
        """Return how many pages are built. Raises Failed where some of the corpus are missing."""
        found = sum(1 for _ in self.out.rglob("index.html"))
        if found < self.expected:
            raise measure.Failed(f"{self.tool.title} builds {found} of {self.expected} pages")
        return found

    def shows(self, words: str) -> None:
        """Raise Failed unless the built page has the words: a fast build of a stale page is worth nothing."""
        if words not in (self.out / self.tool.page / "index.html").read_text(encoding="utf-8"):
            raise measure.Failed(f"{self.tool.title} builds /{self.tool.page} without “{words}”")

    def edit_clause(self, words: str) -> None:
        file = self.tool.clause(self.project)
        file.write_text(self.tool.insert(file.read_text(encoding="utf-8"), words), encoding="utf-8")

    def edit_template(self, words: str) -> None:
        file = self.project / self.tool.template
        before, after, rest = file.read_text(encoding="utf-8").partition(self.tool.after)
        file.write_text(f'{before}{after}<meta name="bench" content="{words}">\n{rest}', encoding="utf-8")


def _measured(tool: Tool, made: Corpus, size: int, peers: environment.Environment, options: argparse.Namespace) -> Iterator[Row]:
    runs = 1 if size >= ONCE_FROM else options.runs
    colds = []
    for run in range(1, runs + 1):
        with _bench(tool, made, peers) as bench:
            _say(f"{size:,} pages, {tool.title}: cold, run {run} of {runs}")
            colds.append(_row(bench, size, "cold", bench.build()))
            if run < runs:
                continue
            yield results.median(colds)
            if not options.cold and size <= tool.rebuilt:
                yield from _again(bench, size)
            if not options.cold and not options.no_serve and size <= tool.served:
                yield _served(bench, size, colds[-1].pages)


def _row(bench: _Bench, size: int, scenario: str, taken: measure.Taken) -> Row:
    return Row(bench.tool.name, size, bench.pages(), scenario, taken.seconds, taken.cpu, taken.memory, taken.written)


def _again(bench: _Bench, size: int) -> Iterator[Row]:
    """Build what is built already: unchanged, then with one file edited, then another."""
    _say(f"{size:,} pages, {bench.tool.title}: builds after the first")
    yield _row(bench, size, "warm", bench.build())
    for scenario, edit in (("clause", bench.edit_clause), ("template", bench.edit_template)):
        edit(words := f"measured-{scenario}")
        yield _row(bench, size, scenario, bench.build())
        bench.shows(words)


def _served(bench: _Bench, size: int, pages: int) -> Row:
    """Time saves of the clause while the site is served; the row has their median."""
    _say(f"{size:,} pages, {bench.tool.title}: serving")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = f"http://127.0.0.1:{port}/{bench.tool.page}"
    command = bench.command(bench.tool.serve, port)
    with tempfile.TemporaryFile() as said, measure.started(command, bench.project, bench.variables, said.fileno()) as process:
        try:
            seconds = list(_saves(bench, page, process))
        except measure.Failed as failure:
            said.seek(0)
            raise measure.Failed(f"{bench.tool.title}: {failure}\n{said.read().decode(errors='replace')[-2000:]}") from None
    return results.median([Row(bench.tool.name, size, pages, "saved", each) for each in seconds])


def _saves(bench: _Bench, page: str, process: subprocess.Popen[bytes]) -> Iterator[float]:
    """Yield the seconds of each save."""
    _wait(page, "</html>", process)
    for save in range(1, SAVES + 1):
        bench.edit_clause(words := f"saved-{save}")
        start = time.perf_counter()
        _wait(page, words, process)
        yield (took := time.perf_counter() - start)
        if took > SLOW_SAVE:
            return
        time.sleep(1)  # a save made while the tool still settles would be another measurement


def _wait(page: str, words: str, process: subprocess.Popen[bytes]) -> None:
    """Ask for a page until it has the words; an answer may break off, for the page is written meanwhile."""
    end = time.monotonic() + SAVE_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError, HTTPException), urllib.request.urlopen(page, timeout=SAVE_SECONDS) as answer:
            if words in answer.read().decode():
                return
        time.sleep(0.02)
    what = f"within {SAVE_SECONDS} s" if process.returncode is None else "until the server stopped"
    raise measure.Failed(f"{page}: no “{words}” {what}")


@contextlib.contextmanager
def _bench(tool: Tool, made: Corpus, peers: environment.Environment) -> Iterator[_Bench]:
    with tempfile.TemporaryDirectory(prefix="clausebook-bench-") as name:
        yield _Bench(tool, made, Path(name), peers)


def _commit() -> str:
    """Return what is measured: the commit, marked where files of the repository differ from it, but for the history itself."""
    own = [f":!{file.relative_to(ROOT)}" for file in (HISTORY, CHART)]
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *own)
    return _git("rev-parse", "--short", "HEAD") + ("-dirty" if changed else "")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _machine(commit: str, seed: int) -> dict[str, Any]:
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="minutes"), "commit": commit, "seed": seed,
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "system": platform.system(),
        "machine": platform.machine(), "python": platform.python_version(),
    }  # fmt: skip


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit(130)
