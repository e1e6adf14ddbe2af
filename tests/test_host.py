"""What runs on a code host, end to end: the script of the action on a real repository, and its comment posted to a local stand-in."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from clausebook.reports.comment import MARKER
from tests.conftest import ROOT
from tests.repositories import committed, made, run, written
from tests.test_review import EDITED, GOOD, B

HEAD = "5d6e7f8000000000000000000000000000000000"
EVENT = {"action": "completed", "workflow_run": {"id": 42, "event": "pull_request", "head_sha": HEAD, "name": "Review"}}
TOKEN = "t0ken"


@dataclass
class Standin:
    """A code host of one pull request: its comments, the artifact it keeps and what it was asked."""

    report: str = f"{MARKER}\n### Clausebook: material change\n"
    archive: bytes | None = None
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)

    def zipped(self) -> bytes:
        if self.archive is not None:
            return self.archive
        made_ = io.BytesIO()
        with zipfile.ZipFile(made_, "w") as archive:
            archive.writestr("comment.md", self.report)
        return made_.getvalue()

    def answer(self, method: str, path: str, body: Any) -> Any:
        self.asked.append(f"{method} {path}")
        if path.endswith("/actions/runs/42/artifacts"):
            return {"artifacts": [{"id": 7, "name": "clausebook-review"}]}
        if "/pulls?" in path:
            return [{"number": 3, "head": {"sha": HEAD}}]
        if method == "GET":
            return self.comments
        if method == "POST":
            self.comments.append({"id": len(self.comments) + 1, "user": {"type": "Bot"}, **body})
            return self.comments[-1]
        known = next(one for one in self.comments if path.endswith(f"/comments/{one['id']}"))
        known.update(body)
        return known


@pytest.fixture
def host() -> Iterator[tuple[Standin, str]]:
    """Run the stand-in on a free port of this machine."""
    state = Standin()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            state.tokens.add(self.headers.get("Authorization"))
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
            content = state.zipped() if self.path.endswith("/zip") else json.dumps(state.answer(self.command, self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def posted(address: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    event = tmp_path / "event.json"
    event.write_text(json.dumps(EVENT), encoding="utf-8")
    environment = {"GITHUB_EVENT_PATH": str(event), "GITHUB_API_URL": address, "GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": TOKEN}
    command = [sys.executable, "-I", str(ROOT / "scripts/comment.py")]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)


def test_one_comment_is_made_and_then_replaced(host: tuple[Standin, str], tmp_path: Path) -> None:
    state, address = host
    assert posted(address, tmp_path).stdout == "commented on 3\n"
    state.report = f"{MARKER}\n### Clausebook: nothing to review\n"
    assert posted(address, tmp_path).stdout == "replaced the comment on 3\n"
    assert [one["body"] for one in state.comments] == [state.report]
    assert state.tokens == {f"Bearer {TOKEN}"}


def test_nothing_to_say_makes_no_comment(host: tuple[Standin, str], tmp_path: Path) -> None:
    state, address = host
    state.report = f"{MARKER}\n### Clausebook: nothing to review\n"
    assert posted(address, tmp_path).stdout == "nothing to say\n"
    assert state.comments == []


def test_a_comment_of_somebody_else_is_left_alone(host: tuple[Standin, str], tmp_path: Path) -> None:
    state, address = host
    state.comments.append({"id": 1, "user": {"type": "User"}, "body": MARKER})
    posted(address, tmp_path)
    assert [one["body"] for one in state.comments] == [MARKER, state.report]


@pytest.mark.parametrize("bad", ["no marker", MARKER + "x" * 70_000])
def test_a_report_that_is_none_is_not_posted(host: tuple[Standin, str], tmp_path: Path, bad: str) -> None:
    state, address = host
    state.report = bad
    assert posted(address, tmp_path).returncode == 1
    assert state.comments == []


def test_an_artifact_that_is_no_archive_is_not_posted(host: tuple[Standin, str], tmp_path: Path) -> None:
    state, address = host
    state.archive = b"x" * 100
    done = posted(address, tmp_path)
    assert (done.returncode, "Traceback" in done.stderr, state.comments) == (1, False, [])


def script(root: Path, tmp_path: Path, fail_on: str = "never") -> tuple[int, str, Path]:
    output = tmp_path / "reports"
    environment = {
        **os.environ, "BASE": "HEAD^1", "LANGUAGE_OF_REPORT": "en", "FAIL_ON": fail_on, "OUTPUT": str(output), "LC_ALL": "C.UTF-8",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    done = subprocess.run(["bash", str(ROOT / "scripts/review.sh")], cwd=root, env=environment, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout, output


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the action runs on Linux")
def test_the_script_of_the_action_up_to_the_comment(host: tuple[Standin, str], tmp_path: Path) -> None:
    """As on the host: a merge commit of which the first parent is the base."""
    root = made(tmp_path / "site", GOOD)
    run(root, "checkout", "--quiet", "-b", "edit")
    written(root, {B: EDITED})
    committed(root)
    run(root, "checkout", "--quiet", "main")
    run(root, "merge", "--quiet", "--no-ff", "--no-edit", "edit")
    code, printed, output = script(root, tmp_path, "unclassified")
    assert code == 1
    assert printed.startswith(f"::warning file={B},line=6")
    assert {file.name for file in output.iterdir()} == {"comment.md", "review.html", "review.sarif", "review.json"}
    state, address = host
    state.report = (output / "comment.md").read_text(encoding="utf-8")
    assert (tmp_path / "summary.md").read_text(encoding="utf-8") == state.report
    assert posted(address, tmp_path).stdout == "commented on 3\n"


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


@pytest.mark.parametrize("path", [".github/workflows/review.yml", ".github/workflows/comment.yml", "action.yml"])
def test_actions_are_pinned_and_no_event_text_is_part_of_a_script(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)", text)
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in used)
    steps = [step for job in loaded(path).get("jobs", {}).values() for step in job["steps"]] or loaded(path)["runs"]["steps"]
    assert not any("${{" in step.get("run", "") for step in steps)


def test_the_diff_driver_says_what_an_edit_means(tmp_path: Path) -> None:
    root = made(tmp_path / "site", {**GOOD, ".gitattributes": "clauses/**/*.yml diff=clausebook\n"})
    run(root, "config", "diff.clausebook.command", f"{sys.executable} -m clausebook --lang en --as-of 2026-11-22 diff-driver")
    written(root, {B: EDITED})
    told = run(root, "diff", "--ext-diff")
    assert f"clausebook {B}" in told
    assert "我们保存[-三个月-]{+六个月+}。" in told
    committed(root)
    assert "{+六个月+}" in run(root, "log", "--ext-diff", "--patch", "-1")
