"""Health: judged from meetings against the rhythm, and from what people say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from feedback.models import CheckIn
from matching.models import Match
from sessions.models import Meeting
from support.health import Health, health_counts, judge_matches
from support.models import Effect, HealthRule
from support.signals import SIGNALS, reasons_of
from tests.conftest import NOW, enrol, make_cohort, make_match, make_person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)


def judged(cast):
    [row] = judge_matches(cast.cohort, today=TODAY)
    return row


def state_and_names(cast):
    row = judged(cast)
    return row.health, [reason.partition("=")[0] for reason in row.reasons]


def met(cast, days_ago):
    return Meeting.objects.create(match=cast.match, held_on=TODAY - timedelta(days=days_ago))


def book(cast, **ahead):
    return Meeting.objects.create(
        match=cast.match, status="scheduled", starts_at=NOW + timedelta(**ahead)
    )


def answered(cast, answer, *, days_ago, user=None):
    return CheckIn.objects.create(
        match=cast.match,
        user=user or cast.mentee,
        due_on=TODAY - timedelta(days=days_ago),
        status="answered",
        answer=answer,
        answered_at=NOW,
        created_at=NOW,
    )


def rule(cast, signal, effect, number=None):
    return HealthRule.objects.create(
        cohort=cast.cohort, signal=signal, effect=effect, number=number
    )


@pytest.mark.parametrize(
    ("days_ago", "health", "names"),
    [
        (3, Health.ON_TRACK, []),
        (21, Health.ON_TRACK, []),
        (22, Health.WATCH, ["gap"]),
        (28, Health.WATCH, ["gap"]),
        (29, Health.ATTENTION, ["long_gap"]),
        (59, Health.ATTENTION, ["long_gap"]),
        (60, Health.ATTENTION, ["dormant"]),
    ],
)
def test_health_follows_the_days_since_the_last_meeting(cast, days_ago, health, names):
    met(cast, days_ago)
    met(cast, days_ago + 14)

    row = judged(cast)
    assert (row.health, row.last_met_on) == (health, TODAY - timedelta(days=days_ago))
    assert row.reasons == tuple(f"{name}={TODAY - timedelta(days=days_ago)}" for name in names)


@pytest.mark.parametrize(
    ("matched_days_ago", "health", "names"),
    [
        (10, Health.EARLY, []),
        (11, Health.ATTENTION, ["never_met"]),
        (60, Health.ATTENTION, ["dormant"]),
    ],
)
def test_health_without_a_meeting_waits_for_the_first_deadline(
    cast, matched_days_ago, health, names
):
    Match.objects.filter(pk=cast.match.pk).update(
        started_on=TODAY - timedelta(days=matched_days_ago)
    )

    assert state_and_names(cast) == (health, names)


@pytest.mark.parametrize(
    ("days_ago", "health", "names"),
    [
        (24, Health.ON_TRACK, []),
        (40, Health.WATCH, ["long_gap"]),
        (70, Health.WATCH, ["dormant"]),
        (None, Health.WATCH, ["never_met"]),
    ],
)
def test_health_with_a_booked_meeting_is_at_worst_watched(cast, days_ago, health, names):
    Match.objects.update(started_on=TODAY - timedelta(days=50 if days_ago is None else 90))
    for name in ("no_goals", "unsigned"):
        rule(cast, name, Effect.NONE)
    if days_ago:
        met(cast, days_ago)
    Meeting.objects.create(match=cast.match, status="scheduled", starts_at=NOW.replace(hour=0))

    assert state_and_names(cast) == (health, names)


def test_health_with_a_booked_meeting_that_passed_is_not_better(cast):
    met(cast, 40)
    book(cast, days=-1)

    assert judged(cast).health == Health.ATTENTION


def test_health_leaves_out_paused_matches_and_those_of_the_reader(cast):
    assert judge_matches(cast.cohort, today=TODAY, without=cast.mentor) == []
    Match.objects.update(status="paused")
    assert judge_matches(cast.cohort, today=TODAY) == []


def test_health_of_a_cohort_is_one_query(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        judge_matches(cast.cohort, today=TODAY, without=cast.program_manager)


def test_health_after_a_call_for_help_needs_attention_for_six_weeks(cast):
    met(cast, 2)
    check_in = answered(cast, "help", days_ago=42)

    assert state_and_names(cast) == (Health.ATTENTION, ["help"])
    CheckIn.objects.filter(pk=check_in.pk).update(due_on=TODAY - timedelta(days=43))
    assert state_and_names(cast) == (Health.ON_TRACK, [])


def test_health_after_two_missed_meetings_is_watched_until_they_meet(cast):
    met(cast, 10)
    for days_ago in (8, 4):
        Meeting.objects.create(
            match=cast.match, status="missed", held_on=TODAY - timedelta(days=days_ago)
        )
    book(cast, days=3)

    assert judged(cast).reasons == ("slipped=2",)
    assert judged(cast).health == Health.WATCH
    met(cast, 1)
    assert state_and_names(cast) == (Health.ON_TRACK, [])


def test_health_counts_a_cancelled_meeting_on_the_day_it_was_meant_for(cast):
    met(cast, 10)
    for days in (-5, -3, 9):
        Meeting.objects.create(
            match=cast.match, status="cancelled", starts_at=NOW + timedelta(days=days)
        )

    assert judged(cast).reasons == ("slipped=2",)


def test_health_watches_two_rhythms_of_not_yet_and_counts_both_people_once(cast):
    met(cast, 20)
    answered(cast, "not_yet", days_ago=16)
    answered(cast, "not_yet", days_ago=16, user=cast.mentor)
    assert state_and_names(cast) == (Health.ON_TRACK, [])

    answered(cast, "not_yet", days_ago=2)

    assert judged(cast).reasons == ("not_yet=2",)


def test_rules_of_a_cohort_change_what_a_signal_means_and_from_when(cast):
    met(cast, 29)
    rule(cast, "long_gap", Effect.WATCH, Decimal(2))
    assert state_and_names(cast) == (Health.WATCH, ["long_gap"])

    HealthRule.objects.all().delete()
    rule(cast, "long_gap", Effect.ATTENTION, Decimal("2.5"))
    assert state_and_names(cast) == (Health.WATCH, ["gap"])

    rule(cast, "gap", Effect.NONE, Decimal("1.5"))
    assert state_and_names(cast) == (Health.ON_TRACK, [])


def test_rules_of_one_cohort_leave_others_alone(cast):
    other = make_cohort(cast.program, name="Spring")
    mentor = enrol(other, make_person("m@example.org", "Mo Lind"), "mentor")
    mentee = enrol(other, make_person("n@example.org", "Nia Holt"), "mentee")
    match = make_match(mentor, mentee)
    rule(cast, "never_met", Effect.NONE, Decimal(10))
    rule(cast, "dormant", Effect.NONE, Decimal(3))
    Match.objects.update(started_on=TODAY - timedelta(days=30))

    assert judged(cast).health == Health.ON_TRACK
    [theirs] = judge_matches(other, today=TODAY)
    assert (theirs.pk, theirs.health) == (match.pk, Health.ATTENTION)


def test_health_never_acts_sooner_than_two_weeks_after_a_meeting(cast):
    cast.cohort.rhythm_days = 3
    cast.cohort.save()
    met(cast, 14)
    assert state_and_names(cast) == (Health.WATCH, ["gap"])

    Meeting.objects.update(held_on=TODAY - timedelta(days=15))

    assert state_and_names(cast) == (Health.ATTENTION, ["long_gap"])


def test_health_counts_name_every_state_of_open_matches(cast):
    met(cast, 1)

    assert health_counts(cast.cohort, today=TODAY) == {
        "attention": 0,
        "watch": 0,
        "on_track": 1,
        "early": 0,
    }


def test_reasons_are_told_in_words_with_the_days_of_today():
    [silence, never, slipped] = reasons_of(
        ["long_gap=2026-10-18", "never_met=2026-11-17", "slipped=2"], today=TODAY
    )

    assert silence.text == "No meeting for 31 days."
    assert never.text == "Matched 1 day ago, and no meeting is logged yet."
    assert slipped.text == "2 meetings in a row were missed or cancelled."
    assert silence.helps == "Ask the mentee how it goes, and whether the rhythm still suits."


@pytest.mark.parametrize(
    ("rhythm_days", "agreed"),
    [
        (7, "Agreed: a meeting every week."),
        (10, "Agreed: a meeting every 10 days."),
        (14, "Agreed: a meeting every 2 weeks."),
    ],
)
def test_silence_is_told_beside_what_was_agreed(rhythm_days, agreed):
    [silence, slipped] = reasons_of(
        ["long_gap=2026-10-18", "slipped=2"], today=TODAY, rhythm_days=rhythm_days
    )

    assert silence.text == f"No meeting for 31 days. {agreed}"
    assert slipped.text == "2 meetings in a row were missed or cancelled."


def test_silence_of_a_match_names_the_rhythm_of_its_cohort(cast):
    met(cast, 31)

    [reason] = judge_matches(cast.cohort, today=TODAY)[0].told(today=TODAY)

    assert reason.text == "No meeting for 31 days. Agreed: a meeting every 2 weeks."


def test_reasons_of_a_signal_that_is_no_more_are_left_out():
    assert reasons_of(["gone=1"], today=TODAY) == []


def test_every_signal_has_words_for_its_value():
    for name, signal in SIGNALS.items():
        value = "3" if name in ("slipped", "not_yet") else "2026-11-02"
        assert signal.reason(value, today=TODAY).endswith(".")
        assert all(map(str, (signal.label, signal.helps, signal.explanation)))
