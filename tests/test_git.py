"""A commit as a tree of files, read from real repositories; nothing is checked out and no option gets through as a name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from clausebook import git, project
from clausebook.errors import Problem, UserError
from clausebook.messages import tell
from tests import corpus


def run(root: Path, *arguments: str) -> str:
    options = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"]
    done = subprocess.run(["git", *options, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def committed(root: Path) -> str:
    run(root, "add", "--all")
    run(root, "commit", "--quiet", "--message", "x")
    return run(root, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with the sound tree of the corpus in its first commit, and a broken clause in the folder."""
    root = tmp_path / "site"
    root.mkdir()
    run(root, "init", "--quiet", "--initial-branch", "main")
    corpus.BASE.write(root)
    committed(root)
    run(root, "tag", "v1")
    (root / corpus.HELLO).write_text("broken", encoding="utf-8")
    return root


def listed(commit: git.Commit, folder: str) -> tuple[list[str], list[str]]:
    problems: list[Problem] = []
    return commit.files(folder, problems), [tell(p) for p in problems]


@pytest.mark.parametrize("ref", ["main", "v1", "HEAD", "refs/heads/main", "v1^{commit}", "@"])
def test_names_of_a_commit(repository: Path, ref: str) -> None:
    commit = git.commit(repository, ref)
    assert listed(commit, "clauses") == (["clauses/common/hello.yml", "clauses/vocabulary/data.yml", "clauses/vocabulary/subjects.yml"], [])
    assert commit.read(corpus.HELLO, 1000) == corpus.BASE.files[corpus.HELLO]
    assert (commit.exists("clauses"), commit.exists(corpus.HELLO), commit.exists("claus")) == (True, True, False)


def test_hash_of_a_commit(repository: Path) -> None:
    first = run(repository, "rev-parse", "HEAD")
    second = committed(repository)
    assert git.commit(repository, first).read(corpus.HELLO, 1000) != b"broken"
    assert git.commit(repository, second[:12]).read(corpus.HELLO, 1000) == b"broken"


def test_project_at_a_commit(repository: Path) -> None:
    """The folder is broken, the commit is not."""
    assert [p.code for p in project.open(repository).problems] == ["expected-mapping"]
    opened = project.open(repository, git.commit(repository, "v1"))
    assert (list(opened.documents), opened.problems) == (["site"], ())


def test_project_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    run(tmp_path, "init", "--quiet", "--initial-branch", "main")
    corpus.BASE.write(tmp_path / "legal")
    corpus.BASE.write(tmp_path / "legal-other")
    (tmp_path / "clauses").mkdir()
    (tmp_path / "clauses/outside.yml").write_text("x", encoding="utf-8")
    committed(tmp_path)
    commit = git.commit(tmp_path / "legal", "main")
    assert commit.prefix == "legal/"
    assert sorted(commit.objects) == sorted(corpus.BASE.files)


def test_links_and_submodules_are_problems(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run(other, "init", "--quiet")
    (other / "x.yml").write_text("x", encoding="utf-8")
    committed(other)
    run(repository, "submodule", "--quiet", "add", str(other), "clauses/module")
    (repository / "clauses/common/link.yml").symlink_to("/etc/passwd")
    (repository / "clauses/common/.hidden.yml").write_text("x", encoding="utf-8")
    committed(repository)
    assert run(repository, "ls-files", "--stage", "clauses/common/link.yml").startswith("120000")
    files, problems = listed(git.commit(repository, "main"), "clauses")
    assert files == ["clauses/common/hello.yml", "clauses/vocabulary/data.yml", "clauses/vocabulary/subjects.yml"]
    assert problems == [
        "clauses/common/link.yml: links are not followed (copy the file)",
        "clauses/module: this is not an ordinary file (delete it)",
    ]


def test_entries_of_a_commit(repository: Path) -> None:
    (repository / "clauses/common/link.yml").symlink_to("hello.yml")
    (repository / "clauses/common/.hidden").write_text("x", encoding="utf-8")
    committed(repository)
    commit = git.commit(repository, "main")
    assert commit.entries("clauses") == [("common", "folder"), ("vocabulary", "folder")]
    assert commit.entries("clauses/common") == [(".hidden", "file"), ("hello.yml", "file"), ("link.yml", "link")]
    assert commit.entries("nowhere") == []


def test_names_with_other_letters(repository: Path) -> None:
    (repository / "clauses/common/条款 a\tb\n.yml").write_text("x", encoding="utf-8")
    committed(repository)
    assert "clauses/common/条款 a\tb\n.yml" in listed(git.commit(repository, "main"), "clauses")[0]


@pytest.mark.parametrize(
    "ref",
    [
        "--upload-pack=x",
        "--help",
        "-h",
        "--all",
        "nowhere",
        "",
        "main..v1",
        "main:mkdocs.yml",
        "main^{tree}",
        "HEAD~5",
        "v1; touch pwned",
        "$(touch pwned)",
        "\u202e",
    ],
)
def test_what_is_not_a_commit(repository: Path, ref: str) -> None:
    with pytest.raises(UserError) as error:
        git.commit(repository, ref)
    (found,) = error.value.problems
    shown = ref.replace("\u202e", "U+202E")
    what = f"“{shown}” is not a branch, tag or commit (check the name; in a shallow clone fetch it first: git fetch origin {shown})"
    assert tell(found) == f"--at: {what}"
    assert not (repository / "pwned").exists()


def test_branch_with_the_name_of_an_option(repository: Path) -> None:
    """Such a branch can be made behind git's back; it is a name like any other."""
    (repository / ".git/refs/heads/--upload-pack=x").write_text(run(repository, "rev-parse", "HEAD") + "\n", encoding="utf-8")
    assert listed(git.commit(repository, "--upload-pack=x"), "policies") == (["policies/site/policy.yml"], [])


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UserError) as error:
        git.commit(tmp_path, "main")
    assert [p.code for p in error.value.problems] == ["ref-not-found"]


def test_no_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError) as error:
        git.commit(repository, "main")
    assert [tell(p) for p in error.value.problems] == [
        "--at: git could not be run: No such file or directory (install git, or run without --at)"
    ]


def test_no_hook_and_no_monitor_runs(repository: Path) -> None:
    """A repository may name programs of its own; reading it starts none of them."""
    program = repository / "program"
    program.write_text(f"#!/bin/sh\ntouch {repository}/pwned\n", encoding="utf-8")
    program.chmod(0o755)
    for setting in ("core.fsmonitor", "core.pager", "core.sshCommand", "diff.x.textconv", "filter.x.smudge"):
        run(repository, "config", setting, str(program))
    (repository / ".git/info/attributes").write_text("*.yml filter=x diff=x\n", encoding="utf-8")
    assert git.commit(repository, "main").read(corpus.HELLO, 1000) == corpus.BASE.files[corpus.HELLO]
    assert not (repository / "pwned").exists()


@pytest.mark.parametrize(("limit", "length"), [(4, 5), (5, 5), (6, 5)])
def test_read_tells_what_is_over_the_limit(repository: Path, limit: int, length: int) -> None:
    (repository / "clauses/a.yml").write_bytes(b"abcde")
    committed(repository)
    assert len(git.commit(repository, "main").read("clauses/a.yml", limit)) == length
