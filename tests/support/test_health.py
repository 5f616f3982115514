"""Health: judged from meetings against the rhythm, and from calls for help."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from feedback.models import CheckIn
from matching.models import Match
from sessions.models import Meeting
from support.health import Health, Judged, Signal, gap_days, health_counts, judge_matches
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)


def judged(cast):
    [row] = judge_matches(cast.cohort, today=TODAY)
    return row


def met(cast, days_ago):
    return Meeting.objects.create(match=cast.match, held_on=TODAY - timedelta(days=days_ago))


@pytest.mark.parametrize(
    ("days_ago", "health", "signal"),
    [
        (3, Health.ON_TRACK, Signal.NONE),
        (21, Health.ON_TRACK, Signal.NONE),
        (22, Health.WATCH, Signal.GAP),
        (28, Health.WATCH, Signal.GAP),
        (29, Health.ATTENTION, Signal.LONG_GAP),
    ],
)
def test_health_follows_the_days_since_the_last_meeting(cast, days_ago, health, signal):
    met(cast, days_ago)
    met(cast, days_ago + 14)

    assert judged(cast) == Judged(
        pk=cast.match.pk,
        started_on=cast.match.started_on,
        last_met_on=TODAY - timedelta(days=days_ago),
        signal=signal,
        health=health,
    )


@pytest.mark.parametrize(
    ("matched_days_ago", "health"), [(10, Health.EARLY), (11, Health.ATTENTION)]
)
def test_health_without_a_meeting_waits_for_the_first_deadline(cast, matched_days_ago, health):
    Match.objects.filter(pk=cast.match.pk).update(
        started_on=TODAY - timedelta(days=matched_days_ago)
    )

    assert judged(cast).health == health


def test_health_with_a_booked_meeting_is_only_watched(cast):
    met(cast, 40)
    Meeting.objects.create(match=cast.match, status="scheduled", starts_at=NOW + timedelta(days=2))

    assert judged(cast).health == Health.WATCH


@pytest.mark.parametrize(
    ("days_ago", "signal", "health"),
    [
        (24, Signal.NONE, Health.ON_TRACK),
        (40, Signal.LONG_GAP, Health.WATCH),
        (None, Signal.NEVER_MET, Health.WATCH),
    ],
)
def test_health_with_a_meeting_booked_for_today_counts_as_booked(cast, days_ago, signal, health):
    if days_ago:
        met(cast, days_ago)
    Meeting.objects.create(match=cast.match, status="scheduled", starts_at=NOW.replace(hour=0))

    assert (judged(cast).signal, judged(cast).health) == (signal, health)


def test_health_with_a_booked_meeting_that_passed_is_not_better(cast):
    met(cast, 40)
    Meeting.objects.create(match=cast.match, status="scheduled", starts_at=NOW - timedelta(days=1))

    assert judged(cast).health == Health.ATTENTION


def test_health_leaves_out_paused_matches_and_those_of_the_reader(cast):
    assert judge_matches(cast.cohort, today=TODAY, without=cast.mentor) == []
    Match.objects.update(status="paused")
    assert judge_matches(cast.cohort, today=TODAY) == []


def test_health_of_a_cohort_is_one_query(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        judge_matches(cast.cohort, today=TODAY, without=cast.program_manager)


def test_health_after_a_call_for_help_needs_attention(cast):
    met(cast, 2)
    CheckIn.objects.create(
        match=cast.match,
        user=cast.mentee,
        due_on=TODAY - timedelta(days=1),
        status="answered",
        answer="help",
        answered_at=NOW,
        created_at=NOW,
    )

    assert (judged(cast).health, judged(cast).signal) == (Health.ATTENTION, Signal.HELP)


def test_health_counts_name_every_state(cast):
    met(cast, 1)

    assert health_counts(cast.cohort, today=TODAY) == {
        "attention": 0,
        "watch": 0,
        "on_track": 1,
        "early": 0,
    }


def test_gap_days_are_never_shorter_than_a_week_and_two():
    assert (gap_days(3), gap_days(14), gap_days(28)) == ((7, 14), (21, 28), (42, 56))
