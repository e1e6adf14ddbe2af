"""The peers' own environment: their packages do not get into the one Clausebook is developed in."""

from __future__ import annotations

import hashlib
import os
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import measure
from benchmarks.peers.corpus import ROOT, SECONDS, TODAY, cache

_FOLDER = "Scripts" if sys.platform == "win32" else "bin"


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the packages of the extra `bench`."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / _FOLDER / "python"

    @property
    def hugo(self) -> Path:
        """Return Hugo's own program; the command of that name would start Python first."""
        return next(path for path in self.folder.rglob("hugo/binaries/hugo*") if path.is_file())


def ready() -> Environment:
    """Return the peers' environment, made if it is not there or its packages have changed. Raises Failed."""
    pins = ROOT / "constraints.txt"
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]["bench"]
    key = hashlib.sha256(repr((wanted, sys.version, pins.read_text(encoding="utf-8"))).encode()).hexdigest()[:16]
    made = Environment(cache() / f"venv-{key}")
    done = made.folder / ".ready"
    if not done.exists():
        measure.run([sys.executable, "-m", "venv", "--clear", str(made.folder)], ROOT, os.environ, SECONDS)
        install = [made.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", pins, *wanted]
        measure.run([str(part) for part in install], ROOT, os.environ, SECONDS)
        done.touch()
    return made


def variables(home: Path) -> dict[str, str]:
    """Return the variables a measured program sees: every cache it keeps is below `home`."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "TMPDIR", "LANG", "LC_ALL", "SYSTEMROOT")}
    return {
        **kept,
        "HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "HUGO_CACHEDIR": str(home / ".cache" / "hugo"),
        "CLAUSEBOOK_AS_OF": TODAY.isoformat(), "NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1",
    }  # fmt: skip
