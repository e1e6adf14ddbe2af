"""A file that must not exist yet is written whole or not at all, and never over another one."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clausebook import store

CONTENT = b"released\n" * 1000


def test_written_whole(tmp_path: Path) -> None:
    assert store.create(tmp_path / "a", CONTENT) is True
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", CONTENT)]


@pytest.mark.parametrize("make", [lambda p: p.write_bytes(b"old"), lambda p: p.symlink_to("nowhere"), lambda p: p.mkdir()])
@pytest.mark.parametrize("links", [True, False])
def test_never_over_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Any], links: bool) -> None:
    """Not over a file, nor a link that leads nowhere; with hard links and without."""
    if not links:
        failing(monkeypatch, "hardlink_to", errno.EPERM)
    make(tmp_path / "a")
    before = os.lstat(tmp_path / "a")
    with pytest.raises(store.TakenError):
        store.create(tmp_path / "a", CONTENT)
    after = os.lstat(tmp_path / "a")
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


def failing(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    target: object = Path if hasattr(Path, name) else os
    monkeypatch.setattr(target, name, fail)


def test_renamed_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "hardlink_to", errno.EOPNOTSUPP)
    assert store.create(tmp_path / "a", CONTENT) is False
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", CONTENT)]


def test_written_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system may take less than it is given."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data[:7])))
    store.create(tmp_path / "a", CONTENT)
    assert (tmp_path / "a").read_bytes() == CONTENT


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_nothing_is_left_of_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    failing(monkeypatch, call, errno.ENOSPC)
    with pytest.raises(OSError, match="No space left"):
        store.create(tmp_path / "a", CONTENT)
    assert list(tmp_path.iterdir()) == []


def test_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.create(tmp_path / "a", CONTENT)
    assert list(tmp_path.iterdir()) == []


def test_only_the_last_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(store, "confirm", fail)
    with pytest.raises(store.UnconfirmedError, match="Input/output error"):
        store.create(tmp_path / "a", CONTENT)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", CONTENT)]


def test_one_holds_the_lock(tmp_path: Path) -> None:
    seen = []
    got = threading.Event()

    def other() -> None:
        with store.locked(tmp_path):
            seen.append("other")
        got.set()

    with store.locked(tmp_path):
        thread = threading.Thread(target=other)
        thread.start()
        assert not got.wait(0.2)
        seen.append("first")
    assert got.wait(10)
    thread.join()
    assert seen == ["first", "other"]


def test_a_folder_that_is_a_link_is_not_locked(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(OSError, match=r"symbolic links|Not a directory"), store.locked(tmp_path / "link"):
        pass
