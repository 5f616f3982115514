"""Health: judged from meetings against the rhythm, and from calls for help."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from feedback.models import CheckIn
from matching.models import Match
from sessions.models import Meeting
from support.health import Health, Signal, gap_days, health_counts, with_health
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)


def judged(cast):
    return with_health(cast.cohort, today=TODAY).get(pk=cast.match.pk)


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

    row = judged(cast)

    assert (row.health, row.signal, row.met_count) == (health, signal, 2)


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
