"""Reading the forms of a review back: the rows each of them tells, and whether SARIF is what its schema says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import cmarkgfm
import html5lib
from cmarkgfm.cmark import Options
from jsonschema import Draft4Validator, FormatChecker

from clausebook import messages, project
from clausebook.errors import MAX_SHOWN

SCHEMA = Path(__file__).parent / "sarif" / "sarif-2.1.0.json"
_LINE = re.compile(
    r"(?:(?P<place>[^:]+:\d+):\d+: )?(?P<level>[^:]+) [−+=]: (?P<said>.*) \[(?P<kind>[a-z-]+)(?: · .*)?; (?P<policies>[^;\]]*)\]"
)
_TOLD = re.compile(r"(?P<level>[^:：]+)[:：] ?(?P<said>.*?) ?[（(](?P<policies>[^()（）]*)[)）]")
_MARK = re.compile(r"::\w+ file=(?P<path>[^,]*),line=(?P<line>\d+),col=\d+,title=(?P<kind>[^:]*)::(?P<said>.*)")
_URI = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?#\[\]]|%[0-9A-Fa-f]{2})*")


class Row(NamedTuple):
    """A change as a form tells it; `place` is path:line."""

    level: str
    said: str
    kind: str
    policies: str
    place: str


def _row(level: str, said: str, kind: str, policies: str, place: str) -> Row:
    short = said if len(said) <= MAX_SHOWN else said[:MAX_SHOWN] + "…"  # marks on lines are cut
    return Row(level.strip(), short, kind, policies, place)


def of_text(told: str) -> Iterator[Row]:
    """Yield the rows of the form for a terminal."""
    for found in filter(None, map(_LINE.fullmatch, told.splitlines())):
        yield _row(found["level"], found["said"], found["kind"], found["policies"], found["place"] or "")


def of_markdown(told: str) -> Iterator[Row]:
    """Yield the rows of a comment as the host shows it."""
    yield from _of_page(rendered(told), lines=False)


def of_html(told: str) -> Iterator[Row]:
    """Yield the rows of the page."""
    yield from _of_page(told, lines=True)


def rendered(told: str) -> str:
    """Return a comment as GitHub's Markdown makes HTML of it, before anything is cleaned away."""
    return str(cmarkgfm.github_flavored_markdown_to_html(told, Options.CMARK_OPT_UNSAFE))


def parsed(page: str) -> Any:
    """Return the tree of a page as a reader sees it: without comments."""
    return html5lib.parse(re.sub("<!--.*?-->", "", page), namespaceHTMLElements=False)


def _of_page(told: str, *, lines: bool) -> Iterator[Row]:
    for cells in _table(told):
        level, said, policies, why, place = cells
        place = place.rpartition(":")[0] if lines and place.count(":") == 2 else place
        yield _row(level.rsplit(" ", 1)[0], said, why.split(" · ")[0], policies, place)


def _table(told: str) -> list[list[str]]:
    """Return the cells of the first table of a page, if that is the one of changes."""
    table = parsed(told).find(".//table")
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")] if table is not None else []
    return rows[1:] if rows and rows[0][0] == "" else []


def of_github(told: str) -> Iterator[Row]:
    """Yield the rows among the marks on lines."""
    for found in filter(None, map(_MARK.fullmatch, told.splitlines())):
        path, kind, said = map(unquote, (found["path"], found["kind"], found["said"]))
        yield from _told(kind, said, path, int(found["line"]))


def of_gitlab(told: str) -> Iterator[Row]:
    """Yield the rows of a Code Quality report."""
    for one in json.loads(told or "[]"):
        where = one["location"]
        yield from _told(one["check_name"], one["description"], where["path"], where["lines"]["begin"])


def of_sarif(told: str) -> Iterator[Row]:
    """Yield the rows among the results."""
    for one in json.loads(told)["runs"][0]["results"]:
        where = one["locations"][0]["physicalLocation"]
        path = unquote(where["artifactLocation"]["uri"])
        yield from _told(one["ruleId"], one["message"]["text"], path, where["region"]["startLine"])


def _told(kind: str, said: str, path: str, line: int) -> Iterator[Row]:
    if kind in project.rulebook().by_id:
        found = _TOLD.fullmatch(said)
        assert found, said
        yield _row(found["level"], found["said"], kind, found["policies"], f"{path}:{line}")


def of_json(told: str, locale: str) -> Iterator[Row]:
    """Yield the rows of the form for programs, levels in words."""
    for one in json.loads(told)["changes"]:
        place = f"{one['path']}:{one['line']}" if one["line"] else one["path"]
        yield _row(messages.say(f"level-{one['level']}", locale), one["sentence"][locale], one["kind"], ", ".join(one["policies"]), place)


FORMS = {
    "text": of_text, "markdown": of_markdown, "html": of_html, "github": of_github, "gitlab": of_gitlab, "sarif": of_sarif,
}  # fmt: skip


@cache
def _schema() -> Draft4Validator:
    checker = FormatChecker()
    checker.checks("uri-reference")(lambda value: not isinstance(value, str) or bool(_URI.fullmatch(value)))
    checker.checks("uri")(lambda value: not isinstance(value, str) or (bool(_URI.fullmatch(value)) and ":" in value))
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema, format_checker=checker)


def sarif_faults(told: str) -> list[str]:
    """Return what the schema of SARIF 2.1.0 finds wrong."""
    return [f"{error.json_path}: {error.message}" for error in _schema().iter_errors(json.loads(told))]
