"""The command line. The only module that prints, reads the environment and knows click."""

from __future__ import annotations

import datetime
import json
import locale as system_locale
import os
import re
import shutil
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import click

from clausebook import (
    __version__,
    chain,
    changelog,
    exchange,
    exports,
    formats,
    freeze,
    git,
    ledger,
    messages,
    printing,
    progress,
    project,
    records,
    repair,
    revise,
    rules,
    schema,
    starter,
    translation,
    witness,
)
from clausebook.document import Document
from clausebook.errors import BUG, CLEAN, FINDINGS, INTERRUPTED, USER_ERROR, Place, Problem, UserError, problem
from clausebook.facts import DAY, SLUG
from clausebook.ledger import Ledger
from clausebook.model import RESERVED_IDS
from clausebook.naming import Naming
from clausebook.project import Project
from clausebook.release import Version
from clausebook.translation import Translation
from clausebook.tree import Folder

DIFF_LEVELS = ("unclassified", "material", "substantive", "editorial", "translation", "never")
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
@click.option("--as-of", default=None, metavar="DATE", help="Judge as on this day (default: the setting, or today).")
@click.pass_context
def main(context: click.Context, root: Path, lang: str | None, as_of: str | None) -> None:
    """Publish legal policies as code: clauses in YAML, assembled into bilingual, versioned sites."""
    context.obj = root.resolve()


@main.command()
@click.option("--format", "form", type=click.Choice(list(formats.PROBLEMS)), default="full", help="How to print what is found.")
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
    opened = project.judged(project.open(root, git.commit(root, ref) if ref else None), root, _as_of(root))
    if fix and _mended(root, opened):
        opened = project.judged(project.open(root), root, _as_of(root))
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


def _as_of(root: Path) -> datetime.date:
    """Return the day to judge by: --as-of, CLAUSEBOOK_AS_OF, SOURCE_DATE_EPOCH, the setting, or today in the configured time zone."""
    context = click.get_current_context(silent=True)
    named = context.find_root().params.get("as_of") if context else None
    environ = os.environ.get
    now = datetime.datetime.now(datetime.UTC)
    return project.as_of(project.settings(root), now, named or environ("CLAUSEBOOK_AS_OF"), environ("SOURCE_DATE_EPOCH"))


def _mended(root: Path, opened: Project) -> bool:
    """Write the files whose spellings can be mended; tell whether there were any."""
    made, count = repair.files(opened.library, opened.checks, opened.findings, lambda path: (root / path).read_bytes())
    for path, content in made.items():
        _write(root / path, content)
    _err(f"{count} spellings mended in {len(made)} files")
    return bool(made)


@main.command()
@click.argument("rule", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", help="How to print the list of rules.")
@click.pass_obj
def explain(root: Path, rule: str | None, form: str) -> None:
    """Say what a RULE asks, where it comes from, how to mend and how to waive it; without RULE list them all."""
    judged = project.judged(project.open(root), root, _as_of(root))
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
    problems += [late for chain in found.values() for late in chain.ahead(_as_of(root))]
    if source is not None:
        problems += witness.problems(root, folder, source, found, policy)
    if form == "json":
        _out(formats.ledgers_json(list(found.values()), problems, _language(), root))
    else:
        _out(formats.concise(problems, _language(), root))
        _out(formats.ledgers(list(found.values()), _language()))
    return FINDINGS if any(p.severity == "error" for p in problems) else CLEAN


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
    _put(output, content)


def _put(output: Path | None, content: bytes) -> None:
    """Write to a file, or to the terminal where none is named."""
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
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UserError([problem(Place(str(path)), "file-unwritable", what=error.strerror or str(error))]) from error


def _day(_context: click.Context, parameter: click.Parameter, value: str | None) -> datetime.date | None:
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value if DAY.fullmatch(value) else "")
    except ValueError:
        raise UserError([problem(Place(parameter.opts[0]), "expected-date", value=value)]) from None


@main.command("release")
@click.argument("policy")
@click.option("--published", callback=_day, default=None, metavar="DATE", help="The day readers are told (default: today).")
@click.option("--effective", callback=_day, default=None, metavar="DATE", help="The day it takes effect (default: the earliest allowed).")
@click.option("--version", "version", default=None, metavar="X", help="The version (default: what the changes ask for).")
@click.option("--corrects", default=None, metavar="X", help="The released version of which this is an erratum.")
@click.option("--draft", is_flag=True, help="Stop before anything is written.")
@click.option("--yes", is_flag=True, help="Do not ask; needs --version too.")
@click.pass_obj
def release_(root: Path, /, policy: str, draft: bool, yes: bool, **words: Any) -> int:
    """Freeze a POLICY as a version that never changes, or say everything that stands against it."""
    if yes and words["version"] is None:
        raise UserError([problem(Place("--yes"), "release-yes")])
    opened = project.open(root).sound()
    document = _document(opened, policy)
    today = _as_of(root)
    wish = freeze.Wish(words["published"] or today, words["effective"], words["version"], words["corrects"])
    found = freeze.plan(opened, root, policy, wish, today)
    data = chain.sealed(found.data)
    file = f"{opened.settings.policies}/{policy}/releases/{found.version}.json"
    title = document.policy.title.get(_language(), document.policy.title[document.policy.source])
    _out(printing.plan(found, title, data["fingerprint"], _language(), file))
    if found.refusals:
        return FINDINGS
    if draft or not (yes or _confirmed(found.version)):
        return CLEAN
    notes: list[Problem] = []
    ledger.append(root, opened.settings.policies, data, notes)
    _out(messages.say("plan-written", _language(), file=file, fingerprint=data["fingerprint"]))
    _err("\n".join([*(messages.tell(note, _language()) for note in notes), messages.say("plan-next", _language(), file=file)]))
    return CLEAN


def _confirmed(version: str) -> bool:
    """Tell whether the publisher typed the version; without a terminal nobody can."""
    if not sys.stdin.isatty():
        raise UserError([problem(Place("release"), "release-unasked")])
    return bool(click.prompt(messages.say("plan-ask", _language(), version=version), default="", show_default=False) == version)


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
    chosen = [_document(opened, words["policy"]).policy.id] if words["policy"] else sorted(opened.documents)
    found = [_compared(opened, root, key, old, new) for key in chosen]
    _out(printing.DIFFS[words["form"]](found, _language()))
    levels = {change.level for one in found for change in one.report.changes}
    return FINDINGS if fail_on != "never" and levels & set(DIFF_LEVELS[: DIFF_LEVELS.index(fail_on) + 1]) else CLEAN


def _compared(opened: Project, root: Path, policy: str, old: str, new: str) -> printing.Compared:
    sides = project.side(opened, root, policy, old), project.side(opened, root, policy, new)
    report = changelog.report(*sides, opened.rulebook, opened.settings)
    title = sides[1].document.policy.title
    base = Version.parse(old) or Version(0, 0, 0)
    shown = title.get(_language()) or title[sides[1].document.policy.source]
    return printing.Compared(policy, shown, old, new, report, str(rules.suggest(base, report.verdict)))


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


@main.group("translate")
def translate_() -> None:
    """Say which translations are behind, show why, and record that one still holds."""


@translate_.command("status")
@click.option("--locale", default=None, help="Only translations into this language.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def translate_status(root: Path, locale: str | None, form: str) -> None:
    """Count the translations by policy, module and state, and list those that are not up to date."""
    library = project.open(root).sound().library
    found = progress.of(library, project.settings(root), _as_of(root), locale)
    _out((formats.progress_json if form == "json" else formats.progress)(found, library))


def _translations(root: Path, opened: Project, clause: str, locale: str | None) -> list[Translation]:
    """Return the translations of a clause, into one language or all."""
    project.where(opened, clause)  # says so when there is no such clause
    every = [t for t in translation.of_library(opened.library, opened.settings, _as_of(root)) if t.clause == clause]
    found = [t for t in every if locale in (None, t.locale)]
    if not found:
        place, known = Place(opened.library.clauses[clause].source.path), ", ".join(t.locale for t in every)
        raise UserError([problem(place, "locale-unknown", locale=locale, known=known)])
    return found


@translate_.command("show")
@click.argument("clause")
@click.option("--locale", default=None, help="Only the translation into this language.")
@click.pass_obj
def translate_show(root: Path, clause: str, locale: str | None) -> None:
    """Print how the source text of a CLAUSE has changed since it was translated."""
    opened = project.open(root).sound()
    for found in _translations(root, opened, clause, locale):
        loaded = opened.library.clauses[clause]
        origin = progress.origin(root, loaded, found)
        _out(formats.translation(found, loaded, origin))


@translate_.command("attest")
@click.argument("clause")
@click.option("--by", required=True, metavar="NAME", help="Who has read both texts.")
@click.option("--locale", default=None, help="Only the translation into this language.")
@click.option("--reason", default="no change needed", help="Why the translation still holds.")
@click.pass_obj
def translate_attest(root: Path, clause: str, by: str, locale: str | None, reason: str) -> None:
    """Record in a CLAUSE that its translation still holds, though the source text or the facts have changed."""
    opened = project.open(root).sound()
    found = [t for t in _translations(root, opened, clause, locale) if t.without != "missing" and (locale or t.without in translation.OPEN)]
    loaded = opened.library.clauses[clause]
    path = loaded.source.path
    if not found:
        raise UserError([problem(Place(path), "attest-nothing")])
    for one in found:
        _write(root / path, revise.attest((root / path).read_bytes(), loaded, one, by, reason))
        _out(f"{path}: {one.locale}: attested by {by}: {reason}")


@translate_.command("export")
@click.argument("clauses", nargs=-1)
@click.option("--locale", required=True, help="The language to translate into.")
@click.option("--format", "form", type=click.Choice(exchange.FORMATS), default="po", help="PO, or XLIFF 2.0.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Write to a file, not to the terminal.")
@click.pass_obj
def translate_export(root: Path, clauses: tuple[str, ...], locale: str, form: str, output: Path | None) -> None:
    """Write CLAUSES, or all, as a file for translators, a unit a block."""
    opened = project.open(root).sound()
    chosen = [t for clause in clauses for t in _translations(root, opened, clause, locale)]
    every = [t for t in translation.of_library(opened.library, opened.settings, _as_of(root)) if t.locale == locale]
    found = chosen or every
    if not found:
        raise UserError([problem(Place("translate"), "locale-unknown", locale=locale, known=", ".join(opened.settings.locales))])
    sources = Counter(t.source for t in found)
    if len(sources) > 1:
        raise UserError([problem(Place("translate"), "sources-differ", sources=", ".join(sources))])
    content = exchange.write(form, exchange.bundle(root, opened, found, _as_of(root)))
    _put(output, content)


@translate_.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def translate_import(root: Path, file: Path) -> int:
    """Write what came back in FILE into the clauses; a clause whose units do not fit stays as it is and is listed."""
    opened = project.open(root).sound()
    planned = exchange.plan(opened, file.name, exchange.read(file.name, file.read_bytes()), _as_of(root))
    for found, new in planned.revisions:
        loaded = opened.library.clauses[found.clause]
        path = root / loaded.source.path
        _write(path, revise.revise(path.read_bytes(), loaded, found, new))
        _out(f"{loaded.source.path}: {found.locale}: {'translated' if new.done else 'changed, not yet all of it done'}")
    _out(formats.concise(planned.problems, _language(), root))
    _err(f"{len(planned.revisions)} clauses changed")
    return FINDINGS if any(p.severity == "error" for p in planned.problems) else CLEAN


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
