"""The summary: what follows from the facts of a document, and nothing else."""

from __future__ import annotations

import pytest

from clausebook import derive
from clausebook.document import Document
from clausebook.errors import UserError
from tests import small

FACTS_A = """facts:
  collects:
    - {data: [name, face], subject: user, function: sign-in, purposes: [identify]}
    - {data: [ip, name], subject: user, purposes: [secure, identify]}
  shares:
    - {recipient: carrier, relation: entrusted, data: [phone, face]}
    - {recipient: court, relation: authority, data: [name], modality: never}
  retention:
    - {scope: ip, period: P6M}
"""
FACTS_B = """facts:
  collects:
    - {data: [phone], subject: user, purposes: [secure]}
  shares:
    - {recipient: court, relation: prohibited}
    - {recipient: carrier, relation: entrusted}
    - {recipient: court, relation: authority}
  storage:
    - {location: mainland}
    - {location: mainland, scope: ip}
  rights: [{right: erase}]
  contacts: [{role: operator, channel: e-mail, value: a@b.example}, {role: complaints, channel: e-mail, value: c@d.example}]
"""


def made(sensitive: str = "") -> Document:
    clauses = {"a": small.text("甲", "A", FACTS_A), "b": small.text("乙", "B", FACTS_B), "c": small.text("丙", "C")}
    return small.document(clauses, head=small.HEAD + sensitive)


@pytest.mark.parametrize(("own", "sensitive"), [("", ("face",)), ("sensitive: [name]\n", ("name", "face")), ("sensitive: [court]\n", None)])
def test_sensitive_is_what_the_law_or_the_policy_calls_so(own: str, sensitive: tuple[str, ...] | None) -> None:
    """A term that is no data cannot be sensitive."""
    if sensitive is None:
        with pytest.raises(UserError):
            made(own)
    else:
        assert derive.summary(made(own))[0].sensitive == sensitive


def test_summary() -> None:
    cells = derive.summary(made())
    assert [(c.topic, tuple(map(_id, c.items)), c.sensitive, [e.anchor for e in c.entries]) for c in cells] == [
        ("collect", ("name", "face", "ip", "phone"), ("face",), ["a", "b"]),
        ("recipients", ("carrier", "court"), (), ["a", "b"]),
        ("purposes", ("identify", "secure"), (), ["a", "b"]),
        ("retention", ("ip P6M",), (), ["a"]),
        ("location", ("mainland",), (), ["b"]),
        ("rights", ("erase",), (), ["b"]),
        ("contact", ("e-mail",), (), ["b"]),
    ]


def _id(item: object) -> str:
    return item if isinstance(item, str) else f"{item.scope} {item.period}"  # type: ignore[attr-defined]


def test_a_topic_without_facts_is_left_out() -> None:
    only = small.document({"a": small.text("甲", "A", "facts:\n  rights: [{right: erase}]\n")})
    assert [cell.topic for cell in derive.summary(only)] == ["rights"]
