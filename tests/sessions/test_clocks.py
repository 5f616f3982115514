"""Local times around clock changes, and one moment on several clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from core.errors import DomainError
from sessions.clocks import around_gap, moments_of, read_local, settle, when

BERLIN = "Europe/Berlin"
FORWARD, BACK = date(2027, 3, 28), date(2026, 10, 25)


def utc(*values: int) -> datetime:
    return datetime(*values, tzinfo=UTC)


def test_ordinary_time_happens_once():
    assert moments_of(date(2026, 11, 18), time(9, 30), BERLIN) == [utc(2026, 11, 18, 8, 30)]


def test_skipped_time_never_happens():
    assert moments_of(FORWARD, time(2, 30), BERLIN) == []


def test_doubled_time_happens_twice_in_order():
    assert moments_of(BACK, time(2, 30), BERLIN) == [
        utc(2026, 10, 25, 0, 30),
        utc(2026, 10, 25, 1, 30),
    ]


def test_skipped_time_is_refused_with_the_nearest_ones():
    with pytest.raises(DomainError) as refusal:
        read_local(FORWARD, time(2, 30), BERLIN, field="time_1")

    assert (refusal.value.code, refusal.value.field) == ("skipped_time", "time_1")
    assert str(refusal.value) == (
        "The clocks go forward on 28 March 2027 and skip 02:30. "
        "The nearest times are 01:30 and 03:30."
    )


def test_nearest_times_lie_on_both_sides_of_a_half_hour_gap():
    early, late = around_gap(date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe")

    assert (f"{early:%H:%M}", f"{late:%H:%M}") == ("01:45", "02:45")


def test_doubled_time_is_asked_about_and_then_understood():
    with pytest.raises(DomainError) as question:
        read_local(BACK, time(2, 30), BERLIN)

    assert question.value.code == "twice"
    assert read_local(BACK, time(2, 30), BERLIN, which="first") == utc(2026, 10, 25, 0, 30)
    assert read_local(BACK, time(2, 30), BERLIN, which="second") == utc(2026, 10, 25, 1, 30)


def test_which_means_nothing_for_an_ordinary_time():
    answer = read_local(date(2026, 11, 18), time(9), BERLIN, which="second")

    assert answer == utc(2026, 11, 18, 8)


def test_repeating_time_never_asks():
    assert settle(FORWARD, time(2, 30), BERLIN) == utc(2027, 3, 28, 1, 30)  # 03:30 there
    assert settle(BACK, time(2, 30), BERLIN) == utc(2026, 10, 25, 0, 30)  # the first


def test_when_says_both_clocks_and_another_day():
    shown = when(
        utc(2026, 3, 23, 20),
        45,
        zone_name="America/New_York",
        others=[("Mia", "Pacific/Auckland")],
    )

    assert shown.own.hours == "16:00–16:45"
    assert (shown.own.day, shown.own.place) == ("Monday, 23 March", "New York")
    (clock,) = shown.others
    assert (clock.there, clock.names, clock.day_difference) == (
        "Tuesday 09:00 in Auckland",
        "Mia",
        1,
    )
    assert shown.summary == (
        "Monday, 23 March, 16:00–16:45 in New York · Tuesday 09:00 in Auckland"
    )


def test_when_names_each_clock_once_and_not_the_own_one():
    shown = when(
        utc(2026, 11, 18, 14),
        60,
        zone_name=BERLIN,
        others=[("Ana", "Europe/Paris"), ("Bo", "America/Toronto"), ("Cy", "America/Toronto")],
    )

    assert [(clock.names, clock.there) for clock in shown.others] == [
        ("Bo, Cy", "09:00 in Toronto")
    ]


def test_meeting_over_a_clock_change_ends_by_the_clock():
    shown = when(utc(2026, 10, 25, 0, 30), 60, zone_name=BERLIN)

    assert shown.own.hours == "02:30–02:30"
