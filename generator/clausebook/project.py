"""A project: one folder opened, its settings read, its library loaded and every policy assembled."""

from __future__ import annotations

import datetime
import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from clausebook import (
    alike,
    assemble,
    days,
    findings,
    git,
    glossary,
    ledger,
    lints,
    load,
    parity,
    records,
    requirements,
    resolve,
    resources,
    snapshot,
    translation,
    typography,
    yamltree,
)
from clausebook.detectors import Checks, Rule
from clausebook.document import Document, Side
from clausebook.errors import Place, Problem, UserError, problem
from clausebook.law import Pack
from clausebook.ledger import Index, Ledger
from clausebook.model import Library, Settings
from clausebook.requirements import Verdict
from clausebook.rulebook import Rulebook
from clausebook.tree import MAX_TREE_BYTES, FileTree, Folder

SETTINGS_FILE = "mkdocs.yml"
PLUGIN = "clausebook"


@dataclass(frozen=True)
class Project:
    """What one tree holds, and everything wrong with it. `documents` is empty where there are errors.

    `indexes` lists the releases of every policy, `ledgers` has them whole unless only the lists were asked for.
    """

    settings: Settings
    library: Library
    documents: Mapping[str, Document]
    problems: tuple[Problem, ...]
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    indexes: Mapping[str, Ledger | Index] = field(default_factory=dict)
    packs: tuple[Pack, ...] = ()
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    findings: tuple[Problem, ...] = ()
    checks: tuple[Rule, ...] = ()
    waived: int = 0

    @property
    def errors(self) -> list[Problem]:
        """Return the problems that stop a build."""
        return [p for p in self.problems if p.severity == "error"]

    @property
    def sides(self) -> dict[str, Side]:
        """Return every assembled policy with the library its words come from."""
        return {key: Side(document, self.library) for key, document in self.documents.items()}

    @property
    def rulebook(self) -> Rulebook:
        """Return the kinds of change there are and what follows from them."""
        return rulebook()

    def sound(self) -> Project:
        """Return the project itself, or raise UserError with every error."""
        if self.errors:
            raise UserError(self.errors)
        return self


def settings(root: Path | FileTree, name: str = SETTINGS_FILE) -> Settings:
    """Read the plugin's block of mkdocs.yml, in a folder or any tree. Raises UserError with the place of each wrong setting."""
    files = Folder(root) if isinstance(root, Path) else root
    try:
        content = files.read(name, MAX_TREE_BYTES)
    except (OSError, KeyError):
        raise UserError([problem(Place(name), "settings-missing")]) from None
    tree = yamltree.read(name, content, tolerant=True)
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


def as_of(chosen: Settings, now: datetime.datetime, named: str | None = None, epoch: str | None = None) -> datetime.date:
    """Return the day by which to judge what is in force, in the configured time zone; see `days.chosen`."""
    return days.chosen(chosen.time_zone, chosen.as_of, now, named, epoch)


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
    unknown = list(_unknown_kinds(made, part)) if made else part.problems
    if made is None or unknown:
        raise UserError(unknown)
    return made


def _unknown_kinds(made: Settings, part: yamltree.Tree) -> Iterator[Problem]:
    """Yield an error for every level set for a kind of change that does not exist."""
    known = rulebook().by_id if made.changes.levels else {}
    for kind in made.changes.levels:
        if kind not in known:
            near = records.near(kind, known)
            place = part.source.key_place(("changes", "levels", kind))
            yield problem(place, "rule-unknown-near" if near else "rule-unknown", rule=kind, near=near)


@cache
def rulebook() -> Rulebook:
    """Return the kinds of change that come with the package."""
    found, problems = load.rulebook(Folder(resources.PACKAGE), "changes")
    assert not problems, problems
    return found


class Drafts(Protocol):
    """What is known of drafts from before: policies of which nothing has changed need not be assembled to be told sound."""

    def known(self, library: Library, policy: str) -> list[Problem] | None:
        """Return what was found wrong with a draft, none of it an error; None where that is to be found out."""

    def note(self, library: Library, policy: str, problems: list[Problem]) -> None:
        """Keep what was found."""


def open(root: Path, tree: FileTree | None = None, chosen: Settings | None = None, drafts: Drafts | None = None) -> Project:
    """Open the project at `root`. `tree` reads the data from elsewhere (a commit); settings come from `root`.

    With `drafts`, no more is read and assembled than somebody asks for: releases are listed, unless something is wrong
    anywhere, for then all of it is told at once; a draft that is known to be sound is assembled when it is looked at.
    """
    found = chosen or settings(root)
    files = tree or Folder(root)
    library, problems = load.library(files, found)
    problems += resolve.problems(library, found)
    documents: Mapping[str, Document] = {}
    if not any(p.severity == "error" for p in problems):
        documents, more = _assembled(library, drafts)
        problems += more
    none_yet = {policy_id: Ledger(policy_id, (), found.policies) for policy_id in library.policies}
    indexes: Mapping[str, Ledger | Index]
    ledgers: dict[str, Ledger] = {}
    if drafts and not any(p.severity == "error" for p in problems):
        indexes, more = ledger.index_all(files, found.policies)
    else:
        ledgers, more = ledger.read_all(files, found.policies)
        indexes = ledgers = {**none_yet, **ledgers}
    ordered = tuple(sorted({*problems, *more}))
    if any(p.severity == "error" for p in ordered):
        documents = {}
    return Project(found, library, documents, ordered, ledgers, {**none_yet, **indexes})


def _assembled(library: Library, drafts: Drafts | None) -> tuple[Mapping[str, Document], list[Problem]]:
    """Return every draft with what is wrong with any; with `drafts`, those that are not known are assembled now."""
    known = {policy: drafts.known(library, policy) if drafts else None for policy in sorted(library.policies)}
    problems = [found for before in known.values() for found in before or ()]
    made: dict[str, Document] = {}
    for policy, document, found in assemble.documents(library, [policy for policy, before in known.items() if before is None]):
        made[policy] = document
        problems += found
        if drafts:
            drafts.note(library, policy, found)
    if len(made) == len(known):
        return made, problems
    return alike.Lazy(known, lambda policy: made.get(policy) or assemble.document(library, policy)[0]), problems


def judged(opened: Project, root: Path | FileTree, as_of: datetime.date) -> Project:
    """Return the project with every policy held against the packs its jurisdictions choose and the wording checks, as of a day."""
    files = Folder(root) if isinstance(root, Path) else root
    packs, problems = load.packs([(Folder(resources.PACKAGE), "packs"), *((files, name) for name in opened.settings.packs)])
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
        open_, held = lints.waived(worded_in(document, checks, opened.library, as_of), document, as_of)
        worded += open_
        waived += len(held) + sum(verdict.outcome == "waived" for verdict in verdicts[key])
    found += findings.of_lints(worded, opened.settings)
    behind = [] if opened.errors else translation.problems(opened.library, opened.settings, as_of)
    told = tuple(sorted({*opened.problems, *behind}))
    ordered, rules = tuple(sorted(found)), tuple(checks.rules)
    return replace(opened, problems=told, packs=loaded, verdicts=verdicts, findings=ordered, checks=rules, waived=waived)


def worded_in(document: Document, checks: Checks, library: Library, as_of: datetime.date) -> list[lints.Finding]:
    """Return every finding in the wording of a document: of each language, between languages, of names and of typography."""
    read = lints.check(document, checks.rules, checks.laws, library, as_of)
    read += [*parity.check(document, checks, library), *glossary.check(document, checks, library)]
    return typography.told([*read, *typography.check(document, checks, library)], checks.rules)


def templates_digest(root: Path, chosen: Settings) -> str:
    """Return the SHA-256 over names and contents of the templates pages are made with, the site's own before the built-in ones."""
    total = hashlib.sha256()
    for folder in (root / chosen.templates, resources.starter("templates")):
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            total.update(f"{file.relative_to(folder).as_posix()}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


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


def side(opened: Project, root: Path, policy: str, name: str) -> Side:
    """Return one side of a comparison: `draft`, a released version, or a branch, tag or commit. Raises UserError for anything else."""
    if name == "draft":
        return opened.sound().sides[policy]
    released = opened.ledgers.get(policy)
    found = released.get(name) if released else None
    if found is not None:
        return snapshot.opened(found, f"{opened.settings.policies}/{policy}/releases/{name}.json")
    try:
        tree = git.commit(root, name)
    except UserError:
        raise UserError([problem(Place("diff"), "side-unknown", side=name, policy=policy)]) from None
    then = open(root, tree, opened.settings).sound()
    if policy not in then.documents:
        raise UserError([problem(Place("diff"), "policy-unknown", id=policy, known=", ".join(then.documents))])
    return then.sides[policy]
