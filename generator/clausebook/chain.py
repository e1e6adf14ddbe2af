"""What makes a file a release and files a chain: exact bytes, fingerprint, seal, links, order. Pure checks; reads nothing."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import orjson
from pydantic import ValidationError

from clausebook import characters, records
from clausebook.errors import Place, Problem, UserError, name_of, problem, warning
from clausebook.model import Source
from clausebook.release import SCHEMA, VERSION, Release, Version
from clausebook.tree import Kind

RELEASES = "releases"
MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
MAX_RELEASES = 10_000
_LARGEST = 2**53 - 1  # the largest whole number every JSON reader keeps
_KEPT_LINES = 500_000  # lines remembered within a process; then all are forgotten
_KEPT = 4096  # proved files remembered within a process, by their digests; then all are forgotten

_LITTER = re.compile(r"\..+\.json\..+\.tmp")
_MEANING = ("schema", "policy", "version", "number", "corrects", "published", "effective", "document")


def dump(data: dict[str, Any]) -> bytes:
    """Return the bytes of a release's file."""
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def sealed(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a release with its fingerprint and its seal."""
    marked = {key: value for key, value in data.items() if key != "seal"} | {"fingerprint": fingerprint(data)}
    return marked | {"seal": seal(marked)}


def fingerprint(data: dict[str, Any]) -> str:
    """Return the hash over what a release means, its predecessor's fingerprint included."""
    before = data.get("previous")
    previous = before.get("fingerprint") if isinstance(before, dict) else None
    return _digest({**{key: data.get(key) for key in _MEANING}, "previous": previous})


def seal(data: dict[str, Any]) -> str:
    """Return the hash over the whole of a release but the seal itself."""
    return _digest({key: value for key, value in data.items() if key != "seal"})


def _digest(data: Any) -> str:
    """Return the SHA-256 over the RFC 8785 bytes of data whose numbers are whole and whose keys are ASCII, as `_json` sees to."""
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()


def link(release: Release) -> dict[str, str]:
    """Return how the next release names this one."""
    return {"version": release.version, "fingerprint": release.fingerprint, "seal": release.seal}


def order(version: str) -> Version:
    """Return the place of a version, given by its label, among others."""
    found = Version.parse(version)
    if found is None:
        raise UserError([problem(Place("--version"), "version-form", version=version)])
    return found


def entry(path: str, name: str, kind: Kind) -> Problem | None:
    """Return what is wrong with an entry of a folder of releases, if anything, by its name and kind."""
    place = Place(path)
    if kind != "file":
        return problem(place, {"link": "file-link", "folder": "ledger-folder"}.get(kind, "file-odd"))
    if _LITTER.fullmatch(name):
        return warning(place, "ledger-litter")
    if name.startswith("."):
        return None if name == ".lock" else warning(place, "ledger-entry")
    stem, dot, ending = name.rpartition(".")
    return None if (dot, ending) == (".", "json") and re.fullmatch(VERSION, stem, re.ASCII) else problem(place, "ledger-entry")


# One file.


@dataclass(frozen=True)
class _File:
    path: str
    policy: str
    raw: bytes
    data: dict[str, Any]

    def refused(self, code: str, /, **values: object) -> Problem:
        return problem(Place(self.path), code, **values)


Proved = tuple[Release | None, tuple[Problem, ...]]
_PROVED: dict[tuple[str, str, bytes], Proved] = {}


def release(path: str, policy: str, raw: bytes) -> Proved:
    """Return the release a file holds, or what is wrong with it; `raw` is its content, cut one byte above the limit."""
    key = (path, policy, hashlib.sha256(raw).digest())
    if key not in _PROVED:
        if len(_PROVED) >= _KEPT:
            _PROVED.clear()
        _PROVED[key] = _proved(path, policy, raw)
    return _PROVED[key]


def forget() -> None:
    """Let go of the files proved so far: who reads one policy after another would hold them all."""
    _PROVED.clear()


def _proved(path: str, policy: str, raw: bytes) -> Proved:
    try:
        known = _plain(raw)
        file = _File(path, policy, raw, _json(path, raw) if known is None else known)
        wrong = next(filter(None, (check(file) for check in (_CHECKS if known is None else _MEANT))), None)
        return (None, (wrong,)) if wrong else (Release.model_validate(file.data), ())
    except UserError as error:
        return None, tuple(error.problems)
    except ValidationError as error:
        return None, tuple(sorted(set(records.problems(error, Release, Source(path, {}), file.data))))


class _OddError(Exception):
    """A line that only a close look can judge."""


class _Lines(dict[bytes, bytes]):
    """Each line that was found plain, as a writer that indents by two has it, with the line `dump` writes.

    In such a file every key, and every value that is no object or list, has a line of its own. Plain is a line with short whole
    numbers, keys in ASCII, no escape but of quotes, backslashes and line ends, and no character that may be refused.
    """

    _PLAIN = re.compile(rb' *(?:"(?:[^"\\\x80-\xff]|\\.)*": )?(?:"(?:[^"\\]|\\["\\n])*"|-?[0-9]{1,15}|[][{}a-z]*),?')

    def __missing__(self, line: bytes) -> bytes:
        depth = (len(line) - len(line.lstrip(b" "))) // 2
        if depth >= MAX_DEPTH or not self._PLAIN.fullmatch(line) or characters.suspect(line.decode()):
            raise _OddError
        if len(self) >= _KEPT_LINES:
            self.clear()
        found = self[line] = line[depth:]
        return found


_LINES = _Lines()


def _plain(raw: bytes) -> dict[str, Any] | None:
    """Return the data of a file whose bytes are beyond doubt those `dump` writes of it; None leaves it to the close look.

    Releases are most of what a site reads, nearly all are plain, and most of their lines came before in another.
    """
    if len(raw) > MAX_BYTES:
        return None
    try:
        data = orjson.loads(raw)
        lines = orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).split(b"\n")
        plain = isinstance(data, dict) and b"\n".join(map(_LINES.__getitem__, lines)) == raw
    except (ValueError, TypeError, _OddError):
        return None
    return data if plain else None


def _json(path: str, raw: bytes) -> dict[str, Any]:
    """Return the data of a file. Raises UserError for what is not I-JSON, or could be read in two ways."""
    if len(raw) > MAX_BYTES:
        raise UserError([problem(Place(path), "file-too-big", limit=MAX_BYTES)])
    try:
        data = json.loads(raw.decode(), object_pairs_hook=_once, parse_int=_whole, parse_float=_no_number, parse_constant=_no_number)
        _walk(data)
    except UnicodeDecodeError as error:
        raise UserError([problem(Place(path), "ledger-json", what=f"byte {error.start + 1} is not UTF-8")]) from None
    except json.JSONDecodeError as error:
        raise UserError([problem(Place(path, error.lineno, error.colno), "ledger-json", what=error.msg)]) from None
    except RecursionError:
        raise UserError([problem(Place(path), "yaml-depth", limit=MAX_DEPTH)]) from None
    except _RefusedError as error:
        raise UserError([problem(Place(path), error.code, **error.values)]) from None
    if not isinstance(data, dict):
        raise UserError([problem(Place(path), "expected-mapping", got=records.kind_of(data))])
    return data


class _RefusedError(Exception):
    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RefusedError("ledger-json", what=f"“{key}” is written twice")
        if not key.isascii():
            raise _RefusedError("key-form", key=key)
        found[key] = value
    return found


def _whole(digits: str) -> int:
    number = int(digits) if len(digits) <= len(str(_LARGEST)) + 1 else _LARGEST + 1
    if abs(number) > _LARGEST:
        raise _RefusedError("number-range", value=digits, limit=_LARGEST)
    return number


def _no_number(text: str) -> Any:
    raise _RefusedError("expected-number", got=text)


def _walk(data: Any, depth: int = 1) -> None:
    """Refuse what is nested too deep and text a reader cannot see."""
    if depth > MAX_DEPTH:
        raise _RefusedError("yaml-depth", limit=MAX_DEPTH)
    if isinstance(data, str):
        for _, code, what in characters.refused(data):
            raise _RefusedError(code, what=name_of(what))
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            _walk(value, depth + 1)


def _schema(file: _File) -> Problem | None:
    found = file.data.get("schema")
    if type(found) is int and found > SCHEMA:
        return file.refused("ledger-newer", schema=found, known=SCHEMA)
    return None


def _bytes(file: _File) -> Problem | None:
    return None if dump(file.data) == file.raw else file.refused("ledger-bytes")


def _fingerprint(file: _File) -> Problem | None:
    return None if file.data.get("fingerprint") == fingerprint(file.data) else file.refused("ledger-fingerprint")


def _seal(file: _File) -> Problem | None:
    return None if file.data.get("seal") == seal(file.data) else file.refused("ledger-seal")


def _policy(file: _File) -> Problem | None:
    found = file.data.get("policy")
    return None if found == file.policy else file.refused("ledger-foreign", policy=found)


def _name(file: _File) -> Problem | None:
    version = file.data.get("version")
    return None if file.path.endswith(f"/{version}.json") else file.refused("ledger-name", version=version)


_CHECKS: tuple[Callable[[_File], Problem | None], ...] = (_schema, _bytes, _fingerprint, _seal, _policy, _name)
_MEANT = tuple(check for check in _CHECKS if check is not _bytes)  # for a file whose bytes are plain


# All files of a ledger.

Found = tuple[str, Release]


def links(found: list[Found], *, whole: bool) -> list[Problem]:
    """Return what is wrong between releases, given in the order of their numbers; `whole` tells that no file was left out."""
    numbers = {release.number for _, release in found}
    made = {release.version: release for _, release in found}
    return [
        *(_missing(found, numbers) if whole else ()),
        *_pairs(found),
        *(wrong for path, release in found for wrong in _pointers(path, release, made) if whole),
        *_dates(found),
    ]


def _missing(found: list[Found], numbers: set[int]) -> Iterator[Problem]:
    expected = 1
    for path, release in found:
        if release.number > expected:
            yield problem(Place(path), "ledger-missing", number=expected, version=release.version, own=release.number)
        expected = release.number + 1


def _pairs(found: list[Found]) -> Iterator[Problem]:
    for path, release in found[:1]:
        if release.number == 1 and release.previous:
            yield problem(Place(path), "ledger-first", version=release.version, previous=release.previous.version)
    for (_, before), (path, release) in pairwise(found):
        if release.number == before.number:
            yield problem(Place(path), "ledger-twice", version=release.version, other=before.version, number=release.number)
        elif release.number == before.number + 1:
            yield from _linked(path, release, before)


def _linked(path: str, release: Release, before: Release) -> Iterator[Problem]:
    named = release.previous
    values = {"version": release.version, "before": before.version, "previous": named.version if named else "-"}
    if named is None or named.version != before.version:
        yield problem(Place(path), "ledger-previous", **values)
    elif named.fingerprint != before.fingerprint:
        yield problem(Place(path), "ledger-link", **values)
    elif named.seal != before.seal:
        yield problem(Place(path), "ledger-link-seal", **values)
    if release.published < before.published:
        yield problem(Place(path), "ledger-published", **values, date=release.published, earlier=before.published)


def _pointers(path: str, release: Release, made: dict[str, Release]) -> Iterator[Problem]:
    """Yield what a release points back to in vain: what it corrects, what it revises the translation of."""
    wanted = {release.corrects, release.version.split("+")[0] if release.order.revision else None} - {None}
    for version in sorted(filter(None, wanted)):
        if version not in made or made[version].number >= release.number:
            yield problem(Place(path), "ledger-back", version=release.version, back=version)


def _dates(found: list[Found]) -> Iterator[Problem]:
    for (_, lower), (path, higher) in pairwise(sorted(found, key=lambda item: item[1].order)):
        if higher.effective < lower.effective:
            values = {"version": higher.version, "lower": lower.version, "date": higher.effective, "later": lower.effective}
            yield problem(Place(path), "ledger-effective", **values)
