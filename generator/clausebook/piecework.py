"""One policy at a time: its file read, held against its clauses, assembled and judged, in whichever process.

What comes of it is plain data: a card, which is all that others must know of the policy, and what was found.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from clausebook import assemble, cache, findings, lints, load, outcome, outline, project, requirements, resolve
from clausebook.cache import Cache
from clausebook.detectors import Checks, Rule
from clausebook.errors import Place, Problem
from clausebook.law import Pack
from clausebook.load import Apart
from clausebook.model import Loaded, Policy, Settings
from clausebook.outline import Outline

_CARD, _RESULT = "card", "policy"


@dataclass(frozen=True)
class Card:
    """What a file says of its policy: what is wrong with the file, where its id stands, the rules it waives; no outline if unreadable."""

    path: str
    problems: list[Problem]
    place: Place
    outline: Outline | None = None
    waivers: list[tuple[str, Place]] = field(default_factory=list)


@dataclass(frozen=True)
class Judged:
    """What assembling and judging a policy gave."""

    policy: str
    problems: list[Problem]
    verdicts: list[Problem] = field(default_factory=list)
    worded: list[lints.Finding] = field(default_factory=list)
    waived: int = 0
    tally: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Piece:
    """A policy done: its card, what in it does not fit its clauses, and how it was judged, where it could be."""

    card: Card
    misfits: list[Problem] = field(default_factory=list)
    judged: Judged | None = None


@dataclass(frozen=True)
class Rules:
    """What policies are held against, and what is wrong with that: rules that do not fit together, names of rules there are not."""

    packs: tuple[Pack, ...]
    checks: Checks
    problems: tuple[Problem, ...]
    digests: dict[str, bytes]

    @cached_property
    def known(self) -> set[str]:
        """Return the name of every rule."""
        return {row.id for pack in self.packs for row in pack.rows} | {rule.id for rule in self.checks.rules}


@dataclass(frozen=True)
class Work:
    """Does the policies of one tree. `digests` are those of its files."""

    apart: Apart
    settings: Settings
    rules: Rules
    as_of: datetime.date
    digests: dict[str, bytes]
    store: Cache
    known: assemble.Known = field(default_factory=assemble.Known)

    def card(self, path: str) -> Card | None:
        """Return the card that was kept of a file's contents."""
        raw = self.store.get(_CARD, self._card_key(path)) if self.store.keeps else None
        return _read_card(json.loads(raw)) if raw is not None else None

    def kept(self, card: Card) -> Piece | None:
        """Return what was found in a policy of which nothing has changed since, nor anything it follows from."""
        if card.outline is None:
            return Piece(card)
        key = self._key(card.outline, card.path) if self.store.keeps else None
        raw = self.store.get(_RESULT, key) if key else None
        return self._read(card, json.loads(raw)) if raw is not None else None

    def done(self, path: str, *, judges: bool) -> Piece:
        """Read a file and judge its policy before it is known whether all clauses fit it: where they do not, it may not be judged."""
        loaded, problems = load.policy(path, self.apart.files[path])
        card = _card(path, loaded, problems)
        if self.store.keeps:
            self.store.put(_CARD, self._card_key(path), outcome.written(_card_data(card)))
        if loaded is None or card.outline is None:
            return Piece(card)
        misfits = list(resolve.of_policy(self.apart.library, self.settings, loaded))
        sound = judges and not any(found.severity == "error" for found in misfits)
        piece = Piece(card, misfits, self._tried(loaded) if sound else None)
        key = self._key(card.outline, path) if self.store.keeps and piece.judged else None
        if key:
            self.store.put(_RESULT, key, outcome.written(_piece_data(piece)))
        return piece

    def _tried(self, loaded: Loaded[Policy]) -> Judged | None:
        try:
            return self._judged(loaded)
        except Exception:  # in whatever way a clause that does not fit may make it fail; if all turn out to fit, `judged` fails again
            return None

    def judged(self, path: str) -> Judged:
        """Judge the policy in a file, given that all clauses fit it."""
        loaded, _ = load.policy(path, self.apart.files[path])
        assert loaded is not None
        return self._judged(loaded)

    def _judged(self, loaded: Loaded[Policy]) -> Judged:
        library, policy, checks = self.apart.library, loaded.value, self.rules.checks
        library.policies.clear()  # one at a time: nothing of a policy follows from another
        library.policies[policy.id] = loaded
        document, problems = assemble.document(library, policy.id, self.known)
        if self.rules.problems:
            return Judged(policy.id, problems)
        wanted = requirements.chosen(self.rules.packs, document, drafts=self.settings.drafts)
        verdicts = requirements.judge(document, wanted, library, self.as_of)
        worded, held = lints.waived(project.worded_in(document, checks, library, self.as_of), document, self.as_of)
        told = list(findings.of_verdicts(verdicts, loaded, library, self.settings))
        waived = len(held) + sum(verdict.outcome == "waived" for verdict in verdicts)
        return Judged(policy.id, problems, told, worded, waived, requirements.tally(verdicts))

    def _card_key(self, path: str) -> bytes:
        return cache.code() + path.encode() + b"\0" + self.digests[path]

    @cached_property
    def _common(self) -> bytes:
        """Return a digest of what every policy's result follows from."""
        folder = f"{self.settings.clauses}/vocabulary/"
        files = {path: digest.hex() for path, digest in self.digests.items() if path.startswith(folder)}
        packs = {path: digest.hex() for path, digest in self.rules.digests.items()}
        data = [self.settings.model_dump(mode="json"), self.as_of.isoformat(), sorted(files.items()), sorted(packs.items())]
        return hashlib.sha256(cache.code() + outcome.written(data)).digest()

    def _key(self, policy: Outline, path: str) -> bytes | None:
        """Return a digest of all that a policy's result follows from, or None where it uses a clause there is not."""
        clauses = self.apart.library.clauses
        if not clauses.keys() >= set(policy.clauses):
            return None
        used = {path, *(clauses[clause].source.path for clause in policy.clauses)}
        return self._common + b"".join(path.encode() + b"\0" + self.digests[path] for path in sorted(used))

    def read(self, raw: bytes) -> Piece:
        """Return the piece that `written` made bytes of."""
        card, data = json.loads(raw)
        return self._read(_read_card(card), data)

    def _read(self, card: Card, data: dict[str, Any]) -> Piece:
        judged = self._read_judged(data["judged"]) if data["judged"] else None
        return Piece(card, [outcome.problem(found) for found in data["misfits"]], judged)

    def _read_judged(self, data: dict[str, Any]) -> Judged:
        rules = self._rules
        problems, verdicts = ([outcome.problem(found) for found in data[name]] for name in ("problems", "verdicts"))
        worded = [
            lints.Finding(rules[rule], data["policy"], Place(*at), locale, words, better, Place(*against) if against else None, theirs)
            for rule, at, locale, words, better, against, theirs in data["worded"]
        ]
        return Judged(data["policy"], problems, verdicts, worded, data["waived"], data["tally"])

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules.checks.rules}


def written(piece: Piece) -> bytes:
    """Return a piece as bytes."""
    return outcome.written([_card_data(piece.card), _piece_data(piece)])


def _piece_data(piece: Piece) -> dict[str, Any]:
    judged = _judged_data(piece.judged) if piece.judged else None
    return {"misfits": [outcome.plain(found) for found in piece.misfits], "judged": judged}


def _judged_data(made: Judged) -> dict[str, Any]:
    def finding(found: lints.Finding) -> list[Any]:
        against = outcome.place(found.against) if found.against else None
        return [found.rule.id, outcome.place(found.place), found.locale, found.words, found.better, against, found.theirs]

    lists = {name: [outcome.plain(found) for found in getattr(made, name)] for name in ("problems", "verdicts")}
    worded = [finding(found) for found in made.worded]
    return {"policy": made.policy, **lists, "worded": worded, "waived": made.waived, "tally": made.tally}


def _card(path: str, loaded: Loaded[Policy] | None, problems: Iterable[Problem]) -> Card:
    if loaded is None:
        return Card(path, list(problems), Place(path))
    return Card(path, list(problems), loaded.source.place(("id",)), outline.of(loaded.value), findings.waivers(loaded))


def _card_data(card: Card) -> list[Any]:
    seen = card.outline
    plain = [seen.id, seen.locales, seen.clauses, sorted(seen.anchors), seen.profile] if seen else None
    waivers = [[rule, outcome.place(place)] for rule, place in card.waivers]
    return [card.path, [outcome.plain(found) for found in card.problems], outcome.place(card.place), plain, waivers]


def _read_card(data: list[Any]) -> Card:
    path, problems, place, plain, waivers = data
    seen = _read_outline(*plain) if plain else None
    return Card(path, [outcome.problem(p) for p in problems], Place(*place), seen, [(rule, Place(*at)) for rule, at in waivers])


def _read_outline(policy: str, locales: list[str], clauses: list[str], anchors: list[str], profile: dict[str, list[str]]) -> Outline:
    names = {group: tuple(keys) for group, keys in profile.items()}
    return Outline(policy, tuple(locales), tuple(clauses), frozenset(anchors), names)
