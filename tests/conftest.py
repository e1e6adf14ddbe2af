"""What tests share: the built site, a real web server over it and a browser to read it with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from clausebook.project import Project
from tests import frozen
from tests.server import serve

ROOT = Path(__file__).parent.parent
os.environ["CLAUSEBOOK_CACHE"] = ""  # no test depends on what an earlier one, or the user, has kept
BUILD_SECONDS = 600
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

settings.register_profile("clausebook", settings.default, deadline=None)  # machines differ in speed
settings.load_profile("clausebook")


TRANSLATORS = (("msgfmt", "translators"), ("toolkit", "translators"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by what it needs, so that `-m "not browser and not nginx and not office and not translators"` needs none."""
    for item in items:
        needs = getattr(item, "fixturenames", ())
        for fixture, mark in (("chromium", "browser"), ("nginx", "nginx"), ("office", "office"), *TRANSLATORS):
            if fixture in needs:
                item.add_marker(mark)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say each reason for skipping once, with the number of tests it holds for."""
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []))
    for reason, number in sorted(reasons.items()):
        terminalreporter.write_line(f"{number} skipped: {reason.removeprefix('Skipped: ')}")


@pytest.fixture(scope="session")
def first_versions() -> Project:
    """Return the project whose documents are version 1.0.0 of each policy, as the ledger holds them."""
    return frozen.project_of(ROOT, "1.0.0")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the browser: CLAUSEBOOK_CHROMIUM if set, else the first on the PATH."""
    named = os.environ.get("CLAUSEBOOK_CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return _program(names) or _missing("no Chromium (install one, or set CLAUSEBOOK_CHROMIUM to its path)")


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """Start the browser once; a process can have only one Playwright."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="session")
def nginx() -> Path:
    """Return the web server; Debian keeps it where only root looks."""
    return _program(["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"]) or _missing("no nginx (install it)")


@pytest.fixture(scope="session")
def office() -> Path:
    """Return LibreOffice, which opens lists as their readers do."""
    return _program(["soffice", "libreoffice"]) or _missing("no LibreOffice (install it)")


@pytest.fixture(scope="session")
def msgfmt() -> Path:
    """Return gettext's checker of PO files."""
    return _program(["msgfmt"]) or _missing("no msgfmt (install gettext)")


@pytest.fixture(scope="session")
def toolkit() -> Path:
    """Return the folder of the Translate Toolkit's programs: CLAUSEBOOK_TOOLKIT if set, else that of the first on the PATH."""
    named = os.environ.get("CLAUSEBOOK_TOOLKIT")
    found = _program([f"{named}/po2xliff" if named else "po2xliff"])
    return found.parent if found else _missing("no Translate Toolkit (install translate-toolkit, or set CLAUSEBOOK_TOOLKIT to its folder)")


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of this repository's site, built once by `mkdocs build --strict`."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    site = shared / "built" / "site"
    if said := _built_once(site):
        pytest.fail(f"mkdocs build --strict fails:\n{said}", pytrace=False)
    return site


@pytest.fixture(scope="session")
def site_url(nginx: Path, built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the built site with nginx; give its address, without a slash at the end."""
    with serve(nginx, built_site, tmp_path_factory.mktemp("nginx")) as url:
        yield url


def _program(names: list[str]) -> Path | None:
    found = next(filter(None, map(shutil.which, names)), None)
    return Path(found) if found else None


def _missing(what: str) -> NoReturn:
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{what}; with CI=true nothing may be left out", pytrace=False)
    pytest.skip(what)


def _built_once(site: Path) -> str:
    """Build the site and return what went wrong. Of several test processes the first builds, the others wait for it."""
    done = site.with_name("done")
    try:
        site.parent.mkdir()
    except FileExistsError:
        end = time.monotonic() + BUILD_SECONDS
        while not done.exists() and time.monotonic() < end:
            time.sleep(0.1)
    else:
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
        made = subprocess.run(command, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS)
        said = made.stdout + made.stderr if made.returncode else b""
        done.with_suffix(".new").write_bytes(said)
        done.with_suffix(".new").rename(done)
    return done.read_text(encoding="utf-8", errors="replace")
