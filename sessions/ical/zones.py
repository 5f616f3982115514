"""VTIMEZONE written so that calendar programs read it alike.

Each clock change of a zone stands as a yearly rule where it follows one, else as one observance of
its own. Lists of past changes, which many libraries write, are misread by an hour by some readers.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vRecur

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
YEARS_LOOKED_AT = 8


@dataclass(frozen=True)
class Change:
    """The clocks of a zone change: when, from which offset to which."""

    moment: datetime
    before: timedelta
    after: timedelta
    name: str
    is_daylight: bool

    @property
    def wall(self) -> datetime:
        """Return the local time just before the change, as VTIMEZONE names it."""
        return (self.moment + self.before).replace(tzinfo=None)


def changes(zone: ZoneInfo, first_year: int, last_year: int) -> Iterator[Change]:
    """Yield the changes of the years, both included, in order."""
    at = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    while at < end:
        after = at + timedelta(days=1)
        if _state(zone, at) != _state(zone, after):
            yield _change_between(zone, at, after)
        at = after


def _state(zone: ZoneInfo, moment: datetime) -> tuple[timedelta, str, bool]:
    local = moment.astimezone(zone)
    return local.utcoffset() or timedelta(0), local.tzname() or "", bool(local.dst())


def _change_between(zone: ZoneInfo, early: datetime, late: datetime) -> Change:
    start = _state(zone, early)
    while late - early > timedelta(minutes=1):
        middle = early + timedelta(minutes=(late - early) // timedelta(minutes=2))
        if _state(zone, middle) == start:
            early = middle
        else:
            late = middle
    offset, name, is_daylight = _state(zone, late)
    return Change(late, start[0], offset, name, is_daylight)


def timezone_part(zone: ZoneInfo, start: datetime) -> Timezone:
    """Return the VTIMEZONE of a zone for events that begin at ``start`` or later."""
    first_year = start.year - 1
    part = Timezone()
    part.add("tzid", zone.key)
    found = list(changes(zone, first_year, first_year + YEARS_LOOKED_AT))
    if not found:
        offset, name, _is_daylight = _state(zone, start.astimezone(UTC))
        part.add_component(_observance(datetime(1970, 1, 1), offset, offset, name, False, None))
        return part
    rules = {is_daylight: _yearly(found, is_daylight) for is_daylight in (True, False)}
    if all(rules.values()):
        for is_daylight in (True, False):
            change = next(one for one in found if one.is_daylight is is_daylight)
            part.add_component(_of(change, rules[is_daylight]))
    else:
        for change in found:
            part.add_component(_of(change, None))
    return part


def _yearly(found: list[Change], is_daylight: bool) -> str | None:
    """Return the yearly rule that all changes of one kind follow, or None."""
    own = [change for change in found if change.is_daylight is is_daylight]
    years = {change.wall.year for change in own}
    facts = {(one.wall.month, one.wall.weekday(), one.wall.time(), one.after) for one in own}
    if len(years) != YEARS_LOOKED_AT + 1 or len(own) != len(years) or len(facts) != 1:
        return None
    month, weekday, _clock, _after = facts.pop()
    orders = set.intersection(*(_orders(change.wall) for change in own))
    if not orders:
        return None
    return f"FREQ=YEARLY;BYMONTH={month};BYDAY={min(orders)}{WEEKDAYS[weekday]}"


def _orders(day: datetime) -> set[int]:
    """Return which weekday of its month a day is, counted from the start and as the last."""
    orders = {(day.day - 1) // 7 + 1}
    if day.day > monthrange(day.year, day.month)[1] - 7:
        orders.add(-1)
    return orders


def _of(change: Change, rule: str | None) -> TimezoneStandard | TimezoneDaylight:
    return _observance(
        change.wall, change.before, change.after, change.name, change.is_daylight, rule
    )


def _observance(
    wall: datetime,
    before: timedelta,
    after: timedelta,
    name: str,
    is_daylight: bool,
    rule: str | None,
) -> TimezoneStandard | TimezoneDaylight:
    part = TimezoneDaylight() if is_daylight else TimezoneStandard()
    part.add("dtstart", wall)
    part.add("tzoffsetfrom", before)
    part.add("tzoffsetto", after)
    part.add("tzname", name)
    if rule:
        part.add("rrule", vRecur.from_ical(rule))
    return part
