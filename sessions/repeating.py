"""The days of a series, and the same rule in the words of calendars (RFC 5545)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from sessions.models import SeriesRule

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
EVERY_MONTH_HAS = 28
LAST = 5


def days_of(rule: str, starts_on: date, until: date) -> Iterator[date]:
    """Yield the days of a series from its first to ``until``, both included.

    Every month on the same day: a month that lacks the day takes its last one. Every month on the
    same weekday: the first to fourth of the month, and the fifth means the last.
    """
    number = 0
    while True:
        day = _day(rule, starts_on, number)
        if day > until:
            return
        yield day
        number += 1


def _day(rule: str, starts_on: date, number: int) -> date:
    if rule == SeriesRule.WEEKLY:
        return starts_on + timedelta(weeks=number)
    if rule == SeriesRule.TWO_WEEKLY:
        return starts_on + timedelta(weeks=2 * number)
    months = starts_on.year * 12 + starts_on.month - 1 + number
    year, month = months // 12, months % 12 + 1
    length = monthrange(year, month)[1]
    if rule == SeriesRule.MONTHLY:
        return date(year, month, min(starts_on.day, length))
    order = _order(starts_on)
    first = 1 + (starts_on.weekday() - date(year, month, 1).weekday()) % 7
    if order == LAST:
        return date(year, month, first + (length - first) // 7 * 7)
    return date(year, month, first + (order - 1) * 7)


def _order(day: date) -> int:
    """Return which of its weekday in the month a day is, 1 to 5."""
    return (day.day - 1) // 7 + 1


def rule_text(rule: str, starts_on: date, last: datetime) -> str:
    """Return the RRULE that gives the same days, until and with the moment ``last``."""
    if rule in (SeriesRule.WEEKLY, SeriesRule.TWO_WEEKLY):
        interval = 1 if rule == SeriesRule.WEEKLY else 2
        text = f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={WEEKDAYS[starts_on.weekday()]}"
    elif rule == SeriesRule.NTH_WEEKDAY:
        order = _order(starts_on)
        place = -1 if order == LAST else order
        text = f"FREQ=MONTHLY;BYDAY={place}{WEEKDAYS[starts_on.weekday()]}"
    elif starts_on.day <= EVERY_MONTH_HAS:
        text = f"FREQ=MONTHLY;BYMONTHDAY={starts_on.day}"
    else:
        days = ",".join(str(day) for day in range(EVERY_MONTH_HAS, starts_on.day + 1))
        text = f"FREQ=MONTHLY;BYMONTHDAY={days};BYSETPOS=-1"
    return f"{text};UNTIL={last.astimezone(UTC):%Y%m%dT%H%M%SZ}"
