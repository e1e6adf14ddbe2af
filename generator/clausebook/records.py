"""From plain data to records: what pydantic finds wrong, said with the place in the YAML file."""

from __future__ import annotations

import difflib
import types
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from clausebook.errors import Place, Problem, problem
from clausebook.facts import From, Scheme
from clausebook.model import Path, Source
from clausebook.yamltree import Tree

M = TypeVar("M", bound=BaseModel)


def make(model: type[M], tree: Tree) -> M | None:
    """Return the record the tree describes; what is wrong goes to `tree.problems`."""
    if tree.data is None:
        return None
    try:
        record = model.model_validate(tree.data)
    except ValidationError as error:
        tree.problems.extend(problems(error, model, tree.source, tree.data))
        return None
    return record


def problems(error: ValidationError, model: type[BaseModel], source: Source, data: Any) -> Iterator[Problem]:
    """Yield one problem for each thing pydantic found; a mistyped key is told once, not also as missing."""
    items = [(tuple(p for p in item["loc"] if not str(p).startswith("@")), item) for item in error.errors(include_url=False)]
    meant = {(*path[:-1], _meant(path, model)) for path, item in items if item["type"] == "extra_forbidden"}
    for path, item in items:
        if item["type"] == "missing" and path in meant:
            continue
        bad_key = bool(path) and path[-1] == "[key]"
        if bad_key:
            yield problem(source.key_place(path[:-1]), "key-form", key=str(path[-2]))
            continue
        say = _SAY.get(item["type"], _other)
        yield say(_Found(item, path, source, model, data))


def _meant(path: Path, model: type[BaseModel]) -> str:
    """Return the known key nearest to a key nobody knows."""
    return near(str(path[-1]), sorted(_keys(model, path[:-1])))


class _Found:
    """One pydantic error with what is needed to tell it."""

    def __init__(self, item: Any, path: Path, source: Source, model: type[BaseModel], data: Any) -> None:
        self.item, self.path, self.source, self.model, self.data = item, path, source, model, data

    @property
    def place(self) -> Place:
        return self.source.place(self.path)

    @property
    def last(self) -> str:
        return next((p for p in reversed(self.path) if isinstance(p, str)), "")

    @property
    def got(self) -> str:
        return kind_of(self.item["input"])


def kind_of(value: Any) -> str:
    """Return the word for a piece of YAML: text, a list, a mapping, nothing."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"“{value}”"


def near(word: str, known: Iterable[str]) -> str:
    """Return the known word nearest to `word`, or an empty string."""
    return next(iter(difflib.get_close_matches(word, list(known), 1, 0.6)), "")


def _missing(found: _Found) -> Problem:
    return problem(found.source.place(found.path[:-1]), "key-missing", key=found.last)


def _extra(found: _Found) -> Problem:
    known = sorted(_keys(found.model, found.path[:-1])) or ["from"]
    guess = near(found.last, known)
    place = found.source.key_place(found.path)
    if guess:
        return problem(place, "key-unknown-near", key=found.last, near=guess)
    return problem(place, "key-unknown", key=found.last, known=", ".join(known))


def _expected(code: str) -> Callable[[_Found], Problem]:
    return lambda found: problem(found.place, code, got=found.got)


def _choice(found: _Found) -> Problem:
    known = found.item["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
    guess = near(str(found.item["input"]), known)
    code = "value-unknown-near" if guess else "value-unknown"
    return problem(found.place, code, value=found.item["input"], known=", ".join(known), near=guess)


def _pattern(found: _Found) -> Problem:
    if "http" in found.item["ctx"]["pattern"]:
        return problem(found.place, "expected-url", value=found.item["input"])
    return problem(found.place, "value-form", value=found.item["input"], key=found.last)


def _number_range(found: _Found) -> Problem:
    limit = next(iter(found.item["ctx"].values()))
    return problem(found.place, "number-range", value=found.item["input"], limit=limit)


def _too_long(found: _Found) -> Problem:
    return problem(found.place, "text-too-long", limit=found.item["ctx"]["max_length"], key=found.last)


def _empty(found: _Found) -> Problem:
    return problem(found.place, "value-empty", key=found.last)


def _custom(code: str) -> Callable[[_Found], Problem]:
    return lambda found: problem(found.place, code, value=_shown(found.item["input"]), key=found.last)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else kind_of(value)


def _other(found: _Found) -> Problem:
    return problem(found.place, "value-wrong", what=found.item["msg"])


_SAY: dict[str, Callable[[_Found], Problem]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "string_type": _expected("expected-text"),
    "list_type": _expected("expected-list"),
    "dict_type": _expected("expected-mapping"),
    "model_type": _expected("expected-mapping"),
    "model_attributes_type": _expected("expected-mapping"),
    "int_parsing": _expected("expected-number"),
    "int_type": _expected("expected-number"),
    "literal_error": _choice,
    "string_pattern_mismatch": _pattern,
    "greater_than_equal": _number_range,
    "less_than_equal": _number_range,
    "string_too_long": _too_long,
    "string_too_short": _empty,
    "too_short": _empty,
    "flag": _custom("expected-flag"),
    "duration": _custom("expected-duration"),
    "localised": _custom("expected-localised"),
    "param_of": _custom("param-of"),
    "param_values": _custom("param-values"),
    "reserved": _custom("id-reserved"),
    "time_zone": _custom("expected-time-zone"),
    "date": _custom("expected-date"),
    "kind_mirror": _custom("kind-mirror"),
}


def _strip(annotation: Any) -> list[Any]:
    """Return the alternatives of an annotation with Annotated and Union taken off."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _strip(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [x for arg in get_args(annotation) for x in _strip(arg)]
    return [annotation]


def _step(annotation: Any) -> list[Any]:
    """Return what is inside a list or a mapping annotation."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is list:
        return _strip(args[0])
    if origin is dict:
        return _strip(args[1])
    return []


def _keys(model: type[BaseModel], path: Path) -> set[str]:
    """Return the keys known at a path of a model."""
    current: list[Any] = [model]
    for piece in path:
        after: list[Any] = []
        for annotation in current:
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                after.extend(_strip(f.annotation) for n, f in annotation.model_fields.items() if (f.alias or n) == piece)
                after = [x for group in after for x in (group if isinstance(group, list) else [group])]
            else:
                after.extend(_step(annotation))
        current = after
    models = [a for a in current if isinstance(a, type) and issubclass(a, BaseModel) and a is not From]
    return {f.alias or n for m in models for n, f in m.model_fields.items()}


def scheme_of(metadata: Iterable[Any]) -> str | None:
    """Return the scheme named in a field's metadata."""
    return next((m.name for m in metadata if isinstance(m, Scheme)), None)


def terms(record: BaseModel) -> Iterator[tuple[Path, str, str]]:
    """Yield (path, scheme, id) for every term a record names."""
    for name, key, scheme in _schemes(type(record)):
        yield from _terms(getattr(record, name), scheme, (key,))


def named(record: BaseModel, schemes: frozenset[str]) -> Iterator[str]:
    """Yield the terms of some schemes that a record's own fields name."""
    for name in _fields(type(record), schemes):
        value = getattr(record, name)
        yield from value if isinstance(value, list) else [value] if isinstance(value, str) else ()


@cache
def _fields(model: type[BaseModel], schemes: frozenset[str]) -> list[str]:
    return [name for name, _, scheme in _schemes(model) if scheme in schemes]


@cache
def _schemes(model: type[BaseModel]) -> list[tuple[str, str, str | None]]:
    """Return name, key and scheme of every field of a model."""
    return [(name, field.alias or name, field_scheme(field)) for name, field in model.model_fields.items()]


def _terms(value: Any, scheme: str | None, path: Path) -> Iterator[tuple[Path, str, str]]:
    if isinstance(value, From) or value is None:
        return
    if isinstance(value, BaseModel):
        yield from ((path + inner, s, i) for inner, s, i in terms(value))
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _terms(item, scheme, (*path, index))
    elif isinstance(value, str) and scheme:
        yield path, scheme, value


def _scheme_below(annotation: Any) -> str | None:
    """Return the first scheme found anywhere in an annotation."""
    if get_origin(annotation) is Annotated:
        found = scheme_of(annotation.__metadata__)
        if found:
            return found
    if get_origin(annotation) is Literal:
        return None
    return next((s for s in map(_scheme_below, get_args(annotation)) if s), None)


def texts(record: BaseModel, path: Path = ()) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield (path, text by locale) for every text a record holds in several languages."""
    for name, field in type(record).model_fields.items():
        yield from _texts(getattr(record, name), (*path, field.alias or name))


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    if isinstance(value, BaseModel):
        yield from texts(value, path)
    elif isinstance(value, dict):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


def sources(record: BaseModel, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield (path, name) for every value taken from a parameter or the profile."""
    if isinstance(record, From):
        yield path, record.from_
        return
    for name, field in type(record).model_fields.items():
        yield from _sources(getattr(record, name), (*path, field.alias or name))


def _sources(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, BaseModel):
        yield from sources(value, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _sources(item, (*path, index))


def is_localised(annotation: Any) -> bool:
    """Tell whether a field holds text, which may differ by locale."""
    return get_origin(annotation) is dict or any(map(is_localised, get_args(annotation)))


def field_scheme(field: Any) -> str | None:
    """Return the scheme whose terms a field of a record holds, or None."""
    return scheme_of(field.metadata) or _scheme_below(field.annotation)


def inner_models(annotation: Any) -> list[type[BaseModel]]:
    """Return the records an annotation such as `list[Collects]` holds."""
    return [a for x in _strip(annotation) for a in (_step(x) or [x]) if isinstance(a, type) and issubclass(a, BaseModel)]
