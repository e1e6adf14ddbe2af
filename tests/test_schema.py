"""The schemas editors use: up to date, true to the files of this repository, and quick to see a mistake."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from clausebook import project, schema
from clausebook.model import Library

ROOT = Path(__file__).parent.parent
FOLDERS = {
    "vocabulary": "clauses/vocabulary/[!g]*.yml",
    "glossary": "clauses/vocabulary/glossary.yml",
    "policy": "policies/*/policy.yml",
    "clause": "clauses/[!v]*/*.yml",
}


class _Core(yaml.CSafeLoader):
    """YAML 1.2 as editors read it: dates, `on` and `yes` are text."""


_Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp") and (not tag.endswith(":bool") or first in "tfTF")]
    for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Core)


@pytest.fixture(scope="module")
def library() -> Library:
    return project.open(ROOT).library


@pytest.fixture(scope="module")
def schemas(library: Library) -> dict[str, dict[str, Any]]:
    return schema.export(library)


def test_there_is_a_schema_for_every_kind_of_file(schemas: dict[str, dict[str, Any]]) -> None:
    assert set(schemas) == {"clause", "policy", "vocabulary", "glossary", "settings", "changes", "policy-export"}
    for name, content in schemas.items():
        Draft7Validator.check_schema(content)
        assert (content["$schema"], content["title"]) == ("http://json-schema.org/draft-07/schema#", f"Clausebook {name}")
        assert content["additionalProperties"] is False


def test_the_files_in_the_repository_are_up_to_date(schemas: dict[str, dict[str, Any]]) -> None:
    """If this fails: clausebook schema."""
    assert {f.stem for f in (ROOT / "schemas").iterdir()} == set(schemas)
    for name, content in schemas.items():
        assert json.loads((ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8")) == content


@pytest.mark.parametrize("kind", FOLDERS)
def test_the_files_of_the_repository_validate(schemas: dict[str, dict[str, Any]], kind: str) -> None:
    validator = Draft7Validator(schemas[kind])
    files = [f for f in sorted(ROOT.glob(FOLDERS[kind])) if kind != "clause" or f.parent.name != "vocabulary"]
    assert files
    found = {f.name: [e.message for e in validator.iter_errors(read(f))] for f in files}
    assert {name: messages for name, messages in found.items() if messages} == {}


def test_every_file_names_its_schema() -> None:
    for kind, pattern in FOLDERS.items():
        for file in ROOT.glob(pattern):
            assert file.read_text(encoding="utf-8").splitlines()[0] == f"# yaml-language-server: $schema=../../schemas/{kind}.json", file


def test_the_settings_of_the_repository_validate(schemas: dict[str, dict[str, Any]]) -> None:
    block = {"locales": {"zh": {"name": "中文", "lang": "zh-CN"}}, "clauses": "clauses"}
    validator = Draft7Validator(schemas["settings"])
    assert validator.is_valid(block)
    assert not validator.is_valid({**block, "clause": "clauses"})


CLAUSE = {
    "id": "a",
    "params": {"days": {"type": "number", "default": None}, "data": {"type": "terms", "of": "data"}},
    "text": {"zh": {"title": "条", "body": "甲"}, "en": {"title": "Clause", "translates": "0123abcd", "body": "A"}},
}
POLICY = {
    "id": "p",
    "title": {"zh": "政策", "en": "Policy"},
    "locales": ["zh", "en"],
    "sections": [{"id": "s", "title": {"zh": "章", "en": "C"}, "clauses": []}],
}


def _first(library: Library, scheme: str) -> str:
    return next(term for term, (found, _) in library.terms.items() if found == scheme)


def _clause(library: Library) -> dict[str, Any]:
    fact = {"data": [_first(library, "data")], "subject": _first(library, "subjects"), "necessity": "core", "purposes": {"from": "data"}}
    return {**copy.deepcopy(CLAUSE), "facts": {"collects": [fact], "rights": [{"right": _first(library, "rights")}]}}


def _policy(library: Library) -> dict[str, Any]:
    made: dict[str, Any] = copy.deepcopy(POLICY)
    made["sections"][0]["clauses"] = [next(iter(library.clauses)), {"id": next(iter(library.clauses)), "as": "b", "params": {"x": True}}]
    return made


def _at(data: Any, path: list[Any]) -> Any:
    for step in path:
        data = data[step]
    return data


# A place in a good file and the value put there; DELETED takes the key out.
DELETED = object()
TYPOS: list[tuple[str, list[Any], Any]] = [
    ("clause", ["parms"], {}),
    ("clause", ["id"], "Not A Slug"),
    ("clause", ["id"], DELETED),
    ("clause", ["text"], DELETED),
    ("clause", ["text", "zh", "boddy"], "甲"),
    ("clause", ["text", "zh", "body"], DELETED),
    ("clause", ["text", "en", "translates"], "xyz"),
    ("clause", ["params", "days", "type"], "nmber"),
    ("clause", ["params", "days", "defalt"], "1"),
    ("clause", ["facts", "collets"], []),
    ("clause", ["facts", "collects", 0, "dat"], []),
    ("clause", ["facts", "collects", 0, "data", 0], "no-such-term"),
    ("clause", ["facts", "collects", 0, "data"], DELETED),
    ("clause", ["facts", "collects", 0, "subject"], "no-such-term"),
    ("clause", ["facts", "collects", 0, "necessity"], "cor"),
    ("clause", ["facts", "collects", 0, "purposes"], {"form": "data"}),
    ("clause", ["facts", "collects", 0, "legal_basis"], "no-such-term"),
    ("clause", ["facts", "rights", 0, "right"], "no-such-term"),
    ("clause", ["facts", "rights", 0, "response_days"], 99999),
    ("policy", ["titel"], {}),
    ("policy", ["title"], DELETED),
    ("policy", ["locales"], []),
    ("policy", ["sections", 0, "clauses", 0], "no-such-clause"),
    ("policy", ["sections", 0, "clauses", 1, "id"], "no-such-clause"),
    ("policy", ["sections", 0, "clauses", 1, "parms"], {}),
    ("policy", ["sections", 0, "numberd"], False),
    ("policy", ["sections", 0, "sections"], [{"id": "t"}]),
]


@pytest.mark.parametrize(("kind", "path", "value"), TYPOS, ids=[".".join(map(str, row[1])) for row in TYPOS])
def test_a_mistake_fails_where_it_stands(
    library: Library, schemas: dict[str, dict[str, Any]], kind: str, path: list[Any], value: Any
) -> None:
    validator = Draft7Validator(schemas[kind])
    data = {"clause": _clause, "policy": _policy}[kind](library)
    assert [e.message for e in validator.iter_errors(data)] == []
    if value is DELETED:
        del _at(data, path[:-1])[path[-1]]
    else:
        _at(data, path[:-1])[path[-1]] = value
    assert not validator.is_valid(data)


def test_every_field_with_terms_offers_those_of_its_scheme(library: Library, schemas: dict[str, dict[str, Any]]) -> None:
    definitions = schemas["clause"]["definitions"]

    def offered(kind: str, field: str) -> list[list[str]]:
        found: list[list[str]] = []
        todo = [definitions[kind]["properties"][field]]
        while todo:
            node = todo.pop()
            if isinstance(node, dict):
                found += [node["enum"]] if "enum" in node else []
                todo += node.values()
            elif isinstance(node, list):
                todo += node
        return found

    for kind, field, scheme in [("Collects", "data", "data"), ("Shares", "recipient", "recipients"), ("Retention", "law", "laws")]:
        assert offered(kind, field) == [sorted(t for t, (s, _) in library.terms.items() if s == scheme)]
