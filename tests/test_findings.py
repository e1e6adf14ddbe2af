"""Findings: what the checks say of version 1.0.0 of the two policies is what was written down before they were run."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from clausebook import project
from clausebook.project import Project

ROOT = Path(__file__).parent.parent
EXPECTED = Path(__file__).parent / "golden" / "findings-1.0.0.txt"
TODAY = datetime.date(2026, 11, 22)
Line = tuple[str, str, str]  # rule, policy, outcome


def expected() -> Iterator[Line]:
    for line in EXPECTED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            rule, policy, outcome, _why = line.split(" | ", 3)
            yield rule, policy, outcome


def found(judged: Project) -> Iterator[Line]:
    for policy, verdicts in judged.verdicts.items():
        yield from ((v.row.id, policy, v.outcome) for v in verdicts if v.outcome in ("gap", "partial", "waived"))
    for finding in judged.findings:
        said = dict(finding.values)
        if finding.code.startswith("lint-"):
            yield from ((str(said["rule"]), policy, "found") for policy in str(said["policies"]).split(", "))


def test_the_first_versions_have_the_faults_of_their_sources_and_no_other(first_versions: Project) -> None:
    listed = list(expected())
    assert len(listed) == len(set(listed))
    assert sorted(set(found(project.judged(first_versions, ROOT, TODAY)))) == sorted(listed)
