"""Data that many files hold alike is made into a record once: the releases of a policy are mostly the same clauses."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

import orjson
from pydantic import WrapValidator

KEPT = 20_000  # records kept of one kind, and of what is made of them

T = TypeVar("T")
_held: list[dict[bytes, Any]] = []
_made: weakref.WeakSet[Made] = weakref.WeakSet()


def forget() -> None:
    """Let go of every record and all that was made of them: who goes through many policies would hold them all."""
    for held in _held:
        held.clear()
    for made in _made:
        made.known.clear()


def once() -> WrapValidator:
    """Return a validator that makes one record of equal data, however often it comes. Only for records that never change."""
    known: dict[bytes, Any] = {}
    _held.append(known)

    def validate(data: Any, handler: Callable[[Any], Any]) -> Any:
        try:
            key = orjson.dumps(data, option=orjson.OPT_SORT_KEYS) if isinstance(data, dict) else None
        except TypeError:  # text that is no Unicode, whole numbers beyond 64 bits: the record says what is wrong
            key = None
        if key is None:
            return handler(data)
        found = known.get(key)
        if found is None:
            if len(known) >= KEPT:
                known.clear()
            found = known[key] = handler(data)
        return found

    return WrapValidator(validate)


class Made:
    """What was made of records, once for the same records and the same plain values beside them. Records are told apart by identity."""

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept
        self.known: dict[tuple[Any, ...], tuple[Any, Any]] = {}
        _made.add(self)

    def of(self, *records: Any, beside: tuple[Any, ...] = (), make: Callable[[], T]) -> T:
        """Return what was made, and make it the first time. The records are held, so that no other gets their identity."""
        key = (*map(id, records), beside)
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= self.kept:
                for old in list(islice(self.known, max(1, self.kept // 2))):  # what was made last is what comes again
                    del self.known[old]
            found = self.known[key] = (records, make())
        made: T = found[1]
        return made


class Lazy(Mapping[str, T]):
    """Values by name, each made when it is first asked for; a name whose value turns out to be None is missing."""

    def __init__(self, names: Iterable[str], make: Callable[[str], T | None]) -> None:
        self.make = make
        self.made: dict[str, T | None] = {}
        self.names = dict.fromkeys(names)

    def __getitem__(self, name: str) -> T:
        if name not in self.made:
            if name not in self.names:
                raise KeyError(name)
            self.made[name] = self.make(name)
        found = self.made[name]
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
