"""A stand-in for a code host on this machine: one pull request, its comments, artifacts and reviews, and what each token may do."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MOST_ASKED, MOST_BYTES = 200, 1 << 20
RANK = {"none": 0, "read": 1, "write": 2}
NEEDS = [
    ("GET", r"/actions/runs/\d+/artifacts", "actions", "read"),
    ("GET", r"/actions/artifacts/\d+/zip", "actions", "read"),
    ("GET", r"/pulls", "pull-requests", "read"),
    ("GET", r"/pulls/\d+/(files|reviews)", "pull-requests", "read"),
    ("GET", r"/issues/\d+/comments", "pull-requests", "read"),
    ("POST", r"/issues/\d+/comments", "pull-requests", "write"),
    ("PATCH", r"/issues/comments/\d+", "pull-requests", "write"),
]


@dataclass
class CodeHost:
    """What the host knows. `rights` has what each token may do; a token nobody gave may do nothing."""

    number: int = 2
    head: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    rights: dict[str, Mapping[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    address: str = ""

    def keep(self, name: str, folder: Path) -> None:
        """Keep a folder as an artifact, as the host's action does."""
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(file for file in folder.rglob("*") if file.is_file()):
                archive.write(file, file.relative_to(folder).as_posix())
        self.artifacts[name] = made.getvalue()

    def may(self, token: str, method: str, path: str) -> bool:
        """Tell whether a token may do something."""
        needed = [(right, level) for verb, form, right, level in NEEDS if verb == method and re.fullmatch(form, path)]
        return any(RANK[self.rights.get(token, {}).get(right, "none")] >= RANK[level] for right, level in needed)

    def answer(self, method: str, path: str, body: Any) -> Any:
        """Return what stands at a path below the repository, or what came of a change."""
        names = list(self.artifacts)
        if path.startswith("/actions/runs/"):
            return {"artifacts": [{"id": at, "name": name} for at, name in enumerate(names)]}
        if path == "/pulls":
            return [{"number": self.number, "head": {"sha": self.head}}]
        if path.endswith("/files"):
            return [{"filename": name} for name in self.files]
        if path.endswith("/reviews"):
            return self.reviews
        if method == "GET":
            return self.comments
        if method == "POST":
            self.comments.append({"id": len(self.comments) + 1, "user": {"type": "Bot"}, **body})
            return self.comments[-1]
        known = next(one for one in self.comments if path.endswith(f"/{one['id']}"))
        known.update(body)
        return known


class _Handler(BaseHTTPRequestHandler):
    state: CodeHost

    def _do(self) -> None:
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(min(length, MOST_BYTES)) or b"null")
        path, _, query = self.path.partition("?")
        self.state.asked.append(f"{self.command} {self.path}")
        if len(self.state.asked) > MOST_ASKED:
            self._send(429, b"{}")
        elif path.startswith("/store/"):  # where the host keeps artifacts: elsewhere, and not to be told the token
            self.state.leaked += [token] if token else []
            self._send(200, list(self.state.artifacts.values())[int(path.rpartition("/")[2])])
        elif not path.startswith("/repos/o/r/") or not self.state.may(token, self.command, path.removeprefix("/repos/o/r")):
            self._send(403, b'{"message": "Resource not accessible by integration"}')
        elif path.endswith("/zip"):
            self._send(302, b"", Location=f"{self.state.address.replace('127.0.0.1', 'localhost')}/store/{path.split('/')[-2]}")
        else:
            found = self.state.answer(self.command, path.removeprefix("/repos/o/r"), body)
            page = re.search(r"page=(\d+)$", query)
            self._send(200, json.dumps([] if isinstance(found, list) and page and page[1] != "1" else found).encode())

    do_GET = do_POST = do_PATCH = _do

    def _send(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running(state: CodeHost) -> Iterator[CodeHost]:
    """Answer on a free port of this machine."""
    handler = type("Handler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
