"""Suggested times: never at night, never while busy, over clock changes on both sides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import zone
from sessions.suggesting import OFFICE_HOURS, Calendar, suggest

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
AUCKLAND, NEW_YORK = "Pacific/Auckland", "America/New_York"
# New York goes forward on 8 March 2026, Auckland back on 5 April, forward on 27 September,
# New York back on 1 November.
CHANGES = [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 25, tzinfo=UTC),
           datetime(2026, 9, 20, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)]  # fmt: skip


def local(moment: datetime, name: str) -> str:
    return f"{moment.astimezone(zone(name)):%a %d %H:%M}"


def hours(days: range, clock: range) -> frozenset[int]:
    return frozenset(day * 24 + hour for day in days for hour in clock)


def test_quiet_default_is_working_days_from_eight_to_eighteen():
    found = suggest([Calendar("Europe/Berlin"), Calendar("Europe/Berlin")], now=NOW, minutes=60)

    assert len(found) == 9
    assert all(one.suits_all for one in found)
    for one in found:
        starts = one.starts_at.astimezone(zone("Europe/Berlin"))
        assert starts.weekday() < 5
        assert starts.hour >= 8
        assert (starts + timedelta(minutes=60)).hour < 18 or starts.hour == 17


def test_painted_hours_of_both_are_met():
    mentor = Calendar("America/Toronto", hours(range(1, 2), range(9, 11)))
    mentee = Calendar("Europe/Berlin", hours(range(1, 2), range(15, 18)))

    found = suggest([mentee, mentor], now=NOW, minutes=60)

    assert sum(one.suits_all for one in found) == 3  # one a week, for three weeks
    for one in found:
        if one.suits_all:
            assert 9 <= one.starts_at.astimezone(zone("America/Toronto")).hour < 11


def test_busy_time_is_not_suggested():
    everything = ((NOW, NOW + timedelta(days=20)),)
    found = suggest(
        [Calendar("Europe/Berlin"), Calendar("Europe/Berlin", busy=everything)],
        now=NOW,
        minutes=60,
    )

    assert all(one.starts_at >= NOW + timedelta(days=20) for one in found)


def test_time_back_to_back_with_a_busy_one_may_be_suggested():
    monday = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    only = hours(range(0, 1), range(13, 15))
    busy = ((monday, monday + timedelta(hours=1)),)

    found = suggest([Calendar("UTC", only, busy), Calendar("UTC", only)], now=NOW, minutes=60)

    assert monday + timedelta(hours=1) in [one.starts_at for one in found]
    assert monday not in [one.starts_at for one in found]
    assert monday + timedelta(minutes=30) not in [one.starts_at for one in found]


def test_where_no_hour_suits_all_waking_hours_are_offered_and_marked():
    early = Calendar("Europe/Berlin", hours(range(5), range(8, 9)))
    late = Calendar("Europe/Berlin", hours(range(5), range(19, 20)))

    found = suggest([early, late], now=NOW, minutes=60)

    assert found
    assert not any(one.suits_all for one in found)


def test_nobody_is_suggested_anything_when_somebody_always_sleeps():
    found = suggest(
        [Calendar("Pacific/Auckland"), Calendar("Europe/London"), Calendar("America/Los_Angeles")],
        now=NOW,
        minutes=300,
    )

    assert found == []


@pytest.mark.parametrize("now", CHANGES)
def test_auckland_and_new_york_meet_awake_over_every_clock_change(now):
    found = suggest([Calendar(AUCKLAND), Calendar(NEW_YORK)], now=now, minutes=60)

    assert len(found) >= 5
    for one in found:
        for name in (AUCKLAND, NEW_YORK):
            starts = one.starts_at.astimezone(zone(name))
            assert 7 <= starts.hour <= 21


def test_suggestion_keeps_wall_clock_hours_after_the_clocks_change():
    only = hours(range(5), range(9, 10))
    now = datetime(2026, 3, 25, tzinfo=UTC)
    found = suggest([Calendar(AUCKLAND, only), Calendar(AUCKLAND, only)], now=now, minutes=60)

    moments = sorted(one.starts_at for one in found)
    assert {local(moment, AUCKLAND)[-5:] for moment in moments} == {"09:00"}
    assert {moment.hour for moment in moments} == {20, 21}  # before and after 5 April


def test_same_question_gets_the_same_answer_best_first():
    calendars = [Calendar("Europe/Berlin"), Calendar("America/Toronto")]

    assert suggest(calendars, now=NOW, minutes=60) == suggest(calendars, now=NOW, minutes=60)
    assert local(suggest(calendars, now=NOW, minutes=60)[0].starts_at, "Europe/Berlin")[-5:] in {
        "15:00",
        "15:30",
    }


@settings(max_examples=60)
@given(
    zones=st.lists(
        st.sampled_from(
            ["UTC", "Asia/Kathmandu", "Africa/Casablanca", "Australia/Lord_Howe", NEW_YORK]
        ),
        min_size=2,
        max_size=3,
    ),
    painted=st.frozensets(st.integers(0, 167), max_size=40),
    minutes=st.sampled_from([30, 45, 60, 90]),
    days=st.integers(0, 364),
)
def test_no_suggestion_breaks_a_rule(zones, painted, minutes, days):
    now = datetime(2026, 1, 1, 5, 17, tzinfo=UTC) + timedelta(days=days)
    busy = ((now + timedelta(days=3), now + timedelta(days=4)),)
    calendars = [Calendar(name, painted, busy) for name in zones]

    found = suggest(calendars, now=now, minutes=minutes)

    assert len({one.starts_at for one in found}) == len(found) <= 9
    for one in found:
        assert now + timedelta(hours=12) <= one.starts_at <= now + timedelta(days=21)
        ends_at = one.starts_at + timedelta(minutes=minutes)
        assert not (one.starts_at < busy[0][1] and busy[0][0] < ends_at)
        for name in zones:
            starts, ends = (moment.astimezone(zone(name)) for moment in (one.starts_at, ends_at))
            assert starts.hour >= 7
            assert (ends.hour, ends.minute) <= (22, 0)
            assert starts.date() == ends.date()
            if one.suits_all:
                wanted = painted or OFFICE_HOURS
                assert starts.weekday() * 24 + starts.hour in wanted
