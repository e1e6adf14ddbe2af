"""A whole tree judged for `check`: every policy read, assembled and held against every rule apart from all others, and let go again.

What a policy gives follows from its own file, its clauses, the vocabulary, the packs, the settings and the day; it is kept
under a digest of these, so that after an edit only the policies it reaches are judged again. What needs all policies is found
with their outlines, when each has been read.
"""

from __future__ import annotations

import datetime
import gc
import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path

from clausebook import cache, findings, ledger, load, outcome, piecework, processes, project, resolve, resources, translation
from clausebook.cache import Cache
from clausebook.errors import Place, Problem, problem
from clausebook.model import Library, Settings
from clausebook.outcome import Basis, Outcome
from clausebook.outline import Outline
from clausebook.piecework import Piece, Rules, Work
from clausebook.tree import FileTree, Folder, Noted

_LEDGERS = "ledgers"
_WORTH = 64  # policies to judge: fewer are done before another process has begun
_LONG, _SHORT = 0.85, 8  # what part of its policies a process is handed at once; how many at a time after that


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
    apart = load.apart(noted, chosen)
    problems = [*apart.problems, *resolve.of_words(apart.library, chosen)]
    work = Work(apart, chosen, _rules(packs, chosen), as_of, noted.digests, means.store)
    judges = not _stops(problems) and resolve.is_harmless(apart.library)
    whole = _whole(_pieces(work, means, judges=judges), apart.library, chosen)
    problems += whole.problems
    judged = [] if _stops(problems) else [piece.judged or work.judged(piece.card.path) for piece in whole.pieces]
    problems += [found for one in judged for found in one.problems]
    problems += _ledgers(files, chosen.policies, means.store)
    made = Outcome(tuple(sorted(set(problems))), (), len(whole.pieces), len(apart.library.clauses))
    wrong = {*work.rules.problems, *(p for piece in whole.pieces for p in findings.unknown(piece.card.waivers, work.rules.known))}
    if wrong:
        return replace(made, problems=tuple(sorted({*made.problems, *wrong})))
    if made.errors:
        return made
    behind = translation.problems(apart.library, chosen, as_of, whole.outlines)
    found = [finding for one in judged for finding in one.verdicts]
    found += findings.of_lints((finding for one in judged for finding in one.worded), chosen)
    return replace(
        made,
        problems=tuple(sorted({*made.problems, *behind})),
        findings=tuple(sorted(found)),
        waived=sum(one.waived for one in judged),
        tallies={one.policy: one.tally for one in judged},
    )


def _stops(problems: Iterable[Problem]) -> bool:
    return any(found.severity == "error" for found in problems)


@dataclass(frozen=True)
class _Whole:
    """The policies of a tree in the order of their ids, and what is wrong with them and with how clauses fit them."""

    pieces: list[Piece]
    problems: list[Problem]

    @property
    def outlines(self) -> list[Outline]:
        return [piece.card.outline for piece in self.pieces if piece.card.outline]


def _whole(pieces: Iterable[Piece], library: Library, chosen: Settings) -> _Whole:
    """Put policies that were done apart together, and find what can only be found with all of them at hand."""
    every = list(pieces)
    readable = ((piece.card.outline.id, piece.card.place, piece) for piece in every if piece.card.outline)
    found = load.named(readable, "policy", chosen)
    problems = [problem for piece in every for problem in piece.card.problems] + found.problems
    problems += [misfit for piece in found.by_id.values() for misfit in piece.misfits]
    broken = library.broken | found.misnamed | {piece.card.path for piece in every if piece.card.outline is None}
    outlines = [piece.card.outline for piece in found.by_id.values() if piece.card.outline]
    problems += resolve.of_clauses(replace(library, broken=broken), chosen, outlines)
    return _Whole([piece for _, piece in sorted(found.by_id.items())], problems)


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


def _rules(files: FileTree, chosen: Settings) -> Rules:
    own = Noted(files)
    packs, problems = load.packs([(Folder(resources.PACKAGE), "packs"), *((own, name) for name in chosen.packs)])
    checks, more = load.checks(Folder(resources.PACKAGE), "checks")
    rules = Rules(tuple(pack.value for pack in packs), checks, (*problems, *more), own.digests)
    unknown = [problem(Place(project.SETTINGS_FILE), "rule-unknown", rule=rule) for rule in chosen.levels if rule not in rules.known]
    return replace(rules, problems=(*rules.problems, *unknown))


def _pieces(work: Work, means: Means, *, judges: bool) -> Iterator[Piece]:
    """Yield every policy done, in the order of files: kept ones, and the others from several processes where that pays."""
    cards = {path: work.card(path) for path in work.apart.files}
    kept = {path: work.kept(card) if card else None for path, card in cards.items()}
    left = [path for path, piece in kept.items() if piece is None]
    several = means.processes > 1 and len(left) >= _WORTH and processes.can_fork()
    done = partial(work.done, judges=judges)
    made = _shared(work, done, left, means.processes) if several else map(done, left)
    found = {piece.card.path: piece for piece in made}
    for path, piece in kept.items():
        yield piece or found[path]


_Do = Callable[[str], Piece]
_forked: list[tuple[_Do, Event]] = []  # what the processes forked from this one do, and whether they are to stop


def _shared(work: Work, done: _Do, files: list[str], workers: int) -> Iterator[Piece]:
    """Yield policies done in several processes, in any order; what a process that died leaves is done here."""
    stop = multiprocessing.get_context("fork").Event()
    _forked[:] = [(done, stop)]
    shares = _shares({file: len(work.apart.files[file]) for file in files}, workers)
    try:
        with processes.pool(workers) as pool:
            at = 0
            try:
                for made in pool.map(_share, shares):
                    yield from map(work.read, made)
                    at += 1
            except BrokenProcessPool:
                yield from (done(file) for share in shares[at:] for file in share)
            finally:
                stop.set()  # whoever interrupts a check does not wait for long shares
    finally:
        gc.unfreeze()
        _forked.clear()


def _shares(sizes: dict[str, int], workers: int) -> list[list[str]]:
    """Cut files, given with their sizes, into a long share for each process, and short ones of the rest, so that processes end together.

    Files of about the same size are mostly of the same model and share the most work, so they go to the same process.
    """
    parts: list[list[str]] = [[] for _ in range(workers)]
    before, total = 0, sum(sizes.values()) or 1
    for file in sorted(sizes, key=lambda file: (sizes[file], file)):
        parts[before * workers // total].append(file)
        before += sizes[file]
    cuts = [int(len(part) * _LONG) for part in parts]
    rest = [file for part, cut in zip(parts, cuts, strict=True) for file in part[cut:]]
    long = [part[:cut] for part, cut in zip(parts, cuts, strict=True) if cut]
    return [*long, *(rest[n : n + _SHORT] for n in range(0, len(rest), _SHORT))]


def _share(files: list[str]) -> list[bytes]:
    gc.disable()
    ((done, stop),) = _forked
    made: list[bytes] = []
    for number, file in enumerate(files, 1):
        if stop.is_set():
            break
        made.append(piecework.written(done(file)))
        if number % _SHORT == 0 or number == len(files):
            gc.collect()
            gc.freeze()  # what has been worked out stays; to look through it again and again takes a tenth of the time
    return made
