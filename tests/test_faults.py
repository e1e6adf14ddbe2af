"""The machine fails at every system call with which `clausebook release` touches the ledger: nothing half, no false word.

Each call is killed, and failed with an error, one run each; the release is the real command (tests/faults.py). A disk that is
really full, one that is really read-only, and the order of writing are looked at too.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from clausebook import ledger
from clausebook.tree import Folder
from tests import faults, ledgers, small

ERRORS = ("ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT")
WRITING = {"mkdir", "flock", "write", "fsync", "link", "unlink"}
NEW = "3.0.0"
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1774000000", "PYTHONUTF8": "1"}
CALL = re.compile(r"(\w+)\(")
pytestmark = pytest.mark.slow


def site(root: Path, *scopes: str) -> Path:
    """Write a site whose policy says where these data are stored."""
    facts = ", ".join(f"{{location: mainland, scope: {scope}}}" for scope in scopes)
    for path, text in small.files({"a": small.text("甲", "A", f"facts:\n  storage: [{facts}]\n")}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    (root / "mkdocs.yml").write_text("plugins: [clausebook]\n", encoding="utf-8")
    return root


def release(root: Path, version: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clausebook", "--lang", "en", "--root", str(root), "release", "p", "--yes", "--version", version]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, encoding="utf-8", timeout=120)


@pytest.fixture(scope="module")
def strace() -> str:
    found = shutil.which("strace")
    if found is None and os.environ.get("CI") == "true" and sys.platform == "linux":
        pytest.fail("no strace (install it); with CI=true nothing may be left out", pytrace=False)
    return found or pytest.skip("no strace (install it)")


class Machine(NamedTuple):
    """A process that runs one release again and again, with faults."""

    process: subprocess.Popen[str]
    before: dict[str, str] | None

    def run(self, *options: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(options) + "\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


def machine(root: Path) -> Iterator[Machine]:
    command = [sys.executable, "-m", "tests.faults", str(root), NEW]
    here = Path(__file__).parent.parent
    with subprocess.Popen(command, cwd=here, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        yield Machine(process, faults._state(root / "policies/p/releases"))
        process.stdin.close()  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def second(strace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Release 3.0.0 after 1.0.0."""
    root = site(tmp_path_factory.mktemp("second"), "ip")
    done = release(root, "1.0.0")
    assert done.returncode == 0, done.stderr
    yield from machine(site(root, "ip", "name"))


@pytest.fixture(scope="module")
def first(strace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Release 3.0.0 first of all: there is no folder yet."""
    yield from machine(site(tmp_path_factory.mktemp("first"), "ip"))


def calls(trace: list[str]) -> list[tuple[str, int]]:
    """Return the calls of a trace, each with how many of its name there were up to it."""
    seen: Counter[str] = Counter()
    found = []
    for line in trace:
        if match := CALL.match(line):
            seen[match[1]] += 1
            found.append((match[1], seen[match[1]]))
    return found


def faults_of(trace: list[str]) -> list[tuple[str, str]]:
    """Return (call, fault) for a kill at every call, and an error in turn; at what writes and after it, every error."""
    found = []
    listed = calls(trace)
    start = next(index for index, (name, _) in enumerate(listed) if name in WRITING)
    for index, (name, count) in enumerate(listed):
        errors = ERRORS if name in WRITING or index > start + 25 else (ERRORS[index % len(ERRORS)],)
        found += [(f"{name}:{{}}:when={count}", fault) for fault in ("signal=KILL", *(f"error={error}" for error in errors))]
    return found


class Tally(NamedTuple):
    """What came of all faults."""

    faults: int
    killed: int
    failed: int
    complete: int
    unharmed: int
    wrong: list[str]


def tally(found: Machine) -> Tally:
    clean = found.run()
    assert clean["code"] == 0, clean["said"]
    listed = faults_of(clean["trace"])
    counts: Counter[str] = Counter()
    wrong = []
    for call, fault in listed:
        option = f"inject={call.format(fault)}"
        made = found.run("-e", option)
        kind, what = _judged(found, made, clean["state"])
        counts[kind] += 1
        if what:
            wrong.append(f"{option}: {what}\n{made['said']}\n{made['said_again']}")
    return Tally(len(listed), counts["killed"], counts["failed"], counts["complete"], counts["unharmed"], wrong)


def _judged(found: Machine, made: dict[str, Any], complete: dict[str, str]) -> tuple[str, str]:
    """Return what kind of end a run came to, and what is wrong with it, if anything."""
    names = {name: text for name, text in (made["state"] or {}).items() if not name.endswith(".tmp")}
    done = names == complete
    if made["code"] not in (-9, 0, 2):
        return "other", f"exit {made['code']}"
    kind = {-9: "killed", 0: "unharmed"}.get(made["code"], "complete" if done else "failed")
    checks = {
        "a third state": not done and names != (found.before or {}),
        "no fault came": not any("INJECTED" in line or "killed by SIGKILL" in line for line in made["trace"]),
        "false success": made["code"] == 0 and not done,
        "false failure": made["code"] == 2 and done and "is written, but the disk did not confirm it" not in made["said"],
        "false word": made["code"] == 2 and not done and "is written" in made["said"],
        "a traceback": "Traceback" in made["said"] + made["said_again"],
        "nothing said": made["code"] == 2 and not made["said"].strip(),
        "no second run": made["again"] != (1 if done else 0) or (done and "is released already" not in made["said_again"]),
        "broken after the second run": {name: text for name, text in made["after"].items() if not name.endswith(".tmp")} != complete,
    }
    return kind, ", ".join(name for name, wrong in checks.items() if wrong)


def test_a_later_release(second: Machine) -> None:
    result = tally(second)
    sys.stdout.write(f"{result._replace(wrong=[])}\n")
    assert result.wrong == [], "\n".join(result.wrong)
    assert result.faults >= 150
    assert min(result.killed, result.failed, result.complete) > 0


def test_the_first_release(first: Machine) -> None:
    result = tally(first)
    sys.stdout.write(f"{result._replace(wrong=[])}\n")
    assert result.wrong == [], "\n".join(result.wrong)
    assert result.faults >= 50


def test_the_order_of_writing(second: Machine, first: Machine) -> None:
    """The file reaches the disk before its name does; the folder comes last."""
    for found in (second, first):
        trace = found.run()["trace"]
        opened: dict[str, str] = {}
        steps = []
        for line in trace:
            if match := re.match(r'openat\(AT_FDCWD, "([^"]+)".* = (\d+)$', line):
                opened[match[2]] = Path(match[1]).name
            elif match := re.match(r"(write|fsync|flock)\((\d+)", line):
                steps.append(f"{match[1]} {opened[match[2]]}")
            elif match := re.match(r"(link|unlink|mkdir)\(", line):
                steps.append(match[1])
        aside = f".{NEW}.json.{faults.TOKEN}.tmp"
        made = [] if found is second else ["mkdir", "fsync p"]
        assert steps == [*made, "flock releases", f"write {aside}", f"fsync {aside}", "link", "unlink", "fsync releases"]


# Real disks.


def contents(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*")) if file.is_file()}


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Any]:
    """Mount a small disk, or a folder read-only; needs root."""
    points: list[Path] = []

    def mount(point: Path, *options: str) -> None:
        point.mkdir(exist_ok=True)
        done = subprocess.run(["mount", *options, str(point)], capture_output=True)
        if done.returncode:
            pytest.skip("mounting needs root")
        points.append(point)

    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting needs root")
    yield mount
    for point in reversed(points):
        subprocess.run(["umount", str(point)], check=True)


def test_a_full_disk(tmp_path: Path, mounted: Any) -> None:
    """256 KiB, filled to the last block by a stranger's file; once there is room, the same release succeeds."""
    disk = tmp_path / "disk"
    mounted(disk, "-t", "tmpfs", "-o", "size=256k", "none")
    root = site(disk, "ip")
    assert release(root, "1.0.0").returncode == 0
    site(root, "ip", "name")
    with (disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(b"x" * 1024):
            pass
    before = contents(disk)
    done = release(root, NEW)
    line = (
        f"policies/p/releases/{NEW}.json: this release could not be written: No space left on device; "
        "nothing was written (make room or check permissions, then release again)"
    )
    assert (done.returncode, done.stderr.strip(), contents(disk) == before) == (2, line, True)
    (disk / "filler").unlink()
    assert release(root, NEW).returncode == 0
    assert ledger.read(Folder(root), "policies", "p")[1] == []


def test_a_read_only_disk(tmp_path: Path, mounted: Any) -> None:
    root = site(tmp_path / "site", "ip")
    assert release(root, "1.0.0").returncode == 0
    site(root, "ip", "name")
    mounted(tmp_path / "seen", "--bind", str(root))
    if subprocess.run(["mount", "-o", "remount,ro,bind", str(tmp_path / "seen")], capture_output=True).returncode:
        pytest.skip("this system mounts nothing read-only")
    before = contents(root)
    done = release(tmp_path / "seen", NEW)
    line = (
        f"policies/p/releases/{NEW}.json: this release could not be written: Read-only file system; "
        "nothing was written (make room or check permissions, then release again)"
    )
    assert (done.returncode, done.stderr.strip(), contents(root) == before) == (2, line, True)


# Many at once.

ROUNDS, RACERS = 200, 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_eight_race_two_hundred_times(tmp_path: Path) -> None:
    """Forked workers append at one moment, in turn the same version and different ones: one wins, the others are told."""
    command = [sys.executable, "-m", "tests.races", str(tmp_path), str(ROUNDS), str(RACERS)]
    done = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) == ROUNDS
    for codes in rounds:
        assert sorted(codes) == [0] + [2] * (RACERS - 1)
    read = [ledger.read(Folder(root), ledgers.FOLDER, ledgers.POLICY) for root in tmp_path.iterdir()]
    assert sum(len(found.releases) for found, _ in read) == ROUNDS
    assert [problem for _, problems in read for problem in problems] == []


@pytest.mark.parametrize("same", [True, False])
def test_the_command_races(tmp_path: Path, same: bool) -> None:
    root = site(tmp_path, "ip")
    versions = ["1.0.0"] * 4 if same else ["1.0.0", "1.1.0", "2.0.0", "3.0.0"]
    command = [sys.executable, "-m", "clausebook", "--root", str(root), "release", "p", "--yes", "--version"]
    racing = [
        subprocess.Popen([*command, version], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        for version in versions
    ]
    said = [process.communicate(timeout=120) for process in racing]
    codes = sorted(process.returncode for process in racing)
    assert codes[0] == 0
    assert set(codes[1:]) <= {1, 2}, said  # 1 where the winner was done before the plan was made
    found, problems = ledger.read(Folder(root), "policies", "p")
    assert (len(found.releases), problems) == (1, [])
    assert not any("Traceback" in err for _, err in said)
