"""Which of two periods is longer, where months and working days have no fixed length."""

from __future__ import annotations

import calendar
import datetime

import pytest

from clausebook import periods

LONGER = [
    ("P3M", "P6M", 1),
    ("P6M", "P3M", -1),
    ("P12M", "P1Y", 0),
    ("P2W", "P14D", 0),
    ("PT72H", "P3D", 0),
    ("PT60M", "PT1H", 0),
    ("P15D", "P15D calendar", 0),
    ("P180D", "P6M", 1),  # six months have at least 181 days
    ("P6M", "P184D", 1),  # and at most 184
    ("P6M", "P183D", None),
    ("P30D", "P1M", None),
    ("P365D", "P1Y", 1),
    ("P366D", "P1Y", -1),
    ("P15D", "P15D working", 1),
    ("P20D", "P15D working", None),
    ("P15D working", "P60D", 1),
    ("P3D working", "PT72H", -1),
]


@pytest.mark.parametrize(("old", "new", "sign"), LONGER)
def test_longer(old: str, new: str, sign: int | None) -> None:
    """What is said of two periods that may last the same, the safer is said: the new one is longer."""
    assert periods.longer(old, new) == sign


SETS = [
    (("P3M",), ("P3M", "P6M"), 1),
    (("P3M", "P6M"), ("P3M",), -1),
    (("P3M", "P6M"), ("P6M",), 1),
    (("P3M",), ("P1M", "P6M"), None),
    (("P12M",), ("P1Y",), 0),
]


@pytest.mark.parametrize(("old", "new", "sign"), SETS)
def test_longest(old: tuple[str, ...], new: tuple[str, ...], sign: int | None) -> None:
    assert periods.longest(old, new) == sign


def _later(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@pytest.mark.parametrize("months", [*range(1, 25), 36, 48, 60, 96])
def test_no_run_of_months_leaves_its_span(months: int) -> None:
    least, most = periods.span(f"P{months}M")
    start = datetime.date(1999, 1, 1)
    lasts = {(_later(day, months) - day).days for n in range(4 * 366) for day in [start + datetime.timedelta(n)]}
    assert least <= min(lasts)
    assert max(lasts) <= most


@pytest.mark.parametrize("count", [1, 4, 5, 6, 10, 15, 30])
def test_no_run_of_working_days_leaves_its_span(count: int) -> None:
    """Counted from any weekday, without public holidays."""
    least, most = periods.span(f"P{count}D working")
    for first in range(7):
        day, left = first, count
        while left:
            left -= day % 7 < 5
            day += 1
        assert least <= day - first <= most
