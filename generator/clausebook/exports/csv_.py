"""Lists as CSV (RFC 4180, UTF-8): the form every spreadsheet and every program opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from clausebook.naming import Named, Naming

BOM = b"\xef\xbb\xbf"
RUN = tuple("=+-@\t\r\n＝＋－＠")


def of_list(naming: Naming, list_id: str, *, bom: bool = False) -> bytes:
    """Return a list. `bom` puts the mark first that Excel needs to read the file as UTF-8."""
    return (BOM if bom else b"") + written(table(naming, list_id))


def table(naming: Naming, list_id: str) -> list[list[str]]:
    """Return the head and the rows of a list as text: id, the columns, the clause."""
    head = [naming.say("col-row"), *naming.columns(list_id), naming.say("col-clause")]
    rows = [[row.id, *(said(naming, cell) for cell in row.cells), naming.heading(row.entry)] for row in naming.rows(list_id)]
    return [head, *rows]


def said(naming: Naming, cell: Sequence[Named]) -> str:
    """Return a cell as one text; what is sensitive is labelled, what is empty is said not to be stated."""
    words = [naming.say("sensitive-term", name=v.text) if v.sensitive else v.text for v in cell]
    return naming.say("semicolon").join(words) or naming.say("not-stated")


def written(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as the bytes of a CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([harmless(text) for text in row] for row in rows)
    return out.getvalue().encode()


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: a sign it would run gets an apostrophe before it."""
    return f"'{text}" if text.startswith(RUN) else text
