"""Which of two periods is longer. Months and working days are of no fixed length, so each period is a span of days."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from clausebook.facts import DURATION

Span = tuple[float, float]
HOLIDAYS = 20  # the most public holidays a run of working days is thought to meet, with days of rest around them
_WHOLE = {"years": ("months", 12), "weeks": ("days", 7)}
_MINUTES = {"days": 1440, "hours": 60, "minutes": 1}


def longer(old: str, new: str) -> int | None:
    """Return 1 where the new period is longer, -1 where it is shorter, 0 where it is the same, None where nobody can tell."""
    if _exact(old) == _exact(new):
        return 0
    (least, most), (low, high) = span(old), span(new)
    if low >= most:
        return 1
    return -1 if high <= least else None


def longest(old: Iterable[str], new: Iterable[str]) -> int | None:
    """Compare two sets of periods by what each adds to the other: None where some are longer and some shorter."""
    gone, fresh = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    kept = sorted(set(old) & set(new))
    signs = {longer(a, b) for a in gone or kept for b in fresh or kept}
    return signs.pop() if len(signs) == 1 else None


def span(period: str) -> Span:
    """Return the fewest and the most days a period can last."""
    unit, count, kind = _parts(period)
    if kind == "working":
        return count + 2 * ((count - 1) // 5), count + 2 * ceil(count / 5) + HOLIDAYS
    if unit == "months":
        return _days_of_months(count)
    days = count * _MINUTES[unit] / _MINUTES["days"]
    return days, days


def _days_of_months(count: int) -> Span:
    """Return what a number of months lasts: 28 to 31 days for one, 365 or 366 for twelve."""
    years, rest = divmod(count, 12)
    fewest = (0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334)
    most = (0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337)
    leap = ceil(years / 4)
    return 365 * years + years // 4 - (years >= 8) + fewest[rest], 365 * years + leap + most[rest]


def _exact(period: str) -> tuple[str, int, str]:
    """Return a period in the smallest unit of its own sort, so that equal periods are equal. A plain day is a calendar day."""
    unit, count, kind = _parts(period)
    return (unit, count, kind) if unit == "months" or kind == "working" else ("minutes", count * _MINUTES[unit], "")


def _parts(period: str) -> tuple[str, int, str]:
    found = DURATION.match(period)
    assert found is not None, period  # the model of facts has seen to it
    groups = found.groupdict()
    unit = next(name for name, value in groups.items() if value is not None and name != "kind")
    name, times = _WHOLE.get(unit, (unit, 1))
    return name, int(groups[unit]) * times, groups["kind"] or ""
