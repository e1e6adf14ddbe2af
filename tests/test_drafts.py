"""A draft that was sound and has not changed is not assembled again; what was found wrong with it is told again all the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clausebook import assemble, project
from clausebook.cache import Cache
from clausebook.model import Settings
from clausebook.plugin.drafts import Own, Sound
from clausebook.site.parts import Share
from clausebook.tree import Noted
from tests import small

WARNED = small.text("{% if beta %}甲。{% endif %}", "A.")  # a condition that never holds leaves the clause empty in one language


@dataclass
class Assembled:
    """Notes which policies are assembled."""

    made: list[str] = field(default_factory=list)

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = assemble.document

        def document(library: object, policy: str, known: object = None) -> object:
            self.made.append(policy)
            return real(library, policy, known)  # type: ignore[arg-type]

        monkeypatch.setattr(assemble, "document", document)


def opened(texts: dict[str, str], store: Cache, share: Share | None = None) -> project.Project:
    noted = Noted(small.Files(texts))
    kept = Sound(store, b"basis", noted.digests)
    return project.open(Path(), noted, Settings(), Own(share or Share(), kept))


@pytest.fixture
def texts() -> dict[str, str]:
    one = small.files({"a": small.text("甲。", "A.")})
    return one | {"policies/q/policy.yml": one["policies/p/policy.yml"].replace("id: p\n", "id: q\n")}


@pytest.mark.parametrize(
    ("path", "old", "new", "made"),
    [
        ("policies/p/policy.yml", "en: Chapter", "en: Part", ["p"]),
        ("clauses/m/a.yml", "A.", "B.", ["p", "q"]),
        ("clauses/vocabulary/data.yml", "en: name", "en: full name", ["p", "q"]),
        ("policies/p/policy.yml", "", "", []),
    ],
)
def test_only_what_changed_is_assembled(
    texts: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, old: str, new: str, made: list[str]
) -> None:
    store, seen = Cache.open(tmp_path / "cache"), Assembled()
    seen.watch(monkeypatch)
    first = opened(texts, store)
    assert (seen.made, first.errors) == (["p", "q"], [])
    seen.made.clear()
    assert old in texts[path]
    texts[path] = texts[path].replace(old, new, 1)
    again = opened(texts, store)
    assert seen.made == made
    assert list(again.documents) == ["p", "q"]
    whole = small.opened(texts)
    assert {name: again.documents[name] for name in again.documents} == whole.documents
    assert again.problems == whole.problems


def test_what_was_found_is_told_again(texts: dict[str, str], tmp_path: Path) -> None:
    store = Cache.open(tmp_path / "cache")
    texts["clauses/m/a.yml"] = f"id: a\n{WARNED}"
    first, again = opened(texts, store), opened(texts, store)
    assert first.problems == again.problems == small.opened(texts).problems != ()


def test_a_part_assembles_its_own_drafts(texts: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Assembled()
    seen.watch(monkeypatch)
    made = opened(texts, Cache.open(None), Share(2, 2))
    assert seen.made == ["q"]
    assert made.documents["p"].policy.id == "p"
