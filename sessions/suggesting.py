"""Which times would suit everybody: the overlap of hours and free time, never at night."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.clock import zone

DAYS_AHEAD = 21
STEP = timedelta(minutes=15)
HALF_HOUR = timedelta(minutes=30)
NOTICE = timedelta(hours=12)
WAKES, SLEEPS = 7, 22
# Whoever painted nothing: Monday to Friday, 8 to 18.
OFFICE_HOURS = frozenset(day * 24 + hour for day in range(5) for hour in range(8, 18))
BEST_HOUR = 13.0
MOST_A_DAY = 2
MOST_ALIKE = 3
APART = timedelta(hours=2)
ENOUGH = 3


@dataclass(frozen=True)
class Calendar:
    """One person's week and what stands in it: ``hours`` of the week in their zone, 0 to 167."""

    time_zone: str
    hours: frozenset[int] = frozenset()
    busy: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def wanted(self) -> frozenset[int]:
        return self.hours or OFFICE_HOURS


@dataclass(frozen=True)
class Suggestion:
    """A time at which nobody is busy or asleep; ``suits_all`` when it is an hour all like."""

    starts_at: datetime
    suits_all: bool


def suggest(
    calendars: Sequence[Calendar], *, now: datetime, minutes: int, count: int = 9
) -> list[Suggestion]:
    """Return up to ``count`` times of the next three weeks, the best first.

    The first calendar is the reader's: times begin on its full and half hours. Nothing is within
    12 hours from now, before 7 or after 22 on anybody's clock, or while somebody is busy. Times
    outside somebody's hours fill up only where fewer than three suit all. At most two a day, two
    hours apart, and different hours where there are any; of equally good times the earlier one.
    """
    length = timedelta(minutes=minutes)
    zones = [zone(calendar.time_zone) for calendar in calendars]
    ranked = sorted(_ranked(calendars, zones, now=now, length=length))
    chosen = _spread([row for row in ranked if row[0] == 0], zones[0], count)
    if len(chosen) < ENOUGH:
        chosen += _spread([row for row in ranked if row[0]], zones[0], count - len(chosen))
    return [Suggestion(starts_at, outside == 0) for outside, _cost, starts_at in chosen]


Row = tuple[int, float, datetime]


def _ranked(
    calendars: Sequence[Calendar], zones: Sequence[ZoneInfo], *, now: datetime, length: timedelta
) -> Iterator[Row]:
    """Yield (people outside their hours, cost, start) of every time that is possible."""
    for starts_at in _starts(now, zones[0]):
        ends_at = starts_at + length
        if not all(_is_awake(starts_at, ends_at, place) for place in zones):
            continue
        if any(_is_busy(calendar, starts_at, ends_at) for calendar in calendars):
            continue
        outside = sum(
            not _is_wanted(calendar, starts_at, ends_at, place)
            for calendar, place in zip(calendars, zones, strict=True)
        )
        yield outside, _cost(starts_at, length, zones, now), starts_at


def _starts(now: datetime, reader: ZoneInfo) -> Iterator[datetime]:
    """Yield the full and half hours of the reader's clock."""
    at = (now + NOTICE).astimezone(UTC).replace(minute=0, second=0, microsecond=0) + 4 * STEP
    end = now + timedelta(days=DAYS_AHEAD)
    while at < end:
        if at.astimezone(reader).minute in (0, 30):
            yield at
        at += STEP


def _is_awake(starts_at: datetime, ends_at: datetime, place: ZoneInfo) -> bool:
    starts, ends = starts_at.astimezone(place), ends_at.astimezone(place)
    last = starts.replace(hour=SLEEPS, minute=0, tzinfo=None)
    return starts.hour >= WAKES and ends.replace(tzinfo=None) <= last


def _is_busy(calendar: Calendar, starts_at: datetime, ends_at: datetime) -> bool:
    return any(begins < ends_at and starts_at < ends for begins, ends in calendar.busy)


def _is_wanted(calendar: Calendar, starts_at: datetime, ends_at: datetime, place: ZoneInfo) -> bool:
    at = starts_at
    while at < ends_at:
        local = at.astimezone(place)
        if local.weekday() * 24 + local.hour not in calendar.wanted:
            return False
        at += HALF_HOUR
    return True


def _cost(
    starts_at: datetime, length: timedelta, zones: Sequence[ZoneInfo], now: datetime
) -> float:
    """Return how far a time is from a good one: from midday for whom it is worst, and from now."""
    middles = [(starts_at + length / 2).astimezone(place) for place in zones]
    worst = max(abs(middle.hour + middle.minute / 60 - BEST_HOUR) for middle in middles)
    is_odd = any((starts_at.astimezone(place)).minute for place in zones)
    days = (starts_at - now) / timedelta(days=1)
    return round(worst + days * 0.15 + is_odd * 0.4, 6)


def _spread(rows: Sequence[Row], reader: ZoneInfo, count: int) -> list[Row]:
    """Take the best rows: few on one day and few at one hour first, then what is left."""
    chosen: list[Row] = []
    for most_alike in (MOST_ALIKE, count):
        for row in rows:
            if len(chosen) == count:
                return chosen
            if row not in chosen and _differs(row, chosen, reader, most_alike):
                chosen.append(row)
    return chosen


def _differs(row: Row, chosen: Sequence[Row], reader: ZoneInfo, most_alike: int) -> bool:
    """Tell whether a time adds something to those that are chosen."""
    local = row[2].astimezone(reader)
    others = [other[2].astimezone(reader) for other in chosen]
    same_day = [other for other in others if other.date() == local.date()]
    alike = sum(other.time() == local.time() for other in others)
    is_apart = all(abs(local - other) >= APART for other in same_day)
    return len(same_day) < MOST_A_DAY and is_apart and alike < most_alike
