"""The days of a series, by our own rule and by an independent reader of the same rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar

from sessions.clocks import settle
from sessions.ical import Entry, Repeat, write_calendar
from sessions.repeating import days_of, rule_text


def days(rule: str, start: date, until: date) -> list[str]:
    return [day.isoformat() for day in days_of(rule, start, until)]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("weekly", date(2026, 12, 29), ["2026-12-29", "2027-01-05", "2027-01-12"]),
        ("two_weekly", date(2026, 12, 22), ["2026-12-22", "2027-01-05", "2027-01-19"]),
        ("monthly", date(2026, 11, 15), ["2026-11-15", "2026-12-15", "2027-01-15"]),
        ("monthly", date(2027, 1, 31), ["2027-01-31", "2027-02-28", "2027-03-31"]),
        ("nth_weekday", date(2026, 11, 10), ["2026-11-10", "2026-12-08", "2027-01-12"]),
        ("nth_weekday", date(2026, 11, 30), ["2026-11-30", "2026-12-28", "2027-01-25"]),
    ],
)
def test_rule_gives_these_days(rule, start, expected):
    assert days(rule, start, date(2028, 1, 1))[:3] == expected


def test_last_day_is_included_and_an_earlier_one_gives_none():
    assert days("weekly", date(2026, 11, 3), date(2026, 11, 10)) == ["2026-11-03", "2026-11-10"]
    assert days("weekly", date(2026, 11, 3), date(2026, 11, 2)) == []


@pytest.mark.parametrize("rule", ["weekly", "two_weekly", "monthly", "nth_weekday"])
@pytest.mark.parametrize("start", [date(2026, 9, 15), date(2026, 10, 29), date(2027, 1, 31)])
@pytest.mark.parametrize(
    ("zone_name", "clock"),
    [
        ("Europe/Berlin", time(16, 0)),
        ("Europe/Berlin", time(2, 30)),
        ("America/New_York", time(9, 0)),
        ("Pacific/Auckland", time(8, 15)),
        ("Africa/Casablanca", time(10, 0)),
        ("Asia/Kathmandu", time(18, 45)),
        ("America/Santiago", time(12, 0)),
    ],
)
def test_independent_reader_sees_the_same_moments(rule, start, zone_name, clock):
    """Over two clock changes, in zones with every kind of them."""
    until = start + timedelta(days=270)
    own = list(days_of(rule, start, until))
    moments = [settle(day, clock, zone_name) for day in own]
    zone = ZoneInfo(zone_name)
    entry = Entry(
        uid="series",
        sequence=0,
        stamp=datetime(2026, 9, 1, tzinfo=UTC),
        starts_at=moments[0],
        ends_at=moments[0] + timedelta(minutes=45),
        summary="Mentoring",
        repeat=Repeat(rule=rule_text(rule, start, moments[-1]), zone=zone, left_out=moments[1:2]),
    )

    calendar = Calendar.from_ical(write_calendar([entry], method="REQUEST"))
    read = recurring_ical_events.of(calendar).between(
        datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    )

    assert sorted(event["DTSTART"].dt.astimezone(UTC) for event in read) == [
        moment for at, moment in enumerate(moments) if at != 1
    ]
