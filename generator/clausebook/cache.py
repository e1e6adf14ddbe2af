"""A store of work already done, shared by every run on a machine: bytes by kind and key, bounded, gone at any time.

Nothing depends on it: an entry that is missing, torn, altered or unreadable is as if it had never been written, and a
folder that cannot be used makes a store that keeps nothing. Callers put into the key whatever the value follows from
(`code()` among it), and store data only, never anything that is executed when it is read. On systems that tell users apart, the folder must
be the user's own and closed to everybody else: what another could have written is not read.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from clausebook import resources

ENVIRONMENT = "CLAUSEBOOK_CACHE"
LIMIT = 512 * 2**20

_HEAD = b"clausebook cache 1\n"
_DIGEST = hashlib.sha256().digest_size
_KEPT = 0.75  # of the limit stays after the oldest entries are dropped, so that this is not done again at once
_OURS = re.compile(r"[a-z]+-[0-9a-f]{64}(\.[0-9a-f]{8}\.tmp)?")  # whatever else stands in the folder is not touched
_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def folder(environ: Mapping[str, str]) -> Path | None:
    """Return the folder to keep entries in: the environment's, the platform's place for caches, or none where the variable is empty."""
    named = environ.get(ENVIRONMENT)
    if named is None:
        return platformdirs.user_cache_path("clausebook", appauthor=False)
    return Path(named).absolute() if named else None


@cache
def code() -> bytes:
    """Return a digest of what does the work: every file of this package, Python, and the versions of all that is installed."""
    total = hashlib.sha256(sys.version.encode())
    for path in sorted(_files(resources.PACKAGE)):
        total.update(f"{path.relative_to(resources.PACKAGE).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    for name in sorted(_installed()):
        total.update(f"{name}\0".encode())
    return total.digest()


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if not path.is_dir():
            yield path
        elif path.name != "__pycache__":
            yield from _files(path)


def _installed() -> Iterator[str]:
    """Yield name and version of every package Python can import, as its folder of metadata is called."""
    for entry in map(Path, sys.path):
        with suppress(OSError):
            yield from (name for name in (path.name for path in entry.iterdir()) if name.endswith((".dist-info", ".egg-info")))


class Cache:
    """A folder of entries of at most `limit` bytes; the entries longest unused go first.

    Each process counts what it adds itself, so several that write at once can be over the limit until the next one begins.
    """

    def __init__(self, place: Path | None, limit: int) -> None:
        """Use `Cache.open`."""
        self._place, self._limit = place, limit
        self._size: int | None = None

    @classmethod
    def open(cls, folder: Path | None, limit: int = LIMIT) -> Cache:
        """Return the store in a folder, which is made if need be; without a folder that can be trusted, one that keeps nothing."""
        return cls(folder if folder is not None and _is_private(folder) else None, limit)

    @property
    def keeps(self) -> bool:
        """Tell whether anything put here can be had again."""
        return self._place is not None

    def get(self, kind: str, key: bytes) -> bytes | None:
        """Return the value stored under a kind and a key, or None."""
        if self._place is None:
            return None
        name = _name(kind, key)
        path = self._place / name
        try:
            content = _read(path, self._limit)
        except OSError:
            return None
        value = _opened(name, content)
        with suppress(OSError):
            if value is None:
                path.unlink()
            else:
                os.utime(path)
        return value

    def put(self, kind: str, key: bytes, value: bytes) -> None:
        """Store a value: whole, or not at all. `kind` is one lower-case word."""
        if self._place is None:
            return
        name = _name(kind, key)
        content = _closed(name, value)
        if len(content) > self._limit:
            return
        try:
            self._make_room(len(content))
            _write(self._place / name, content)
        except OSError:
            self._place = None  # the disk is full or the folder is gone: what follows would fail as well

    def _make_room(self, more: int) -> None:
        if self._size is None:
            self._size = sum(entry.size for entry in self._entries())
        self._size += more
        if self._size <= self._limit:
            return
        entries = sorted(self._entries(), key=lambda entry: entry.used)
        self._size = sum(entry.size for entry in entries) + more
        for entry in entries:
            if self._size <= self._limit * _KEPT:
                break
            with suppress(OSError):  # another process had it first
                entry.path.unlink()
            self._size -= entry.size

    def _entries(self) -> Iterator[_Entry]:
        """Yield every file that is an entry, or was to become one when its writer was stopped."""
        assert self._place is not None
        with os.scandir(self._place) as found:
            for item in found:
                with suppress(OSError):
                    if _OURS.fullmatch(item.name) and item.is_file(follow_symlinks=False):
                        status = item.stat(follow_symlinks=False)
                        yield _Entry(Path(item.path), status.st_size, status.st_mtime_ns)


@dataclass(frozen=True)
class _Entry:
    """A file of the store: its bytes, and when it was last used in nanoseconds."""

    path: Path
    size: int
    used: int


def _is_private(folder: Path) -> bool:
    """Tell whether a folder, made if need be, is a real one that only this user can write to or read."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        status = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(status.st_mode):
        return False
    if not hasattr(os, "geteuid"):
        return True  # Windows: the platform's place for caches is closed to other users
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _name(kind: str, key: bytes) -> str:
    return f"{kind}-{hashlib.sha256(key).hexdigest()}"


def _closed(name: str, value: bytes) -> bytes:
    return _HEAD + hashlib.sha256(name.encode() + value).digest() + value


def _opened(name: str, content: bytes) -> bytes | None:
    """Return the value in an entry's content, or None unless it is all there under its own name."""
    start = len(_HEAD) + _DIGEST
    value = content[start:]
    digest = hashlib.sha256(name.encode() + value).digest()
    return value if content[:start] == _HEAD + digest else None


def _read(path: Path, limit: int) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | _SAFE), "rb") as file:
        return file.read(limit + 1)


def _write(path: Path, content: bytes) -> None:
    """Write aside and rename. Nothing is flushed to the disk: what a power cut tears is told by its digest."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, 0o600), "wb") as file:
            file.write(content)
        _renamed(aside, path)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def _renamed(aside: Path, path: Path) -> None:
    try:
        aside.replace(path)
    except PermissionError:  # Windows: somebody reads the entry that is there
        if not path.exists():
            raise
        aside.unlink()
