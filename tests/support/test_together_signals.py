"""What health makes of goals, messages, the agreement, leave, and a call that was heard."""

from __future__ import annotations

from datetime import timedelta

import pytest

from goals.models import Goal
from goals.services import GoalText, set_goal
from matching.models import Match, MatchMember
from matching.services.agreement import sign_agreement, write_agreement
from matching.services.closing import leave_match
from matching.services.thread import write_message
from participants.models import Enrolment
from sessions.models import Meeting
from support.health import Health, judge_matches
from support.models import HealthRule, WorkItem
from support.services import close, judge_all, raise_items
from tests.conftest import NOW, enrol, make_person
from tests.support.test_queue import ask_for_help

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def old(cast) -> Match:
    """Return the match, 61 days old, its people met yesterday, judged by one signal at a time."""
    Match.objects.update(started_on=TODAY - timedelta(days=61))
    Meeting.objects.create(match=cast.match, held_on=TODAY - timedelta(days=1))
    return cast.match


def names(cast, *, without: tuple[str, ...] = ()) -> list[str]:
    for name in without:
        HealthRule.objects.get_or_create(
            cohort=cast.cohort, signal=name, defaults={"effect": 0, "number": 60}
        )
    judge_all(now=NOW)
    found = judge_matches(cast.cohort, today=TODAY)
    return [reason.partition("=")[0] for row in found for reason in row.reasons]


def test_match_without_a_shared_goal_and_signature_after_60_days_is_watched(cast, old):
    judge_all(now=NOW)
    row = judge_matches(cast.cohort, today=TODAY)[0]

    assert row.health == Health.WATCH
    assert [reason.text for reason in row.told(today=TODAY)] == [
        "Matched 61 days ago, and no shared goal is written.",
        "Matched 61 days ago, and not everybody has signed an agreement.",
    ]


def test_private_goal_is_none_that_anybody_may_know_of(cast, old):
    given = {"match": old, "actor": cast.mentee, "text": GoalText(title="Mine"), "now": NOW}
    set_goal(visibility="me", **given)
    assert names(cast, without=("unsigned",)) == ["no_goals"]

    set_goal(visibility="us", **given)
    assert names(cast) == []


def test_goal_that_has_not_moved_for_60_days_is_watched(cast, old):
    goal = set_goal(
        match=old, actor=cast.mentee, visibility="us", text=GoalText(title="Ours"), now=NOW
    )
    Goal.objects.filter(pk=goal.pk).update(created_at=NOW - timedelta(days=61))
    assert names(cast, without=("unsigned",)) == ["still_goals"]

    Goal.objects.filter(pk=goal.pk).update(status="reached", reached_at=NOW)
    assert names(cast) == []


def test_agreement_counts_once_both_have_signed(cast, old):
    version = write_agreement(
        match=old,
        actor=cast.mentee,
        based_on=0,
        before={},
        parts={"rhythm": "Fortnightly"},
        now=NOW,
    )
    sign_agreement(match=old, actor=cast.mentee, number=version.number, now=NOW)
    assert names(cast, without=("no_goals",)) == ["unsigned"]

    sign_agreement(match=old, actor=cast.mentor, number=version.number, now=NOW)
    assert names(cast) == []


def test_agreement_of_a_circle_counts_once_everybody_in_it_has_signed(cast, old):
    third = enrol(cast.cohort, make_person("third@example.org", "Third Person"), "mentee")
    seat = MatchMember.objects.create(
        match=old, enrolment=third, user=third.user, role="mentee", joined_at=NOW
    )
    fields = {"based_on": 0, "before": {}, "parts": {"rhythm": "Fortnightly"}}
    version = write_agreement(match=old, actor=cast.mentee, now=NOW, **fields)
    for actor in (cast.mentee, cast.mentor):
        sign_agreement(match=old, actor=actor, number=version.number, now=NOW)
    assert names(cast, without=("no_goals",)) == ["unsigned"]

    leave_match(match=old, person=seat.user, actor=cast.program_manager, now=NOW)
    assert names(cast) == []


def test_message_that_waits_eleven_days_is_told_until_they_meet(cast):
    Meeting.objects.create(match=cast.match, held_on=TODAY - timedelta(days=13))
    write_message(
        match=cast.match, actor=cast.mentee, text="Are you there?", now=NOW - timedelta(days=11)
    )
    assert names(cast) == ["unanswered"]

    Meeting.objects.create(match=cast.match, held_on=TODAY - timedelta(days=2))
    assert names(cast) == []


def test_match_whose_mentor_is_on_leave_is_paused(cast):
    Enrolment.objects.filter(pk=cast.mentor_enrolment.pk).update(status="paused")

    judge_all(now=NOW)

    assert cast.match.health.state == Health.PAUSED
    assert judge_matches(cast.cohort, today=TODAY) == []


def test_call_for_help_is_over_once_a_person_closed_it(cast):
    Meeting.objects.create(match=cast.match, held_on=TODAY - timedelta(days=1))
    ask_for_help(cast, TODAY - timedelta(days=2))
    judge_all(now=NOW)
    raise_items(now=NOW)
    assert names(cast) == ["help"]

    close(item=WorkItem.objects.get(), outcome="talked", actor=cast.program_manager, now=NOW)
    assert names(cast) == []

    ask_for_help(cast, TODAY + timedelta(days=1))
    later = judge_matches(cast.cohort, today=TODAY + timedelta(days=1))
    assert later[0].reasons == ("help=2026-11-19",)
