"""Planned meetings of a circle follow who leaves it and who joins it."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from matching.models import Match, MatchMember
from matching.services.closing import leave_match, pause_match
from notifications.models import Message
from sessions.models import MeetingAttendee, MeetingProposal, ProposalState
from sessions.services import Plan, book_meeting, book_series, propose_times
from sessions.services.following import follow_members
from sessions.services.sweeping import queue_reminders, sweep_plans
from tests.conftest import NOW, enrol, make_person
from tests.sessions.test_invitations import calendar_of, event_of, mail_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]
PLAN = Plan(minutes=45)
STARTS = NOW + timedelta(days=3)


def join(match: Match, name: str):
    seat = enrol(
        match.cohort, make_person(f"{name.lower()}@example.org", f"{name} Circle"), "mentee"
    )
    MatchMember.objects.create(
        match=match, user=seat.user, enrolment=seat, role="mentee", joined_at=NOW
    )
    return seat.user


@pytest.fixture
def circle(cast) -> Match:
    """Return the cast's match with two more mentees in it."""
    for name in ("Ada", "Bo"):
        join(cast.match, name)
    return cast.match


@pytest.fixture
def meeting(cast, circle):
    return book_meeting(match=circle, actor=cast.mentor, now=NOW, starts_at=STARTS, plan=PLAN)


@pytest.fixture
def series(cast, circle):
    return book_series(
        match=circle,
        actor=cast.mentor,
        now=NOW,
        rule="weekly",
        starts_on=date(2026, 11, 24),
        start_time=time(16),
        plan=PLAN,
        ends_on=date(2026, 12, 15),
    ).series


def present(meeting) -> set[str]:
    return set(meeting.attendees.values_list("user__first_name", flat=True))


def test_who_left_gets_the_hour_back_and_one_mail_and_no_reminder(cast, circle, meeting):
    leave_match(match=circle, person=cast.mentee, actor=cast.mentee, now=NOW)
    assert queue_reminders(now=STARTS - timedelta(hours=30)) == 3

    assert follow_members(now=NOW) == 1
    assert follow_members(now=NOW) == 0

    assert present(meeting) == {"Ada", "Bo", "Daniel"}
    assert not MeetingAttendee.objects.filter(user=cast.mentee).exists()
    mail = mail_of("given_up", cast.mentee)
    text, (method, attached) = text_of(mail), calendar_of(mail)
    assert "You are not in this circle any more" in text
    assert not any(name in text for name in ("Ada", "Bo ", "Daniel"))
    event = event_of(attached)
    assert (method, str(event["UID"])) == ("CANCEL", str(meeting.uid))
    assert (event["STATUS"], int(event["SEQUENCE"])) == ("CANCELLED", 1)
    assert str(event["SUMMARY"]) == "Meeting"
    assert Message.objects.filter(kind="meetings.given_up").count() == 1


def test_series_is_taken_out_whole_by_one_mail(cast, circle, series):
    leave_match(match=circle, person=cast.mentee, actor=cast.mentee, now=NOW)

    assert follow_members(now=NOW) == 4

    mail = mail_of("given_up", cast.mentee)
    text, (method, attached) = text_of(mail), calendar_of(mail)
    assert "the meetings of the same series" in text
    event = event_of(attached)
    assert (method, str(event["UID"])) == ("CANCEL", str(series.uid))
    assert Message.objects.filter(kind="meetings.given_up").count() == 1


def test_who_joins_is_invited_to_what_is_planned_once(cast, circle, meeting, series):
    newcomer = join(circle, "Cem")

    sweep_plans(now=NOW)
    sweep_plans(now=NOW)

    assert "Cem" in present(meeting)
    rows = MeetingAttendee.objects.filter(user=newcomer)
    assert (rows.count(), rows.filter(is_confirmed=True).count()) == (5, 5)
    own = Message.objects.filter(recipient=newcomer).values_list("kind", flat=True)
    assert sorted(own) == ["meetings.booked", "meetings.series"]
    assert not Message.objects.filter(kind="meetings.given_up").exists()


def test_newcomer_who_is_not_free_is_invited_unconfirmed(cast, circle, meeting):
    newcomer = join(circle, "Cem")
    busy = book_meeting(match=circle, actor=cast.mentor, now=NOW, plan=PLAN,
                        starts_at=STARTS + timedelta(days=1))  # fmt: skip
    busy.attendees.filter(user=newcomer).update(during=meeting.attendees.first().during)

    follow_members(now=NOW)

    assert not meeting.attendees.get(user=newcomer).is_confirmed


def test_past_and_cancelled_meetings_and_pairs_stay_as_they_are(cast, circle, meeting):
    pause_match(match=circle, actor=cast.mentor, now=NOW)
    leave_match(match=circle, person=cast.mentee, actor=cast.mentee, now=NOW)
    assert follow_members(now=STARTS + timedelta(hours=1)) == 0
    assert cast.mentee.first_name in present(meeting)

    assert follow_members(now=NOW) == 1


def test_offer_of_somebody_who_left_is_closed(cast, circle):
    propose_times(match=circle, actor=cast.mentee, now=NOW, starts=[STARTS], plan=PLAN)
    leave_match(match=circle, person=cast.mentee, actor=cast.mentee, now=NOW)

    sweep_plans(now=NOW)

    assert MeetingProposal.objects.get().state == ProposalState.EXPIRED
