"""Commands that answer questions about the working tree and its rules."""

from __future__ import annotations

from pathlib import Path

import click

from clausebook import formats, project, records
from clausebook.cli.opening import as_of
from clausebook.cli.shell import language, main, out
from clausebook.errors import Place, UserError, problem


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
