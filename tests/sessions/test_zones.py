"""VTIMEZONE: rules where a zone follows them, single changes where it does not; read by others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil.tz import tzical

from sessions.ical import Entry, Repeat, write_calendar
from sessions.ical.zones import timezone_part

START = datetime(2026, 10, 1, 12, tzinfo=UTC)


def text_of(name: str) -> str:
    return timezone_part(ZoneInfo(name), START).to_ical().decode()


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        (
            "Europe/Berlin",
            {"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"},
        ),
        (
            "America/New_York",
            {"RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"},
        ),
        (
            "Pacific/Auckland",
            {"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=9", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4"},
        ),
        ("Asia/Kolkata", set()),
        ("Africa/Casablanca", set()),
    ],
)
def test_zone_stands_as_its_rules(name, rules):
    lines = {line for line in text_of(name).splitlines() if line.startswith("RRULE")}

    assert lines == rules


def test_zone_without_changes_has_one_offset():
    assert text_of("Asia/Kolkata").count("BEGIN:STANDARD") == 1
    assert "TZOFFSETTO:+0530" in text_of("Asia/Kolkata")


@pytest.mark.parametrize(
    "name",
    ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Europe/Dublin",
     "America/Santiago", "Africa/Casablanca", "Australia/Lord_Howe"],
)  # fmt: skip
def test_dateutil_reads_every_hour_of_two_years_right(name, tmp_path):
    file = tmp_path / "zone.ics"
    file.write_text(text_of(name))
    read = tzical(str(file)).get(name)
    own = ZoneInfo(name)

    for hours in range(0, 730 * 24, 7):
        moment = START + timedelta(hours=hours)
        wall = moment.astimezone(own).replace(tzinfo=None)
        if len({wall.replace(tzinfo=own, fold=fold).utcoffset() for fold in (0, 1)}) == 1:
            assert wall.replace(tzinfo=read).utcoffset() == moment.astimezone(own).utcoffset(), wall


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Pacific/Auckland"])
def test_vobject_reads_the_same_moment_from_the_zone_in_the_file(name):
    zone = ZoneInfo(name)
    for month in range(1, 13):
        starts_at = datetime(2027, month, 15, 9, 30, tzinfo=zone)
        entry = Entry(
            uid="x",
            sequence=0,
            stamp=START,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            summary="x",
            repeat=Repeat(rule="FREQ=DAILY;COUNT=1", zone=zone),
        )
        event = vobject.readOne(write_calendar([entry]).decode()).vevent

        assert event.dtstart.value.astimezone(UTC) == starts_at.astimezone(UTC)
        assert event.dtend.value - event.dtstart.value == timedelta(hours=1)
