"""A project: one folder opened, its settings read, its library loaded and every policy assembled."""

from __future__ import annotations

import datetime
import difflib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from clausebook import assemble, findings, lints, load, records, requirements, resolve, resources, yamltree
from clausebook.document import Document
from clausebook.errors import Place, Problem, UserError, problem
from clausebook.law import Pack
from clausebook.model import Library, Settings
from clausebook.requirements import Verdict
from clausebook.rules import Rule
from clausebook.tree import FileTree, Folder

SETTINGS_FILE = "mkdocs.yml"
PLUGIN = "clausebook"


@dataclass(frozen=True)
class Project:
    """What one tree holds, and everything wrong with it. `documents` is empty where there are errors."""

    settings: Settings
    library: Library
    documents: dict[str, Document]
    problems: tuple[Problem, ...]
    packs: tuple[Pack, ...] = ()
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    findings: tuple[Problem, ...] = ()
    checks: tuple[Rule, ...] = ()
    waived: int = 0

    @property
    def errors(self) -> list[Problem]:
        """Return the problems that stop a build."""
        return [p for p in self.problems if p.severity == "error"]

    def sound(self) -> Project:
        """Return the project itself, or raise UserError with every error."""
        if self.errors:
            raise UserError(self.errors)
        return self


def settings(root: Path, name: str = SETTINGS_FILE) -> Settings:
    """Read the plugin's block of mkdocs.yml. Raises UserError with the place of each wrong setting."""
    file = root / name
    if not file.is_file():
        raise UserError([problem(Place(name), "settings-missing")])
    tree = yamltree.read(name, file.read_bytes(), tolerant=True)
    errors = [p for p in tree.problems if p.severity == "error"]
    if errors:
        raise UserError(errors)
    data = tree.data if isinstance(tree.data, dict) else {}
    for path, block in _blocks(data.get("plugins")):
        return _settings(block or {}, tree, ("plugins", *path))
    parent = data.get("INHERIT")
    if isinstance(parent, str) and parent != name:
        return settings(root, parent)
    raise UserError([problem(tree.source.place(("plugins",)), "settings-block")])


def _blocks(plugins: Any) -> list[tuple[tuple[str | int, ...], Any]]:
    """Return where the plugin's block stands; mkdocs takes a list of names and blocks, or one mapping."""
    if isinstance(plugins, dict):
        return [((PLUGIN,), plugins[PLUGIN])] if PLUGIN in plugins else []
    found: list[tuple[tuple[str | int, ...], Any]] = []
    for index, item in enumerate(plugins or []):
        if item == PLUGIN:
            found.append(((index,), {}))
        elif isinstance(item, dict) and PLUGIN in item:
            found.append(((index, PLUGIN), item[PLUGIN]))
    return found


def _settings(block: Any, tree: yamltree.Tree, path: tuple[str | int, ...]) -> Settings:
    part = yamltree.Tree(tree.source.below(path), block)
    made = records.make(Settings, part)
    if made is None:
        raise UserError(part.problems)
    return made


def open(root: Path, tree: FileTree | None = None, chosen: Settings | None = None) -> Project:
    """Open the project at `root`. `tree` reads the data from elsewhere (a commit); settings come from `root`."""
    found = chosen or settings(root)
    library, problems = load.library(tree or Folder(root), found)
    problems += resolve.problems(library, found)
    documents: dict[str, Document] = {}
    if not any(p.severity == "error" for p in problems):
        for policy_id, made, more in assemble.documents(library, sorted(library.policies)):
            documents[policy_id] = made
            problems += more
    ordered = tuple(sorted(set(problems)))
    if any(p.severity == "error" for p in ordered):
        documents = {}
    return Project(found, library, documents, ordered)


def judged(opened: Project, root: Path, as_of: datetime.date) -> Project:
    """Return the project with every policy held against the packs its jurisdictions choose and the wording checks, as of a day."""
    packs, problems = load.packs([(Folder(resources.PACKAGE), "packs"), *((Folder(root), name) for name in opened.settings.packs)])
    checks, more = load.checks(Folder(resources.PACKAGE), "checks")
    problems += more
    rows = {row.id for pack in packs for row in pack.value.rows} | {rule.id for rule in checks.rules}
    problems += [problem(Place(SETTINGS_FILE), "rule-unknown", rule=rule) for rule in opened.settings.levels if rule not in rows]
    for policy in opened.library.policies.values():
        problems += findings.unknown_rules(policy, rows)
    if problems:
        return replace(opened, problems=tuple(sorted({*opened.problems, *problems})), documents={})
    loaded = tuple(pack.value for pack in packs)
    verdicts: dict[str, list[Verdict]] = {}
    found: list[Problem] = []
    worded: list[lints.Finding] = []
    waived = 0
    for key, document in opened.documents.items():
        wanted = requirements.chosen(loaded, document, drafts=opened.settings.drafts)
        verdicts[key] = requirements.judge(document, wanted, opened.library, as_of)
        found += findings.of_verdicts(verdicts[key], opened.library.policies[key], opened.library, opened.settings)
        open_, held = lints.waived(lints.check(document, checks.rules, checks.laws, opened.library, as_of), document, as_of)
        worded += open_
        waived += len(held) + sum(verdict.outcome == "waived" for verdict in verdicts[key])
    found += findings.of_lints(worded, opened.settings)
    return replace(opened, packs=loaded, verdicts=verdicts, findings=tuple(sorted(found)), checks=tuple(checks.rules), waived=waived)


@dataclass(frozen=True)
class Placement:
    """A place where a policy uses a clause: the sections from the top, and the number in the source locale."""

    policy: str
    sections: tuple[str, ...]
    anchor: str
    number: str
    place: Place


def where(project: Project, clause_id: str) -> list[Placement]:
    """List every policy and section that uses a clause. Raises UserError for an unknown clause."""
    if clause_id not in project.library.clauses:
        near = next(iter(difflib.get_close_matches(clause_id, list(project.library.clauses), 1)), "")
        code = "clause-unknown-near" if near else "clause-unknown"
        raise UserError([problem(Place("clauses"), code, id=clause_id, near=near)])
    found = []
    for policy_id, loaded in sorted(project.library.policies.items()):
        titles = _titles(loaded.value.sections, ())
        numbers = _numbers(project.documents.get(policy_id))
        for path, use in resolve.uses(loaded.value):
            if use.id == clause_id:
                number = numbers.get(use.anchor, "")
                found.append(Placement(policy_id, titles[path[:-2]], use.anchor, number, loaded.source.place(path)))
    return found


def _titles(sections: Any, above: tuple[str, ...], path: tuple[str | int, ...] = ("sections",)) -> dict[Any, tuple[str, ...]]:
    found = {}
    for index, section in enumerate(sections):
        here = (*above, section.id)
        found[(*path, index)] = here
        found |= _titles(section.sections, here, (*path, index, "sections"))
    return found


def _numbers(document: Document | None) -> dict[str, str]:
    if document is None:
        return {}
    source = document.policy.source
    return {e.anchor: e.number.refs[source] for e in document.entries() if e.number}
