"""The command for reviewers: what an edit does to every policy."""

from __future__ import annotations

import difflib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from clausebook import git, project, reports, review
from clausebook.cli.hearing import FILE, heard
from clausebook.cli.opening import as_of
from clausebook.cli.shell import language, main, out, put
from clausebook.cli.waiting import Waiting
from clausebook.errors import CLEAN, FINDINGS, USER_ERROR, Problem, UserError, visible
from clausebook.git import Commit
from clausebook.model import Settings
from clausebook.reports import NO_LINKS, Links
from clausebook.reviewed import Report, Sides
from clausebook.tree import Changed, FileTree, Folder

HERE = "worktree"
FAIL_ON = ("unclassified", "material", "substantive", "editorial", "translation", "never")


@main.command("review")
@click.option("--base", required=True, metavar="REF", help="The branch, tag or commit the edit is for.")
@click.option("--head", default=HERE, metavar="REF", help="The edit: a branch, tag or commit (default: the working tree).")
@click.option("--format", "form", type=click.Choice(list(reports.FORMATS)), default="text", help="How to print the report.")
@click.option("--fail-on", type=click.Choice(FAIL_ON), default="never", help="Exit 1 when a change is at least this serious.")
@click.option("--trust-head", is_flag=True, help="Run the settings and templates of the head too, for one's own work.")
@click.option("--write", "also", multiple=True, metavar="FORMAT=FILE", help="Write the report in another form too; may be repeated.")
@click.option("--reviews", type=FILE, default=None, help="Reviews of the pull request, as the code host answers them; they may approve.")
@click.option("-o", "--output", type=FILE, default=None, help="Write to a file, not to the terminal.")
@click.pass_obj
def review_(root: Path, /, base: str, head: str, form: str, fail_on: str, **more: Any) -> int:
    """Say what an edit does to every policy, from where it left the BASE; nothing of the edit is run."""
    others = list(map(_form, more["also"]))
    with Waiting() as waiting:
        found = _reviewed(root, base, head, waiting, **more)
    for wanted, file in [*others, (form, more["output"])]:
        printed = reports.FORMATS[wanted](found, language(), _links())
        put(file, f"{printed}\n".encode() if printed else b"")
    if found.errors:
        return USER_ERROR
    return FINDINGS if fail_on != "never" and found.level in FAIL_ON[: FAIL_ON.index(fail_on) + 1] else CLEAN


def _reviewed(root: Path, base: str, head: str, waiting: Waiting, **more: Any) -> Report:
    waiting.at("commits")
    sides = _sides(root, base, head, more["trust_head"])
    sides = replace(sides, heard=heard(more["reviews"], root, sides.settings))
    day = as_of(root, sides.settings)
    found = review.report(sides, day, language(), waiting.at)
    if not more["trust_head"] or found.errors:
        return found
    from clausebook.cli import moving  # loads all that makes pages, which no other review needs

    waiting.at("pages")
    pages, faults = moving.pages(root, sides, day)
    return replace(found, moved=pages, gained=(*found.gained, *faults))


def _form(also: str) -> tuple[str, Path]:
    form, _, file = also.partition("=")
    if form not in reports.FORMATS or not file:
        raise click.BadParameter(f"{also!r} is not FORMAT=FILE with one of {', '.join(reports.FORMATS)}", param_hint="--write")
    return form, Path(file)


def _sides(root: Path, base: str, head: str, trust_head: bool) -> Sides:
    named = git.commit(root, base, "--base")
    edited = git.commit(root, "HEAD" if head == HERE else head, "--head")
    old = git.commit(root, git.fork(root, named.name, edited.name, "--base"), "--base")
    new: FileTree = Folder(root) if head == HERE else replace(edited, kept=old.kept)
    settings, faults = _settings(new if trust_head else old)
    folders = (f"{settings.clauses}/", f"{settings.policies}/")
    for tree in (old, new):
        if isinstance(tree, Commit):
            tree.fetch(path for path in tree.objects if path.startswith(folders))
    edits = git.edits_here(old) if head == HERE else git.edits(old, edited)
    return Sides(old, new, old.name[:7], HERE if head == HERE else edited.name[:7], tuple(edits), settings, faults)


def _settings(tree: FileTree) -> tuple[Settings, tuple[Problem, ...]]:
    """Return the settings to judge by; where they cannot be read the defaults, with what is wrong."""
    try:
        return project.settings(tree), ()
    except UserError as error:
        return Settings(), tuple(error.problems)


@main.command("diff-driver")
@click.argument("arguments", nargs=-1, required=True)
@click.pass_obj
def diff_driver(root: Path, arguments: tuple[str, ...]) -> None:
    """Say what an edit of one file means, as git asks a diff driver to (git config diff.clausebook.command "clausebook diff-driver")."""
    if len(arguments) < 5:
        raise click.UsageError("git gives a diff driver a path and, of both sides, a file, a hash and a mode")
    path, old, new = arguments[0], Path(arguments[1]), Path(arguments[4])
    contents = [None if file == Path(os.devnull) else (root / file).read_bytes() for file in (old, new)]
    before, after = (Changed(Folder(root), path, content) for content in contents)
    edits = (git.Edit(path, "changed" if None not in contents else "added" if contents[0] is None else "removed"),)
    found = review.report(Sides(before, after, "a", "b", edits, project.settings(root)), as_of(root), language())
    out(f"clausebook {path}")
    if found.errors or found.base_errors or found.code or not (found.rows or found.translations):
        old_lines, new_lines = ((content or b"").decode("utf-8", "replace").splitlines() for content in contents)
        out(visible("\n".join(difflib.unified_diff(old_lines, new_lines, "a", "b", lineterm=""))))
    else:
        out(reports.FORMATS["text"](found, language(), NO_LINKS))


def _links() -> Links:
    """Return where the host shows the head, its preview and the job, as the environment says."""
    return Links(*(os.environ.get(f"CLAUSEBOOK_{name}", "") for name in ("LINK", "PREVIEW", "RUN")))
