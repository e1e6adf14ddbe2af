"""Lists as a spreadsheet. Every cell is text, so nothing in it can run; two writes of one list are equal bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from clausebook.exports import csv_
from clausebook.naming import Naming

_TIME = (1980, 1, 1, 0, 0, 0)
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDEST = 60


def of_lists(naming: Naming, chosen: Sequence[str]) -> bytes:
    """Return a workbook with a sheet for each list."""
    from openpyxl import Workbook  # an extra, and slow to import

    book = Workbook(write_only=True)
    book.properties.creator = "Clausebook"
    book.properties.title = naming.title
    for key in chosen:
        _sheet(book, key, csv_.table(naming, key))
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue())


def _sheet(book: Any, title: str, rows: Sequence[Sequence[str]]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for number, column in enumerate(zip(*rows, strict=True), 1):
        longest = max(sum(1 if c.isascii() else 2 for c in text) for text in column)
        sheet.column_dimensions[get_column_letter(number)].width = min(longest + 2, _WIDEST)
    wrapped, bold = Alignment(wrap_text=True, vertical="top"), Font(bold=True)
    for index, row in enumerate(rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=_ILLEGAL.sub("", text))
            cell.data_type = "s"  # never a formula, whatever it begins with
            cell.alignment = wrapped
            if index == 0:
                cell.font = bold
            cells.append(cell)
        sheet.append(cells)


def _timeless(book: bytes) -> bytes:
    """Pack a workbook anew with one fixed time in place of now."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _DATES.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", content)
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            new.writestr(info, content)
    return out.getvalue()
