"""Read when somebody is busy out of a calendar of theirs. Titles, places and guests are skipped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar

from sessions.models import BusyFault

Span = tuple[datetime, datetime]
MOST_EVENTS = 20_000
MOST_DAYS_LONG = timedelta(days=31)
# A rule of seconds or minutes is nobody's calendar, and would run for ever.
KNOWN_RHYTHMS = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
EARLIEST_YEAR = 1990


class CannotRead(Exception):
    """The bytes are no calendar, or more than anybody has."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def busy_times(
    content: bytes, *, zone: ZoneInfo, begins: datetime, ends: datetime, most: int
) -> list[Span]:
    """Return when the calendar's owner is busy between two moments, joined and in order.

    Cancelled and free events do not count, and whole days only where the calendar says that they
    are busy: most are birthdays and reminders. Days, and times without a zone, are the owner's
    ``zone``. Repeating events are followed with their exceptions.

    Raises:
        CannotRead: it is no calendar (``not_calendar``), or holds too much (``too_big``).
    """
    try:
        calendars = Calendar.from_ical(content, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise CannotRead(BusyFault.NOT_CALENDAR) from error
    if not calendars or all(calendar.name != "VCALENDAR" for calendar in calendars):
        raise CannotRead(BusyFault.NOT_CALENDAR)
    if len(events) > MOST_EVENTS:
        raise CannotRead(BusyFault.TOO_BIG)
    spans: list[Span] = []
    for event, moved in _with_exceptions(events):
        spans += _spans_of(event, moved, zone=zone, begins=begins, ends=ends)
        if len(spans) > most * 4:
            raise CannotRead(BusyFault.TOO_BIG)
    joined = list(_joined(sorted(spans)))
    if len(joined) > most:
        raise CannotRead(BusyFault.TOO_BIG)
    return joined


def _with_exceptions(events: list[Any]) -> Iterator[tuple[Any, set[datetime | date]]]:
    """Yield each event with the occurrences of it that other entries stand for."""
    moved: dict[str, set[datetime | date]] = defaultdict(set)
    for event in events:
        if "RECURRENCE-ID" in event:
            moved[str(event.get("UID"))].add(event["RECURRENCE-ID"].dt)
    for event in events:
        own = set() if "RECURRENCE-ID" in event else moved[str(event.get("UID"))]
        yield event, own


def _spans_of(
    event: Any,
    moved: set[datetime | date],
    *,
    zone: ZoneInfo,
    begins: datetime,
    ends: datetime,
) -> Iterator[Span]:
    """Yield when one event keeps its owner busy. What cannot be understood keeps nobody busy."""
    if not _counts(event):
        return
    try:
        first = _as_time(event["DTSTART"].dt, zone)
        length = _length(event, first, zone)
        if not timedelta(0) < length <= MOST_DAYS_LONG:
            return
        for start in _starts(event, first, moved, zone, begins - length, ends):
            moment = _moment(start, zone)
            if moment < ends and moment + length > begins:
                yield moment, moment + length
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return


def _counts(event: Any) -> bool:
    is_gone = str(event.get("STATUS", "")).upper() == "CANCELLED"
    is_free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    shown = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    if "DTSTART" not in event or is_gone or is_free or shown == "FREE":
        return False
    says_busy = str(event.get("TRANSP", "")).upper() == "OPAQUE" or shown in {"BUSY", "OOF"}
    return isinstance(event["DTSTART"].dt, datetime) or says_busy


def _length(event: Any, first: datetime, zone: ZoneInfo) -> timedelta:
    if "DTEND" in event:
        return _as_time(event["DTEND"].dt, zone) - first
    if "DURATION" in event:
        return timedelta(seconds=event["DURATION"].dt.total_seconds())
    return timedelta(0) if isinstance(event["DTSTART"].dt, datetime) else timedelta(days=1)


def _as_time(value: Any, zone: ZoneInfo) -> datetime:
    """Return a moment; a bare day begins at midnight of the owner's zone."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time.min, tzinfo=zone)


def _starts(
    event: Any,
    first: datetime,
    moved: set[datetime | date],
    zone: ZoneInfo,
    begins: datetime,
    ends: datetime,
) -> Iterator[datetime]:
    """Yield the local starts of an event around the window, exceptions left out."""
    gone = {_moment(one, zone) for one in (*moved, *_dates(event, "EXDATE"))}
    place = first.tzinfo or zone
    walls = [first, *(_as_time(one, zone) for one in _dates(event, "RDATE"))]
    walls += _repeats(event, first, place, begins, ends)
    seen: set[datetime] = set()
    for wall in walls:
        moment = _moment(wall, zone)
        if moment not in gone and moment not in seen:
            seen.add(moment)
            yield wall


def _repeats(
    event: Any, first: datetime, place: Any, begins: datetime, ends: datetime
) -> list[datetime]:
    """Follow the repeating rules by the wall clock of their zone, within the window."""
    rules = event.get("RRULE", [])
    found: list[datetime] = []
    for rule in rules if isinstance(rules, list) else [rules]:
        rhythm = str(next(iter(rule.get("FREQ", [])), "")).upper()
        interval = next(iter(rule.get("INTERVAL", [1])), 1)
        if rhythm not in KNOWN_RHYTHMS or interval < 1 or first.year < EARLIEST_YEAR:
            continue
        until = rule.get("UNTIL")
        text = type(rule)({key: rule[key] for key in rule if key != "UNTIL"}).to_ical().decode()
        last = _wall(until[0], place) if until else None
        low, high = _wall(begins, place), _wall(ends, place)
        walls = rrulestr(text, dtstart=first.replace(tzinfo=None))
        for wall in walls.between(low, min(high, last) if last else high, inc=True):
            found.append(wall.replace(tzinfo=place))
    return found


def _wall(value: Any, place: Any) -> datetime:
    """Return a moment as the wall clock of a zone shows it; the end of a day for a bare day."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time.max)
    return value.astimezone(place).replace(tzinfo=None) if value.tzinfo else value


def _dates(event: Any, name: str) -> Iterator[Any]:
    values = event.get(name, [])
    for value in values if isinstance(values, list) else [values]:
        for one in value.dts:
            yield one.dt


def _moment(value: Any, zone: ZoneInfo) -> datetime:
    local = _as_time(value, zone)
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Join spans that touch or overlap: so even their number says little of what is in them."""
    current: Span | None = None
    for starts_at, ends_at in spans:
        if current is None:
            current = (starts_at, ends_at)
        elif starts_at <= current[1]:
            current = (current[0], max(current[1], ends_at))
        else:
            yield current
            current = (starts_at, ends_at)
    if current is not None:
        yield current
