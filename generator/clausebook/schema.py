"""JSON Schemas of the files authors write, for editors, and of the policy as exported, for programs.

In the schemas for authors terms and clause ids become enumerations of the library.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from clausebook import records
from clausebook.contract import PolicyExport
from clausebook.facts import Facts
from clausebook.model import Clause, Glossary, Library, Policy, Settings, Vocabulary
from clausebook.release import Notes

DIALECT = "http://json-schema.org/draft-07/schema#"
FILES: dict[str, type[BaseModel]] = {
    "clause": Clause, "policy": Policy, "vocabulary": Vocabulary, "glossary": Glossary, "settings": Settings,
    "changes": Notes,
}  # fmt: skip


class _Draft7(GenerateJsonSchema):
    """Pydantic writes 2020-12; editors' YAML service reads draft 7, where the only difference for us is `definitions`."""

    schema_dialect = DIALECT


def export(library: Library) -> dict[str, dict[str, Any]]:
    """Return the schemas by name: clause, policy, vocabulary, glossary, settings, changes, policy-export."""
    return {**{name: _finished(name, model, library) for name, model in FILES.items()}, "policy-export": exported()}


def exported() -> dict[str, Any]:
    """Return the schema of `policy.json`: the same for every library, and without values still to be filled in."""
    raw = _raw(PolicyExport)
    definitions = {name: inner for name, inner in raw.pop("$defs").items() if name != "From"}
    done = {"$schema": DIALECT, **raw, "title": "Clausebook policy-export", "definitions": definitions}
    _settle(done)
    _mend(done, numbers=False)
    return done


def _settle(schema: Any) -> None:
    """Take out the alternative `{from: ...}`, which an assembled fact no longer has."""
    if isinstance(schema, dict):
        for union in ("anyOf", "oneOf"):
            if union in schema:
                schema[union] = [option for option in schema[union] if option != {"$ref": "#/definitions/From"}]
    for inner in list(schema.values()) if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _settle(inner)


def _raw(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True, ref_template="#/definitions/{model}", schema_generator=_Draft7)


def _finished(name: str, model: type[BaseModel], library: Library) -> dict[str, Any]:
    raw = _raw(model)
    definitions = raw.pop("$defs", {})
    for field in Facts.model_fields.values():
        for fact in records.inner_models(field.annotation):
            if fact.__name__ in definitions:
                _enumerate(fact, definitions[fact.__name__], library)
    done = {"$schema": DIALECT, **raw, "title": f"Clausebook {name}"}
    if definitions:
        done["definitions"] = definitions
    _EXTRA.get(name, _nothing)(done, library)
    _mend(done)
    return done


def _mend(schema: Any, *, numbers: bool = True) -> None:
    """Add what pydantic leaves out: bounds below a union, closed mappings, and text an author need not quote (a telephone number)."""
    if isinstance(schema, dict):
        for bound, keyword in (("ge", "minimum"), ("le", "maximum")):
            if schema.get("type") == "integer" and bound in schema:
                schema[keyword] = schema.pop(bound)
        if "patternProperties" in schema:
            schema.setdefault("additionalProperties", False)
        digits = re.search(str(schema.get("pattern", "")), "12345678")
        if numbers and schema.get("type") == "string" and digits and not {"enum", "const"} & schema.keys():
            schema["type"] = ["string", "number"]
    for inner in list(schema.values()) if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _mend(inner, numbers=numbers)


def _enumerate(model: type[BaseModel], schema: dict[str, Any], library: Library) -> None:
    """Give every field of a fact that names terms the ids of its scheme."""
    for name, field in model.model_fields.items():
        scheme = records.field_scheme(field)
        key = field.alias or name
        if scheme and key in schema["properties"]:
            ids = sorted(t for t, (s, _) in library.terms.items() if s == scheme)
            _set_ids(schema["properties"][key], ids)


def _set_ids(schema: Any, ids: list[str]) -> None:
    """Put an enumeration in place of the pattern for ids, wherever it stands in a field's schema."""
    if isinstance(schema, dict):
        if schema.get("type") == "string" and "pattern" in schema:
            schema.pop("pattern")
            schema.pop("maxLength", None)
            schema["enum"] = ids
        for inner in list(schema.values()):
            _set_ids(inner, ids)
    elif isinstance(schema, list):
        for inner in schema:
            _set_ids(inner, ids)


def _policy(schema: dict[str, Any], library: Library) -> None:
    """Let editors offer the clauses there are."""
    ids = sorted(library.clauses)
    definitions = schema["definitions"]
    definitions["ClauseUse"]["properties"]["id"] = {"enum": ids, "title": "Id"}
    items = definitions["Section"]["properties"]["clauses"]["items"]
    _set_ids([o for o in items.get("oneOf", items.get("anyOf", [])) if "$ref" not in o], ids)


def _nothing(schema: dict[str, Any], library: Library) -> None:
    """Leave a schema as it is."""


_EXTRA: dict[str, Callable[[dict[str, Any], Library], None]] = {"policy": _policy}
