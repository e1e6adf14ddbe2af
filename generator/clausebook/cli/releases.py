"""Commands about releases: making, proving and comparing them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from clausebook import chain, changelog, formats, freeze, ledger, listing, messages, printing, project, rules, witness
from clausebook.cli.hearing import FILE, heard
from clausebook.cli.opening import as_of, day, document_of
from clausebook.cli.shell import err, language, main, out
from clausebook.errors import CLEAN, FINDINGS, Place, Problem, UserError, problem
from clausebook.ledger import Ledger
from clausebook.project import Project
from clausebook.release import Version
from clausebook.tree import Folder

DIFF_LEVELS = ("unclassified", "material", "substantive", "editorial", "translation", "never")


@main.command()
@click.argument("policy", required=False)
@click.option(witness.OPTION, "source", default=None, metavar="REF|DIR|URL", help="Another copy, which this one must extend.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def verify(root: Path, policy: str | None, source: str | None, form: str) -> int:
    """Prove every release of a POLICY, or of all: bytes, fingerprints, seals, order."""
    folder = project.settings(root).policies
    found, problems = ledger.read_all(Folder(root), folder)
    if policy:
        known = sorted({*found, *ledger.policies(Folder(root), folder, "policy.yml")})
        if policy not in known:
            raise UserError([problem(Place(folder), "policy-unknown", id=policy, known=", ".join(known))])
        found = {policy: found.get(policy, Ledger(policy, (), folder))}
        problems = [p for p in problems if p.place.path.startswith(f"{folder}/{policy}/")]
    problems += [late for chain in found.values() for late in chain.ahead(as_of(root))]
    if source is not None:
        problems += witness.problems(root, folder, source, found, policy)
    if form == "json":
        out(formats.ledgers_json(list(found.values()), problems, language(), root))
    else:
        out(listing.concise(problems, language(), root))
        out(formats.ledgers(list(found.values()), language()))
    return FINDINGS if any(p.severity == "error" for p in problems) else CLEAN


@main.command("release")
@click.argument("policy")
@click.option("--published", callback=day, default=None, metavar="DATE", help="The day readers are told (default: today).")
@click.option("--effective", callback=day, default=None, metavar="DATE", help="The day it takes effect (default: the earliest allowed).")
@click.option("--version", "version", default=None, metavar="X", help="The version (default: what the changes ask for).")
@click.option("--corrects", default=None, metavar="X", help="The released version of which this is an erratum.")
@click.option("--reviews", type=FILE, default=None, help="Reviews of the pull request, as the code host answers them; they may approve.")
@click.option("--draft", is_flag=True, help="Stop before anything is written.")
@click.option("--yes", is_flag=True, help="Do not ask; needs --version too.")
@click.pass_obj
def release_(root: Path, /, policy: str, draft: bool, yes: bool, **words: Any) -> int:
    """Freeze a POLICY as a version that never changes, or say everything that stands against it."""
    if yes and words["version"] is None:
        raise UserError([problem(Place("--yes"), "release-yes")])
    opened = project.open(root).sound()
    document = document_of(opened, policy)
    today = as_of(root)
    said = heard(words["reviews"], root, opened.settings)
    wish = freeze.Wish(words["published"] or today, words["effective"], words["version"], words["corrects"], said)
    found = freeze.plan(opened, root, policy, wish, today)
    data = chain.sealed(found.data)
    file = f"{opened.settings.policies}/{policy}/releases/{found.version}.json"
    title = document.policy.titled(language())
    out(printing.plan(found, title, data["fingerprint"], language(), file))
    err("\n".join(messages.tell(fallen, language()) for fallen in found.fallen))
    if found.refusals:
        return FINDINGS
    if draft or not (yes or _confirmed(found.version)):
        return CLEAN
    notes: list[Problem] = []
    ledger.append(root, opened.settings.policies, data, notes)
    out(messages.say("plan-written", language(), file=file, fingerprint=data["fingerprint"]))
    err("\n".join([*(messages.tell(note, language()) for note in notes), messages.say("plan-next", language(), file=file)]))
    return CLEAN


def _confirmed(version: str) -> bool:
    """Tell whether the publisher typed the version; without a terminal nobody can."""
    if not sys.stdin.isatty():
        raise UserError([problem(Place("release"), "release-unasked")])
    return bool(click.prompt(messages.say("plan-ask", language(), version=version), default="", show_default=False) == version)


@main.command("diff")
@click.argument("old")
@click.argument("new", default="draft")
@click.option("--policy", default=None, metavar="ID", help="One policy (default: every policy both sides have).")
@click.option("--format", "form", type=click.Choice(list(printing.DIFFS)), default="text", help="How to print what differs.")
@click.option("--fail-on", type=click.Choice(DIFF_LEVELS), default="never", help="Exit 1 when a change is at least this serious.")
@click.pass_obj
def diff_(root: Path, /, old: str, new: str, fail_on: str, **words: Any) -> int:
    """Say what changed from OLD to NEW: versions, branches, tags, commits, or draft for the working tree."""
    opened = project.open(root).sound()
    chosen = [document_of(opened, words["policy"]).policy.id] if words["policy"] else sorted(opened.documents)
    found = [_compared(opened, root, key, old, new) for key in chosen]
    out(printing.DIFFS[words["form"]](found, language()))
    levels = {change.level for one in found for change in one.report.changes}
    return FINDINGS if fail_on != "never" and levels & set(DIFF_LEVELS[: DIFF_LEVELS.index(fail_on) + 1]) else CLEAN


def _compared(opened: Project, root: Path, policy: str, old: str, new: str) -> printing.Compared:
    sides = project.side(opened, root, policy, old), project.side(opened, root, policy, new)
    report = changelog.report(*sides, opened.rulebook, opened.settings)
    title = sides[1].document.policy.title
    base = Version.parse(old) or Version(0, 0, 0)
    shown = title.get(language()) or title[sides[1].document.policy.source]
    return printing.Compared(policy, shown, old, new, report, str(rules.suggest(base, report.verdict)))
