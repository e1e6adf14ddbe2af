"""The command line. The only module that prints, reads the environment and knows click."""

from __future__ import annotations

import datetime
import json
import locale as system_locale
import os
import re
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

import click

from clausebook import __version__, exports, formats, git, messages, project, records, schema, starter
from clausebook.document import Document
from clausebook.errors import BUG, CLEAN, FINDINGS, INTERRUPTED, USER_ERROR, Place, UserError, problem
from clausebook.facts import SLUG
from clausebook.model import RESERVED_IDS
from clausebook.naming import Naming
from clausebook.project import Project

LEVELS = ("error", "warning", "info", "never")


def run() -> None:
    """Run the command line with its exit codes: 0 clean, 1 findings, 2 user error, 3 our bug, 130 interrupted."""
    sys.exit(_code(sys.argv[1:]))


def _code(arguments: list[str]) -> int:
    try:
        result = main.main(arguments, prog_name="clausebook", standalone_mode=False)
    except UserError as error:
        _err("\n".join(messages.tell(p, _language()) for p in error.problems))
        return USER_ERROR
    except click.exceptions.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return USER_ERROR
    except (BrokenPipeError, SystemExit):  # click turns the one into the other
        sys.stdout = None  # nobody reads on; leave without a word
        return CLEAN
    except Exception:
        _err(traceback.format_exc() + "This is a fault in Clausebook itself; please report it with the lines above.")
        return BUG
    return result if isinstance(result, int) else CLEAN


def _language() -> str:
    context = click.get_current_context(silent=True)
    chosen = context.find_root().params.get("lang") if context else None
    if chosen is None:
        index = sys.argv.index("--lang") + 1 if "--lang" in sys.argv else len(sys.argv)
        chosen = sys.argv[index] if index < len(sys.argv) else None
    if chosen is None:
        said = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        chosen = next(filter(None, said), None) or system_locale.getlocale()[0] or "en"
    return "zh" if chosen.lower().startswith(("zh", "chinese")) else "en"


def _out(text: str) -> None:
    if text:
        click.echo(text)


def _err(text: str) -> None:
    click.echo(text, err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", help="The site's folder.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default=None, help="Language of messages (default: the terminal's).")
@click.pass_context
def main(context: click.Context, root: Path, lang: str | None) -> None:
    """Publish legal policies as code: clauses in YAML, assembled into bilingual, versioned sites."""
    context.obj = root.resolve()


@main.command()
@click.option("--format", "form", type=click.Choice(list(formats.PROBLEMS)), default="full", help="How to print what is found.")
@click.option("--fail-on", type=click.Choice(LEVELS), default="error", help="Exit 1 when a finding is at least this serious.")
@click.option("--at", "ref", default=None, metavar="REF", help="Check clauses and policies as they are at a branch, tag or commit.")
@click.option("--summary", is_flag=True, help="Print how many requirements of each law are open, a line a policy and pack.")
@click.pass_obj
def check(root: Path, form: str, fail_on: str, ref: str | None, summary: bool) -> int:
    """Read everything and report every problem at once."""
    started = time.monotonic()
    opened = project.judged(project.open(root, git.commit(root, ref) if ref else None), root, _today())
    shown = "concise" if ref and form == "full" else form  # the lines here are not those of the commit
    found = sorted([*opened.problems, *opened.findings])
    if summary and not opened.errors:
        _out(formats.summary_json(opened.verdicts) if form == "json" else formats.summary(opened.verdicts, _language()))
    else:
        _out(formats.PROBLEMS[shown](found, _language(), root))
    if form in ("full", "concise"):
        counts = Counter(p.severity for p in found)
        size = f"{len(opened.library.policies)} policies, {len(opened.library.clauses)} clauses"
        said = f"{counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes, {opened.waived} waived"
        _err(f"{said} in {size} · {time.monotonic() - started:.1f} s")
    if opened.errors:
        return USER_ERROR
    return FINDINGS if any(p.severity in LEVELS[: LEVELS.index(fail_on) + 1] for p in found) and fail_on != "never" else CLEAN


def _today() -> datetime.date:
    """Return the day to judge by: SOURCE_DATE_EPOCH if set, so that a run can be repeated, else today."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isascii() and epoch.isdigit():
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()
    return datetime.datetime.now(datetime.UTC).date()


@main.command()
@click.argument("rule", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", help="How to print the list of rules.")
@click.pass_obj
def explain(root: Path, rule: str | None, form: str) -> None:
    """Say what a RULE asks, where it comes from, how to mend and how to waive it; without RULE list them all."""
    judged = project.judged(project.open(root), root, _today())
    rows = {row.id: (pack, row) for pack in judged.packs for row in pack.rows}
    checks = {check.id: check for check in judged.checks}
    if rule is None and form == "markdown":
        _out(formats.rules(judged.packs, judged.checks, _language()))
        return
    if rule is None:
        lines = [formats.rule_line(row, _language()) for _, row in rows.values()]
        _out("\n".join([*lines, *(formats.rule_line(check, _language()) for check in judged.checks)]))
        return
    if rule in checks:
        _out(formats.check(checks[rule], _language()))
        return
    if rule not in rows:
        near = records.near(rule, [*rows, *checks])
        code = "rule-unknown-near" if near else "rule-unknown"
        raise UserError([problem(Place("explain"), code, rule=rule, near=near)])
    _out(formats.rule(*rows[rule], _language()))


@main.command()
@click.argument("clause")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def where(root: Path, clause: str, form: str) -> None:
    """List every policy and section that uses a CLAUSE."""
    opened = project.open(root)
    found = project.where(opened, clause)
    _out(formats.placements_json(found) if form == "json" else formats.placements(found, opened, clause))


def _document(opened: Project, policy: str) -> Document:
    if policy not in opened.documents:
        raise UserError([problem(Place("policies"), "policy-unknown", id=policy, known=", ".join(opened.documents))])
    return opened.documents[policy]


def _locale(document: Document, locale: str | None) -> str:
    chosen = locale or document.policy.source
    if chosen not in document.policy.locales:
        known = ", ".join(document.policy.locales)
        raise UserError([problem(Place(f"policies/{document.policy.id}/policy.yml"), "locale-unknown", locale=chosen, known=known)])
    return chosen


@main.command()
@click.argument("policy")
@click.argument("clause", required=False)
@click.option("--locale", default=None, help="Language of the text (default: the policy's source language).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def show(root: Path, policy: str, clause: str | None, locale: str | None, form: str) -> None:
    """Print a POLICY, or one CLAUSE of it, as assembled."""
    document = _document(project.open(root).sound(), policy)
    chosen = _locale(document, locale)
    if clause and not any(clause in (e.clause, e.anchor) for e in document.entries()):
        raise UserError([problem(Place(f"policies/{policy}/policy.yml"), "clause-unknown", id=clause)])
    _out((formats.text_json if form == "json" else formats.text)(document, chosen, clause))


@main.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(list(exports.FORMATS)))
@click.argument("policy")
@click.option("--list", "list_id", default=None, metavar="ID", help="One list, such as collected (csv holds one; xlsx and json hold all).")
@click.option("--locale", default=None, help="Language of the words (default: the policy's source language).")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Write to a file, not to the terminal.")
@click.pass_obj
def export(root: Path, /, form: str, policy: str, output: Path | None, **words: str | None) -> None:
    """Write the facts of a POLICY as FORMAT: lists (csv, xlsx, json), all of it (policy, jsonld) or a record of processing (ropa)."""
    opened = project.open(root).sound()
    document = _document(opened, policy)
    content = exports.make(
        form, Naming(document, _locale(document, words["locale"]), opened.library), words["list_id"], opened.settings.iri
    )
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        _write(output, content)


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UserError([problem(Place(str(path)), "file-unwritable", what=error.strerror or str(error))]) from error


@main.command("schema")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path), default="schemas")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when a file is out of date.")
@click.pass_obj
def schema_(root: Path, target: Path, only_check: bool) -> int:
    """Write the JSON Schemas of clause, policy and vocabulary files to TARGET, for editors."""
    opened: Project = project.open(root)
    old = []
    for name, content in schema.export(opened.library).items():
        file = root / target / f"{name}.json"
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        old.append(file)
        if not only_check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    for file in old:
        _out(f"{file.relative_to(root)}: {'out of date' if only_check else 'written'}")
    return FINDINGS if old and only_check else CLEAN


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
    _out(f"{path}: written")
    _err(f"next: place `- {clause}` in a policy's sections, then clausebook check")


@new.command("policy")
@click.argument("policy", callback=_slug)
@click.pass_obj
def new_policy(root: Path, policy: str) -> None:
    """Write policies/POLICY/policy.yml with one section to fill."""
    path = starter.policy(root, project.settings(root), policy, [])
    _out(f"{path}: written")
    _err("next: list clauses under sections, then clausebook check")


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
def init(target: Path) -> None:
    """Make a working site in TARGET, a new or empty folder."""
    written = starter.site(target.absolute())
    _out("\n".join(f"{target / name}" for name in written))
    _err(f"next: cd {target} && mkdocs serve")
