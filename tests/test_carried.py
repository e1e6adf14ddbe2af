"""Every fact item of the two policies is carried, in Chinese and in English, by the clause of version 1.0.0 that should carry it.

Each entry of tests/carried/*.yml names an item, the clause that carries it and, for each language, words that only
that item would put there. Deleting the sentence deletes the words, and the test fails.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from clausebook.document import Document
from tests import frozen

HERE = Path(__file__).parent
ROOT = HERE.parent
# How many items each policy has; the lists below must hold exactly these.
ITEMS = {"enterprise-email": 162, "gov-im": 126}


def _carried() -> list[tuple[str, str, dict[str, Any]]]:
    found: list[tuple[str, str, dict[str, Any]]] = []
    for file in sorted((HERE / "carried").glob("*.yml")):
        for policy, items in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            found.extend((policy, item, entry) for item, entry in items.items())
    return found


CARRIED = _carried()


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return frozen.documents(ROOT, "1.0.0")


def test_every_item_is_listed_once() -> None:
    counts = Counter((policy, item) for policy, item, _ in CARRIED)
    assert [key for key, n in counts.items() if n > 1] == []
    assert Counter(policy for policy, _, _ in CARRIED) == ITEMS


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(("policy", "item", "entry"), CARRIED, ids=[item for _, item, _ in CARRIED])
def test_item_is_carried(documents: dict[str, Document], policy: str, item: str, entry: dict[str, Any], locale: str) -> None:
    text = _text(documents[policy], entry, locale)
    assert text.count(entry[locale]) == 1, f"{item}: {entry[locale]!r} in {text!r}"


def _text(document: Document, entry: dict[str, Any], locale: str) -> str:
    wanted = entry.get("as", entry["clause"])
    found = next((e for e in document.entries() if e.anchor == wanted), None)
    assert found is not None, f"{wanted} is not in {document.policy.id}"
    assert found.clause == entry["clause"]
    return found.titles[locale] if entry.get("part") == "title" else found.text(locale)


def test_needles_of_one_clause_differ() -> None:
    """Two items of a clause may not rest on the same words."""
    seen = Counter((p, e.get("as", e["clause"]), loc, e[loc]) for p, _, e in CARRIED for loc in ("zh", "en"))
    assert [key for key, n in seen.items() if n > 1] == []
