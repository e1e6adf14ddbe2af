"""Writing a file that must not exist yet: whole and on the disk, or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}  # what file systems without hard links answer
_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
LOCK = ".lock"


class TakenError(OSError):
    """There is a file of this name already."""


class UnconfirmedError(OSError):
    """The file is there and whole, but the disk did not confirm that it stays."""


def create(path: Path, content: bytes) -> bool:
    """Write a new file: aside, then linked to its name, which fails if that is taken. Tell whether links work here.

    Without them the file is renamed to its name, which is exclusive among those who hold the folder's lock only.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, 0o644)
    try:
        _fill(descriptor, content)
        linked = _place(aside, path)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise
    try:
        _settle(aside, path.parent)
    except OSError as error:
        raise UnconfirmedError(error.errno, error.strerror) from error
    return linked


def _fill(descriptor: int, content: bytes) -> None:
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _place(aside: Path, path: Path) -> bool:
    try:
        path.hardlink_to(aside)
    except FileExistsError as error:
        raise TakenError(error.errno, error.strerror) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        return True
    if os.path.lexists(path):
        raise TakenError(errno.EEXIST, os.strerror(errno.EEXIST))
    aside.rename(path)
    return False


def _settle(aside: Path, folder: Path) -> None:
    try:
        aside.unlink(missing_ok=True)
    finally:
        confirm(folder)


if sys.platform == "win32":
    import msvcrt

    def confirm(folder: Path) -> None:
        """Have the disk confirm what stands in a folder; Windows does so by itself."""

    @contextmanager
    def locked(folder: Path) -> Iterator[None]:
        """Hold the lock of a folder; whoever else wants it waits. Windows locks files only."""
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | _SAFE)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            yield
        finally:
            with suppress(OSError):  # what was done under the lock is done
                os.close(descriptor)

else:
    import fcntl

    def confirm(folder: Path) -> None:
        """Have the disk confirm what stands in a folder."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | _SAFE)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def locked(folder: Path) -> Iterator[None]:
        """Hold the lock of a folder; whoever else wants it waits."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | _SAFE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            with suppress(OSError):  # what was done under the lock is done
                os.close(descriptor)
