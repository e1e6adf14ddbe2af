"""The command that judges the working tree."""

from __future__ import annotations

import datetime
import os
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import click

from clausebook import cache, listing, outcome
from clausebook.cache import Cache
from clausebook.cli.shell import err, language, main, named_day, out
from clausebook.errors import CLEAN, FINDINGS, USER_ERROR
from clausebook.outcome import Outcome

TYPOGRAPHY = "autocorrect_py"  # the package that judges Chinese typography
LEVELS = ("error", "warning", "info", "never")


@main.command()
@click.option("--format", "form", type=click.Choice(list(listing.PROBLEMS)), default="full", help="How to print what is found.")
@click.option("--fail-on", type=click.Choice(LEVELS), default="error", help="Exit 1 when a finding is at least this serious.")
@click.option("--at", "ref", default=None, metavar="REF", help="Check clauses and policies as they are at a branch, tag or commit.")
@click.option("--fix", is_flag=True, help="Mend spellings and typography where the place is certain; report what is left.")
@click.option("--summary", is_flag=True, help="Print how many requirements of each law are open, a line a policy and pack.")
@click.option("--no-cache", is_flag=True, help="Judge everything again, and keep nothing of it.")
@click.pass_obj
def check(root: Path, /, form: str, fail_on: str, ref: str | None, **flags: bool) -> int:
    """Read everything and report every problem at once."""
    fix, summary = flags["fix"], flags["summary"]
    if fix and ref:
        raise click.UsageError("--fix mends the working tree and cannot go with --at")
    started = time.monotonic()
    store = Cache.open(None if flags["no_cache"] else cache.folder(os.environ))
    made = (None if fix or ref else _known(store, root)) or _judged(store, root, ref, fix)
    shown = "concise" if ref and form == "full" else form  # the lines here are not those of the commit
    found = sorted([*made.problems, *made.findings])
    if summary and not made.errors:
        out(listing.summary_json(made.tallies) if form == "json" else listing.summary(made.tallies, language()))
    else:
        out(listing.PROBLEMS[shown](found, language(), root))
    if form in ("full", "concise"):
        counts = Counter(p.severity for p in found)
        size = f"{made.policies} policies, {made.clauses} clauses"
        said = f"{counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes, {made.waived} waived"
        err(f"{said} in {size} · {time.monotonic() - started:.1f} s")
        if find_spec(TYPOGRAPHY) is None:
            err('Chinese typography is not checked (pip install "clausebook[typography]")')
    if made.errors:
        return USER_ERROR
    return FINDINGS if any(p.severity in LEVELS[: LEVELS.index(fail_on) + 1] for p in found) and fail_on != "never" else CLEAN


def _known(store: Cache, root: Path) -> Outcome | None:
    """Return what was found the last time, where nothing has changed since."""
    read = outcome.basis(store, root)
    if read is None:
        return None
    day = read.day(datetime.datetime.now(datetime.UTC), named_day(), os.environ.get("SOURCE_DATE_EPOCH"))
    return outcome.known(store, read.key(root, day))


def _judged(store: Cache, root: Path, ref: str | None, fix: bool) -> Outcome:
    from clausebook.cli import judging  # to load all that judges takes longer than to tell what is known

    return judging.judged(store, root, ref, fix)
