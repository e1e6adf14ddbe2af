"""Releases as a site publishes them, and a code host's interface. The only module that opens connections, to the address it is given."""

from __future__ import annotations

import http.client
import json
import re
import time
import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from clausebook.chain import MAX_BYTES, MAX_RELEASES, RELEASES
from clausebook.errors import Place, Problem, UserError, problem, warning
from clausebook.release import VERSION, address
from clausebook.tree import MAX_TREE_BYTES, Copy

SECONDS = 120  # for everything together
_WAIT = 15  # for any one answer
_CHUNK = 1 << 16


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect within a host only, and never from https to http."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:  # noqa: PLR0913
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.hostname != old.hostname or new.scheme not in ("https", old.scheme):
            raise UserError([problem(Place(req.full_url), "remote-redirect", to=newurl)])
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Visit:
    """One run: how much may still be read, and until when."""

    def __init__(self) -> None:
        self.left, self.end = MAX_TREE_BYTES, time.monotonic() + SECONDS
        self.opener = urllib.request.OpenerDirector()  # the usual one also opens files and ftp
        for handler in (
            urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler,
            urllib.request.HTTPDefaultErrorHandler, urllib.request.HTTPErrorProcessor, _SameHost,
        ):  # fmt: skip
            self.opener.add_handler(handler())

    def get(self, url: str) -> bytes | None:
        """Return what stands at an address, or None where there is nothing."""
        return self.ask(urllib.request.Request(url, headers={"User-Agent": "clausebook"}))

    def ask(self, request: urllib.request.Request) -> bytes | None:
        """Return the answer to a request, or None where there is nothing."""
        url = request.full_url
        try:
            with self.opener.open(request, timeout=_WAIT) as answer:
                return b"".join(self._chunks(answer, url))
        except HTTPError as error:
            if error.code == http.client.NOT_FOUND:
                return None
            raise _unreadable(url, f"{error.code} {error.reason}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _unreadable(url, getattr(error, "reason", None) or error) from None

    def _chunks(self, answer: Any, url: str) -> Iterator[bytes]:
        size = 0
        while chunk := answer.read(_CHUNK):
            size += len(chunk)
            self.left -= len(chunk)
            if size > MAX_BYTES or self.left < 0:
                raise _unreadable(url, f"more than {MAX_BYTES if size > MAX_BYTES else MAX_TREE_BYTES} bytes")
            if time.monotonic() > self.end:
                raise _unreadable(url, f"more than {SECONDS} seconds")
            yield chunk


class Host:
    """A code host's interface at an address: requests with a token, which goes nowhere else, and answers as data."""

    def __init__(self, address: str, token: str) -> None:
        if urlsplit(address).scheme not in ("https", "http"):
            raise _unreadable(address, "not an address of the web")
        self.address, self.token, self.visit = address.rstrip("/"), token, _Visit()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return what the host answers. Raises UserError for anything but data."""
        url = f"{self.address}/{path}"
        headers = {"User-Agent": "clausebook", "PRIVATE-TOKEN": self.token, "Content-Type": "application/json"}
        try:
            request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, headers, method=method)
            return json.loads(self.visit.ask(request) or b"null")
        except (ValueError, RecursionError) as error:
            raise _unreadable(url, error) from None


def fetch(url: str, folder: str, policies: Iterable[str]) -> tuple[Copy, list[Problem]]:
    """Return the releases a site publishes, as files of a tree; a policy it does not know becomes a warning."""
    visit, contents, unknown = _Visit(), dict[str, bytes](), list[Problem]()
    known = 0
    for policy in policies:
        base = f"{url.rstrip('/')}/{policy}"
        timeline = visit.get(f"{base}/timeline.json")
        if timeline is None:
            unknown.append(warning(Place(f"{base}/timeline.json"), "remote-unpublished", policy=policy))
            continue
        known += 1
        for version, file in _files(f"{base}/timeline.json", timeline):
            content = visit.get(f"{base}/{file}")
            if content is None:
                raise _unreadable(f"{base}/{file}", "404")
            contents[f"{folder}/{policy}/{RELEASES}/{version}.json"] = content
    if unknown and not known:
        raise UserError([_none(found) for found in unknown])
    return Copy(contents), unknown


def _none(found: Problem) -> Problem:
    return problem(found.place, "remote-unreadable", what="404")


def _files(url: str, timeline: bytes) -> Iterator[tuple[str, str]]:
    """Yield version and file of every release a timeline lists. A file stands where its version says, and nowhere else."""
    try:
        listed = json.loads(timeline)["releases"]
        found = [(str(item["version"]), str(item["file"])) for item in listed[: MAX_RELEASES + 1]]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UserError([problem(Place(url), "remote-form")]) from None
    for version, file in found:
        named = {f"{RELEASES}/{version}.json", f"{RELEASES}/{address(version)}.json"}
        if not re.fullmatch(VERSION, version, re.ASCII) or file not in named or len(found) > MAX_RELEASES:
            raise UserError([problem(Place(url), "remote-form")])
        yield version, file


def _unreadable(url: str, what: object) -> UserError:
    return UserError([problem(Place(url), "remote-unreadable", what=what)])
