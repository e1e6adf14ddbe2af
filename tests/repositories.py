"""Git repositories made by tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

OPTIONS = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"]
STILL = {"GIT_AUTHOR_DATE": "2026-11-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-11-01T00:00:00Z"}


def run(root: Path, *arguments: str) -> str:
    """Run git and return what it prints."""
    done = subprocess.run(["git", *OPTIONS, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def made(root: Path, files: dict[str, str]) -> Path:
    """Make a repository whose first commit on `main` holds the files."""
    root.mkdir(parents=True)
    run(root, "init", "--quiet", "--initial-branch", "main")
    written(root, files)
    committed(root)
    return root


def written(root: Path, files: dict[str, str]) -> None:
    """Write files, as they are."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())


def committed(root: Path) -> str:
    """Commit everything and return the name of the commit."""
    run(root, "add", "--all", "--force")
    run(root, "commit", "--quiet", "--allow-empty", "--message", "x")
    return run(root, "rev-parse", "HEAD")
