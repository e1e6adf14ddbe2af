"""Where the files that come with the package are: in an installed wheel, or in the repository it is run from."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_REPOSITORY = PACKAGE.parents[1]


def starter(name: str) -> Path:
    """Return the folder `clauses`, `policies`, `templates`, `schemas` or `docs` that `init` copies and the site falls back on."""
    installed = PACKAGE / "starter" / name
    return installed if installed.is_dir() else _REPOSITORY / name
