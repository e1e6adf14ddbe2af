"""Whether a library hangs together; single faults and their lines are in tests/bad/references.txt and language.txt."""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausebook import load, resolve
from clausebook.facts import Collects, Facts
from clausebook.messages import tell
from clausebook.model import Clause, ClauseText, Library, Loaded, Settings, Source
from clausebook.tree import Folder
from tests import corpus


def library(root: Path, **files: str) -> Library:
    corpus.BASE.write(root)
    for path, content in files.items():
        (root / path.replace("__", "/").replace("_yml", ".yml")).write_text(content, encoding="utf-8")
    found, problems = load.library(Folder(root), Settings())
    assert problems == []
    return found


def test_sound(tmp_path: Path) -> None:
    assert list(resolve.problems(library(tmp_path), Settings())) == []


def test_uses_sections_and_anchors(tmp_path: Path) -> None:
    policy = (
        "id: site\ntitle: {zh: 政策}\nlocales: [zh]\nsections:\n"
        "  - id: one\n    title: {zh: 一}\n    clauses: [hello, {id: hello, as: again}]\n"
        "    sections:\n      - {id: inner, title: {zh: 内}, clauses: [{id: hello, as: third}]}\n"
        "  - {id: two, title: {zh: 二}}\n"
    )
    found = library(tmp_path, policies__site__policy_yml=policy).policies["site"].value
    assert [(path, use.anchor) for path, use in resolve.uses(found)] == [
        (("sections", 0, "clauses", 0), "hello"),
        (("sections", 0, "clauses", 1), "again"),
        (("sections", 0, "sections", 0, "clauses", 0), "third"),
    ]
    assert [section.id for _, section in resolve.sections(found.sections, ())] == ["one", "inner", "two"]
    assert resolve.anchors(found) == {"hello", "again", "third", "one", "inner", "two"}


def test_a_clause_answers_to_every_policy_that_uses_it(tmp_path: Path) -> None:
    """A name must stand in each profile, a reference in each policy; the problem names the policy that lacks it."""
    corpus.BASE.write(tmp_path)
    (tmp_path / "policies/other").mkdir()
    other = "id: other\ntitle: {zh: 别的}\nlocales: [zh]\nprofile: {product: {short: 短}}\n"
    other += "sections: [{id: begin, title: {zh: 始}, clauses: [hello]}]\n"
    hello = corpus.body("您{{ product.name }}，见{{ ref('start') }}。").decode()
    found = library(tmp_path, policies__other__policy_yml=other, clauses__common__hello_yml=hello)
    assert sorted(map(tell, resolve.problems(found, Settings()))) == [
        "clauses/common/hello.yml:6:11: the profile of other has no “product.name” (did you mean “product.short”?)",
        "clauses/common/hello.yml:6:36: there is nothing called “start” to refer to (place it in the policy, or drop the reference)",
    ]


def _linked(edges: dict[str, list[str]]) -> Library:
    text = {"zh": ClauseText(title="题", body="文。")}
    clauses = {}
    for key, targets in edges.items():
        facts = Facts(collects=[Collects(data=[], subject="user", retention_ref=target) for target in targets])
        clauses[key] = Loaded(Clause(id=key, facts=facts, text=text), Source(f"{key}.yml", {}))
    return Library(clauses, {}, {}, {"user": ("subjects", None)})  # type: ignore[dict-item]


def _cycles(edges: dict[str, list[str]]) -> list[str]:
    found = resolve.problems(_linked(edges), Settings())
    return [dict(p.values)["chain"] for p in found if p.code == "clause-cycle"]


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ({"a": ["b"], "b": []}, []),
        ({"a": ["a"]}, ["a -> a"]),
        ({"a": ["b"], "b": ["a"]}, ["a -> b -> a"]),
        ({"a": ["b"], "b": ["x", "c"], "c": ["x", "a"], "x": []}, ["a -> b -> c -> a"]),
        ({"a": ["b", "c"], "b": ["a"], "c": ["a"]}, ["a -> b -> a", "a -> c -> a"]),
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, ["b -> c -> b"]),
        ({"a": ["nowhere"]}, []),
    ],
)
def test_cycles(edges: dict[str, list[str]], expected: list[str]) -> None:
    assert _cycles(edges) == expected


def test_a_long_chain_is_walked_once() -> None:
    names = [f"c{n}" for n in range(3000)]
    edges = {a: [b] for a, b in pairwise(names)} | {names[-1]: []}
    assert _cycles(edges) == []
    assert [len(chain.split(" -> ")) for chain in _cycles(edges | {names[-1]: [names[-3]]})] == [4]


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3), max_size=6))
def test_a_cycle_is_found_where_there_is_one(edges: dict[str, list[str]]) -> None:
    reached = {key: set(targets) for key, targets in edges.items()}
    for _ in islice(edges, len(edges)):
        reached = {key: there.union(*(reached.get(t, set()) for t in there)) for key, there in reached.items()}
    found = _cycles(edges)
    assert bool(found) == any(key in there for key, there in reached.items())
    for chain in found:
        names = chain.split(" -> ")
        assert names[0] == names[-1]
        assert all(b in edges[a] for a, b in pairwise(names))
