"""The preview: a saved clause is read again, and of the pages only those somebody looks at are written.

The host builds the site once, and again when its own inputs change: hand-written pages, settings, the theme. For everything
else its output folder serves as a store of pages that are written when they are asked for.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import watchdog.events
import watchdog.observers
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer

from clausebook.errors import UserError
from clausebook.site import failure

if TYPE_CHECKING:
    from clausebook.plugin.events import ClausebookPlugin

log = logging.getLogger("mkdocs.plugins.clausebook")
WRITTEN = [
    watchdog.events.FileModifiedEvent,
    watchdog.events.FileCreatedEvent,
    watchdog.events.FileDeletedEvent,
    watchdog.events.FileMovedEvent,
]
Answer = Callable[[Any, Any], Any]
POLL = re.compile(r"/livereload/([0-9]+)/([0-9]+)")
POLL_SECONDS = 50.0  # a tab is answered before it gives up
SETTLE_SECONDS = 0.05  # how long nothing more may be written before a save counts as finished


class Preview:
    """Serves the pages of one running preview."""

    def __init__(self, plugin: ClausebookPlugin, server: LiveReloadServer, config: MkDocsConfig) -> None:
        self.plugin, self.server = plugin, server
        self.root = Path(config.config_file_path).resolve().parent
        self.lock = RLock()
        self.seen = self._inputs()
        self.written: dict[str, Any] = {}
        self.tabs: dict[tuple[str, str], str] = {}

    def start(self) -> None:
        """Put itself between the host's server and its builder and answers."""
        build, serve = self.server.builder, self.server.get_app()
        assert serve is not None
        self.server.builder = lambda *arguments: self._build(build, arguments)
        self.server.set_app(lambda environ, respond: self._answer(serve, environ, respond))
        self.server.build_delay = SETTLE_SECONDS
        _watch_natively(self.server)

    # Building.

    def _build(self, build: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """Read again what was saved; the host builds only if one of its own inputs changed. A broken edit shows on every page."""
        with self.lock:
            begun = time.perf_counter()
            try:
                inputs = self._inputs()
                if inputs == self.seen and self.plugin.refresh(self.root):
                    log.info(f"Policies read again in {time.perf_counter() - begun:.2f} seconds")
                else:
                    self.seen = inputs
                    build(*arguments)
            except (Exception, SystemExit) as error:
                self.plugin.fail(failure.cause(error, self.root))
            self.written.clear()

    def _inputs(self) -> dict[str, tuple[int, int]]:
        """Return when each file the host reads itself, and each template, was last written, and its size."""
        config = self.plugin.host
        templates = self.root / self.plugin.settings.templates
        folders = [templates, Path(config.docs_dir), *(Path(folder) for folder in config.theme.dirs if self.root in Path(folder).parents)]
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        files += [Path(config.config_file_path), *(self.root / str(hook) for hook in config.hooks)]
        return {str(path): (stat.st_mtime_ns, stat.st_size) for path in files if path.exists() for stat in [path.stat()]}

    # Answering.

    def _answer(self, serve: Answer, environ: Any, respond: Any) -> Any:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        poll = POLL.fullmatch(path)
        if poll:
            return self._poll(serve, environ, respond, poll)
        with self.lock:  # a page asked for while the next is made may turn out to be an error
            if self.plugin.failure is None:
                self._ensure(path)
        wrong = self.plugin.failure
        return serve(environ, respond) if wrong is None or _passes(path) else _told(wrong, respond)

    def _ensure(self, path: str) -> None:
        """Write what stands at a path, if it is ours and not written since the last save."""
        if not path.startswith(self.server.mount_path):
            return
        address = path.removeprefix(self.server.mount_path).removesuffix("index.html")
        try:
            for name, content in self.plugin.contents(address):
                self._write(name, content)
        except UserError as error:
            self.plugin.fail(error)

    def _write(self, name: str, make: Callable[[], bytes]) -> None:
        if name in self.written:
            return
        content = make()
        file = Path(self.server.root) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        self.written[name] = hashlib.sha256(content).hexdigest()

    # Tabs.

    def _poll(self, serve: Answer, environ: Any, respond: Any, poll: re.Match[str]) -> Any:
        """Let a tab wait on while what it shows stays as it is: the host has every tab load again at every save."""
        epoch, page = poll.group(1), unquote(environ.get("HTTP_REFERER", "")).split("#")[0]
        known = self.tabs.setdefault((page, poll.group(2)), self._shown(page))
        until = time.monotonic() + POLL_SECONDS
        asked = epoch
        while True:
            body = b"".join(serve({**environ, "PATH_INFO": f"/livereload/{asked}/{poll.group(2)}"}, lambda *_: None))
            answer = body.decode()
            if answer == asked or not known or self._shown(page) != known:
                break
            asked = answer
            if time.monotonic() > until:
                body = epoch.encode()
                break
        respond("200 OK", [("Content-Type", "text/plain")])
        return [body]

    def _shown(self, page: str) -> str:
        """Return a digest of the page of ours a tab shows; nothing for any other page, or while something is wrong."""
        path = "/" + page.split("/", 3)[-1] if page.count("/") >= 3 else "/"
        with self.lock:
            if self.plugin.failure is None:
                self._ensure(path)
            found = self.written.get(f"{path.removeprefix(self.server.mount_path)}index.html", "")
            return "" if self.plugin.failure is not None else str(found)


def guard(plugin: ClausebookPlugin, server: LiveReloadServer, config: MkDocsConfig) -> None:
    """Let the host build every page, where another plugin may change them; a broken edit shows on every page all the same."""
    build, serve, lock = server.builder, server.get_app(), RLock()
    root = Path(config.config_file_path).resolve().parent
    assert serve is not None

    def builder(*arguments: Any) -> None:
        with lock:
            try:
                build(*arguments)
            except (Exception, SystemExit) as error:
                plugin.fail(failure.cause(error, root))

    def answer(environ: Any, respond: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/livereload/"):
            with lock:  # a page asked for while the next is built may turn out to be an error
                pass
        return serve(environ, respond) if plugin.failure is None or _passes(path) else _told(plugin.failure, respond)

    server.builder = builder
    server.set_app(answer)


def _passes(path: str) -> bool:
    """Tell whether a path is no page, and so is answered while something is wrong."""
    return path.startswith("/livereload/") or "." in path.rsplit("/", 1)[-1]


def _told(error: BaseException, respond: Any) -> list[bytes]:
    respond("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")])
    return [failure.page(error).encode()]


class _Observer(watchdog.observers.Observer):  # type: ignore[misc,valid-type]
    """Tells of what is written only: the system also tells of what is read, and a build reads."""

    def schedule(self, handler: Any, path: str, *, recursive: bool = False, event_filter: Any = None) -> Any:
        """Watch a path."""
        return super().schedule(handler, path, recursive=recursive, event_filter=event_filter or WRITTEN)


def _watch_natively(server: LiveReloadServer) -> None:
    """Let the system tell what is saved, where it can; else the host goes on looking twice a second."""
    paths = dict(getattr(server, "_watched_paths", {}))
    trial = watchdog.observers.Observer()
    try:
        trial.start()
        for path in paths:
            trial.schedule(watchdog.events.FileSystemEventHandler(), path, recursive=True)
    except OSError:  # no more watches to be had, or a file system without them
        return
    finally:
        trial.stop()
    for path in paths:
        for _ in range(paths[path]):
            server.unwatch(path)
    server.observer = _Observer()
    for path in paths:
        for _ in range(paths[path]):
            server.watch(path)
