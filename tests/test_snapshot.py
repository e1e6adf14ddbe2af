"""A document as plain data in one order, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from clausebook import lists, project, snapshot
from clausebook.document import Side
from clausebook.model import Settings
from clausebook.release import FrozenDocument
from clausebook.site.views import View
from tests import small

ROOT = Path(__file__).parent.parent
FACTS = "facts:\n  storage: [{location: mainland, scope: ip}]\n  contacts: [{role: operator, channel: e-mail, value: a@b.example}]\n"
FILES = small.files({"a": small.text("1. **甲**\n1. 乙{{ ref('a') }}", "1. **A**\n1. B {{ ref('a') }}", FACTS)})


def fingerprint(files: dict[str, str]) -> str:
    return snapshot.fingerprint(small.opened(files).sound().sides["p"])


def test_golden() -> None:
    assert snapshot.of(small.opened(FILES).sides["p"]) == {
        "policy": {
            "title": {"zh": "政策", "en": "Policy"},
            "locales": ["zh", "en"],
            "jurisdictions": [],
            "sample": False,
            "doc": {"scale": "normal", "customer": [], "app": False, "offshore": False},
            "numbering": "chapters",
            "sensitive": [],
            "profile": {"operator": {"name": {"zh": "某公司", "en": "Some Company"}, "email": "a@b.example", "beta": "false"}},
            "names": {},
        },
        "sections": [
            {
                "id": "s",
                "title": {"zh": "章", "en": "Chapter"},
                "number": {"zh": "一、", "en": "1."},
                "reference": {"zh": "第一章", "en": "1"},
                "clauses": [
                    {
                        "id": "a",
                        "clause": "a",
                        "title": {"zh": "条", "en": "Clause"},
                        "number": {"zh": "（一）", "en": "(a)"},
                        "reference": {"zh": "第一章第（一）节", "en": "1(a)"},
                        "text": {
                            "zh": [
                                {"kind": "number", "depth": 1, "number": 1, "marker": "1.", "runs": [{"text": "甲", "strong": True}]},
                                {
                                    "kind": "number", "depth": 1, "number": 2, "marker": "2.",
                                    "runs": [{"text": "乙"}, {"text": "第一章第（一）节“条”", "href": "#a"}],
                                },
                            ],
                            "en": [
                                {"kind": "number", "depth": 1, "number": 1, "marker": "(i)", "runs": [{"text": "A", "strong": True}]},
                                {
                                    "kind": "number", "depth": 1, "number": 2, "marker": "(ii)",
                                    "runs": [{"text": "B "}, {"text": "Section 1(a) (Clause)", "href": "#a"}],
                                },
                            ],
                        },
                        "facts": {
                            "storage": [{"location": "mainland", "scope": "ip"}],
                            "contacts": [{"role": "operator", "channel": "e-mail", "value": "a@b.example"}],
                        },
                    }
                ],
                "sections": [],
            }
        ],
        "terms": {
            "e-mail": {"scheme": "channels", "name": {"zh": "电子邮件", "en": "e-mail"}, "sensitive": "none"},
            "ip": {"scheme": "data", "name": {"zh": "IP 地址", "en": "IP address"}, "sensitive": "context"},
            "mainland": {"scheme": "locations", "name": {"zh": "中国境内", "en": "mainland China"}, "sensitive": "none"},
        },
        "groups": [],
    }  # fmt: skip


def test_the_fingerprint_is_that_of_the_canonical_bytes() -> None:
    """RFC 8785: keys in order, no spaces, text as it is. All keys here are ASCII, so Python sorts them alike."""
    plain = json.dumps(
        {"id": "p", **snapshot.of(small.opened(FILES).sides["p"])}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    assert fingerprint(FILES) == hashlib.sha256(plain.encode()).hexdigest()


CLAUSE, POLICY, VOCABULARY = "clauses/m/a.yml", "policies/p/policy.yml", "clauses/vocabulary/locations.yml"


@pytest.mark.parametrize(
    ("path", "old", "new", "same"),
    [
        (CLAUSE, "1. **甲**", "1. **丙**", False),
        (CLAUSE, "1. **A**", "1. **C**", False),
        (CLAUSE, "1. **A**", "1. A", False),  # a look
        (CLAUSE, "title: Clause", "title: Term", False),
        (CLAUSE, "scope: ip", "scope: name", False),  # a fact
        (CLAUSE, "value: a@b.example", "value: c@d.example", False),
        (CLAUSE, "role: operator", "key: it, role: operator", False),
        (POLICY, "id: s,", "id: t,", False),
        (POLICY, "clauses: [a]", "clauses: [{id: a, numbered: false}]", False),
        (POLICY, "locales: [zh, en]", "locales: [en, zh]", False),
        (POLICY, "email: a@b.example", "email: z@b.example", False),  # who the operator is belongs to the policy, printed or not
        # What no reader of the policy sees changes nothing.
        (CLAUSE, "facts:", "# a note\nfacts:", True),
        (CLAUSE, "      1. **甲**", "      1. **甲**  ", True),
        (VOCABULARY, "scheme: locations", "# a note\nscheme: locations", True),
    ],
)
def test_the_fingerprint_changes_with_what_the_policy_says(path: str, old: str, new: str, same: bool) -> None:
    assert FILES[path].count(old) == 1
    assert (fingerprint({**FILES, path: FILES[path].replace(old, new)}) == fingerprint(FILES)) is same


PRINT = """
import json, sys
from pathlib import Path
from clausebook import project, snapshot
made = project.open(Path(sys.argv[1])).sound().sides
print(json.dumps({key: [snapshot.fingerprint(d), json.dumps(snapshot.of(d))] for key, d in made.items()}))
"""


def test_the_same_bytes_in_every_process() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", PRINT, str(ROOT)], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "1")
    ]
    assert outputs[0] == outputs[1] == outputs[2]
    assert set(json.loads(outputs[0])) == {p.parent.name for p in ROOT.glob("policies/*/policy.yml")}


@pytest.fixture(scope="module")
def sides() -> dict[str, Side]:
    return project.open(ROOT).sound().sides


@pytest.mark.parametrize("policy", ["enterprise-email", "gov-im"])
def test_frozen_data_loads_back_into_the_same_document(policy: str, sides: dict[str, Side]) -> None:
    """Through JSON text, as a release does: text, facts, numbers, names, what is sensitive."""
    side = sides[policy]
    data = json.loads(json.dumps(snapshot.of(side)))
    back = snapshot.load(FrozenDocument.model_validate(data), policy, "x.json")
    assert snapshot.of(back) == data
    assert snapshot.fingerprint(back) == snapshot.fingerprint(side)
    assert list(back.document.entries()) == list(side.document.entries())
    assert (back.document.terms, back.document.sensitive) == (side.document.terms, side.document.sensitive)


@pytest.mark.parametrize("policy", ["enterprise-email", "gov-im"])
def test_a_document_that_was_frozen_gives_the_same_lists_and_summary(policy: str, sides: dict[str, Side]) -> None:
    side = sides[policy]
    back = snapshot.load(FrozenDocument.model_validate(snapshot.of(side)), policy, "x.json")
    for locale in side.document.policy.locales:
        old, new = (View(s.document, locale, s.library, Settings()) for s in (side, back))
        assert old.summary() == new.summary()
        assert [old.rows(key) for key in lists.LISTS] == [new.rows(key) for key in lists.LISTS]
        assert [old.body(entry) for entry in side.document.entries()] == [new.body(entry) for entry in back.document.entries()]


TEXTS = st.text(alphabet=st.sampled_from(list('ab"\\/\n\t\x00\x1f\x7f\u2028中\ue000😀é :{}[],0.e-5')), max_size=8)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(DATA)
def test_canonical_bytes_are_those_of_rfc_8785(data: Any) -> None:
    assert snapshot.canonical(data) == rfc8785.dumps(data)
