"""Draw the history as SVG: the last run as bars, and what the runs before it came to.

All values are CPU seconds per page of a cold build divided by Hugo's in the same run, on a logarithmic scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from benchmarks.peers.results import REFERENCE, Row, ratio

Run = tuple[dict[str, Any], list[Row]]

WIDTH, LEFT, BAR, GAP, HEAD, PLOT = 830, 260, 16, 10, 56, 220
LABEL = 15  # the least distance between the names at the ends of the lines
RUNS = 30  # of which the newest are drawn
COLOURS = ("#0072b2", "#767676", "#d55e00", "#009e73", "#cc79a7")  # told apart by readers who see fewer colours
STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .head { font-weight: 600; font-size: 14px } line, polyline { stroke-width: 1 }
line { stroke: #d0d7de } polyline { fill: none; stroke-width: 2 } rect.back { fill: #fff }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } line { stroke: #444c56 } rect.back { fill: #0d1117 } }"""


def ratios(rows: Sequence[Row]) -> dict[tuple[int, str], float]:
    """Return by size and tool how many times Hugo's CPU seconds per page a cold build takes."""
    found = {(row.size, row.tool): ratio(row, rows, "cpu") for row in rows if row.scenario == "cold"}
    return {key: value for key, value in found.items() if value is not None}


def drawn(runs: Sequence[Run], titles: Mapping[str, str]) -> str:
    """Return the drawing of a history; an empty one has only its headings."""
    last = ratios(runs[-1][1]) if runs else {}
    tall = HEAD + len(last) * (BAR + GAP) + 2 * HEAD + PLOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH}" height="{tall}" role="img">',
        "<title>CPU seconds per page of a cold build, times Hugo's</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="back" width="{WIDTH}" height="{tall}"/>',
        *_bars(runs[-1][0] if runs else {}, last, titles),
        *_lines(runs[-RUNS:], titles, tall - PLOT - HEAD / 2),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bars(machine: Mapping[str, Any], last: Mapping[tuple[int, str], float], titles: Mapping[str, str]) -> Iterator[str]:
    when = f" · {machine['date'][:10]}, {machine['commit']}, {machine['cores']} cores, load {machine['load']}" if machine else ""
    yield _text(12, 24, f"CPU per page, cold, Hugo = 1, logarithmic{when}", "head")
    scale = _Scale([*last.values(), 1.0], LEFT, WIDTH - LEFT - 60)
    order = list(titles)
    for index, ((size, tool), value) in enumerate(sorted(last.items(), key=lambda item: (item[0][0], order.index(item[0][1])))):
        y = HEAD + index * (BAR + GAP)
        left, right = sorted((scale.at(1.0), scale.at(value)))
        yield _text(12, y + 12, f"{size:,} pages · {titles[tool]}")
        yield f'<rect x="{left:.1f}" y="{y}" width="{max(right - left, 2):.1f}" height="{BAR}" fill="{_colour(tool, titles)}"/>'
        yield _text(right + 6, y + 12, f"{value:.2f}")


def _lines(runs: Sequence[Run], titles: Mapping[str, str], top: float) -> Iterator[str]:
    """Yield a line for each tool: the ratio at the largest size that most runs have."""
    size = _common(runs)
    yield _text(12, top - 18, f"The same over the runs, {size:,} pages" if size else "No runs yet", "head")
    found = [(run, {tool: value for (s, tool), value in ratios(rows).items() if s == size}) for run, rows in runs]
    found = [(run, values) for run, values in found if values]
    scale = _Scale([*(value for _, values in found for value in values.values()), 1.0], top + PLOT - HEAD, HEAD - PLOT)
    yield f'<line x1="12" y1="{scale.at(1.0):.1f}" x2="{WIDTH - LEFT}" y2="{scale.at(1.0):.1f}"/>'
    step = (WIDTH - LEFT - 40) / max(len(found) - 1, 1)
    ends: list[tuple[float, float, str]] = []
    for tool in titles:
        points = [(20 + n * step, scale.at(values[tool])) for n, (_, values) in enumerate(found) if tool in values]
        if points:
            colour = _colour(tool, titles)
            yield f'<polyline stroke="{colour}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
            yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
            ends.append((points[-1][1] + 4, points[-1][0] + 10, titles[tool]))
    below = -math.inf
    for y, x, name in sorted(ends):
        below = max(y, below + LABEL)
        yield _text(x, below, name)
    if found:
        yield _text(12, top + PLOT - 20, f"{found[0][0]['date'][:10]} to {found[-1][0]['date'][:10]}")


def _common(runs: Sequence[Run]) -> int:
    """Return the size that most runs measured other tools on; of several the largest."""
    sizes = [size for _, rows in runs for size in {size for size, tool in ratios(rows) if tool != REFERENCE}]
    return max(sizes, key=lambda size: (sizes.count(size), size), default=0)


def _colour(tool: str, titles: Mapping[str, str]) -> str:
    return COLOURS[list(titles).index(tool) % len(COLOURS)]


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{escape(words)}</text>'


class _Scale:
    """A logarithmic scale: from the least of the values at `start` to the greatest at `start` + `length`."""

    def __init__(self, values: Sequence[float], start: float, length: float) -> None:
        self.low, self.high = math.log(min(values)), math.log(max(values))
        self.start, self.length = start, length

    def at(self, value: float) -> float:
        """Return where a value stands."""
        return self.start + self.length * (math.log(value) - self.low) / ((self.high - self.low) or 1.0)
