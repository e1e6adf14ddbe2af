"""What the workflows ask of GitHub. Only the standard library is used; nothing that comes from a pull request is trusted.

`comment` posts the report of a review as the one comment of its pull request, or replaces it. The event of `workflow_run` names the
run; the report is its artifact. Which pull request it is for is asked of the host by the commit, never read from the report.

`reviews FILE` writes down how people reviewed the pull request of the event, for `clausebook review --reviews FILE`, and fetches the
commits they approved.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

BEGINNING = "<!-- clausebook-review"
MARKER, QUIET = f"{BEGINNING} -->", f"{BEGINNING}: nothing -->"
FORGED = (
    "> [!CAUTION]\n> This pull request edits the workflows that made this report, so the report may be forged. "
    "本合并请求改动了生成本报告的工作流，报告可能系伪造。\n\n"
)
WORKFLOWS = ".github/"
ARTIFACT, FILE = "clausebook-review", "comment.md"
MOST_ZIPPED, MOST = 8 * 1024 * 1024, 65_000
PAGES = 20
REVIEW_PAGES, COMMITS = 10, 20
SECONDS = 30


class Refused(Exception):
    """The report cannot be posted; the text says why."""


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follow the host to where it keeps artifacts, without our token."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:  # noqa: PLR0913  # the library's own
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        if made is not None:
            made.remove_header("Authorization")
        return made


class Host:
    """The code host's interface."""

    def __init__(self, address: str, repository: str, token: str) -> None:
        self.base, self.token = f"{address}/repos/{repository}", token
        self.opener = urllib.request.build_opener(_SameHost())

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Return what the host answers, as data."""
        return json.loads(self.read(method, path, body, MOST_ZIPPED))

    def read(self, method: str, path: str, body: dict[str, Any] | None, limit: int) -> bytes:
        """Return at most `limit` bytes of an answer."""
        request = urllib.request.Request(
            path if path.startswith("http") else f"{self.base}/{path}",
            data=json.dumps(body).encode() if body is not None else None,
            method=method,
            headers={"Authorization": f"Bearer {self.token}", "Accept": "application/vnd.github+json", "User-Agent": "clausebook"},
        )
        with self.opener.open(request, timeout=SECONDS) as answer:
            content: bytes = answer.read(limit + 1)
        if len(content) > limit:
            raise Refused("the answer is too large")
        return content


def report(host: Host, run: int) -> str:
    """Return the comment among the artifacts of a run."""
    found = [one for one in host.ask("GET", f"actions/runs/{run}/artifacts")["artifacts"] if one["name"] == ARTIFACT]
    if not found:
        raise Refused("the run kept no report")
    content = host.read("GET", f"actions/artifacts/{found[0]['id']}/zip", None, MOST_ZIPPED)
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(FILE) as file:
        text = file.read(MOST + 1).decode("utf-8")
    if len(text) > MOST or not text.startswith(BEGINNING):
        raise Refused("the report is not one")
    return text


def pull(host: Host, commit: str) -> int | None:
    """Return the open pull request whose last commit this is."""
    for page in range(1, PAGES + 1):
        found = host.ask("GET", f"pulls?state=open&per_page=100&page={page}")
        for one in found:
            if one["head"]["sha"] == commit:
                return int(one["number"])
        if len(found) < 100:
            break
    return None


def ours(host: Host, number: int) -> int | None:
    """Return our comment on a pull request; one of somebody else that looks like it does not count."""
    for page in range(1, PAGES + 1):
        found = host.ask("GET", f"issues/{number}/comments?per_page=100&page={page}")
        for one in found:
            if one["body"].startswith(BEGINNING) and one["user"]["type"] == "Bot":
                return int(one["id"])
        if len(found) < 100:
            break
    return None


def forgeable(host: Host, number: int) -> bool:
    """Tell whether a pull request edits workflows: those of a pull request are run as it has them, and they made the report."""
    for page in range(1, PAGES + 1):
        found = host.ask("GET", f"pulls/{number}/files?per_page=100&page={page}")
        names = [name for one in found for name in (one["filename"], one.get("previous_filename", ""))]
        if any(name.startswith(WORKFLOWS) for name in names):
            return True
        if len(found) < 100:
            return False
    return True  # too many files to tell


def post(host: Host, event: dict[str, Any]) -> str:
    """Post or replace the comment; return what was done. Without anything to say no new comment is made."""
    run = event["workflow_run"]
    text = report(host, int(run["id"]))
    number = pull(host, run["head_sha"])
    if number is None:
        return "no open pull request has this commit"
    quiet, rest = text.startswith(QUIET), text.partition("\n")[2]
    if forgeable(host, number):
        quiet, text = False, f"{MARKER}\n{FORGED}{rest}"
    known = ours(host, number)
    if known is not None:
        host.ask("PATCH", f"issues/comments/{known}", {"body": text})
        return f"replaced the comment on {number}"
    if quiet:
        return "nothing to say"
    host.ask("POST", f"issues/{number}/comments", {"body": text})
    return f"commented on {number}"


def reviews(host: Host, event: dict[str, Any], file: Path) -> str:
    """Write down the reviews of a pull request, without their texts; return what was done."""
    found: list[dict[str, Any]] = []
    for page in range(1, REVIEW_PAGES + 1):
        answer = host.ask("GET", f"pulls/{int(event['pull_request']['number'])}/reviews?per_page=100&page={page}")
        found += [{key: one.get(key) for key in ("id", "user", "state", "commit_id", "submitted_at")} for one in answer]
        if len(answer) < 100:
            break
    told = {"reviews": found, "pull_request": {"user": event["pull_request"]["user"]}}
    file.write_text(json.dumps(told), encoding="utf-8")
    approved = {str(one["commit_id"]) for one in found if one["state"] == "APPROVED"}
    for commit in sorted(approved)[:COMMITS]:
        fetch(host, commit)
    return f"{len(found)} reviews"


def fetch(host: Host, commit: str) -> None:
    """Fetch a commit that is not here; one that cannot be had is told by the review."""
    if not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", commit):
        return
    basic = base64.b64encode(f"x-access-token:{host.token}".encode()).decode()
    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    header = {"GIT_CONFIG_KEY_0": f"http.{server}/.extraheader", "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {basic}"}
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_COUNT": "1", **header}
    git = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]
    try:
        if subprocess.run(
            [*git, "cat-file", "-e", f"{commit}^{{commit}}"], stderr=subprocess.DEVNULL, timeout=SECONDS, check=False
        ).returncode:
            order = [*git, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--depth", "1", "origin", commit]
            subprocess.run(order, env=environment, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return


def main(arguments: list[str]) -> None:
    """Read the event and the environment the host gives, and do what the arguments say."""
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    host = Host(os.environ.get("GITHUB_API_URL", "https://api.github.com"), os.environ["GITHUB_REPOSITORY"], os.environ["GITHUB_TOKEN"])
    try:
        print(reviews(host, event, Path(arguments[1])) if arguments[0] == "reviews" else post(host, event))
    except (Refused, urllib.error.URLError, OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        sys.exit(f"{arguments[0]}: not done: {error!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
