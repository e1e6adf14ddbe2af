"""A wrong clock: a release is refused or found, and no day shows a text from its future."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pytest

from clausebook import cli, ledger
from clausebook.ledger import Ledger
from clausebook.tree import Folder
from tests import small

NOON = datetime.time(12, tzinfo=datetime.UTC)


def seconds(day: str, at: datetime.time = NOON) -> str:
    return str(int(datetime.datetime.combine(datetime.date.fromisoformat(day), at).timestamp()))


def site(root: Path, *scopes: str, zone: str = "Asia/Shanghai") -> Path:
    facts = ", ".join(f"{{location: mainland, scope: {scope}}}" for scope in scopes)
    for path, text in small.files({"a": small.text("甲", "A", f"facts:\n  storage: [{facts}]\n")}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    (root / "mkdocs.yml").write_text(f"plugins: [clausebook: {{time_zone: {zone}}}]\n", encoding="utf-8")
    return root


class Clock:
    """A machine whose clock says what it is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capfd = monkeypatch, capfd

    def run(self, root: Path, now: str, *arguments: str) -> tuple[object, str]:
        """Run a command at a second of the epoch; return its exit code and what it said."""
        self.monkeypatch.setenv("SOURCE_DATE_EPOCH", now)
        self.monkeypatch.setattr(sys, "argv", ["clausebook", "--lang", "en", "--root", str(root), *arguments])
        with pytest.raises(SystemExit) as left:
            cli.run()
        return left.value.code, "".join(self.capfd.readouterr())

    def release(self, root: Path, now: str, version: str, *more: str) -> tuple[object, str]:
        return self.run(root, now, "release", "p", "--yes", "--version", version, *more)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Clock:
    return Clock(monkeypatch, capfd)


@pytest.fixture
def released(tmp_path: Path, clock: Clock) -> Path:
    """Return a site whose version 1.0.0 was released on 20 March 2026, and whose policy has changed since."""
    code, said = clock.release(site(tmp_path, "ip"), seconds("2026-03-20"), "1.0.0")
    assert code == 0, said
    return site(tmp_path, "ip", "name")


def read(root: Path) -> Ledger:
    found, problems = ledger.read(Folder(root), "policies", "p")
    assert problems == []
    return found


REFUSED = [
    ("a day behind", seconds("2026-03-19"), (), 1, "2026-03-19 lies before 2026-03-20, the day 1.0.0 was published"),
    ("1970", "0", (), 1, "1970-01-01 lies before 2026-03-20, the day 1.0.0 was published"),
    ("a date behind", seconds("2026-04-01"), ("--published", "2026-03-19"), 1, "2026-03-19 lies before 2026-03-20"),
    ("a date far ahead", seconds("2026-04-01"), ("--published", "2100-01-01"), 1, "lies more than a day ahead; today is 2026-04-01"),
    ("no such day", seconds("2027-02-28"), ("--published", "2027-02-29"), 2, "expected a date"),
    ("no such day of effect", seconds("2027-02-28"), ("--effective", "2027-02-29"), 2, "expected a date"),
]


@pytest.mark.parametrize(("now", "more", "code", "words"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_refused(released: Path, clock: Clock, now: str, more: tuple[str, ...], code: int, words: str) -> None:
    result, said = clock.release(released, now, "1.1.0", *more)
    assert (result, words in said) == (code, True), said
    assert [r.version for r in read(released).releases] == ["1.0.0"]


@pytest.mark.parametrize(
    ("zone", "at", "published"),
    [
        ("Asia/Shanghai", datetime.time(15, 59, 59, tzinfo=datetime.UTC), "2026-04-01"),
        ("Asia/Shanghai", datetime.time(16, tzinfo=datetime.UTC), "2026-04-02"),
        ("UTC", datetime.time(16, tzinfo=datetime.UTC), "2026-04-01"),
        ("America/Los_Angeles", datetime.time(6, 59, 59, tzinfo=datetime.UTC), "2026-03-31"),
    ],
)
def test_the_day_is_that_of_the_site(released: Path, clock: Clock, zone: str, at: datetime.time, published: str) -> None:
    """Not of the machine: its own time zone changes nothing."""
    clock.monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    code, said = clock.release(site(released, "ip", "name", zone=zone), seconds("2026-04-01", at), "1.1.0")
    assert code == 0, said
    assert read(released).releases[-1].published.isoformat() == published


def test_a_leap_day(released: Path, clock: Clock) -> None:
    code, said = clock.release(released, seconds("2028-02-29"), "1.1.0")
    assert code == 0, said
    made = read(released).releases[-1]
    assert (made.published.isoformat(), made.effective.isoformat()) == ("2028-02-29", "2028-03-07")


def test_a_release_from_2100_is_found_and_never_in_force_before(released: Path, clock: Clock) -> None:
    """The machine that made it could not know; every other one says so, shows nothing of it and refuses to follow it."""
    code, said = clock.release(released, seconds("2100-01-01"), "2.0.0")
    assert code == 0, said
    today = seconds("2026-04-01")
    code, said = clock.run(released, today, "verify")
    assert (code, "2.0.0.json: warning: this release is dated 2100-01-01, more than a day after 2026-04-01" in said) == (0, True)
    found = read(released)
    for day in (datetime.date(2026, 4, 1), datetime.date(2099, 12, 31)):
        current = found.in_force(day)
        assert current is not None
        assert (current.version, [r.version for r in found.shown(day)], found.announced(day)) == ("1.0.0", ["1.0.0"], ())
    code, said = clock.release(site(released, "ip", "name", "phone"), today, "3.0.0")
    assert (code, "lies before 2100-01-01, the day 2.0.0 was published" in said) == (1, True)
