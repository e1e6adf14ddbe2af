"""What a stranger gets: the wheel, installed in an environment of its own, makes a site that builds without a warning."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _run(*command: str | Path, cwd: Path) -> str:
    """Run a command away from this repository and return what it says; fail if it fails."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "COV"))}
    env = {**kept, "PYTHONUTF8": "1", "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, install it alone into a new environment and return that environment's programs.

    Its dependencies are those of the Python that runs the tests; a folder named in a .pth file brings no editable installs along.
    """
    work = tmp_path_factory.mktemp("wheel")
    here = ["--no-isolation"] if find_spec("hatchling") else []
    _run(sys.executable, "-m", "build", "--wheel", *here, "--outdir", work, ROOT, cwd=work)
    (wheel,) = work.glob("clausebook-*.whl")
    home = work / "venv"
    venv.create(home)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    python = programs / ("python.exe" if os.name == "nt" else "python")
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=work)
    packages = Path(_run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=work).strip())
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    found = _run(python, "-c", "import clausebook; print(clausebook.__file__)", cwd=work).strip()
    assert Path(found).is_relative_to(home), found
    return programs


@pytest.mark.slow
def test_a_site_made_by_init_checks_and_builds(installed: Path, tmp_path: Path) -> None:
    written = _run(installed / "clausebook", "--lang", "en", "init", "my-site", cwd=tmp_path)
    site = tmp_path / "my-site"
    assert written.splitlines()[-1] == "next: cd my-site && mkdocs serve"
    checked = _run(installed / "clausebook", "--lang", "en", "check", "--fail-on", "never", cwd=site)
    clauses = len(list((site / "clauses").rglob("*.yml"))) - len(list((site / "clauses/vocabulary").glob("*.yml")))
    assert f"waived in 2 policies, {clauses} clauses" in checked  # findings on the samples; an error in a file would exit 2
    built = _run(installed / "python", "-m", "mkdocs", "build", "--strict", cwd=site)
    assert "WARNING" not in built
    pages = {p.parent.relative_to(site / "site").as_posix() for p in (site / "site").rglob("index.html")}
    assert {"zh/enterprise-email", "en/enterprise-email", "zh/gov-im", "en/gov-im/bilingual", "zh/guide", "en/guide"} <= pages
    assert "法律声明及隐私权政策" in (site / "site/zh/gov-im/index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_new_clauses_and_policies_fit_into_that_site(installed: Path, tmp_path: Path) -> None:
    clausebook = installed / "clausebook"
    _run(clausebook, "init", "my-site", cwd=tmp_path)
    site = tmp_path / "my-site"
    _run(clausebook, "new", "clause", "my-clause", "--module", "mine", cwd=site)
    _run(clausebook, "new", "policy", "my-policy", cwd=site)
    policy = site / "policies/my-policy/policy.yml"
    text = policy.read_text(encoding="utf-8")
    assert "clauses: []" in text
    policy.write_text(text.replace("clauses: []", "clauses: [my-clause]"), encoding="utf-8")
    _run(clausebook, "check", "--fail-on", "never", cwd=site)
    _run(installed / "python", "-m", "mkdocs", "build", "--strict", cwd=site)
    assert "在此写条款正文。" in (site / "site/zh/my-policy/index.html").read_text(encoding="utf-8")
