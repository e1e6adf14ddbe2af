"""A ledger: looked up by day, appended to, and no byte of it changes unnoticed."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from clausebook import chain, ledger, snapshot
from clausebook.errors import Problem, UserError
from clausebook.ledger import Ledger
from clausebook.messages import tell
from clausebook.tree import Copy, Folder
from tests import ledgers

VERSIONS = ("1.0.0", "1.1.0", "2.0.0")
THREE = ledgers.chain(*VERSIONS)
FIXTURES = Path(__file__).parent / "fixtures/schema-1"
Files = dict[str, bytes]


def files(releases: list[dict[str, Any]]) -> Files:
    return {ledgers.path(release["version"]): ledger.dump(release) for release in releases}


def read(found: Files) -> tuple[Ledger, list[Problem]]:
    return ledger.read(Copy(found), ledgers.FOLDER, ledgers.POLICY)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


# Looking up.


def test_a_sound_ledger() -> None:
    found, problems = read(files(THREE))
    assert problems == []
    assert [r.version for r in found.releases] == list(VERSIONS)
    assert found.head == found.get("2.0.0") == found.releases[-1]
    assert found.get("3.0.0") is None


def test_order_is_numeric() -> None:
    versions = ("1.9.0", "1.10.0", "1.10.1", "2.0.0")
    found, problems = read(files(ledgers.chain(*versions)))
    assert ([r.version for r in found.releases], problems) == (list(versions), [])


def test_no_releases() -> None:
    found, problems = read({})
    assert (found.head, found.in_force(day("2026-01-01")), found.base("1.0.0"), problems) == (None, None, None, [])


STATUS = [
    ("2025-12-31", [], None, [], "unpublished unpublished unpublished"),
    ("2026-01-01", ["1.0.0"], None, ["1.0.0"], "announced unpublished unpublished"),
    ("2026-01-15", ["1.0.0"], "1.0.0", [], "in-force unpublished unpublished"),
    ("2026-02-14", ["1.1.0", "1.0.0"], "1.0.0", ["1.1.0"], "in-force announced unpublished"),
    ("2026-02-15", ["1.1.0", "1.0.0"], "1.1.0", [], "superseded in-force unpublished"),
    ("2100-01-01", ["2.0.0", "1.1.0", "1.0.0"], "2.0.0", [], "superseded superseded in-force"),
]


@pytest.mark.parametrize(("on", "shown", "in_force", "announced", "statuses"), STATUS)
def test_a_day(on: str, shown: list[str], in_force: str | None, announced: list[str], statuses: str) -> None:
    found, _ = read(files(THREE))
    current = found.in_force(day(on))
    assert [r.version for r in found.shown(day(on))] == shown
    assert (current.version if current else None) == in_force
    assert [r.version for r in found.announced(day(on))] == announced
    assert " ".join(found.status(r, day(on)) for r in found.releases) == statuses


def test_a_revised_translation_stands_right_after_its_version() -> None:
    """2.0.0+en.1 is made after 3.0.0, replaces 2.0.0 and never outranks 3.0.0."""
    made = ledgers.chain("2.0.0", "3.0.0")
    revised = ledgers.data("2.0.0+en.1", made[-1], corrects="2.0.0", effective="2026-01-20")
    found, problems = read(files([*made, revised]))
    assert problems == []
    assert found.head is not None
    assert (found.head.version, [r.version for r in found.shown(day("2026-12-31"))]) == ("2.0.0+en.1", ["3.0.0", "2.0.0+en.1", "2.0.0"])
    current, later = found.in_force(day("2026-02-10")), found.in_force(day("2026-12-31"))
    assert current is not None
    assert later is not None
    assert (current.version, later.version) == ("2.0.0", "3.0.0")


@pytest.mark.parametrize(
    ("version", "base"),
    [("0.9.0", None), ("1.0.0", None), ("1.0.0+en.1", "1.0.0"), ("1.2.0", "1.1.0"), ("2.0.0", "1.1.0"), ("9.0.0", "2.0.0")],
)
def test_base(version: str, base: str | None) -> None:
    found = read(files(THREE))[0].base(version)
    assert (found.version if found else None) == base


# Hashes.

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-chain._LARGEST, chain._LARGEST) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
)


@given(PLAIN)
def test_hashes_are_over_rfc_8785_bytes(data: Any) -> None:
    assert chain._digest(data) == snapshot.digest(data)


def test_what_the_hashes_cover() -> None:
    release = THREE[1]
    meaning = {key: release[key] for key in ("schema", "policy", "version", "number", "corrects", "published", "effective", "document")}
    assert release["fingerprint"] == snapshot.digest({**meaning, "previous": THREE[0]["fingerprint"]})
    assert release["seal"] == snapshot.digest({key: value for key, value in release.items() if key != "seal"})
    assert rfc8785.dumps(release)


# Tampering. Each way is told by file and words.


def flipped() -> list[tuple[str, int]]:
    return [(path, index) for path, content in files(THREE).items() for index in range(len(content))]


def test_every_flipped_byte_is_found() -> None:
    """All bytes of all three files, each changed to one other value, and each file named."""
    sound = files(THREE)
    for path, index in flipped():
        content = bytearray(sound[path])
        content[index] ^= 1 << index % 8
        problems = read({**sound, path: bytes(content)})[1]
        assert problems, f"{path}: byte {index}"
        assert any(found.place.path == path and found.severity == "error" for found in problems), f"{path}: byte {index}"
    assert len(flipped()) > 5000


Tamper = Callable[[list[dict[str, Any]]], Files]
ONE, TWO, LAST = (ledgers.path(version) for version in VERSIONS)


def edit(version: str, old: bytes, new: bytes) -> Tamper:
    """Replace bytes of a file."""

    def tampered(releases: list[dict[str, Any]]) -> Files:
        found = files(releases)
        assert old in found[ledgers.path(version)]
        return found | {ledgers.path(version): found[ledgers.path(version)].replace(old, new, 1)}

    return tampered


def remade(index: int, **changed: Any) -> Tamper:
    """Change a release and mend its own hashes; what follows still names the old ones."""

    def tampered(releases: list[dict[str, Any]]) -> Files:
        return files([ledger.sealed({**r, **changed}) if i == index else r for i, r in enumerate(releases)])

    return tampered


def without(*paths: str) -> Tamper:
    return lambda releases: {path: content for path, content in files(releases).items() if path not in paths}


def moved(old: str, new: str, *, keep: bool = False) -> Tamper:
    def tampered(releases: list[dict[str, Any]]) -> Files:
        found = files(releases)
        return {path: content for path, content in found.items() if keep or path != old} | {new: found[old]}

    return tampered


def raw(path: str, content: bytes) -> Tamper:
    return lambda releases: files(releases) | {path: content}


def inserted(releases: list[dict[str, Any]]) -> Files:
    return files([*releases, ledgers.data("1.5.0", releases[1])])


def swapped(releases: list[dict[str, Any]]) -> Files:
    """The second and third change numbers, each with its own hashes mended."""
    first, second, third = releases
    second, third = ledger.sealed({**second, "number": 3}), ledger.sealed({**third, "number": 2})
    return files([first, second, third])


def exchanged(releases: list[dict[str, Any]]) -> Files:
    found = files(releases)
    return found | {TWO: found[LAST], LAST: found[TWO]}


def rewritten(releases: list[dict[str, Any]]) -> Files:
    """The middle release is replaced, and the last one made to follow it again, but for the seal it names."""
    middle = ledger.sealed({**releases[1], "record": {**ledgers.RECORD, "summary": {"en": "other"}}})
    return files([releases[0], middle, releases[2]])


def spelled(index: int, form: Callable[[dict[str, Any]], str]) -> Tamper:
    return lambda releases: files(releases) | {ledgers.path(VERSIONS[index]): form(releases[index]).encode()}


def without_key(key: str) -> Tamper:
    def tampered(releases: list[dict[str, Any]]) -> Files:
        last = ledger.sealed({k: v for k, v in releases[2].items() if k != key})
        return files(releases[:2]) | {LAST: ledger.dump(last)}

    return tampered


DEEP = b"[" * 100_000
NEST = b'{"a":' * 70 + b"1" + b"}" * 70
INVENTED = {"version": "0.1.0", "fingerprint": "0" * 64, "seal": "0" * 64}
TAMPERED: list[tuple[str, Tamper, str, str]] = [
    ("a word of the text", edit("1.1.0", "甲".encode(), "丙".encode()), TWO, "does not match its fingerprint"),
    ("a date", edit("1.1.0", b"2026-02-15", b"2026-02-16"), TWO, "does not match its fingerprint"),
    ("the fingerprint", edit("1.1.0", THREE[1]["fingerprint"].encode(), b"0" * 64), TWO, "does not match its fingerprint"),
    ("the seal", edit("1.1.0", THREE[1]["seal"].encode(), b"0" * 64), TWO, "does not match its seal"),
    ("the record", edit("1.1.0", b'"notice_days": 30', b'"notice_days": 0'), TWO, "does not match its seal"),
    ("the last record", edit("2.0.0", b'"notice_days": 30', b'"notice_days": 0'), LAST, "does not match its seal"),
    ("the number", edit("1.1.0", b'"number": 2', b'"number": 3'), TWO, "does not match its fingerprint"),
    ("the version", edit("1.1.0", b'"version": "1.1.0"', b'"version": "1.2.0"'), TWO, "does not match its fingerprint"),
    ("the policy", edit("1.1.0", b'"policy": "p"', b'"policy": "q"'), TWO, "does not match its fingerprint"),
    ("the link", edit("1.1.0", THREE[0]["seal"].encode(), b"0" * 64), TWO, "does not match its seal"),
    ("a byte more", edit("1.1.0", b"}\n", b"}\n\n"), TWO, "not the bytes that were released"),
    ("line ends", spelled(1, lambda r: ledger.dump(r).decode().replace("\n", "\r\n")), TWO, "not the bytes that were released"),
    ("no line end", spelled(1, lambda r: ledger.dump(r).decode().rstrip("\n")), TWO, "not the bytes that were released"),
    ("other spaces", spelled(1, lambda r: json.dumps(r, ensure_ascii=False, sort_keys=True)), TWO, "not the bytes that were released"),
    ("other order", spelled(1, lambda r: json.dumps(r, ensure_ascii=False, indent=1) + "\n"), TWO, "not the bytes that were released"),
    ("escapes", spelled(1, lambda r: json.dumps(r, indent=1, sort_keys=True) + "\n"), TWO, "not the bytes that were released"),
    ("a mark of byte order", spelled(1, lambda r: "\ufeff" + ledger.dump(r).decode()), TWO, "this is not a release"),
    ("cut short", raw(TWO, ledger.dump(THREE[1])[:200]), TWO, "this is not a release"),
    ("empty", raw(TWO, b""), TWO, "this is not a release"),
    ("not JSON", raw(TWO, b"released\n"), TWO, "this is not a release"),
    ("not UTF-8", edit("1.1.0", "甲".encode(), "甲".encode("gb18030")), TWO, "is not UTF-8"),
    ("a list", raw(TWO, b"[]\n"), TWO, "expected named values, got a list"),
    ("a key twice", edit("1.1.0", b'"schema": 1', b'"schema": 1,\n "schema": 1'), TWO, "“schema” is written twice"),
    ("a fraction", edit("1.1.0", b'"number": 2', b'"number": 2.0'), TWO, "expected a whole number, got 2.0"),
    ("an exponent", edit("1.1.0", b'"number": 2', b'"number": 2e0'), TWO, "expected a whole number, got 2e0"),
    ("no number", edit("1.1.0", b'"number": 2', b'"number": NaN'), TWO, "expected a whole number, got NaN"),
    ("a huge number", edit("1.1.0", b'"number": 2', b'"number": ' + b"9" * 5000), TWO, "is out of range"),
    ("too deep", raw(TWO, DEEP), TWO, "nested more than 64 levels deep"),
    ("rather deep", raw(TWO, NEST), TWO, "nested more than 64 levels deep"),
    ("too big", raw(TWO, b" " * (chain.MAX_BYTES + 1)), TWO, "more than 8388608 bytes"),
    ("a lone surrogate", edit("1.1.0", "甲".encode(), b"\\ud800"), TWO, "U+D800"),
    ("hidden text", remade(1, document=ledgers.document("甲") | {"groups": [{"id": "\u202e"}]}), TWO, "reorders the text"),
    ("an unknown key", remade(1, more="x"), TWO, "nothing is called “more” here"),
    ("an unknown key within", remade(1, record={**ledgers.RECORD, "more": "x"}), TWO, "nothing is called “more” here"),
    ("a missing key", without_key("record"), LAST, "“record” is missing"),
    ("a wrong type", remade(1, number=True), TWO, ""),
    ("a newer schema", remade(1, schema=2), TWO, "has schema 2; this Clausebook knows up to 1"),
    ("no schema", remade(1, schema="1"), TWO, "“1” is not known here"),
    ("the first is missing", without(ONE), TWO, "release number 1 is missing before 1.1.0"),
    ("the middle is missing", without(TWO), LAST, "release number 2 is missing before 2.0.0"),
    ("only the last is left", without(ONE, TWO), LAST, "release number 1 is missing before 2.0.0, which is number 3"),
    ("files exchanged", exchanged, TWO, "this file holds release 2.0.0"),
    ("numbers exchanged", swapped, LAST, "2.0.0 names 1.1.0 as the release before it, but that is 1.0.0"),
    ("renumbered", remade(2, number=2), LAST, "1.1.0 both say they are number 2"),
    ("numbered far ahead", remade(2, number=9), LAST, "release number 3 is missing before 2.0.0"),
    ("number nought", remade(0, number=0), ONE, "0 is out of range"),
    ("inserted", inserted, LAST, "2.0.0 and 1.5.0 both say they are number 3"),
    ("renamed", moved(TWO, ledgers.path("1.2.0")), ledgers.path("1.2.0"), "this file holds release 1.1.0"),
    ("copied", moved(TWO, ledgers.path("1.2.0"), keep=True), ledgers.path("1.2.0"), "this file holds release 1.1.0"),
    ("renamed beyond", moved(TWO, ledgers.path("1.1")), ledgers.path("1.1"), "only releases named <version>.json stand here"),
    ("capitals", moved(TWO, TWO.replace(".json", ".JSON")), TWO.replace(".json", ".JSON"), "only releases named <version>.json"),
    ("of another policy", remade(1, policy="q"), TWO, "this is a release of policy q"),
    ("the first replaced", remade(0, document=ledgers.document("丁")), TWO, "names another fingerprint for 1.0.0"),
    ("the middle replaced", remade(1, effective="2026-02-16"), LAST, "names another fingerprint for 1.1.0"),
    ("a record replaced", rewritten, LAST, "names another seal for 1.1.0"),
    ("a beginning invented", remade(0, previous=INVENTED), ONE, "1.0.0 is number 1 but names 0.1.0"),
    ("a link cut", remade(1, previous=None), TWO, "1.1.0 names - as the release before it, but that is 1.0.0"),
    ("dates go back", remade(2, published="2026-01-31"), LAST, "is dated 2026-01-31, before 1.1.0, published on 2026-02-01"),
    ("effect goes back", remade(2, effective="2026-02-14"), LAST, "takes effect on 2026-02-14, before the lower version 1.1.0"),
    ("no such day", remade(2, published="2026-02-30"), LAST, "expected a date"),
    ("corrects nothing", remade(2, corrects="1.9.0"), LAST, "2.0.0 points back to 1.9.0, which is no earlier release"),
    ("corrects itself", remade(2, corrects="2.0.0"), LAST, "2.0.0 points back to 2.0.0, which is no earlier release"),
    ("an extra file", raw(f"{ledgers.FOLDER}/p/releases/notes.txt", b"x"), f"{ledgers.FOLDER}/p/releases/notes.txt", "only releases named"),
    ("a folder", raw(f"{ledgers.FOLDER}/p/releases/old/1.0.0.json", b"x"), f"{ledgers.FOLDER}/p/releases/old", "no folders"),
]  # fmt: skip


@pytest.mark.parametrize(("tamper", "path", "words"), [pytest.param(*row[1:], id=row[0]) for row in TAMPERED])
def test_tampering_is_told_by_file(tamper: Tamper, path: str, words: str) -> None:
    problems = [found for found in read(tamper(THREE))[1] if found.severity == "error"]
    assert [tell(p) for p in problems if p.place.path == path and words in tell(p)], [tell(p) for p in problems]
    assert all(tell(p, "zh") for p in problems)


def test_ways_of_tampering_are_many_and_different() -> None:
    assert len({row[0] for row in TAMPERED}) == len(TAMPERED) >= 30


def test_entries_that_are_no_files(tmp_path: Path) -> None:
    folder = ledgers.write(tmp_path, THREE)
    (folder / "3.0.0.json").symlink_to("2.0.0.json")
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "4.0.0.json")
    (folder / ".2.1.0.json.8123.tmp").write_bytes(b"{")
    (folder / ".DS_Store").write_bytes(b"x")
    found, problems = ledger.read(Folder(tmp_path), ledgers.FOLDER, ledgers.POLICY)
    here = f"{ledgers.FOLDER}/p/releases"
    assert [tell(p) for p in problems] == [
        f"{here}/.2.1.0.json.8123.tmp: warning: left by an interrupted release (delete it)",
        f"{here}/.DS_Store: warning: only releases named <version>.json stand here (move it away)",
        f"{here}/3.0.0.json: links are not followed (copy the file)",
        f"{here}/4.0.0.json: this is not an ordinary file (delete it)",
        f"{here}/folder.json: only releases stand here, no folders (move it away)",
    ]
    assert [r.version for r in found.releases] == list(VERSIONS)


@pytest.mark.parametrize("level", [f"{ledgers.FOLDER}/p", f"{ledgers.FOLDER}/p/releases"])
def test_folders_that_are_links(tmp_path: Path, level: str) -> None:
    ledgers.write(tmp_path, THREE)
    (tmp_path / level).rename(tmp_path / "elsewhere")
    (tmp_path / level).symlink_to(tmp_path / "elsewhere")
    found, problems = ledger.read(Folder(tmp_path), ledgers.FOLDER, ledgers.POLICY)
    assert (found.releases, [tell(p) for p in problems]) == ((), [f"{level}: links are not followed (copy the file)"])


def test_limit_of_releases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "MAX_RELEASES", 3)
    assert read(files(THREE))[1] == []
    monkeypatch.setattr(chain, "MAX_RELEASES", 2)
    assert [tell(p) for p in read(files(THREE))[1]] == ["policies/p/releases: there are more than 2 releases (start a new policy)"]


def test_a_ledger_without_its_policy() -> None:
    assert [tell(p) for p in ledger.read_all(Copy(files(THREE)), ledgers.FOLDER)[1]] == [
        "policies/p/releases: there are releases here, but no policy p (restore its policy.yml; a policy once published keeps its releases)"
    ]


@given(st.binary(max_size=300) | st.recursive(PLAIN, st.lists).map(lambda d: json.dumps(d).encode()))
def test_no_content_causes_an_exception(content: bytes) -> None:
    assert chain.release(ONE, ledgers.POLICY, content)[1]


@given(st.sampled_from(sorted(THREE[0])), PLAIN)
def test_no_value_causes_an_exception(key: str, value: Any) -> None:
    chain.release(ONE, ledgers.POLICY, ledger.dump(ledger.sealed({**THREE[0], key: value})))


# The fast reader: whatever it takes, the close look takes too, and reads alike.

REAL = sorted(Path("policies").rglob("releases/*.json"))


def close(raw: bytes) -> dict[str, Any] | None:
    try:
        data = chain._json(ONE, raw)
    except UserError:
        return None
    return data if chain.dump(data) == raw else None


@pytest.mark.parametrize("path", REAL, ids=lambda path: "/".join(path.parts[-3::2]))
def test_real_releases_are_read_fast(path: Path) -> None:
    raw = path.read_bytes()
    assert chain._plain(raw) == close(raw) is not None


ODD_TEXTS = st.text(alphabet=st.sampled_from(list('ab"\\/\n\t\u200b\u202e\x7f\u2028中\ue000😀 :{}[],0')), max_size=8)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats() | ODD_TEXTS,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(ODD_TEXTS, v, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(ODD_TEXTS, ODD, max_size=4))
def test_the_fast_reader_takes_nothing_the_close_look_refuses(data: dict[str, Any]) -> None:
    raw = chain.dump(data)
    found = chain._plain(raw)
    assert found is None or (found == data == close(raw))


@given(st.data())
def test_the_fast_reader_takes_no_other_bytes(data: st.DataObject) -> None:
    raw = chain.dump(THREE[1])
    at = data.draw(st.integers(0, len(raw) - 1))
    other = raw[:at] + data.draw(st.binary(max_size=3)) + raw[at + data.draw(st.integers(0, 3)) :]
    found = chain._plain(other)
    assert found is None or found == close(other)


def test_the_fast_reader_knows_depth() -> None:
    deep: Any = "x"
    for _ in range(chain.MAX_DEPTH - 1):
        deep = [deep]
    assert close(chain.dump({"a": deep})) == chain._plain(chain.dump({"a": deep})) is None
    assert close(chain.dump({"a": deep[0]})) == chain._plain(chain.dump({"a": deep[0]})) is not None


# Another copy.

OTHER_TAIL = ledgers.data("2.0.0", THREE[1], effective="2026-05-01")
OTHER_RECORD = ledgers.data("2.0.0", THREE[1], record={**ledgers.RECORD, "summary": {"en": "x"}})
TAIL = [
    ("the same", THREE, ""),
    ("ours is longer", THREE[:2], ""),
    ("theirs is empty", [], ""),
    ("dropped", ledgers.chain(*VERSIONS, "3.0.0"), "policies/p/releases/3.0.0.json: release 3.0.0, number 4 there, is missing here"),
    ("the tail rewritten", [*THREE[:2], OTHER_TAIL], f"{LAST}: 2.0.0 says something else there"),
    ("the tail's record", [*THREE[:2], OTHER_RECORD], f"{LAST}: 2.0.0 says the same there"),
    ("another version", [*THREE[:2], ledgers.data("1.2.0", THREE[1])], f"{LAST}: number 3 is 2.0.0 here but 1.2.0 there"),
    ("another beginning", [ledgers.data("1.0.0", None, effective="2026-01-16")], f"{ONE}: 1.0.0 says something else there"),
]  # fmt: skip


@pytest.mark.parametrize(("theirs", "line"), [pytest.param(*row[1:], id=row[0]) for row in TAIL])
def test_compare(theirs: list[dict[str, Any]], line: str) -> None:
    found = ledger.compare(read(files(THREE))[0], read(files(theirs))[0])
    assert len(found) == bool(line)
    assert all(tell(p).startswith(line) for p in found)


# Appending.


def policy(root: Path) -> Path:
    (root / ledgers.FOLDER / "p").mkdir(parents=True)
    return root


def test_append(tmp_path: Path) -> None:
    policy(tmp_path)
    for release in THREE:
        notes: list[Problem] = []
        path = ledger.append(tmp_path, ledgers.FOLDER, release, notes)
        assert path == tmp_path / ledgers.path(release["version"])
        assert path.read_bytes() == ledger.dump(release)
        assert path.stat().st_mode & 0o777 == 0o644 & ~_umask()
        assert notes == []
    assert sorted(p.name for p in path.parent.iterdir()) == ["1.0.0.json", "1.1.0.json", "2.0.0.json"]
    assert ledger.read(Folder(tmp_path), ledgers.FOLDER, "p")[1] == []


def _umask() -> int:
    found = os.umask(0o22)
    os.umask(found)
    return found


REFUSED = [
    ("there already", THREE[2], "2.0.0 is released already"),
    ("behind the head", ledgers.data("2.1.0", THREE[1]), "2.1.0 was prepared to follow 1.1.0, but the newest release is 2.0.0 by now"),
    ("from the start", ledgers.data("2.1.0", None), "2.1.0 was prepared to follow -, but the newest release is 2.0.0 by now"),
    ("not sealed", {**ledgers.data("2.1.0", THREE[2]), "seal": "0" * 64}, "does not match its seal"),
    ("a clock a day behind", ledgers.data("2.1.0", THREE[2], published="2026-02-28"), "the dates of a chain never go back"),
    ("a clock in 1970", ledgers.data("2.1.0", THREE[2], published="1970-01-01"), "the dates of a chain never go back"),
    ("no such day", ledgers.data("2.1.0", THREE[2], published="2027-02-29"), "expected a date"),
    ("in force too early", ledgers.data("2.1.0", THREE[2], effective="2026-03-14"), "before the lower version 2.0.0"),
    ("bad version", ledgers.data("2.1", THREE[2]), ""),
]


@pytest.mark.parametrize(("release", "words"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_append_refuses(tmp_path: Path, release: dict[str, Any], words: str) -> None:
    folder = ledgers.write(tmp_path, THREE)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(UserError) as error:
        ledger.append(tmp_path, ledgers.FOLDER, release)
    assert any(words in tell(p) for p in error.value.problems)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_append_refuses_a_broken_chain(tmp_path: Path) -> None:
    folder = ledgers.write(tmp_path, THREE)
    (folder / "1.1.0.json").unlink()
    with pytest.raises(UserError) as error:
        ledger.append(tmp_path, ledgers.FOLDER, ledgers.data("2.1.0", THREE[2]))
    assert [p.code for p in error.value.problems] == ["ledger-missing"]


def test_append_leaves_litter_alone(tmp_path: Path) -> None:
    folder = ledgers.write(tmp_path, THREE)
    (folder / ".2.1.0.json.0011aabb.tmp").write_bytes(b"half")
    ledger.append(tmp_path, ledgers.FOLDER, ledgers.data("2.1.0", THREE[2]))
    assert (folder / ".2.1.0.json.0011aabb.tmp").read_bytes() == b"half"


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    folder, notes = ledgers.write(tmp_path, THREE), list[Problem]()
    ledger.append(tmp_path, ledgers.FOLDER, ledgers.data("2.1.0", THREE[2]), notes)
    assert [p.code for p in notes] == ["release-renamed"]
    assert sorted(p.name for p in folder.iterdir()) == ["1.0.0.json", "1.1.0.json", "2.0.0.json", "2.1.0.json"]


def test_a_release_dated_ahead() -> None:
    found = read(files(THREE))[0]
    assert found.ahead(day("2026-02-28")) == []
    assert [tell(p) for p in found.ahead(day("2026-02-27"))] == [
        f"{LAST}: warning: this release is dated 2026-03-01, more than a day after 2026-02-27 (check the clock, or the date)"
    ]


# Fixtures: what was released with schema 1 is read for ever.


def test_fixtures_load_verify_and_become_documents() -> None:
    contents = {ledgers.path(file.stem): file.read_bytes() for file in FIXTURES.glob("*.json")}
    found, problems = read(contents)
    assert problems == []
    assert [r.version for r in found.releases] == ["1.0.0", "1.1.0", "2.0.0", "2.0.0+en.1"]
    for release in found.releases:
        frozen = json.loads(contents[ledgers.path(release.version)])["document"]
        side = snapshot.load(release.document, release.policy, ledgers.path(release.version))
        assert snapshot.of(side) == frozen
        assert side.document.policy.id == "p"


def test_the_bytes_are_the_same_in_every_python() -> None:
    """The fixtures' hashes were made once; this Python finds the same."""
    for file in FIXTURES.glob("*.json"):
        assert ledger.dump(ledger.sealed(json.loads(file.read_bytes()))) == file.read_bytes(), sys.version
