"""A whole tree judged for `check`: every policy assembled and held against every rule, one after another, and let go again.

What a policy gives follows from its own file, its clauses, the vocabulary, the packs, the settings and the day; it is kept
under a digest of these, so that after an edit only the policies it reaches are judged again.
"""

from __future__ import annotations

import datetime
import gc
import hashlib
import json
import multiprocessing
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from clausebook import (
    assemble,
    cache,
    findings,
    ledger,
    lints,
    load,
    outcome,
    project,
    requirements,
    resolve,
    resources,
    translation,
)
from clausebook.cache import Cache
from clausebook.detectors import Checks
from clausebook.document import Document
from clausebook.errors import Place, Problem, problem
from clausebook.law import Pack
from clausebook.model import Library, Settings
from clausebook.outcome import Basis, Outcome
from clausebook.tree import FileTree, Folder, Noted

_POLICY, _LEDGERS = "policy", "ledgers"
_WORTH = 64  # policies to judge: fewer are done before another process has begun
_SHARE = 16  # policies handed to a process at a time


@dataclass(frozen=True)
class Read:
    """Settings and the files they came from."""

    settings: Settings
    files: tuple[str, ...]

    def basis(self) -> Basis:
        """Return all that a run over the working tree reads."""
        chosen = self.settings
        folders = (chosen.clauses, chosen.policies, *chosen.packs)
        return Basis(self.files, folders, chosen.time_zone, chosen.as_of.isoformat() if chosen.as_of else None)


def settings(root: Path) -> Read:
    """Read the settings of a folder. Raises UserError with the place of each wrong one."""
    tree = Noted(Folder(root))
    chosen = project.settings(tree)
    return Read(chosen, tuple(tree.digests))


@dataclass(frozen=True)
class Means:
    """What a run may use: a store of what earlier runs found, and so many processes at a time."""

    store: Cache
    processes: int = 1


def run(files: FileTree, packs: FileTree, chosen: Settings, as_of: datetime.date, means: Means) -> Outcome:
    """Judge a tree as of a day, with the packs a site keeps in another. Does what `project.judged` does, for all it prints."""
    noted = Noted(files)
    library, problems = load.library(noted, chosen)
    problems += resolve.problems(library, chosen)
    rules = _rules(packs, chosen, library)
    results: list[_Result] = []
    if not any(p.severity == "error" for p in problems):
        work = _Work(library, chosen, rules, as_of, noted.digests, judges=not rules.problems)
        results = list(_results(work, means))
        problems += [found for result in results for found in result.problems]
    problems += _ledgers(files, chosen.policies, means.store)
    made = Outcome(tuple(sorted(set(problems))), (), len(library.policies), len(library.clauses))
    if rules.problems:
        return replace(made, problems=tuple(sorted({*made.problems, *rules.problems})))
    if made.errors:
        return made
    behind = translation.problems(library, chosen, as_of)
    found = [finding for result in results for finding in result.verdicts]
    found += findings.of_lints((finding for result in results for finding in result.worded), chosen)
    return replace(
        made,
        problems=tuple(sorted({*made.problems, *behind})),
        findings=tuple(sorted(found)),
        waived=sum(result.waived for result in results),
        tallies={result.policy: result.tally for result in results},
    )


def _ledgers(files: FileTree, folder: str, store: Cache) -> list[Problem]:
    """Return what is wrong with the releases; those on disk are not proved again while no byte of them has changed."""
    if not isinstance(files, Folder) or not store.keeps:
        return ledger.read_all(files, folder)[1]
    try:
        key = hashlib.sha256(cache.code() + b"".join(outcome.below(files.root, folder))).digest()
    except OSError:
        return ledger.read_all(files, folder)[1]
    raw = store.get(_LEDGERS, key)
    if raw is not None:
        return [outcome.problem(found) for found in json.loads(raw)]
    problems = ledger.read_all(files, folder)[1]
    store.put(_LEDGERS, key, outcome.written([outcome.plain(found) for found in problems]))
    return problems


@dataclass(frozen=True)
class _Rules:
    """What policies are held against, and what is wrong with that: rules that do not fit together, names of rules there are not."""

    packs: tuple[Pack, ...]
    checks: Checks
    problems: tuple[Problem, ...]
    digests: dict[str, bytes]


def _rules(files: FileTree, chosen: Settings, library: Library) -> _Rules:
    own = Noted(files)
    packs, problems = load.packs([(Folder(resources.PACKAGE), "packs"), *((own, name) for name in chosen.packs)])
    checks, more = load.checks(Folder(resources.PACKAGE), "checks")
    problems += more
    known = {row.id for pack in packs for row in pack.value.rows} | {rule.id for rule in checks.rules}
    problems += [problem(Place(project.SETTINGS_FILE), "rule-unknown", rule=rule) for rule in chosen.levels if rule not in known]
    for policy in library.policies.values():
        problems += findings.unknown_rules(policy, known)
    return _Rules(tuple(pack.value for pack in packs), checks, tuple(problems), own.digests)


@dataclass(frozen=True)
class _Result:
    """What judging one policy gave."""

    policy: str
    problems: list[Problem]
    verdicts: list[Problem] = field(default_factory=list)
    worded: list[lints.Finding] = field(default_factory=list)
    waived: int = 0
    tally: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Work:
    """Judges policies of one library. `digests` are those of the files it was loaded from."""

    library: Library
    settings: Settings
    rules: _Rules
    as_of: datetime.date
    digests: dict[str, bytes]
    judges: bool
    known: assemble.Known = field(default_factory=assemble.Known)

    def result(self, policy: str) -> _Result:
        """Judge one policy."""
        document, problems = assemble.document(self.library, policy, self.known)
        return self.judged(policy, document, problems) if self.judges else _Result(policy, problems)

    def judged(self, policy: str, document: Document, problems: list[Problem]) -> _Result:
        wanted = requirements.chosen(self.rules.packs, document, drafts=self.settings.drafts)
        verdicts = requirements.judge(document, wanted, self.library, self.as_of)
        checks = self.rules.checks
        worded, held = lints.waived(project.worded_in(document, checks, self.library, self.as_of), document, self.as_of)
        told = list(findings.of_verdicts(verdicts, self.library.policies[policy], self.library, self.settings))
        waived = len(held) + sum(verdict.outcome == "waived" for verdict in verdicts)
        return _Result(policy, problems, told, worded, waived, requirements.tally(verdicts))

    @cached_property
    def common(self) -> bytes:
        """Return a digest of what every policy's result follows from."""
        folder = f"{self.settings.clauses}/vocabulary/"
        files = {path: digest.hex() for path, digest in self.digests.items() if path.startswith(folder)}
        packs = {path: digest.hex() for path, digest in self.rules.digests.items()}
        data = [self.settings.model_dump(mode="json"), self.as_of.isoformat(), self.judges, sorted(files.items()), sorted(packs.items())]
        return hashlib.sha256(cache.code() + outcome.written(data)).digest()

    def key(self, policy: str) -> bytes:
        """Return a digest of all that a policy's result follows from."""
        loaded = self.library.policies[policy]
        used = {self.library.clauses[use.id].source.path for _, use in resolve.uses(loaded.value)}
        return self.common + b"".join(path.encode() + b"\0" + self.digests[path] for path in sorted({loaded.source.path, *used}))

    def kept(self, policy: str, store: Cache) -> _Result | None:
        """Return the result that was kept of a policy which has not changed since."""
        raw = store.get(_POLICY, self.key(policy))
        return self.read(raw) if raw is not None else None

    def read(self, raw: bytes) -> _Result:
        data = json.loads(raw)
        rules = {rule.id: rule for rule in self.rules.checks.rules}
        problems, verdicts = ([outcome.problem(found) for found in data[name]] for name in ("problems", "verdicts"))
        worded = [
            lints.Finding(rules[rule], data["policy"], Place(*at), locale, words, better, Place(*against) if against else None, theirs)
            for rule, at, locale, words, better, against, theirs in data["worded"]
        ]
        return _Result(data["policy"], problems, verdicts, worded, data["waived"], data["tally"])


def _dump(made: _Result) -> bytes:
    def finding(found: lints.Finding) -> list[Any]:
        against = outcome.place(found.against) if found.against else None
        return [found.rule.id, outcome.place(found.place), found.locale, found.words, found.better, against, found.theirs]

    lists = {name: [outcome.plain(found) for found in getattr(made, name)] for name in ("problems", "verdicts")}
    worded = [finding(found) for found in made.worded]
    return outcome.written({"policy": made.policy, **lists, "worded": worded, "waived": made.waived, "tally": made.tally})


def _results(work: _Work, means: Means) -> Iterator[_Result]:
    """Yield the result of every policy, in order: kept ones, and the others from several processes where that pays."""
    store, processes = means.store, means.processes
    kept = {policy: work.kept(policy, store) if store.keeps else None for policy in sorted(work.library.policies)}
    left = [policy for policy, found in kept.items() if found is None]
    made = _shared(work, left, processes) if processes > 1 and len(left) >= _WORTH and _can_fork() else map(work.result, left)
    for policy, found in kept.items():
        result = found or next(made)
        if found is None and store.keeps:
            store.put(_POLICY, work.key(policy), _dump(result))
        yield result


def _can_fork() -> bool:
    """Tell whether another process can begin with all that this one holds; to load it again would cost more than it saves."""
    return sys.platform != "darwin" and "fork" in multiprocessing.get_all_start_methods()


_forked: list[_Work] = []  # what the processes forked from this one work on


def _shared(work: _Work, policies: list[str], processes: int) -> Iterator[_Result]:
    """Yield the results of policies judged in several processes; what a process that died leaves is judged here."""
    _forked[:] = [work]
    gc.collect()
    gc.freeze()  # a collection in a process would copy all that it shares with this one
    shares = [policies[n : n + _SHARE] for n in range(0, len(policies), _SHARE)]
    context = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(processes, context, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
            done = 0
            try:
                for made in pool.map(_share, shares):
                    yield from map(work.read, made)
                    done += 1
            except BrokenProcessPool:
                yield from (work.result(policy) for share in shares[done:] for policy in share)
    finally:
        gc.unfreeze()
        _forked.clear()


def _share(policies: list[str]) -> list[bytes]:
    (work,) = _forked
    return [_dump(work.result(policy)) for policy in policies]
