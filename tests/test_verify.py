"""`clausebook verify`: every chain proved, and held against a commit, a folder or a site."""

from __future__ import annotations

import functools
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clausebook import cli, ledger, project
from tests import corpus, ledgers, small
from tests.test_git import committed, run

THREE = ledgers.chain("1.0.0", "1.1.0", "2.0.0")
NEWEST = f"p: 3 releases, newest 2.0.0, fingerprint {THREE[2]['fingerprint']}"
LAST = ledgers.path("2.0.0")
OTHER = ledgers.data("2.0.0", THREE[1], effective="2026-05-01")


def write(root: Path, releases: list[dict[str, Any]]) -> Path:
    for path, text in small.files({"a": small.text("甲", "A")}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    (root / "mkdocs.yml").write_text("site_name: x\nplugins: [clausebook]\n", encoding="utf-8")
    if releases:
        ledgers.write(root, releases)
    return root


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write(tmp_path / "site", THREE)


def verify(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, root: Path, *arguments: str) -> tuple[object, list[str]]:
    monkeypatch.setattr(sys, "argv", ["clausebook", "--lang", "en", "--root", str(root), "verify", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.run()
    out, err = capfd.readouterr()
    return left.value.code, (out + err).splitlines()


@pytest.fixture
def proved(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `clausebook verify` on a root; return its exit code and lines."""
    return functools.partial(verify, capfd, monkeypatch)


def test_a_sound_ledger(site: Path, proved: Any) -> None:
    assert proved(site) == proved(site, "p") == (0, [NEWEST])


def test_no_releases(tmp_path: Path, proved: Any) -> None:
    root = write(tmp_path, [])
    assert proved(root) == (0, [])
    assert proved(root, "p") == (0, ["p: no releases yet"])


def test_an_unknown_policy(site: Path, proved: Any) -> None:
    assert proved(site, "q") == (2, ["policies: there is no policy “q” (known: p)"])


def test_the_first_file_that_does_not_fit(site: Path, proved: Any) -> None:
    (site / LAST).write_bytes((site / LAST).read_bytes().replace("甲".encode(), "乙".encode()))
    code, (first, *_) = proved(site)
    assert (code, first.startswith(f"{LAST}: this release does not match its fingerprint")) == (1, True)


def test_litter_is_no_fault(site: Path, proved: Any) -> None:
    (site / "policies/p/releases/.2.1.0.json.8123.tmp").write_bytes(b"")
    code, (first, second) = proved(site)
    assert (code, second) == (0, NEWEST)
    assert first == "policies/p/releases/.2.1.0.json.8123.tmp: warning: left by an interrupted release (delete it)"


def test_a_release_from_the_future_is_pointed_out(site: Path, proved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    code, lines = proved(site)
    assert (code, [line.split(": warning")[0] for line in lines[:3]]) == (0, [ledgers.path(r["version"]) for r in THREE])


def test_json(site: Path, proved: Any) -> None:
    code, lines = proved(site, "--format", "json")
    assert (code, json.loads("\n".join(lines))) == (
        0,
        {
            "version": 1,
            "problems": [],
            "ledgers": [
                {
                    "policy": "p",
                    "releases": 3,
                    "newest": {key: THREE[2][key] for key in ("version", "number", "fingerprint", "seal")},
                }
            ],
        },
    )


def test_a_broken_ledger_stops_check_and_build(site: Path) -> None:
    assert project.open(site).problems == ()
    assert list(project.open(site).ledgers) == list(project.open(site).documents) == ["p"]
    (site / ledgers.path("1.1.0")).unlink()
    opened = project.open(site)
    assert [p.code for p in opened.errors] == ["ledger-missing"]
    assert opened.documents == {}


def test_a_policy_without_releases_has_an_empty_ledger(tmp_path: Path) -> None:
    assert project.open(write(tmp_path, [])).ledgers["p"].releases == ()


# Another copy.

MISSING = f"{LAST}: release 2.0.0, number 3 there, is missing here (restore it: a release is never taken back)"
DIFFERS = f"{LAST}: 2.0.0 says something else there"
CASES = [("the same", THREE, 0, None), ("dropped", THREE[:2], 1, MISSING), ("rewritten", [*THREE[:2], OTHER], 1, DIFFERS)]
cases = pytest.mark.parametrize(("ours", "code", "line"), [pytest.param(*row[1:], id=row[0]) for row in CASES])


def held(result: tuple[int, list[str]], code: int, line: str | None) -> bool:
    return result[0] == code and (line is None or any(found.startswith(line) for found in result[1]))


@cases
def test_against_a_folder(site: Path, tmp_path: Path, proved: Any, ours: list[dict[str, Any]], code: int, line: str | None) -> None:
    assert held(proved(write(tmp_path / "ours", ours), "--against", str(site)), code, line)


@cases
def test_against_a_commit(tmp_path: Path, proved: Any, ours: list[dict[str, Any]], code: int, line: str | None) -> None:
    """The rewritten chain is sound by itself; only the commit shows what it was."""
    root = write(tmp_path / "site", THREE)
    run(root, "init", "--quiet", "--initial-branch", "main")
    committed(root)
    for file in (root / "policies/p/releases").iterdir():
        file.unlink()
    write(root, ours)
    assert proved(root)[0] == 0
    assert held(proved(root, "--against", "main"), code, line)


def test_a_setting_does_not_hide_what_was_released(tmp_path: Path, proved: Any) -> None:
    """Ours moves its policies to another folder; the commit still says where they stood."""
    root = write(tmp_path / "site", THREE)
    run(root, "init", "--quiet", "--initial-branch", "main")
    committed(root)
    (root / "policies").rename(root / "other")
    (root / "mkdocs.yml").write_text("plugins: [clausebook: {policies: other}]\n", encoding="utf-8")
    assert proved(root, "--against", "main") == (0, [NEWEST])
    (root / "other/p/releases/2.0.0.json").unlink()
    assert held(proved(root, "--against", "main"), 1, "other/p/releases/2.0.0.json: release 2.0.0, number 3 there, is missing here")


def test_a_policy_dropped_whole(tmp_path: Path, site: Path, proved: Any) -> None:
    ours = write(tmp_path / "ours", [])
    line = f"{ledgers.path('1.0.0')}: release 1.0.0, number 1 there, is missing here"
    assert held(proved(ours, "--against", str(site)), 1, line)


def test_a_broken_copy_is_named(tmp_path: Path, site: Path, proved: Any) -> None:
    ours = write(tmp_path / "ours", THREE)
    (site / ledgers.path("1.1.0")).unlink()
    assert held(proved(ours, "--against", str(site)), 1, f"{site}: {LAST}: release number 2 is missing before 2.0.0")


@pytest.mark.parametrize("source", ["nowhere", "--upload-pack=x", ""])
def test_no_such_copy(site: Path, proved: Any, source: str) -> None:
    run(site, "init", "--quiet")
    assert held(proved(site, f"--against={source}"), 2, f"--against: “{source}” is not a branch, tag or commit")


def test_a_folder_without_policies(site: Path, tmp_path: Path, proved: Any) -> None:
    (tmp_path / "empty").mkdir()
    assert held(proved(site, "--against", str(tmp_path / "empty")), 2, f"{tmp_path}/empty/policies: there is no such folder")


# A site.


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; /moved/ leads within the host, /away/ to another one."""

    def do_GET(self) -> None:
        head, _, rest = self.path.lstrip("/").partition("/")
        targets = {"moved": f"/{rest}", "away": f"http://127.0.0.2/{rest}", "file": "file:///etc/passwd"}
        if head not in targets:
            super().do_GET()
            return
        self.send_response(302)
        self.send_header("Location", targets[head])
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def published(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Publish the three releases as the site does; give the folder and its address."""
    folder = tmp_path / "published"
    publish(folder, THREE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def publish(folder: Path, releases: list[dict[str, Any]]) -> None:
    files = [(r["version"], f"releases/{r['version'].replace('+', '-')}.json") for r in releases]
    (folder / "p/releases").mkdir(parents=True, exist_ok=True)
    for release, (_, file) in zip(releases, files, strict=True):
        (folder / "p" / file).write_bytes(ledger.dump(release))
    listed = {"releases": [{"version": version, "file": file} for version, file in files]}
    (folder / "p/timeline.json").write_text(json.dumps(listed), encoding="utf-8")


@cases
def test_against_a_site(
    tmp_path: Path, proved: Any, published: tuple[Path, str], ours: list[dict[str, Any]], code: int, line: str | None
) -> None:
    root = write(tmp_path / "ours", ours)
    for address in (published[1], f"{published[1]}/", f"{published[1]}/moved"):
        assert held(proved(root, "--against", address), code, line)


def test_a_revised_translation_on_a_site(tmp_path: Path, proved: Any, published: tuple[Path, str]) -> None:
    """Its file has no plus sign, which some hosts read as a space."""
    four = [*THREE, ledgers.data("2.0.0+en.1", THREE[2], corrects="2.0.0")]
    publish(published[0], four)
    assert proved(write(tmp_path / "ours", four), "--against", published[1])[0] == 0
    assert held(proved(write(tmp_path / "less", THREE), "--against", published[1]), 1, ledgers.path("2.0.0+en.1"))


def listing(version: str, file: str) -> str:
    return json.dumps({"releases": [{"version": version, "file": file}]})


BAD = [
    ("not JSON", "{"),
    ("a list", "[]"),
    ("deep", "[" * 100_000),
    ("no list", '{"releases": 1}'),
    ("no files", '{"releases": [{"version": "1.0.0"}]}'),
    ("a path upwards", listing("1.0.0", "../../etc/passwd")),
    ("another address", listing("1.0.0", "http://127.0.0.2/1.0.0.json")),
    ("another name", listing("1.0.0", "releases/1.0.1.json")),
    ("no version", listing("../x", "releases/../x.json")),
]


@pytest.mark.parametrize("timeline", [pytest.param(row[1], id=row[0]) for row in BAD])
def test_a_bad_timeline(site: Path, proved: Any, published: tuple[Path, str], timeline: str) -> None:
    (published[0] / "p/timeline.json").write_text(timeline, encoding="utf-8")
    assert held(proved(site, "--against", published[1]), 2, f"{published[1]}/p/timeline.json: this is not a timeline of releases")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nowhere", "/nowhere/p/timeline.json: this could not be fetched: 404"),
        ("/away", "/away/p/timeline.json: this leads on to another host: http://127.0.0.2"),
        ("/file", "/file/p/timeline.json: this could not be fetched: 302"),
    ],
)
def test_what_a_site_may_not_do(site: Path, proved: Any, published: tuple[Path, str], path: str, words: str) -> None:
    assert held(proved(site, "--against", published[1] + path), 2, published[1] + words)


def test_a_listed_release_that_is_missing(site: Path, proved: Any, published: tuple[Path, str]) -> None:
    (published[0] / "p/releases/1.1.0.json").unlink()
    assert held(proved(site, "--against", published[1]), 2, f"{published[1]}/p/releases/1.1.0.json: this could not be fetched: 404")


def test_too_much_to_read(site: Path, proved: Any, published: tuple[Path, str]) -> None:
    (published[0] / "p/timeline.json").write_bytes(b" " * (8 * 1024 * 1024 + 1))
    assert held(
        proved(site, "--against", published[1]), 2, f"{published[1]}/p/timeline.json: this could not be fetched: more than 8388608 bytes"
    )


def test_no_site(site: Path, proved: Any) -> None:
    assert held(proved(site, "--against", "http://127.0.0.1:9"), 2, "http://127.0.0.1:9/p/timeline.json: this could not be fetched")
    assert held(proved(site, "--against", "http://"), 2, "http:/p/timeline.json: this could not be fetched")


def test_a_policy_not_yet_published(site: Path, proved: Any, published: tuple[Path, str]) -> None:
    (site / "policies/q/releases").mkdir(parents=True)
    (site / "policies/q/policy.yml").write_text("id: q\n", encoding="utf-8")
    code, lines = proved(site, "--against", published[1])
    line = f"{published[1]}/q/timeline.json: warning: policy q is not published there yet"
    assert (code, lines[0].startswith(line)) == (0, True)


def test_this_repository_is_sound() -> None:
    command = [sys.executable, "-m", "clausebook", "verify"]
    assert subprocess.run(command, cwd=corpus.HERE.parent.parent, capture_output=True).returncode == 0
