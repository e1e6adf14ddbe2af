"""What runs on a code host: the comment posted to a local stand-in, the workflows' files, the diff driver. test_action runs them whole."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from clausebook.reports import comment
from clausebook.reports.comment import MARKER
from tests.codehost import CodeHost, running
from tests.conftest import ROOT
from tests.repositories import committed, made, run, written
from tests.test_review import EDITED, GOOD, B

HEAD = "5d6e7f8000000000000000000000000000000000"
EVENT = {"action": "completed", "workflow_run": {"id": 42, "event": "pull_request", "head_sha": HEAD, "name": "Review"}}
TOKEN = "t0ken"
REPORT = f"{MARKER}\n### Clausebook: material change\n"
QUIET = f"{comment.QUIET}\n### Clausebook: nothing to review\n"


@pytest.fixture
def host() -> Iterator[CodeHost]:
    """Run a host that keeps a report for the pull request at HEAD."""
    state = CodeHost(head=HEAD, rights={TOKEN: {"actions": "read", "pull-requests": "write"}})
    with running(state):
        yield state


def posted(host: CodeHost, tmp_path: Path, report: str | None = REPORT) -> subprocess.CompletedProcess[str]:
    if report is not None:
        (tmp_path / "report").mkdir(exist_ok=True)
        (tmp_path / "report/comment.md").write_text(report, encoding="utf-8")
        host.keep("clausebook-review", tmp_path / "report")
    event = tmp_path / "event.json"
    event.write_text(json.dumps(EVENT), encoding="utf-8")
    environment = {"GITHUB_EVENT_PATH": str(event), "GITHUB_API_URL": host.address, "GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": TOKEN}
    command = [sys.executable, "-I", str(ROOT / "scripts/github.py"), "comment"]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)


def test_one_comment_is_made_and_then_replaced(host: CodeHost, tmp_path: Path) -> None:
    assert posted(host, tmp_path).stdout == "commented on 2\n"
    assert posted(host, tmp_path, QUIET).stdout == "replaced the comment on 2\n"
    assert [one["body"] for one in host.comments] == [QUIET]
    assert host.leaked == []


def test_nothing_to_say_makes_no_comment(host: CodeHost, tmp_path: Path) -> None:
    assert posted(host, tmp_path, QUIET).stdout == "nothing to say\n"
    assert host.comments == []


def test_a_comment_of_somebody_else_is_left_alone(host: CodeHost, tmp_path: Path) -> None:
    host.comments.append({"id": 1, "user": {"type": "User"}, "body": MARKER})
    posted(host, tmp_path)
    assert [one["body"] for one in host.comments] == [MARKER, REPORT]


@pytest.mark.parametrize("bad", ["no marker", MARKER + "x" * 70_000])
def test_a_report_that_is_none_is_not_posted(host: CodeHost, tmp_path: Path, bad: str) -> None:
    assert posted(host, tmp_path, bad).returncode == 1
    assert host.comments == []


@pytest.mark.parametrize("content", [b"x" * 100, b"", b"PK\x03\x04", b"x" * (9 << 20)])
def test_an_artifact_that_is_no_archive_is_not_posted(host: CodeHost, tmp_path: Path, content: bytes) -> None:
    host.artifacts["clausebook-review"] = content
    done = posted(host, tmp_path, None)
    assert (done.returncode, "Traceback" in done.stderr, host.comments) == (1, False, [])


def test_an_archive_that_unpacks_without_end_is_not_posted(host: CodeHost, tmp_path: Path) -> None:
    done = posted(host, tmp_path, MARKER + "\n" + "0" * (200 << 20))
    assert len(host.artifacts["clausebook-review"]) < 1 << 20
    assert (done.returncode, host.comments) == (1, [])


def test_a_run_without_a_report_is_told(host: CodeHost, tmp_path: Path) -> None:
    assert "the run kept no report" in posted(host, tmp_path, None).stderr


# The files themselves.


def loaded(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_what_reads_a_pull_request_has_no_right_and_what_has_one_reads_none() -> None:
    reading, posting = loaded(".github/workflows/review.yml"), loaded(".github/workflows/comment.yml")
    assert reading["permissions"] == {"contents": "read"}
    assert "permissions" not in reading["jobs"]["review"]
    assert (posting["permissions"], posting["jobs"]["comment"]["permissions"]["pull-requests"]) == ({}, "write")
    assert posting[True] == {"workflow_run": {"workflows": [reading["name"]], "types": ["completed"]}}
    assert not any("ref" in step.get("with", {}) for step in posting["jobs"]["comment"]["steps"])


@pytest.mark.parametrize("path", [".github/workflows/review.yml", ".github/workflows/comment.yml", "action.yml", "comment/action.yml"])
def test_actions_are_pinned_and_no_event_text_is_part_of_a_script(path: str) -> None:
    told = loaded(path)
    steps = [step for job in told["jobs"].values() for step in job["steps"]] if "jobs" in told else told["runs"]["steps"]
    used = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}|\./(base|comment)", action) for action in used)
    assert not any("${{" in step.get("run", "") for step in steps)


HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}


@pytest.mark.parametrize(
    ("hook", "text", "code", "told"),
    [
        ("clausebook-check", GOOD[B], 0, "0 errors"),
        ("clausebook-check", EDITED, 1, f"{B}:10:22: parity-period"),
        ("clausebook-check", EDITED.replace("title", "titel", 1), 2, f"{B}:4:"),
        ("clausebook-review", EDITED, 0, "text-unclassified"),
    ],
)
def test_the_hooks_of_pre_commit(tmp_path: Path, hook: str, text: str, code: int, told: str) -> None:
    """As the framework runs them: the entry, with no file names, in the top folder, for what is staged."""
    root = made(tmp_path / "site", GOOD)
    written(root, {B: text})
    run(root, "add", "--all")
    assert re.search(HOOKS[hook]["files"], B)
    assert HOOKS[hook]["pass_filenames"] is False
    program, *arguments = HOOKS[hook]["entry"].split()
    command = [str(Path(sys.executable).parent / program), "--lang", "en", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, told in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr


def test_the_diff_driver_says_what_an_edit_means(tmp_path: Path) -> None:
    root = made(tmp_path / "site", {**GOOD, ".gitattributes": "clauses/**/*.yml diff=clausebook\n"})
    run(root, "config", "diff.clausebook.command", f"{sys.executable} -m clausebook --lang en --as-of 2026-11-22 diff-driver")
    written(root, {B: EDITED})
    told = run(root, "diff", "--ext-diff")
    assert f"clausebook {B}" in told
    assert "我们保存[-三个月-]{+六个月+}。" in told
    committed(root)
    assert "{+六个月+}" in run(root, "log", "--ext-diff", "--patch", "-1")
