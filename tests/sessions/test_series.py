"""Meetings that come again: what is booked, what is left out, what the sweep adds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.errors import Conflict, DomainError, NotAllowed
from matching.services.closing import end_match, pause_match
from notifications.models import Message
from sessions.models import LeftOut, Meeting, MeetingSeries
from sessions.services import (
    Plan,
    book_meeting,
    book_series,
    cancel_meeting,
    change_series,
    end_series,
    extend_series,
    move_meeting,
    sweep_plans,
)
from tests.conftest import NOW, enrol, make_match, make_person

PLAN = Plan(minutes=45, how="video", link="https://meet.jit.si/abc")
TUESDAY = date(2026, 11, 24)


def book(cast, **values):
    given = {
        "match": cast.match,
        "actor": cast.mentee,
        "now": NOW,
        "rule": "weekly",
        "starts_on": TUESDAY,
        "start_time": time(16),
        "plan": PLAN,
    }
    return book_series(**{**given, **values})


def days_of(series: MeetingSeries, status: str = "scheduled") -> list[date]:
    rows = series.meetings.filter(status=status).order_by("series_on")
    return list(rows.values_list("series_on", flat=True))


@pytest.fixture
def other_match(cast):
    person = make_person("kenji@example.org", "Kenji Sato")
    return make_match(cast.mentor_enrolment, enrol(cast.cohort, person, "mentee"))


def test_series_is_booked_three_months_ahead_with_its_words(cast):
    booked = book(cast)

    assert len(booked.meetings) == 13
    assert booked.left_out == []
    assert days_of(booked.series)[:2] == [TUESDAY, date(2026, 12, 1)]
    assert days_of(booked.series)[-1] == date(2027, 2, 16)
    first = booked.meetings[0]
    assert (first.starts_at, first.plan.link) == (
        datetime(2026, 11, 24, 15, tzinfo=UTC),
        "https://meet.jit.si/abc",
    )
    assert Message.objects.filter(kind="meetings.series").count() == 2
    assert not Message.objects.filter(kind="meetings.booked").exists()


def test_series_ends_with_the_cohort_or_earlier(cast):
    assert book(cast).series.ends_on == cast.cohort.ends_on

    short = book(cast, start_time=time(10), ends_on=date(2026, 12, 1))
    assert days_of(short.series) == [TUESDAY, date(2026, 12, 1)]


def test_day_on_which_somebody_is_not_free_is_left_out(cast, other_match):
    book_meeting(
        match=other_match,
        actor=cast.mentor,
        now=NOW,
        starts_at=datetime(2026, 12, 1, 15, 30, tzinfo=UTC),
        plan=Plan(minutes=60),
    )

    booked = book(cast)

    assert booked.left_out == [date(2026, 12, 1)]
    assert len(booked.meetings) == 12
    assert LeftOut.objects.get().series == booked.series


def test_series_without_a_single_free_day_is_refused_whole(cast):
    book(cast)

    with pytest.raises(Conflict) as refusal:
        book(cast, start_time=time(16, 15))

    assert refusal.value.code == "not_free"
    assert MeetingSeries.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"rule": "yearly"}, "rule"),
        ({"starts_on": NOW.date() - timedelta(days=1)}, "past"),
        ({"ends_on": TUESDAY - timedelta(days=1)}, "until"),
        ({"plan": Plan(minutes=0)}, "minutes"),
    ],
)
def test_series_that_cannot_be_is_refused(cast, values, code):
    with pytest.raises(DomainError) as refusal:
        book(cast, **values)

    assert refusal.value.code == code


def test_stranger_books_no_series(cast):
    with pytest.raises(NotAllowed):
        book(cast, actor=cast.stranger)


def test_wall_clock_time_of_the_organiser_stays_over_a_clock_change(cast):
    now = datetime(2027, 3, 10, tzinfo=UTC)
    booked = book(cast, now=now, starts_on=date(2027, 3, 23), ends_on=date(2027, 4, 6))

    assert [f"{meeting.starts_at:%m-%d %H:%M}" for meeting in booked.meetings] == [
        "03-23 15:00",
        "03-30 14:00",
        "04-06 14:00",
    ]


def test_skipped_and_doubled_times_follow_the_stated_rule(cast):
    forward = book(
        cast,
        now=datetime(2027, 3, 10, tzinfo=UTC),
        starts_on=date(2027, 3, 21),
        start_time=time(2, 30),
        ends_on=date(2027, 4, 4),
    )
    assert [f"{meeting.starts_at:%H:%M}" for meeting in forward.meetings] == [
        "01:30",
        "01:30",  # 03:30 in Berlin: 02:30 does not exist on 28 March
        "00:30",
    ]


def test_extending_again_changes_nothing(cast):
    series = book(cast).series

    booked = extend_series(pk=series.pk, now=NOW)

    assert booked is not None
    assert (booked.meetings, booked.left_out) == ([], [])
    assert series.meetings.count() == 13


def test_sweep_books_what_comes_into_reach_and_tells_of_days_left_out(cast, other_match):
    series = book(cast).series
    later = NOW + timedelta(weeks=4)
    book_meeting(
        match=other_match,
        actor=cast.mentor,
        now=later,
        starts_at=datetime(2027, 3, 2, 15, 30, tzinfo=UTC),
        plan=Plan(minutes=60),
    )

    for _turn in range(2):
        sweep_plans(now=later)

    series.refresh_from_db()
    assert len(days_of(series)) == 16
    assert date(2027, 3, 2) not in days_of(series)
    assert series.sequence == 1
    occasions = Message.objects.filter(kind="meetings.series", recipient=cast.mentor)
    assert sorted(occasions.values_list("occasion", flat=True)) == ["0", "1"]


def test_moved_and_cancelled_days_do_not_come_back(cast):
    series = book(cast).series
    first, second = series.meetings.order_by("series_on")[:2]
    move_meeting(
        meeting=first, actor=cast.mentor, now=NOW, starts_at=first.starts_at + timedelta(hours=2)
    )
    cancel_meeting(meeting=second, actor=cast.mentor, now=NOW)

    sweep_plans(now=NOW + timedelta(weeks=2))

    assert Meeting.objects.filter(series=series, series_on=TUESDAY).count() == 1
    assert days_of(series, "cancelled") == [second.series_on]


def test_ending_a_series_cancels_this_and_later_ones_only(cast):
    series = book(cast).series
    cut = date(2026, 12, 8)

    end_series(series=series, actor=cast.mentor, now=NOW, from_day=cut)

    assert days_of(series) == [TUESDAY, date(2026, 12, 1)]
    assert len(days_of(series, "cancelled")) == 11
    assert not Message.objects.filter(kind="meetings.cancelled").exists()
    assert Message.objects.filter(kind="meetings.series_over").count() == 2
    with pytest.raises(Conflict):
        end_series(series=series, actor=cast.mentor, now=NOW, from_day=cut)
    sweep_plans(now=NOW + timedelta(weeks=6))
    assert days_of(series) == [TUESDAY, date(2026, 12, 1)]


def test_changing_this_and_later_ones_moves_them_to_the_new_rhythm(cast):
    series = book(cast).series

    booked = change_series(
        series=series,
        actor=cast.mentor,
        now=NOW,
        from_day=date(2026, 12, 8),
        rule="two_weekly",
        starts_on=date(2026, 12, 10),
        start_time=time(9),
        plan=PLAN,
    )

    assert days_of(series) == [TUESDAY, date(2026, 12, 1)]
    assert days_of(booked.series)[:2] == [date(2026, 12, 10), date(2026, 12, 24)]
    assert (booked.series.organiser, booked.series.time_zone) == (cast.mentor, "America/Toronto")


def test_refused_change_of_a_series_leaves_it_as_it_was(cast):
    series = book(cast).series

    with pytest.raises(DomainError):
        change_series(
            series=series,
            actor=cast.mentor,
            now=NOW,
            from_day=date(2026, 12, 8),
            rule="never",
            starts_on=date(2026, 12, 10),
            start_time=time(9),
            plan=PLAN,
        )

    assert len(days_of(series)) == 13


def test_paused_match_gets_no_new_meetings_and_an_ended_one_loses_them(cast):
    series = book(cast).series
    later = NOW + timedelta(weeks=4)
    pause_match(match=cast.match, actor=cast.mentee, now=NOW)
    sweep_plans(now=later)
    assert series.meetings.count() == 13

    cast.match.refresh_from_db()
    end_match(match=cast.match, actor=cast.mentee, now=NOW, reason="no_time")
    sweep_plans(now=NOW)
    assert days_of(series) == []
    series.refresh_from_db()
    assert series.ended_at == NOW
