"""The day things are judged by. What day it is, is told from outside."""

from __future__ import annotations

import datetime
import re
from zoneinfo import ZoneInfo

from clausebook.errors import Place, UserError, problem

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # one of the forms that ISO 8601 knows


def chosen(time_zone: str, fixed: datetime.date | None, now: datetime.datetime, named: str | None, epoch: str | None) -> datetime.date:
    """Return the named day, SOURCE_DATE_EPOCH (`epoch`), the setting (`fixed`), or today; seconds become days in the time zone.

    Raises UserError for a named day that is none.
    """
    zone = ZoneInfo(time_zone)
    if named:
        try:
            return datetime.date.fromisoformat(named if DAY.fullmatch(named) else "")
        except ValueError:
            raise UserError([problem(Place("as-of"), "expected-date", value=named)]) from None
    if epoch and re.fullmatch("[0-9]{1,11}", epoch):
        return datetime.datetime.fromtimestamp(int(epoch), zone).date()
    return fixed or now.astimezone(zone).date()
