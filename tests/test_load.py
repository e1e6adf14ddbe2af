"""A tree of files becomes a library; everything wrong with the files is found in one run."""

from __future__ import annotations

from pathlib import Path

import pytest

from clausebook import load, tree
from clausebook.messages import tell
from clausebook.model import Library, Settings
from clausebook.tree import Folder
from tests import corpus

CLAUSE = "id: {id}\ntext:\n  zh: {{title: 题, body: 文。}}\n"


def loaded(root: Path, settings: Settings | None = None) -> tuple[Library, list[str]]:
    library, problems = load.library(Folder(root), settings or Settings())
    return library, sorted(map(tell, problems))


def write(root: Path, **files: str) -> Path:
    """Write clauses by name into the sound tree."""
    corpus.BASE.write(root)
    for name, text in files.items():
        (root / f"clauses/common/{name}.yml").write_text(text, encoding="utf-8")
    return root


def test_library(tmp_path: Path) -> None:
    library, problems = loaded(corpus.BASE.write(tmp_path))
    assert problems == []
    assert (sorted(library.clauses), sorted(library.policies), sorted(library.vocabularies)) == (["hello"], ["site"], ["data", "subjects"])
    assert {key: scheme for key, (scheme, _) in library.terms.items()} == {"name": "data", "mobile-number": "data", "user": "subjects"}
    assert library.clauses["hello"].value.text["zh"].body == "您好。\n"
    assert str(library.clauses["hello"].source.place(("text", "zh", "body"))) == "clauses/common/hello.yml:5:11"


def test_folders_of_the_settings(tmp_path: Path) -> None:
    corpus.BASE.write(tmp_path)
    (tmp_path / "clauses").rename(tmp_path / "library")
    (tmp_path / "policies").rename(tmp_path / "documents")
    assert loaded(tmp_path, Settings(clauses="library", policies="documents"))[1] == []
    assert loaded(tmp_path)[1] == [
        "clauses: there is no such folder (create it, or name another in the settings)",
        "policies: there is no such folder (create it, or name another in the settings)",
    ]


def test_the_first_of_two_stays(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "clauses/zoo").mkdir()
    (tmp_path / "clauses/zoo/hello.yml").write_text(CLAUSE.format(id="hello"), encoding="utf-8")
    library, problems = loaded(tmp_path)
    assert library.clauses["hello"].source.path == corpus.HELLO
    assert problems == ["clauses/zoo/hello.yml:1:5: “hello” is used twice (first in clauses/common/hello.yml; rename one)"]


def test_a_broken_file_is_remembered(tmp_path: Path) -> None:
    library, _ = loaded(write(tmp_path, hello="id: [", other=CLAUSE.format(id="another")))
    assert library.broken == {"clauses/common/hello.yml", "clauses/common/other.yml"}
    assert library.is_broken("hello")
    assert not library.is_broken("hell")
    assert library.knows_all_terms
    assert library.knows_all_policies


def test_releases_are_not_read_here(tmp_path: Path) -> None:
    folder = corpus.BASE.write(tmp_path) / "policies/site/releases"
    folder.mkdir()
    (folder / "1.0.0.json").write_text("{", encoding="utf-8")
    (folder / "notes.yml").write_text("{", encoding="utf-8")
    assert [line for line in loaded(tmp_path)[1] if "notes" in line] == []


@pytest.mark.parametrize(("limit", "expected"), [(3, []), (2, ["clauses: there are more than 2 files (split the library)"])])
def test_limit_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, expected: list[str]) -> None:
    monkeypatch.setattr(load, "MAX_FILES", limit)
    assert [line for line in loaded(corpus.BASE.write(tmp_path))[1] if "more than" in line] == expected


@pytest.mark.parametrize("over", [0, 1])
def test_limit_of_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, over: int) -> None:
    corpus.BASE.write(tmp_path)
    size = sum(len(content) for path, content in corpus.BASE.files.items() if path != "mkdocs.yml")
    monkeypatch.setattr(load, "MAX_TREE_BYTES", size - over)
    expected = f"policies/site/policy.yml: the files together have more than {size - 1} bytes (split the library)"
    assert loaded(tmp_path)[1] == [expected] * over


def test_real_limits() -> None:
    assert (tree.MAX_FILES, tree.MAX_TREE_BYTES) == (20_000, 64 * 1024 * 1024)


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Folder.read

    def refuse(self: Folder, path: str, limit: int) -> bytes:
        if path == corpus.HELLO:
            raise OSError(5, "Input/output error")
        return read(self, path, limit)

    monkeypatch.setattr(Folder, "read", refuse)
    assert loaded(corpus.BASE.write(tmp_path))[1] == [
        f"{corpus.HELLO}: this file cannot be read: Input/output error (check its permissions)"
    ]
