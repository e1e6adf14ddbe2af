"""The store of work already done never gives what was not put in, whatever happens to it, and stays within its bound."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from clausebook import cache, resources
from clausebook.cache import Cache

LIMIT = 2**20

# Puts values of many sizes under 50 keys for ever; a value is its key's digits over and over.
WRITER = """
import sys
from pathlib import Path
from clausebook.cache import Cache
store = Cache.open(Path(sys.argv[1]), 2**30)
print("writing", flush=True)
for n in range(int(sys.argv[2])):
    key = str(n % 50).encode()
    store.put("work", key, (key + b" ") * (1 + n * 7919 % 40000))
"""


def fresh(folder: Path, limit: int = LIMIT) -> Cache:
    return Cache.open(folder / "cache", limit)


def files(folder: Path) -> list[Path]:
    return sorted((folder / "cache").iterdir())


def is_whole(key: bytes, value: bytes | None) -> bool:
    return value is not None and value == (key + b" ") * value.count(b" ") != b""


def writer(folder: Path, rounds: int) -> subprocess.Popen[bytes]:
    started = subprocess.Popen([sys.executable, "-c", WRITER, folder / "cache", str(rounds)], stdout=subprocess.PIPE)
    assert started.stdout
    started.stdout.readline()
    started.stdout.close()
    return started


def test_kept_between_runs(tmp_path: Path) -> None:
    fresh(tmp_path).put("work", b"key", b"value")
    assert fresh(tmp_path).get("work", b"key") == b"value"
    assert fresh(tmp_path).get("other", b"key") is None
    assert fresh(tmp_path).get("work", b"another") is None


def test_put_again(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    for value in (b"first", b"", b"last"):
        store.put("work", b"key", value)
        assert store.get("work", b"key") == value
    assert len(files(tmp_path)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_closed_to_others(tmp_path: Path) -> None:
    fresh(tmp_path).put("work", b"key", b"value")
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "cache", *files(tmp_path))] == [0o700, 0o600]


@pytest.mark.parametrize("where", ["first", "head", "digest", "value", "last"])
def test_altered(tmp_path: Path, where: str) -> None:
    """An entry with one bit changed is none; it is removed, and can be put again."""
    store = fresh(tmp_path)
    store.put("work", b"key", b"value" * 100)
    (path,) = files(tmp_path)
    content = bytearray(path.read_bytes())
    at = {"first": 0, "head": 10, "digest": len(cache._HEAD) + 3, "value": -100, "last": -1}[where]
    content[at] ^= 1
    path.write_bytes(content)
    assert store.get("work", b"key") is None
    assert files(tmp_path) == []
    store.put("work", b"key", b"value")
    assert store.get("work", b"key") == b"value"


def test_torn(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    for size in range(0, 80, 3):
        store.put("work", b"key", b"value" * 10)
        (path,) = files(tmp_path)
        path.write_bytes(path.read_bytes()[:size])
        assert store.get("work", b"key") is None


def test_under_its_own_name_only(tmp_path: Path) -> None:
    """An entry moved to another's name is none."""
    store = fresh(tmp_path)
    store.put("work", b"one", b"first")
    (one,) = files(tmp_path)
    store.put("work", b"two", b"second")
    two = next(path for path in files(tmp_path) if path != one)
    one.replace(two)
    assert store.get("work", b"two") is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_killed_while_writing(tmp_path: Path) -> None:
    """Whatever a writer had done when it was killed, every entry is whole or absent, and what it left is cleared away in time."""
    chance = random.Random(1)
    for _ in range(6):
        started = writer(tmp_path, 10**9)
        time.sleep(chance.uniform(0.02, 0.2))
        started.send_signal(signal.SIGKILL)
        started.wait()
        found = {key: fresh(tmp_path).get("work", key) for key in (str(n).encode() for n in range(50))}
        assert [key for key, value in found.items() if value is not None and not is_whole(key, value)] == []
    assert any(found.values())
    left = tmp_path / "cache" / f"{files(tmp_path)[0].name}.00000000.tmp"
    left.write_bytes(b"x" * LIMIT)
    os.utime(left, (0, 0))
    fresh(tmp_path).put("work", b"key", b"value")
    assert not left.exists()


def test_two_writers(tmp_path: Path) -> None:
    started = [writer(tmp_path, 400), writer(tmp_path, 400)]
    seen = 0
    while any(process.poll() is None for process in started):
        for n in range(50):
            value = fresh(tmp_path).get("work", str(n).encode())
            assert value is None or is_whole(str(n).encode(), value)
            seen += value is not None
    assert [process.returncode for process in started] == [0, 0]
    assert seen
    assert all(is_whole(key, fresh(tmp_path).get("work", key)) for key in (str(n).encode() for n in range(50)))
    assert len(files(tmp_path)) == 50


def test_bounded(tmp_path: Path) -> None:
    store = fresh(tmp_path, 10_000)
    for n in range(200):
        store.put("work", str(n).encode(), bytes(n * 10))
        assert sum(path.stat().st_size for path in files(tmp_path)) <= 10_000
    assert store.get("work", b"199") == bytes(1990)
    assert store.get("work", b"1") is None


def test_bounded_over_runs(tmp_path: Path) -> None:
    for n in range(50):
        fresh(tmp_path, 10_000).put("work", str(n).encode(), bytes(1000))
        assert sum(path.stat().st_size for path in files(tmp_path)) <= 10_000


def test_longest_unused_goes_first(tmp_path: Path) -> None:
    store = fresh(tmp_path, 10_000)
    for n in range(9):
        store.put("work", str(n).encode(), bytes(1000))
    for age, path in enumerate(files(tmp_path)):
        os.utime(path, (age, age))
    oldest, second = files(tmp_path)[:2]
    used = next(n for n in range(9) if cache._name("work", str(n).encode()) == oldest.name)
    assert store.get("work", str(used).encode()) == bytes(1000)
    store.put("work", b"more", bytes(1000))
    assert oldest.exists()
    assert not second.exists()


def test_bigger_than_the_bound(tmp_path: Path) -> None:
    store = fresh(tmp_path, 1000)
    store.put("work", b"small", b"value")
    store.put("work", b"big", bytes(1000))
    assert store.get("work", b"big") is None
    assert store.get("work", b"small") == b"value"


def test_other_files_stay(tmp_path: Path) -> None:
    """A folder named by mistake loses nothing."""
    (tmp_path / "cache").mkdir(mode=0o700)
    for name in ("letter.txt", "work-1234", f"work-{'0' * 64}.yml"):
        (tmp_path / "cache" / name).write_bytes(bytes(5000))
    store = fresh(tmp_path, 10_000)
    for n in range(40):
        store.put("work", str(n).encode(), bytes(1000))
    assert {"letter.txt", "work-1234", f"work-{'0' * 64}.yml"} <= {path.name for path in files(tmp_path)}


def test_no_folder() -> None:
    store = Cache.open(None, LIMIT)
    store.put("work", b"key", b"value")
    assert store.get("work", b"key") is None
    assert not store.keeps


def occupied(folder: Path) -> None:
    (folder / "cache").write_bytes(b"a file")


def linked(folder: Path) -> None:
    (folder / "elsewhere").mkdir(mode=0o700)
    (folder / "cache").symlink_to(folder / "elsewhere")


def opened_up(folder: Path) -> None:
    (folder / "cache").mkdir()
    (folder / "cache").chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
@pytest.mark.parametrize("make", [occupied, linked, opened_up])
def test_folder_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path)
    store = fresh(tmp_path)
    store.put("work", b"key", b"value")
    assert not store.keeps
    assert store.get("work", b"key") is None
    assert not (tmp_path / "elsewhere").exists() or not any((tmp_path / "elsewhere").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such ids")
def test_folder_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh(tmp_path).put("work", b"key", b"value")
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    store = fresh(tmp_path)
    assert not store.keeps
    assert store.get("work", b"key") is None


def test_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert not Cache.open(tmp_path / "file" / "cache", LIMIT).keeps


def test_folder_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk or a folder gone in the middle of a run costs the entries, not the run; nothing half written stays."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    store = fresh(tmp_path)
    store.put("work", b"key", b"value")
    monkeypatch.setattr(Path, "replace", full)
    store.put("work", b"more", b"value")
    assert not store.keeps
    assert [path.name for path in files(tmp_path)] == [cache._name("work", b"key")]


def test_entry_that_is_a_link(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    store.put("work", b"key", b"value")
    (path,) = files(tmp_path)
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    assert store.get("work", b"key") is None or sys.platform == "win32"


def test_place(tmp_path: Path) -> None:
    assert cache.folder({"CLAUSEBOOK_CACHE": str(tmp_path)}) == tmp_path
    assert cache.folder({"CLAUSEBOOK_CACHE": ""}) is None
    assert cache.folder({}) == platformdirs.user_cache_path("clausebook", appauthor=False)


def test_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever does the work is in the digest: a file of ours, its name, Python, a package that is installed."""
    package, packages = tmp_path / "clausebook", tmp_path / "packages"
    (package / "site" / "__pycache__").mkdir(parents=True)
    packages.mkdir()
    (package / "site" / "page.py").write_bytes(b"1")
    monkeypatch.setattr(resources, "PACKAGE", package)
    monkeypatch.setattr(sys, "path", [str(packages), str(tmp_path / "nowhere")])
    code = cache.code.__wrapped__
    seen = [code()]
    (package / "site" / "__pycache__" / "page.pyc").write_bytes(b"1")
    assert code() == seen[0]

    def changes(change: Callable[[], object]) -> None:
        change()
        seen.append(code())

    changes(lambda: (package / "site" / "page.py").write_bytes(b"2"))
    changes(lambda: (package / "site" / "page.py").rename(package / "page.py"))
    changes(lambda: (packages / "yaml-6.0.dist-info").mkdir())
    changes(lambda: (packages / "yaml-6.0.dist-info").rename(packages / "yaml-6.1.dist-info"))
    changes(lambda: monkeypatch.setattr(sys, "version", "3.99"))
    assert len(set(seen)) == len(seen)
