"""The values a clause can name: parameters by bare name, profile as `group.key`, facts as `facts.kind.field`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from clausebook import records
from clausebook.facts import DURATION, KINDS, Fact, Localised, Url
from clausebook.language import Words
from clausebook.model import Clause, Library, Param, Path, Policy
from clausebook.wording import Anchor, Choice, Day, Period, TermId, Wording
from clausebook.yamltree import Plain

_EMAIL = re.compile(r"^[^\s@<>]+@[^\s@<>]+\.[a-z]{2,}$")
_SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_LOCALISED: TypeAdapter[Any] = TypeAdapter(Localised)
_URL: TypeAdapter[Any] = TypeAdapter(Url)


@dataclass(frozen=True)
class Value:
    """A value without language: its type (one of the parameter types) and what it holds. None is `empty`."""

    type: str
    data: Any


@dataclass(frozen=True)
class BadValue(Exception):
    """A value that does not fit its parameter: the place below the parameter, a code, values."""

    path: Path
    code: str
    values: dict[str, str]


def typed(param: Param, raw: Any, library: Library, anchors: frozenset[str] | None) -> Value:
    """Read a parameter's value. `anchors` are the ids a `clause` may name (None: not checked). Raises BadValue."""
    if raw is None:
        if param.default is None:
            return Value(param.type, None)
        raise BadValue((), "param-empty", {})
    single = _PLURALS.get(param.type)
    if single is None:
        return Value(param.type, _READERS[param.type](raw, param, library, anchors, ()))
    if not isinstance(raw, list):
        raise BadValue((), "expected-list", {"got": records.kind_of(raw)})
    items = [_READERS[single](item, param, library, anchors, (n,)) for n, item in enumerate(raw)]
    return Value(param.type, items)


_PLURALS = {"texts": "text", "choices": "choice", "terms": "term", "clauses": "clause"}
Reader = Callable[[Any, Param, Library, "frozenset[str] | None", Path], Any]


def _text(raw: Any, _p: Param, _l: Library, _a: frozenset[str] | None, path: Path) -> Any:
    try:
        return _LOCALISED.validate_python(raw)
    except ValidationError:
        raise BadValue(path, "expected-localised", {}) from None


def _flag(raw: Any, _p: Param, _l: Library, _a: frozenset[str] | None, path: Path) -> bool:
    if raw in ("true", "false", True, False):
        return raw in ("true", True)
    raise BadValue(path, "expected-flag", {"value": _shown(raw)})


def _number(raw: Any, _p: Param, _l: Library, _a: frozenset[str] | None, path: Path) -> int:
    if isinstance(raw, str) and re.fullmatch(r"\d{1,9}", raw):
        return int(raw)
    raise BadValue(path, "expected-number", {"got": records.kind_of(raw)})


def _duration(raw: Any, _p: Param, _l: Library, _a: frozenset[str] | None, path: Path) -> str:
    if isinstance(raw, str) and DURATION.match(raw):
        return raw
    raise BadValue(path, "expected-duration", {"value": _shown(raw)})


def _date(raw: Any, _p: Param, _l: Library, _a: frozenset[str] | None, path: Path) -> str:
    try:
        if isinstance(raw, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", raw):
            return datetime.date.fromisoformat(raw).isoformat()
    except ValueError:
        pass
    raise BadValue(path, "expected-date", {"value": _shown(raw)})


def _choice(raw: Any, param: Param, _l: Library, _a: frozenset[str] | None, path: Path) -> str:
    if isinstance(raw, str) and raw in param.values:
        return raw
    near = records.near(raw, param.values) if isinstance(raw, str) else ""
    code = "value-unknown-near" if near else "value-unknown"
    raise BadValue(path, code, {"value": _shown(raw), "known": ", ".join(param.values), "near": near})


def _term(raw: Any, param: Param, library: Library, _a: frozenset[str] | None, path: Path) -> str:
    if isinstance(raw, str):
        fault = term_fault(raw, str(param.of), library)
        if fault is None:
            return str(raw)
        raise BadValue(path, *fault)
    raise BadValue(path, "expected-term", {"scheme": str(param.of), "got": records.kind_of(raw)})


def _url(raw: Any, _p: Param, _l: Library, _a: frozenset[str] | None, path: Path) -> str:
    try:
        return str(_URL.validate_python(raw))
    except ValidationError:
        raise BadValue(path, "expected-url", {"value": _shown(raw)}) from None


def _email(raw: Any, _p: Param, _l: Library, _a: frozenset[str] | None, path: Path) -> str:
    if isinstance(raw, str) and _EMAIL.match(raw):
        return raw
    raise BadValue(path, "expected-email", {"value": _shown(raw)})


def _clause(raw: Any, _p: Param, _l: Library, anchors: frozenset[str] | None, path: Path) -> str:
    if isinstance(raw, str) and (anchors is None or raw in anchors):
        return raw
    near = records.near(raw, anchors or ()) if isinstance(raw, str) else ""
    raise BadValue(path, "ref-unknown-near" if near else "ref-unknown", {"id": _shown(raw), "near": near})


_READERS: dict[str, Reader] = {
    "text": _text, "flag": _flag, "number": _number, "duration": _duration, "date": _date, "choice": _choice,
    "term": _term, "url": _url, "email": _email, "clause": _clause,
}  # fmt: skip


def _shown(raw: Any) -> str:
    return raw if isinstance(raw, str) else records.kind_of(raw)


def term_fault(term: str, scheme: str, library: Library) -> tuple[str, dict[str, str]] | None:
    """Return what is wrong with the id of a term of a scheme, or None."""
    found = library.scheme_of(term)
    if found == scheme or library.is_broken(scheme):
        return None
    if found is not None:
        return "term-scheme", {"id": term, "found": found, "scheme": scheme}
    known = [t for t, (s, _) in library.terms.items() if s == scheme]
    near = records.near(term, known)
    return ("term-unknown-near" if near else "term-unknown"), {"id": term, "scheme": scheme, "near": near}


def profile(policy: Policy) -> dict[str, dict[str, Value]]:
    """Read a policy's profile: `true`/`false` are flags, lists are lists of texts, nothing is empty, all else is text. Raises BadValue."""
    return {
        group: {key: _profile_value(raw, ("profile", group, key), policy.source) for key, raw in entries.items()}
        for group, entries in policy.profile.items()
    }


def _profile_value(raw: Any, path: Path, source: str) -> Value:
    if raw is None:
        return Value("text", None)
    if isinstance(raw, Plain) and raw in ("true", "false"):
        return Value("flag", raw == "true")
    if isinstance(raw, list):
        return Value("texts", [_profile_text(item, (*path, n), source) for n, item in enumerate(raw)])
    return Value("text", _profile_text(raw, path, source))


def _profile_text(raw: Any, path: Path, source: str) -> Any:
    try:
        value = _LOCALISED.validate_python(raw)
    except ValidationError:
        raise BadValue(path, "expected-localised", {}) from None
    if isinstance(value, dict) and source not in value:
        raise BadValue(path, "locale-missing", {"locale": source})
    return value


@dataclass(frozen=True)
class Scope:
    """Every value one placed clause can name."""

    params: Mapping[str, Value]
    profile: Mapping[str, Mapping[str, Value]]

    def get(self, name: str) -> Value | None:
        """Return the value of a dotted name, or None when there is none."""
        group, _, key = name.partition(".")
        return self.profile.get(group, {}).get(key) if key else self.params.get(group)

    def names(self, wording: Wording, said: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the body of a locale can print and test; `said` is the profile in that locale."""
        params = {name: _local(v, wording) for name, v in self.params.items()}
        return {**params, **said, "facts": facts, "ref": wording.ref}


def said(profile: Mapping[str, Mapping[str, Value]], wording: Wording) -> dict[str, dict[str, Any]]:
    """Return a profile as the bodies of a locale name it."""
    return {group: {key: _local(v, wording) for key, v in entries.items()} for group, entries in profile.items()}


def _local(value: Value, wording: Wording) -> Any:
    if value.data is None:
        return None
    if value.type == "clauses":
        return [Anchor(item) for item in value.data]
    single = _PLURALS.get(value.type, value.type)
    if single != value.type:
        return [_LOCAL[single](item, wording) for item in value.data]
    return _LOCAL[single](value.data, wording)


_LOCAL: dict[str, Callable[[Any, Wording], Any]] = {
    "text": lambda data, wording: wording.words(data),
    "flag": lambda data, _: data,
    "number": lambda data, _: data,
    "duration": lambda data, _: Period(data),
    "date": lambda data, _: Day(data),
    "choice": lambda data, _: Choice(data),
    "term": lambda data, _: TermId(data),
    "url": lambda data, _: Words(data),
    "email": lambda data, _: Words(data),
    "clause": lambda data, wording: wording.ref(data),
}


def fact_names(facts: Iterable[tuple[str, Fact]], wording: Wording) -> dict[str, dict[str, Any]]:
    """Return what `facts.` can name: each kind (several facts: their union) and each fact with a key."""
    found: dict[str, dict[str, Any]] = {}
    for kind, fact in facts:
        values = dict(_fact_values(fact, wording))
        if fact.key:
            found[fact.key] = values
        found[kind] = _union(found[kind], values) if kind in found else values
    return found


def _fact_values(fact: Fact, wording: Wording) -> Iterator[tuple[str, Any]]:
    schemes = {path[0] for path, _, _ in records.terms(fact)}
    texts = _text_fields(type(fact))
    for name in type(fact).model_fields:
        value = getattr(fact, name)
        if name in ("key", "when") or value is None:
            continue
        yield name, _fact_value(value, TermId if name in schemes else Words if name in texts else None, wording)


@cache
def _text_fields(model: type[Fact]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if records.is_localised(field.annotation))


def _fact_value(value: Any, kind: type[str] | None, wording: Wording) -> Any:
    """Return a fact's value for a body; `kind` is TermId for terms, Words for text, None for all else."""
    if isinstance(value, list):
        return [_fact_value(item, kind, wording) for item in value]
    if kind is not None:
        return wording.words(value) if kind is Words else kind(value)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str) and DURATION.match(value):
        return Period(value)
    if isinstance(value, str) and _SLUG.match(value):
        return Choice(value)
    return Words(value) if isinstance(value, str) else value


def _union(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    result = dict(first)
    for name, value in second.items():
        before = result.get(name, [])
        items = [*(before if isinstance(before, list) else [before]), *(value if isinstance(value, list) else [value])]
        result[name] = [item for n, item in enumerate(items) if item not in items[:n]]
    return result


def fact_fields(clause: Clause) -> dict[str, set[str]]:
    """Return the fields each name below `facts.` has in a clause: its kinds in use and its keys."""
    found: dict[str, set[str]] = {}
    for kind in KINDS:
        for fact in getattr(clause.facts, kind):
            fields = set(type(fact).model_fields) - {"key", "when"}
            found.setdefault(kind, set()).update(fields)
            if fact.key:
                found[fact.key] = fields
    return found
