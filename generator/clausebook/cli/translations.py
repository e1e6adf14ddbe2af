"""Commands about translations."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from clausebook import drafting, exchange, formats, labels, listing, progress, project, revise, translation
from clausebook.cli.opening import as_of
from clausebook.cli.shell import err, language, main, out, put, write
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


def _translations(root: Path, opened: Project, clause: str | None, locale: str | None) -> list[Translation]:
    """Return the translations of a clause, or of all, into one language or all."""
    every = translation.of_library(opened.library, opened.settings, as_of(root))
    if clause is not None:
        project.where(opened, clause)  # says so when there is no such clause
        every = [t for t in every if t.clause == clause]
    found = [t for t in every if locale in (None, t.locale)]
    if not found:
        known = ", ".join(sorted({t.locale for t in every}))
        place = Place(opened.library.clauses[clause].source.path if clause else "translate")
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
@click.argument("clause", required=False)
@click.option("--by", required=True, metavar="NAME", help="Who has read both texts.")
@click.option("--locale", default=None, help="Only the translation into this language.")
@click.option("--reason", default=None, help="Why the translation still holds.")
@click.option("--punctuation", is_flag=True, help="Every translation, or that of CLAUSE, whose source changed in punctuation only.")
@click.pass_obj
def translate_attest(root: Path, /, clause: str | None, **words: str | None) -> None:
    """Record in a CLAUSE that its translation still holds, though the source text or the facts have changed."""
    opened, light = project.open(root).sound(), bool(words["punctuation"])
    if clause is None and not light:
        raise UserError([problem(Place("attest"), "attest-what")])
    reason = words["reason"] or ("punctuation only" if light else "no change needed")
    found = [t for t in _translations(root, opened, clause, words["locale"]) if t.without != "missing"]
    if light:
        chosen = [t for t in found if _is_light(root, opened, t)]
    else:
        chosen = [t for t in found if words["locale"] or t.without in translation.OPEN]
    if not chosen:
        raise UserError([problem(Place("attest"), "attest-nothing")])
    for one in chosen:
        loaded = opened.library.clauses[one.clause]
        path = root / loaded.source.path
        write(path, revise.attest(path.read_bytes(), loaded, one, str(words["by"]), reason))
        out(f"{loaded.source.path}: {one.locale}: attested by {words['by']}: {reason}")


@translate_.command("record")
@click.argument("clause", required=False)
@click.option("--locale", default=None, help="Only translations into this language.")
@click.pass_obj
def translate_record(root: Path, clause: str | None, locale: str | None) -> None:
    """Write into CLAUSE, or into all, what its translation was made from, where nothing says so: the source and the facts of today."""
    opened = project.open(root).sound()
    for found in _translations(root, opened, clause, locale):
        loaded = opened.library.clauses[found.clause]
        if translation.unrecorded(loaded.value, found):
            path = root / loaded.source.path
            write(path, revise.fingerprints(path.read_bytes(), loaded, found))
            out(f"{loaded.source.path}: {found.locale}: recorded")


def _is_light(root: Path, opened: Project, found: Translation) -> bool:
    loaded = opened.library.clauses[found.clause]
    return found.without == "stale-text" and progress.is_light(loaded, found, progress.origin(root, loaded, found))


@translate_.command("draft")
@click.argument("clause", required=False)
@click.option("--locale", required=True, help="The language to draft: " + ", ".join(drafting.WAYS) + ".")
@click.option("--names", is_flag=True, help="Also titles, names of terms and other texts, if the language is set to be a machine's draft.")
@click.pass_obj
def translate_draft(root: Path, clause: str | None, locale: str, names: bool) -> None:
    """Write CLAUSE, or all that have no text in a language, as drafts by OpenCC, each marked as made by a machine."""
    opened = project.open(root).sound()
    if names and not opened.settings.is_machine_draft(locale):
        raise UserError([problem(Place("mkdocs.yml"), "draft-unmarked", locale=locale)])
    chosen = _translations(root, opened, clause, locale)
    for found in chosen:
        loaded, convert = opened.library.clauses[found.clause], drafting.converter(found.source, locale)
        if drafting.is_wanted(loaded.value, found):
            path = root / loaded.source.path
            write(path, revise.revise(path.read_bytes(), loaded, found, drafting.revision(loaded, found, convert)))
            out(f"{loaded.source.path}: {locale}: drafted")
    for source in dict.fromkeys(found.source for found in chosen) if names else ():
        _draft_names(root, opened, source, locale)


def _draft_names(root: Path, opened: Project, source: str, locale: str) -> None:
    convert, known = drafting.converter(source, locale), labels.groups(opened.library, list(opened.settings.locales))
    for group in exchange.groups(opened, source, locale):
        file, texts = known[group][0].file, drafting.names(known[group], source, locale, convert)
        if texts:
            write(root / file, labels.write(file, (root / file).read_bytes(), texts))
            out(f"{file}: {locale}: {len(texts)} names and texts drafted")


@translate_.command("export")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--locale", required=True, help="The language to translate into.")
@click.option("--format", "form", type=click.Choice(exchange.FORMATS), default="po", help="PO, or XLIFF 2.0.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Write to a file, not to the terminal.")
@click.pass_obj
def translate_export(root: Path, names: tuple[str, ...], locale: str, form: str, output: Path | None) -> None:
    """Write a file for translators, a unit a block: all, or only what is named.

    A NAME is that of a clause, or policy:ID, vocabulary:SCHEME, or clause:ID for the texts in a clause's facts and parameters.
    """
    opened = project.open(root).sound()
    clauses = [name for name in names if ":" not in name] if names else [None]
    found = [t for clause in clauses for t in _translations(root, opened, clause, locale)]
    sources = Counter(t.source for t in found) or [next((loc for loc in opened.settings.locales if loc != locale), locale)]
    if len(sources) > 1:
        raise UserError([problem(Place("translate"), "sources-differ", sources=", ".join(sources))])
    source = next(iter(sources))
    known = exchange.groups(opened, source, locale)
    groups = tuple(name for name in names if ":" in name) if names else tuple(known)
    if strange := [name for name in groups if name not in known]:
        raise UserError([problem(Place("translate"), "labels-unknown", name=name, locale=locale) for name in strange])
    put(output, exchange.write(form, exchange.bundle(root, opened, exchange.Order(tuple(found), groups, source, locale, as_of(root)))))


@translate_.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def translate_import(root: Path, file: Path) -> int:
    """Write what came back in FILE into clauses, policies and vocabulary; what does not fit stays as it is and is listed."""
    opened = project.open(root).sound()
    planned = exchange.plan(opened, file.name, exchange.read(file.name, file.read_bytes()), as_of(root))
    for found, new in planned.revisions:
        loaded = opened.library.clauses[found.clause]
        path = root / loaded.source.path
        write(path, revise.revise(path.read_bytes(), loaded, found, new))
        out(f"{loaded.source.path}: {found.locale}: {'translated' if new.done else 'changed, not yet all of it done'}")
    for file_, texts in planned.labels.items():
        write(root / file_, labels.write(file_, (root / file_).read_bytes(), texts))
        out(f"{file_}: {planned.locale}: {len(texts)} names and texts")
    out(listing.concise(planned.problems, language(), root))
    err(f"{len(planned.revisions)} clauses changed")
    return FINDINGS if any(p.severity == "error" for p in planned.problems) else CLEAN
