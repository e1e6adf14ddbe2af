"""Who must approve which changes: by level, by the fingerprint of the changes, one person a role."""

from __future__ import annotations

import datetime

import pytest

from clausebook import approvals, changelog, project
from clausebook.changelog import Report
from clausebook.model import Settings
from clausebook.release import Approval
from tests import small

ASKED: dict[str, list[str]] = {"unclassified": ["legal", "product"], "substantive": ["legal"], "material": ["board"]}
OLD = {"a": small.text("我们保存三个月。", "We keep it for three months.")}


def report(zh: str = "我们保存六个月。", en: str = "We keep it for six months.") -> Report:
    old, new = (small.opened(small.files(clauses)).sound().sides["p"] for clauses in (OLD, {"a": small.text(zh, en)}))
    return changelog.report(old, new, project.rulebook(), Settings())


def approval(role: str, by: str) -> Approval:
    return Approval(role=role, by=by, on=datetime.date(2026, 11, 22), changes=approvals.fingerprint(report())[:12])


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ([], {"legal": "unclassified", "product": "unclassified"}),
        ([("legal", "A"), ("product", "B")], {}),
        ([("legal", "A"), ("product", "A")], {"product": "unclassified"}),
        ([("nobody", "A")], {"legal": "unclassified", "product": "unclassified"}),
    ],
)
def test_who_is_missing(given: list[tuple[str, str]], missing: dict[str, str]) -> None:
    assert approvals.missing([approval(role, by) for role, by in given], report(), ASKED) == missing


def test_an_approval_outlives_what_leaves_the_changes_equal_and_falls_with_a_letter_in_any_language() -> None:
    given = [approval("legal", "A"), approval("product", "B")]
    assert approvals.holding(given, approvals.fingerprint(report())) == given
    assert approvals.holding(given, approvals.fingerprint(report(zh="我们保存七个月。"))) == []
    assert approvals.holding(given, approvals.fingerprint(report(en="We keep it for seven months."))) == []


def test_nothing_is_asked_without_a_setting_or_for_a_first_release() -> None:
    assert approvals.missing([], report(), {}) == {}
    assert approvals.missing([], None, ASKED) == {}
