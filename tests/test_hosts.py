"""The template for GitLab, run job by job in a real repository, and its note posted to a local stand-in of GitLab's interface."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from clausebook.reports.comment import MARKER, QUIET
from tests.conftest import ROOT
from tests.repositories import committed, made, run, written
from tests.test_review import EDITED, GOOD, B

TEMPLATE = yaml.safe_load((ROOT / ".gitlab-review.yml").read_text(encoding="utf-8"))
TOKEN = "glpat-x"
ME = 77
NOTES = "/api/v4/projects/5/merge_requests/3/notes"
REPORT = f"{MARKER}\n### Clausebook: material change\n"


@dataclass
class GitLab:
    """One merge request and its notes."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    address: str = ""
    odd: bytes | None = None

    def answer(self, method: str, path: str, query: str, body: Any) -> Any:
        if path == "/api/v4/user":
            return {"id": ME}
        if method == "GET" and path == NOTES:
            page, size = (int(re.search(rf"{name}=(\d+)", query)[1]) for name in ("\\bpage", "per_page"))  # type: ignore[index]
            return self.notes[(page - 1) * size : page * size]
        if method == "POST" and path == NOTES:
            self.notes.append(note(len(self.notes) + 1, ME, body["body"]))
            return self.notes[-1]
        if method == "PUT" and path.startswith(f"{NOTES}/"):
            (found,) = [one for one in self.notes if one["id"] == int(path.rsplit("/", 1)[1])]
            found.update(body)
            return found
        raise AssertionError(f"{method} {path}")


def note(ident: int, author: int, body: str, **more: Any) -> dict[str, Any]:
    return {"id": ident, "author": {"id": author, "username": "x"}, "body": body, "system": False, **more}


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    state = GitLab()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            path, _, query = self.path.partition("?")
            state.asked.append(f"{self.command} {path}")
            assert len(state.asked) < 100
            allowed = self.headers.get("PRIVATE-TOKEN") == TOKEN
            body = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 1 << 21)) or b"null")
            content = json.dumps(state.answer(self.command, path, query, body)).encode() if allowed else b"{}"
            content = content if state.odd is None else state.odd
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _do

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}/api/v4"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def tools(folder: Path) -> Path:
    """Return a folder of programs: those installed here, and installers that only note what they are asked."""
    folder.mkdir(exist_ok=True)
    for name in ("apt-get", "pip"):
        file = folder / name
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>{folder}/asked\n', encoding="utf-8")
        file.chmod(0o755)
    if not (folder / "clausebook").exists():
        (folder / "clausebook").symlink_to(Path(sys.executable).parent / "clausebook")
    return folder


def job(name: str, root: Path, gitlab: GitLab, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a job of the template as GitLab's runner does: its variables, then all of its lines in one shell that stops at an error."""
    told = TEMPLATE[name]
    given = {
        "CI_PROJECT_DIR": str(root), "CI_PIPELINE_SOURCE": "merge_request_event", "CI_API_V4_URL": gitlab.address, "CI_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_IID": "3", "CI_PROJECT_URL": "https://lab.example/o/r", "CI_JOB_URL": "https://lab.example/o/r/-/jobs/9",
        "CI_COMMIT_SHA": run(root, "rev-parse", "HEAD"),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": run(root, "rev-parse", "main"), "CLAUSEBOOK_AS_OF": "2026-11-22", "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join([str(tools(root.parent / "tools")), os.defpath]), "HOME": str(root.parent), **variables,
    }  # fmt: skip
    filled = {key: re.sub(r"\$(\w+)", lambda found: given[found[1]], str(value)) for key, value in told["variables"].items()}
    lines = "\n".join([*told["before_script"], *told["script"]])
    command = ["bash", "-eo", "pipefail", "-c", lines]
    return subprocess.run(command, cwd=root, env={**given, **filled}, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    site = made(tmp_path / "site", GOOD)
    run(site, "checkout", "--quiet", "-b", "edit")
    return site


def pushed(root: Path, files: dict[str, str]) -> None:
    written(root, files)
    committed(root)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the jobs run on Linux")
def test_the_template_marks_lines_and_keeps_one_note(root: Path, gitlab: GitLab) -> None:
    pushed(root, {B: EDITED})
    done = job("clausebook-review", root, gitlab)
    assert (done.returncode, gitlab.asked) == (0, [])
    kept = TEMPLATE["clausebook-review"]["artifacts"]
    files = [*kept["paths"], kept["reports"]["codequality"]]
    assert all((root / name).stat().st_size for name in files)
    marks = json.loads((root / files[-1]).read_text(encoding="utf-8"))
    assert (marks[0]["check_name"], marks[0]["location"]) == ("text-unclassified", {"path": B, "lines": {"begin": 6}})

    posted = job("clausebook-note", root, gitlab, CLAUSEBOOK_TOKEN=TOKEN)
    assert (posted.stdout, posted.returncode) == ("the note is posted\n", 0)
    assert f"](https://lab.example/o/r/-/blob/{run(root, 'rev-parse', 'HEAD')}/{B}#L6)" in gitlab.notes[0]["body"]

    assert "](https://lab.example/o/r/-/jobs/9)" in gitlab.notes[0]["body"]

    run(root, "clean", "--quiet", "-fd")
    pushed(root, {B: EDITED.replace("六个月", "九个月")})
    job("clausebook-review", root, gitlab)
    assert job("clausebook-note", root, gitlab, CLAUSEBOOK_TOKEN=TOKEN).stdout == "the note is replaced\n"
    (only,) = gitlab.notes
    assert only["body"] == (root / "comment.md").read_text(encoding="utf-8")
    assert "九个月" in only["body"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the jobs run on Linux")
def test_an_edit_that_cannot_be_read_has_its_note(root: Path, gitlab: GitLab) -> None:
    pushed(root, {B: EDITED.replace("title", "titel", 1)})
    assert job("clausebook-review", root, gitlab).returncode == 2
    assert job("clausebook-note", root, gitlab, CLAUSEBOOK_TOKEN=TOKEN).returncode == 0
    assert "the edit cannot be read" in gitlab.notes[0]["body"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the jobs run on Linux")
def test_no_line_of_a_note_is_an_order(root: Path, gitlab: GitLab) -> None:
    """GitLab obeys lines that begin with a slash, with the rights of whoever posts them."""
    orders = "\n\n      ".join(["/merge", "/approve", "/close", "/assign @all"])
    pushed(root, {B: EDITED.replace("六个月。", f"六个月。\n\n      {orders}"), "docs/\n/merge\n": "x"})
    job("clausebook-review", root, gitlab)
    text = (root / "comment.md").read_text(encoding="utf-8")
    assert "merge" in text
    assert not [line for line in text.splitlines() if line.lstrip(" >-*").startswith("/")]


def posting(tmp_path: Path, gitlab: GitLab, text: str, **variables: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "report.md"
    file.write_text(text, encoding="utf-8")
    given = {"CI_API_V4_URL": gitlab.address, "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "3", "CLAUSEBOOK_TOKEN": TOKEN, **variables}
    command = [sys.executable, "-m", "clausebook", "--lang", "en", "note", str(file)]
    return subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, timeout=60, check=False)


def test_nothing_to_say_makes_no_note_and_replaces_an_old_one(tmp_path: Path, gitlab: GitLab) -> None:
    quiet = f"{QUIET}\n### Clausebook: nothing to review\n"
    assert posting(tmp_path, gitlab, quiet).stdout == "nothing to say, so no note is posted\n"
    assert gitlab.notes == []
    posting(tmp_path, gitlab, REPORT)
    assert posting(tmp_path, gitlab, quiet).stdout == "the note is replaced\n"
    assert [one["body"] for one in gitlab.notes] == [quiet]


def test_notes_of_others_are_left_alone(tmp_path: Path, gitlab: GitLab) -> None:
    others = [note(1, 8, MARKER), note(2, ME, f"see {MARKER}"), note(3, ME, MARKER, system=True)]
    others += [note(number, 8, "x") for number in range(4, 150)]
    gitlab.notes = [*map(dict, others), note(200, ME, f"{MARKER} old")]
    assert posting(tmp_path, gitlab, REPORT).stdout == "the note is replaced\n"
    assert gitlab.notes == [*others, note(200, ME, REPORT)]


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"CLAUSEBOOK_TOKEN": ""}, "CLAUSEBOOK_TOKEN: this variable is not set"),
        ({"CI_MERGE_REQUEST_IID": "3/notes/1"}, "CI_MERGE_REQUEST_IID: this variable is not set, or not as GitLab sets it"),
        ({"CLAUSEBOOK_TOKEN": "other"}, "401"),
        ({"CI_API_V4_URL": "file:///etc"}, "could not be fetched"),
        ({"CI_API_V4_URL": "http://127.0.0.1:9/api/v4"}, "could not be fetched"),
    ],
)
def test_what_cannot_be_posted_is_said_in_a_line(tmp_path: Path, gitlab: GitLab, variables: dict[str, str], told: str) -> None:
    done = posting(tmp_path, gitlab, REPORT, **variables)
    assert (done.returncode, told in done.stderr, "Traceback" in done.stderr, gitlab.notes) == (2, True, False, [])
    assert TOKEN not in done.stderr


@pytest.mark.parametrize("text", ["", "no report", f" {MARKER}"])
def test_what_is_no_report_is_not_posted(tmp_path: Path, gitlab: GitLab, text: str) -> None:
    done = posting(tmp_path, gitlab, text)
    assert (done.returncode, "this is not a report" in done.stderr, gitlab.asked) == (2, True, [])


@pytest.mark.parametrize("odd", [b"", b"<html>", b"[]", b'{"id": null}', b'[{"id": 1}]', b"[" * 100_000])
def test_an_odd_answer_is_told(tmp_path: Path, gitlab: GitLab, odd: bytes) -> None:
    gitlab.odd = odd
    done = posting(tmp_path, gitlab, REPORT)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
