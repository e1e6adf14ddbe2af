"""Commands that judge the working tree."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click

from clausebook import formats, git, project, records, repair, typography
from clausebook.cli.shell import as_of, err, language, main, out, write
from clausebook.errors import CLEAN, FINDINGS, USER_ERROR, Place, UserError, problem
from clausebook.project import Project

LEVELS = ("error", "warning", "info", "never")


@main.command()
@click.option("--format", "form", type=click.Choice(list(formats.PROBLEMS)), default="full", help="How to print what is found.")
@click.option("--fail-on", type=click.Choice(LEVELS), default="error", help="Exit 1 when a finding is at least this serious.")
@click.option("--at", "ref", default=None, metavar="REF", help="Check clauses and policies as they are at a branch, tag or commit.")
@click.option("--fix", is_flag=True, help="Mend spellings and typography where the place is certain; report what is left.")
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
        out(formats.summary_json(opened.verdicts) if form == "json" else formats.summary(opened.verdicts, language()))
    else:
        out(formats.PROBLEMS[shown](found, language(), root))
    if form in ("full", "concise"):
        counts = Counter(p.severity for p in found)
        size = f"{len(opened.library.policies)} policies, {len(opened.library.clauses)} clauses"
        said = f"{counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes, {opened.waived} waived"
        err(f"{said} in {size} · {time.monotonic() - started:.1f} s")
        if not typography.is_there():
            err('Chinese typography is not checked (pip install "clausebook[typography]")')
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


@main.command()
@click.argument("rule", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", help="How to print the list of rules.")
@click.pass_obj
def explain(root: Path, rule: str | None, form: str) -> None:
    """Say what a RULE asks, its source, how to mend and waive it, or how a kind of change weighs; without RULE list all rules."""
    judged = project.judged(project.open(root), root, as_of(root))
    rows = {row.id: (pack, row) for pack in judged.packs for row in pack.rows}
    checks = {check.id: check for check in judged.checks}
    if rule is None and form == "markdown":
        out(formats.rules(judged.packs, judged.checks, language()))
        return
    if rule is None:
        lines = [formats.rule_line(row, language()) for _, row in rows.values()]
        out("\n".join([*lines, *(formats.rule_line(check, language()) for check in judged.checks)]))
        return
    if rule in checks:
        out(formats.check(checks[rule], language()))
        return
    book = project.rulebook()
    if rule in book.by_id:
        out(formats.kind(book.by_id[rule], book, judged.settings, language()))
        return
    if rule not in rows:
        near = records.near(rule, [*rows, *checks, *book.by_id])
        code = "rule-unknown-near" if near else "rule-unknown"
        raise UserError([problem(Place("explain"), code, rule=rule, near=near)])
    out(formats.rule(*rows[rule], language()))


@main.command()
@click.argument("clause")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def where(root: Path, clause: str, form: str) -> None:
    """List every policy and section that uses a CLAUSE."""
    opened = project.open(root)
    found = project.where(opened, clause)
    out(formats.placements_json(found) if form == "json" else formats.placements(found, opened, clause))
