"""Measure `clausebook check` and `clausebook review` as whole processes; print a table. How to read it: benchmarks/README.md."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator
from pathlib import Path

from review import SHARED, WORDS
from run import ENVIRONMENT, RSS_UNIT, STEP_SECONDS, _folder, _run, _say, _write

COMMIT = (["init", "--quiet"], ["add", "--all"], ["-c", "user.name=A", "-c", "user.email=a@e.example", "commit", "--quiet", "-mx"])


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=int, default=1000, help="how many synthetic policies (default: 1000)")
    options = parser.parse_args()
    print("| policies | what runs | seconds | CPU seconds | peak MiB |\n| ---: | --- | ---: | ---: | ---: |")
    for policies in (0, options.policies):  # 0: this repository's own
        for line in rows(policies):
            print(line, flush=True)


def rows(policies: int) -> Iterator[str]:
    """Yield the figures of one size as rows of the table."""
    with _folder() as folder:
        _say(f"{policies or 'the repository’s'} policies: writing the site")
        _write(folder, policies * 2)
        site = folder / "site"
        for arguments in COMMIT:
            subprocess.run(["git", *arguments], cwd=site, check=True)
        ENVIRONMENT["CLAUSEBOOK_CACHE"] = str(folder / "cache")
        count = len(list((site / "policies").glob("*/policy.yml")))
        yield row(site, count, "check, nothing kept", "check", "--format", "concise", "--fail-on", "never")
        yield row(site, count, "check, nothing changed", "check", "--format", "concise", "--fail-on", "never")
        edit(site)
        yield row(site, count, "check, one clause changed", "check", "--format", "concise", "--fail-on", "never")
        if not policies:
            yield row(site, count, "review of one clause changed", "review", "--base", "HEAD", "--format", "json")


def edit(site: Path) -> None:
    """Change a clause that about half of the policies use."""
    clause = next((site / "clauses").rglob(f"{SHARED}.yml"))
    clause.write_text(clause.read_text(encoding="utf-8").replace(*WORDS), encoding="utf-8")


def row(site: Path, count: int, what: str, *arguments: str) -> str:
    """Return what one command takes as a row of the table."""
    _say(f"{count} policies: {what}")
    ran = _run(["-m", "clausebook", *arguments], site, STEP_SECONDS)
    return f"| {count:,} | {what} | {ran.seconds:.2f} | {ran.cpu:.2f} | {ran.rss * RSS_UNIT / 2**20:.0f} |"


if __name__ == "__main__":
    main()
