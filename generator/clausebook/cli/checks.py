"""The command that judges the working tree."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click

from clausebook import git, listing, project, repair, requirements
from clausebook.cli.opening import as_of
from clausebook.cli.shell import err, language, main, out, write
from clausebook.errors import CLEAN, FINDINGS, USER_ERROR
from clausebook.project import Project

LEVELS = ("error", "warning", "info", "never")


@main.command()
@click.option("--format", "form", type=click.Choice(list(listing.PROBLEMS)), default="full", help="How to print what is found.")
@click.option("--fail-on", type=click.Choice(LEVELS), default="error", help="Exit 1 when a finding is at least this serious.")
@click.option("--at", "ref", default=None, metavar="REF", help="Check clauses and policies as they are at a branch, tag or commit.")
@click.option("--fix", is_flag=True, help="Mend spellings the glossary does not use, where the place is certain; report what is left.")
@click.option("--summary", is_flag=True, help="Print how many requirements of each law are open, a line a policy and pack.")
@click.pass_obj
def check(root: Path, /, form: str, fail_on: str, ref: str | None, **flags: bool) -> int:
    """Read everything and report every problem at once."""
    fix, summary = flags["fix"], flags["summary"]
    if fix and ref:
        raise click.UsageError("--fix mends the working tree and cannot go with --at")
    started = time.monotonic()
    opened = project.judged(project.open(root, git.commit(root, ref) if ref else None), root, as_of(root))
    if fix and _mended(root, opened):
        opened = project.judged(project.open(root), root, as_of(root))
    shown = "concise" if ref and form == "full" else form  # the lines here are not those of the commit
    found = sorted([*opened.problems, *opened.findings])
    if summary and not opened.errors:
        tallies = {policy: requirements.tally(verdicts) for policy, verdicts in opened.verdicts.items()}
        out(listing.summary_json(tallies) if form == "json" else listing.summary(tallies, language()))
    else:
        out(listing.PROBLEMS[shown](found, language(), root))
    if form in ("full", "concise"):
        counts = Counter(p.severity for p in found)
        size = f"{len(opened.library.policies)} policies, {len(opened.library.clauses)} clauses"
        said = f"{counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes, {opened.waived} waived"
        err(f"{said} in {size} · {time.monotonic() - started:.1f} s")
    if opened.errors:
        return USER_ERROR
    return FINDINGS if any(p.severity in LEVELS[: LEVELS.index(fail_on) + 1] for p in found) and fail_on != "never" else CLEAN


def _mended(root: Path, opened: Project) -> bool:
    """Write the files whose spellings can be mended; tell whether there were any."""
    made, count = repair.files(opened.library, opened.checks, opened.findings, lambda path: (root / path).read_bytes())
    for path, content in made.items():
        write(root / path, content)
    err(f"{count} spellings mended in {len(made)} files")
    return bool(made)
