"""Commands that start something new."""

from __future__ import annotations

import re
from pathlib import Path

import click

from clausebook import project, starter
from clausebook.cli.shell import err, main, out
from clausebook.facts import SLUG
from clausebook.model import RESERVED_IDS


@main.group()
def new() -> None:
    """Start a clause or a policy."""


def _slug(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(SLUG, value) or len(value) > 80 or value in RESERVED_IDS:
        raise click.BadParameter("use lower-case letters, digits and single hyphens, and no name the site itself uses")
    return value


@new.command("clause")
@click.argument("clause", callback=_slug)
@click.option("--module", default="common", callback=_slug, help="The folder below clauses/ (default: common).")
@click.pass_obj
def new_clause(root: Path, clause: str, module: str) -> None:
    """Write clauses/MODULE/CLAUSE.yml, ready to fill in."""
    path = starter.clause(root, project.settings(root), module, clause)
    out(f"{path}: written")
    err(f"next: place `- {clause}` in a policy's sections, then clausebook check")


@new.command("policy")
@click.argument("policy", callback=_slug)
@click.pass_obj
def new_policy(root: Path, policy: str) -> None:
    """Write policies/POLICY/policy.yml with one section to fill."""
    path = starter.policy(root, project.settings(root), policy, [])
    out(f"{path}: written")
    err("next: list clauses under sections, then clausebook check")


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
def init(target: Path) -> None:
    """Make a working site in TARGET, a new or empty folder."""
    written = starter.site(target.absolute())
    out("\n".join(f"{target / name}" for name in written))
    err(f"next: cd {target} && mkdocs serve")
