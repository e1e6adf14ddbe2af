"""Measure what the review of an edit of one clause takes; print a table. How to read it: benchmarks/README.md."""

from __future__ import annotations

import argparse
import re
import subprocess
from pathlib import Path

from run import RSS_UNIT, STEP_SECONDS, _folder, _run, _say, _write

SHARED = "rights-fees-and-refusal"  # a clause about half of the policies use
OWN = "one-policy-only"
WORDS = ("极不现实", "明显无法实现")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=int, default=1000, help="how many policies (default: 1000)")
    parser.add_argument("--shared", type=int, default=100, help="how many policies where half of them use the clause (default: 100)")
    options = parser.parse_args()
    rows = [row(options.policies, shared=False), row(options.shared, shared=True)]
    print(
        "\n".join(
            ["| policies | the edited clause is used by | seconds | CPU seconds | peak MiB |", "| ---: | --- | ---: | ---: | ---: |", *rows]
        )
    )


def row(policies: int, *, shared: bool) -> str:
    """Return the figures of one size as a row of the table."""
    with _folder() as folder:
        _say(f"{policies} policies: writing the site")
        _write(folder, policies * 2)
        site = folder / "site"
        clause = next((site / "clauses").rglob(f"{SHARED}.yml"))
        if not shared:
            clause = _own(site, clause)
        for arguments in (
            ["init", "--quiet"],
            ["add", "--all"],
            ["-c", "user.name=A", "-c", "user.email=a@e.example", "commit", "--quiet", "-mx"],
        ):
            subprocess.run(["git", *arguments], cwd=site, check=True)
        clause.write_text(clause.read_text(encoding="utf-8").replace(*WORDS), encoding="utf-8")
        _say(f"{policies} policies: reviewing")
        ran = _run(["-m", "clausebook", "review", "--base", "HEAD", "--format", "json"], site, STEP_SECONDS)
    return f"| {policies:,} | {'half' if shared else 'one'} | {ran.seconds:.2f} | {ran.cpu:.2f} | {ran.rss * RSS_UNIT / 2**20:.0f} |"


def _own(site: Path, like: Path) -> Path:
    """Write a clause of its own for the first policy and return it."""
    clause = like.with_name(f"{OWN}.yml")
    clause.write_text(like.read_text(encoding="utf-8").replace(f"id: {SHARED}", f"id: {OWN}"), encoding="utf-8")
    policy = min((site / "policies").iterdir()) / "policy.yml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(re.sub(r"(clauses:\n)( *)- ", rf"\1\2- id: {OWN}\n\2- ", text, count=1), encoding="utf-8")
    return clause


if __name__ == "__main__":
    main()
