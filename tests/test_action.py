"""The two workflows run end to end as the host runs them: a recorded event, a real repository, its comment posted to a local stand-in."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from clausebook.reports.comment import MARKER, QUIET
from tests import test_approvers
from tests.codehost import CodeHost, running
from tests.conftest import ROOT
from tests.repositories import committed, made, run, written
from tests.runner import Job
from tests.test_review import EDITED, GOOD, B

EVENTS = Path(__file__).parent / "events"
OURS = ("action.yml", "comment", "scripts", "constraints.txt", ".github")
REVIEW, COMMENT = ".github/workflows/review.yml", ".github/workflows/comment.yml"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="the action runs on Linux")]

# What a stranger might put in the way of the review, and what each would leave behind if it were run.
HOSTILE = {
    "action.yml": "runs: {using: composite, steps: [{shell: bash, run: touch $RUNNER_TEMP/evil}]}\n",
    "comment/action.yml": "runs: {using: composite, steps: [{shell: bash, run: touch $RUNNER_TEMP/evil}]}\n",
    "scripts/review.sh": "touch $RUNNER_TEMP/evil\n", "scripts/github.py": "open('evil', 'w')\n",
    "sitecustomize.py": "open('evil', 'w')\n",
    "clausebook/__init__.py": "open('evil', 'w')\n", "json.py": "open('evil', 'w')\n", ".bashrc": "touch $RUNNER_TEMP/evil\n",
    "base/action.yml": "runs: {using: composite, steps: [{shell: bash, run: touch $RUNNER_TEMP/evil}]}\n",
}  # fmt: skip


@dataclass
class Place:
    """A repository on the host with one pull request, of a fork, and what runs there."""

    root: Path
    host: CodeHost
    tools: Path
    runs: int = 0

    def push(self, files: Mapping[str, str]) -> str:
        """Push a commit to the pull request; the host merges it, as a trial, into the base."""
        run(self.root, "checkout", "--quiet", "edit")
        written(self.root, dict(files))
        self.host.head = committed(self.root)
        self.host.files = run(self.root, "diff", "--name-only", "main", "edit").splitlines()
        run(self.root, "checkout", "--quiet", "--detach", "main")
        run(self.root, "merge", "--quiet", "--no-ff", "--no-edit", "edit")
        run(self.root, "update-ref", "refs/pull/2/merge", "HEAD")
        run(self.root, "checkout", "--quiet", "main")
        return self.host.head

    def event(self, name: str) -> dict[str, Any]:
        """Return a recorded event with the commits of this repository."""
        told: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
        if name == "pull_request":
            told["pull_request"]["head"]["sha"] = self.host.head
            told["pull_request"]["head"]["repo"]["fork"] = True
            told["pull_request"]["base"]["sha"] = run(self.root, "rev-parse", "main")
        else:
            told["workflow_run"] |= {"event": "pull_request", "head_sha": self.host.head, "name": "Review"}
        return told

    def job(self, workflow: Path, name: str, event: str, rights: Mapping[str, str] | None = None) -> Job:
        """Run a job for an event. Of a pull request from a fork no token may write, whatever the workflow says."""
        self.runs += 1
        token = f"token-{self.runs}"
        told = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        asked = told["jobs"][name].get("permissions", told["permissions"]) if rights is None else rights
        self.host.rights = {token: {right: "read" if event == "pull_request" else level for right, level in asked.items()}}
        place = self.root.parent / f"run-{self.runs}"
        github = {
            "event": self.event(event), "event_name": event, "repository": "o/r", "token": token,
            "sha": run(self.root, "rev-parse", "main"),
            "ref": "refs/pull/2/merge" if event == "pull_request" else "main", "server_url": "https://code.example",
            "api_url": self.host.address, "run_id": "42",
        }  # fmt: skip
        uses = {"actions/checkout": self.checkout, "actions/setup-python": lambda job, given: None, "actions/upload-artifact": self.upload}
        path = os.pathsep.join([str(self.tools), os.defpath])
        return Job(place / "work", place / "temp", github, uses, path, {"CLAUSEBOOK_AS_OF": "2026-11-22"}).run(workflow, name)

    def checkout(self, job: Job, given: dict[str, str]) -> None:
        """Fetch and check out as the host's action does; with no credentials left behind."""
        assert given["persist-credentials"] == "False"
        folder = job.workspace / given.get("path", ".")
        folder.mkdir(parents=True, exist_ok=True)
        run(folder, "init", "--quiet")
        run(folder, "remote", "add", "origin", self.root.as_uri())
        depth = given.get("fetch-depth", "1")
        run(folder, "fetch", "--quiet", "--no-tags", "--depth", depth, "origin", given.get("ref") or job.github["ref"])
        run(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD")

    def upload(self, job: Job, given: dict[str, str]) -> None:
        """Keep an artifact."""
        self.host.keep(given["name"], Path(given["path"]))

    def review(self, workflow: Path | None = None) -> Job:
        """Run what reads the pull request. Of a pull request the host takes the workflow from the pull request itself."""
        return self.job(workflow or self.root / REVIEW, "review", "pull_request")

    def comment(self, rights: Mapping[str, str] | None = None) -> Job:
        """Run what posts, out of the default branch."""
        return self.job(self.root / COMMENT, "comment", "workflow_run", rights)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    root = made(tmp_path / "site", GOOD)
    ours(root)
    committed(root)
    with hosted(root) as found:
        yield found


@contextmanager
def hosted(root: Path, *, builds: bool = False) -> Iterator[Place]:
    run(root, "branch", "edit")
    with running(CodeHost()) as host:
        yield Place(root, host, tools(root.parent / "tools", builds=builds))


def guide() -> list[str]:
    """Return the workflows of the guide, which use what stands in a folder beside the runs."""
    text = (ROOT / "docs/en/guide/reviewing.md").read_text(encoding="utf-8")
    blocks = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith("name:")]
    return [block.replace("OWNER/clausebook", "./../../clausebook").replace("@COMMIT", "") for block in blocks]


def ours(folder: Path) -> None:
    """Copy what of Clausebook's own repository the workflows use."""
    folder.mkdir(exist_ok=True)
    for name in OURS:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)


def tools(folder: Path, *, builds: bool = False) -> Path:
    """Return a folder of programs in which python makes environments of what is installed here; what pip is asked is noted.

    Where nothing is to be built, what mkdocs is asked is noted too: it takes seconds.
    """
    folder.mkdir()
    programs, python, mkdocs = Path(sys.executable).parent, folder / "python", folder / "mkdocs"
    mkdocs.write_text('#!/bin/bash\nmkdir "$OUTPUT" && echo "$PWD" "$CLAUSEBOOK_AT" "$@" >"$OUTPUT/asked"\n', encoding="utf-8")
    mkdocs.chmod(0o755)
    build = programs / "mkdocs" if builds else mkdocs
    python.write_text(
        f"""#!/bin/bash
case "$*" in
"-m venv "*) mkdir -p "$3/bin" && ln -s {python} "$3/bin/python" && ln -s {programs}/clausebook {build} "$3/bin/" ;;
"-m pip install "*) echo "$*" >>"$RUNNER_TEMP/pip" ;;
*) exec {sys.executable} "$@" ;;
esac
""",
        encoding="utf-8",
    )
    python.chmod(0o755)
    (folder / "python3").symlink_to(python)
    return folder


def test_a_pull_request_gets_one_comment_which_is_kept_up_to_date(place: Place) -> None:
    place.push({B: EDITED})
    read = place.review()
    assert (read.failed, place.host.asked) == (False, [])  # reading asks nothing of the host
    assert f"::warning file={B},line=6,col=7,title=text-unclassified::" in read.printed
    assert (read.temp / "pip").read_text(encoding="utf-8").endswith(f"-c {read.workspace}/base/constraints.txt {read.workspace}/base\n")
    assert set(place.host.artifacts) == {"clausebook-review", "clausebook-preview"}
    assert "](https://code.example/o/r/actions/runs/42)" in read.summary
    posted = place.comment()
    assert posted.printed == "commented on 2\n"
    (comment,) = place.host.comments
    assert comment["body"].startswith(f"{MARKER}\n### Clausebook")
    assert comment["body"] == read.summary
    assert f"](https://code.example/o/r/blob/{place.host.head}/{B}#L6)" in comment["body"]

    place.push({B: EDITED.replace("六个月", "九个月")})
    again = place.review()
    assert place.comment().printed == "replaced the comment on 2\n"
    assert [(one["id"], one["body"]) for one in place.host.comments] == [(comment["id"], again.summary)]
    assert "九个月" in again.summary
    assert place.host.leaked == []


def test_the_workflows_of_the_guide(place: Place) -> None:
    """What the guide tells to copy works on a site that holds nothing of Clausebook's own."""
    for name in OURS:
        run(place.root, "rm", "--quiet", "-r", name)
    committed(place.root)
    run(place.root, "branch", "--force", "edit")
    files = [place.root.parent / "review.yml", place.root.parent / "comment.yml"]
    for file, block in zip(files, guide(), strict=True):
        file.write_text(block, encoding="utf-8")
    ours(place.root.parent / "clausebook")
    place.push({B: EDITED})
    assert f"::warning file={B},line=6" in place.job(files[0], "review", "pull_request").printed
    assert place.job(files[1], "comment", "workflow_run").printed == "commented on 2\n"


SITE = "site_name: x\ntheme: {name: material, font: false}\nhooks: [hook.py]\nplugins: [clausebook]\n"
HOOK = "from pathlib import Path\ndef on_post_build(config):\n    Path(config.site_dir, 'hook.txt').write_text('base')\n"
BUILT = {"mkdocs.yml": SITE, "docs/en/index.md": "# Guide of the base\n", "hook.py": HOOK}
EVIL = "import pathlib, os\npathlib.Path(os.environ['RUNNER_TEMP'], 'evil').touch()\n"


def test_the_preview_shows_the_texts_of_the_edit_with_the_code_of_the_base(tmp_path: Path) -> None:
    root = test_approvers.released(tmp_path / "site")
    ours(root)
    written(root, BUILT)
    committed(root)
    workflow = tmp_path / "review.yml"
    address = "          preview-address: https://preview.example/${{ github.event.number }}/\n"
    workflow.write_text((ROOT / REVIEW).read_text(encoding="utf-8") + address, encoding="utf-8")
    with hosted(root, builds=True) as place:
        place.push(
            {
                test_approvers.CLAUSE: test_approvers.LONGER, "hook.py": EVIL, "docs/en/index.md": "# Guide of the edit\n",
                "mkdocs.yml": SITE.replace("font: false", "custom_dir: over").replace("x", "!ENV SECRET", 1),
                "templates/policy.html": "evil {{ self.__init__.__globals__ }}", "over/main.html": "evil",
            }
        )  # fmt: skip
        read = place.review(workflow)
        assert not read.failed, read.printed
        assert not list(tmp_path.rglob("evil"))
        with zipfile.ZipFile(io.BytesIO(place.host.artifacts["clausebook-preview"])) as archive:
            pages = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    assert pages["hook.txt"] == "base"
    assert "Guide of the base" in pages["en/index.html"]
    assert "for six months" in pages["en/p/draft/index.html"]
    assert "for three months" in pages["en/p/index.html"]  # in force
    assert "evil" not in pages["en/p/draft/index.html"]
    assert "Kept longer" in pages["en/p/draft/index.html"]
    links = re.findall(r"\]\(https://preview\.example/2/([^)]*)\)", read.summary)
    assert links == ["zh/p/draft/", "en/p/draft/"]
    assert all(f"{link}index.html" in pages for link in links)
    assert json.loads(pages["p/releases/1.0.0.json"])["version"] == "1.0.0"


def test_no_preview_of_an_edit_that_cannot_be_read(place: Place) -> None:
    place.push({B: EDITED.replace("title", "titel", 1)})
    assert place.review().failed
    assert set(place.host.artifacts) == {"clausebook-review"}


def test_reviews_on_the_host_are_approvals_while_the_change_stays_what_it_was(tmp_path: Path) -> None:
    """After a rebase the commit that was approved is fetched; after an edit of the text its approval falls."""
    ours(tmp_path / "clausebook")
    workflow = tmp_path / "review.yml"
    text = guide()[0].replace("contents: read", "contents: read\n  pull-requests: read")
    workflow.write_text(text.replace("fail-on: never", 'token: "${{ github.token }}"'), encoding="utf-8")
    with hosted(test_approvers.released(tmp_path / "site")) as place:
        clause = test_approvers.CLAUSE
        first = place.push({clause: test_approvers.LONGER})
        place.host.reviews = [
            test_approvers.said(test_approvers.WANG, first),
            test_approvers.said(("eve", 9), first, body="</details>@all"),
        ]
        assert "approved by legal \\(王丽\\); must approve" in place.review(workflow).summary

        run(place.root, "branch", "--quiet", "--force", "edit", "main")
        assert place.push({clause: test_approvers.LONGER, "README.md": "x"}) != first
        assert "approved by legal \\(王丽\\)" in place.review(workflow).summary

        place.push({clause: test_approvers.EVEN_LONGER})
        told = place.review(workflow).summary
        assert "approved by legal" not in told
        assert "王丽 \\(legal\\) approved changes" in told
        assert all(asked.startswith("GET /repos/o/r/pulls/2/reviews?") for asked in place.host.asked)


def test_without_a_right_to_read_reviews_the_report_is_made_all_the_same_and_the_job_fails(tmp_path: Path) -> None:
    ours(tmp_path / "clausebook")
    workflow = tmp_path / "review.yml"
    workflow.write_text(guide()[0].replace("fail-on: never", 'token: "${{ github.token }}"'), encoding="utf-8")
    with hosted(test_approvers.released(tmp_path / "site")) as place:
        place.push({test_approvers.CLAUSE: test_approvers.LONGER})
        read = place.review(workflow)
        assert read.failed
        assert "reviews: not done" in read.printed


def test_a_report_of_a_commit_that_is_no_longer_the_last_is_not_posted(place: Place) -> None:
    place.push({B: EDITED})
    place.review()
    event = place.host.head
    place.push({B: EDITED.replace("六个月", "九个月")})
    place.host.head, late = event, place.host.head
    told = place.event("workflow_run")
    place.host.head = late
    place.event = lambda name: told  # type: ignore[method-assign]
    assert place.comment().printed == "no open pull request has this commit\n"
    assert place.host.comments == []


def test_nothing_of_a_stranger_runs_and_all_of_it_is_named(place: Place) -> None:
    place.push({B: EDITED, **HOSTILE})
    read, posted = place.review(), place.comment()
    assert not any(path for job in (read, posted) for path in job.workspace.parent.rglob("evil"))
    (comment,) = place.host.comments
    assert "This change also edits code" in comment["body"]
    assert all(path.rsplit("/", 1)[-1].replace(".", "\\.").replace("_", "\\_") in comment["body"] for path in HOSTILE)


def test_a_report_whose_workflow_is_edited_is_marked(place: Place) -> None:
    """The workflow of a pull request is the pull request's own: it can make up a report, but not who says so above it."""
    place.push({B: EDITED, REVIEW: (ROOT / REVIEW).read_text(encoding="utf-8") + "# mine\n"})
    place.review()
    place.host.keep("clausebook-review", forged(place.root.parent))
    assert place.comment().printed == "commented on 2\n"
    assert place.host.comments[0]["body"].startswith(f"{MARKER}\n> [!CAUTION]\n> This pull request edits the workflows")


def forged(folder: Path) -> Path:
    (folder / "forged").mkdir()
    (folder / "forged/comment.md").write_text(f"{QUIET}\n### Clausebook: nothing to review\n", encoding="utf-8")
    return folder / "forged"


def test_nothing_to_say_makes_no_comment_and_replaces_an_old_one(place: Place) -> None:
    place.push({"README.md": "x"})
    place.review()
    assert place.comment().printed == "nothing to say\n"
    place.push({B: EDITED})
    place.review()
    place.comment()
    place.push({B: GOOD[B]})
    place.review()
    assert place.comment().printed == "replaced the comment on 2\n"
    assert "nothing to review" in place.host.comments[0]["body"]


def test_a_job_that_fails_keeps_its_report(place: Place) -> None:
    workflow = place.root.parent / "failing.yml"
    text = (ROOT / REVIEW).read_text(encoding="utf-8")
    workflow.write_text(f"{text}          fail-on: unclassified\n", encoding="utf-8")
    place.push({B: EDITED})
    assert place.review(workflow).failed
    assert place.comment().printed == "commented on 2\n"


def test_an_edit_that_cannot_be_read_fails_and_says_why(place: Place) -> None:
    place.push({B: EDITED.replace("title", "titel", 1)})
    read = place.review()
    assert read.failed
    assert f"::error file={B},line=4" in read.printed
    place.comment()
    assert "the edit cannot be read" in place.host.comments[0]["body"]


def test_each_right_is_needed(place: Place) -> None:
    place.push({B: EDITED})
    place.review()
    job = yaml.safe_load((ROOT / COMMENT).read_text(encoding="utf-8"))["jobs"]["comment"]
    for missing in set(job["permissions"]) - {"contents"}:  # which is the checkout's
        posted = place.comment({right: level for right, level in job["permissions"].items() if right != missing})
        assert (posted.failed, place.host.comments) == (True, [])
    less = place.comment({**job["permissions"], "pull-requests": "read"})
    assert (less.failed, place.host.comments) == (True, [])
