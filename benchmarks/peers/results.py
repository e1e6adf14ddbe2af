"""Figures of a run: rows, their ratios, the table that is printed, the history that is kept."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

REFERENCE = "hugo"
SCENARIOS = {
    "cold": "cold",
    "warm": "nothing changed",
    "clause": "one clause changed",
    "template": "one template changed",
    "saved": "saved to served",
}
_MIB = 2**20


@dataclass(frozen=True)
class Row:
    """What a tool took in one scenario on one size.

    `size` is the size asked for, `pages` the pages the tool made. Seconds are wall time, `cpu` processor seconds; `memory`
    and `written` are bytes. For what is served only `seconds` is known.
    """

    tool: str
    size: int
    pages: int
    scenario: str
    seconds: float
    cpu: float | None = None
    memory: float | None = None
    written: float | None = None


def median(rows: list[Row]) -> Row:
    """Return one row for several of the same tool, size and scenario: the median of each figure."""
    first = rows[0]
    figures = {name: _median([getattr(row, name) for row in rows]) for name in ("seconds", "cpu", "memory", "written")}
    return Row(first.tool, first.size, first.pages, first.scenario, figures["seconds"] or 0.0, *list(figures.values())[1:])


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def base(row: Row, rows: Iterable[Row]) -> Row | None:
    """Return what a row is held against: Hugo's cold build of the same size; for what is served, Hugo's serving."""
    scenario = "saved" if row.scenario == "saved" else "cold"
    return next((one for one in rows if (one.tool, one.size, one.scenario) == (REFERENCE, row.size, scenario)), None)


def ratio(row: Row, rows: Iterable[Row], figure: str) -> float | None:
    """Return a figure of a row divided by that of its base, each per page where the tool made another number of pages."""
    held = base(row, rows)
    if held is None:
        return None
    mine: float | None = getattr(row, figure)
    other: float | None = getattr(held, figure)
    if mine is None or not other:
        return None
    return mine / other * (1.0 if row.scenario == "saved" else held.pages / row.pages)


def table(rows: list[Row], titles: dict[str, str]) -> str:
    """Return the figures as Markdown, size by size and scenario by scenario."""
    lines = [
        "| pages | | tool | seconds | CPU seconds | CPU ms/page | peak MiB | MiB written | seconds ÷ Hugo | CPU ÷ Hugo |",
        "| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    scenarios = list(SCENARIOS)
    for row in sorted(rows, key=lambda row: (row.size, scenarios.index(row.scenario), list(titles).index(row.tool))):
        cells = [
            f"{row.pages:,}",
            SCENARIOS[row.scenario],
            titles[row.tool],
            f"{row.seconds:.2f}",
            _shown(row.cpu, "{:.2f}"),
            _shown(row.cpu and row.cpu * 1000 / row.pages, "{:.1f}"),
            _shown(row.memory and row.memory / _MIB, "{:.0f}"),
            _shown(row.written and row.written / _MIB, "{:.1f}"),
            _shown(ratio(row, rows, "seconds"), "{:.2f}"),
            _shown(ratio(row, rows, "cpu"), "{:.2f}"),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _shown(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def line(machine: dict[str, Any], rows: list[Row]) -> str:
    """Return a run as a line of the history."""
    kept = [{key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(row).items()} for row in rows]
    return json.dumps({**machine, "rows": kept}, ensure_ascii=False) + "\n"


def history(file: Path) -> list[tuple[dict[str, Any], list[Row]]]:
    """Return every run of a history file, oldest first."""
    if not file.exists():
        return []
    runs = [json.loads(text) for text in file.read_text(encoding="utf-8").splitlines()]
    return [({**run, "rows": None}, [Row(**row) for row in run["rows"]]) for run in runs]
