"""Commands about translations."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from clausebook import exchange, formats, progress, project, revise, translation
from clausebook.cli.shell import as_of, err, language, main, out, put, write
from clausebook.errors import CLEAN, FINDINGS, Place, UserError, problem
from clausebook.project import Project
from clausebook.translation import Translation


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
    found = progress.of(library, project.settings(root), as_of(root), locale)
    out((formats.progress_json if form == "json" else formats.progress)(found, library))


def _translations(root: Path, opened: Project, clause: str, locale: str | None) -> list[Translation]:
    """Return the translations of a clause, into one language or all."""
    project.where(opened, clause)  # says so when there is no such clause
    every = [t for t in translation.of_library(opened.library, opened.settings, as_of(root)) if t.clause == clause]
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
        out(formats.translation(found, loaded, origin))


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
        write(root / path, revise.attest((root / path).read_bytes(), loaded, one, by, reason))
        out(f"{path}: {one.locale}: attested by {by}: {reason}")


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
    every = [t for t in translation.of_library(opened.library, opened.settings, as_of(root)) if t.locale == locale]
    found = chosen or every
    if not found:
        raise UserError([problem(Place("translate"), "locale-unknown", locale=locale, known=", ".join(opened.settings.locales))])
    sources = Counter(t.source for t in found)
    if len(sources) > 1:
        raise UserError([problem(Place("translate"), "sources-differ", sources=", ".join(sources))])
    content = exchange.write(form, exchange.bundle(root, opened, found, as_of(root)))
    put(output, content)


@translate_.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def translate_import(root: Path, file: Path) -> int:
    """Write what came back in FILE into the clauses; a clause whose units do not fit stays as it is and is listed."""
    opened = project.open(root).sound()
    planned = exchange.plan(opened, file.name, exchange.read(file.name, file.read_bytes()), as_of(root))
    for found, new in planned.revisions:
        loaded = opened.library.clauses[found.clause]
        path = root / loaded.source.path
        write(path, revise.revise(path.read_bytes(), loaded, found, new))
        out(f"{loaded.source.path}: {found.locale}: {'translated' if new.done else 'changed, not yet all of it done'}")
    out(formats.concise(planned.problems, language(), root))
    err(f"{len(planned.revisions)} clauses changed")
    return FINDINGS if any(p.severity == "error" for p in planned.problems) else CLEAN
