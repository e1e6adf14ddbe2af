"""Commands that print or write what there is."""

from __future__ import annotations

import json
from pathlib import Path

import click

from clausebook import exports, formats, project, schema
from clausebook.cli.opening import document_of, locale_of
from clausebook.cli.shell import main, out, put
from clausebook.errors import CLEAN, FINDINGS, Place, UserError, problem
from clausebook.naming import Naming
from clausebook.project import Project


@main.command()
@click.argument("policy")
@click.argument("clause", required=False)
@click.option("--locale", default=None, help="Language of the text (default: the policy's source language).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def show(root: Path, policy: str, clause: str | None, locale: str | None, form: str) -> None:
    """Print a POLICY, or one CLAUSE of it, as assembled."""
    document = document_of(project.open(root).sound(), policy)
    chosen = locale_of(document, locale)
    if clause and not any(clause in (e.clause, e.anchor) for e in document.entries()):
        raise UserError([problem(Place(f"policies/{policy}/policy.yml"), "clause-unknown", id=clause)])
    out((formats.text_json if form == "json" else formats.text)(document, chosen, clause))


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
    document = document_of(opened, policy)
    naming = Naming(document, locale_of(document, words["locale"]), opened.library)
    content = exports.make(form, naming, words["list_id"], opened.settings.iri)
    put(output, content)


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
        out(f"{file.relative_to(root)}: {'out of date' if only_check else 'written'}")
    return FINDINGS if old and only_check else CLEAN
