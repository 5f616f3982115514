"""Offer, take, book, move and cancel: who may, who is free, what is told to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from psycopg2.extras import DateTimeTZRange

from accounts.models import User
from audit.models import AuditEvent
from core.errors import Conflict, DomainError, NotAllowed
from matching.services.closing import end_match, pause_match
from notifications.models import Message
from sessions.models import (
    Meeting,
    MeetingAttendee,
    MeetingProposal,
    MeetingStatus,
    ProposalState,
    ProposedSlot,
)
from sessions.services import (
    Plan,
    accept_time,
    book_meeting,
    cancel_meeting,
    change_plan,
    decline_times,
    expire_offers,
    log_meeting,
    mark_missed,
    move_meeting,
    propose_times,
    remove_meeting,
    set_room,
    sweep_plans,
    withdraw_times,
)
from sessions.services.sweeping import reminder_time
from tests.conftest import NOW, enrol, make_match, make_person

PLAN = Plan(minutes=45, how="video", link="https://zoom.us/j/1", place="")
FIRST = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
LATER = FIRST + timedelta(days=1)


def offer(cast, *starts: datetime, actor: User | None = None, plan: Plan = PLAN):
    return propose_times(
        match=cast.match,
        actor=actor or cast.mentee,
        now=NOW,
        starts=starts or (FIRST, LATER),
        plan=plan,
        note="zebra-line",
    )


def booked(cast, starts_at: datetime = FIRST, actor: User | None = None) -> Meeting:
    return book_meeting(
        match=cast.match, actor=actor or cast.mentee, now=NOW, starts_at=starts_at, plan=PLAN
    )


def told(kind: str) -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind=f"meetings.{kind}").order_by("recipient__email")
    return [(row.recipient.first_name, row.occasion) for row in rows]


@pytest.fixture
def other_match(cast):
    """Return a match of the same mentor with somebody else."""
    person = make_person("kenji@example.org", "Kenji Sato")
    return make_match(cast.mentor_enrolment, enrol(cast.cohort, person, "mentee"))


# --- Offers ---------------------------------------------------------------------------------------
def test_offer_keeps_its_times_and_tells_the_other(cast):
    proposal = offer(cast, LATER, FIRST)

    assert [slot.starts_at for slot in proposal.slots.all()] == [FIRST, LATER]
    assert proposal.state == ProposalState.OPEN
    assert (proposal.plan.note, proposal.plan.link) == ("zebra-line", "https://zoom.us/j/1")
    assert told("proposed") == [("Daniel", "")]
    assert not Meeting.objects.exists()


def test_new_offer_withdraws_the_earlier_one_of_the_same_person(cast):
    first = offer(cast)
    offer(cast, LATER)
    first.refresh_from_db()

    assert first.state == ProposalState.WITHDRAWN
    assert MeetingProposal.objects.filter(state=ProposalState.OPEN).count() == 1


@pytest.mark.parametrize(
    ("starts", "code"),
    [
        ((), "slots"),
        (tuple(FIRST + timedelta(days=days) for days in range(4)), "slots"),
        ((NOW,), "past"),
        ((NOW + timedelta(days=400),), "far"),
    ],
)
def test_offer_of_times_that_cannot_be_is_refused(cast, starts, code):
    with pytest.raises(DomainError) as refusal:
        propose_times(match=cast.match, actor=cast.mentee, now=NOW, starts=starts, plan=PLAN)

    assert (refusal.value.code, refusal.value.field) == (code, "picks")


def test_stranger_and_manager_offer_nothing(cast):
    for person in (cast.stranger, cast.program_manager):
        with pytest.raises(NotAllowed):
            offer(cast, actor=person)


def test_offer_at_the_time_of_an_own_meeting_names_it(cast, other_match):
    book_meeting(match=other_match, actor=cast.mentor, now=NOW, starts_at=FIRST, plan=PLAN)

    with pytest.raises(Conflict) as refusal:
        offer(cast, FIRST + timedelta(minutes=30), actor=cast.mentor)

    assert str(refusal.value) == (
        "You meet Kenji Sato from 09:00 to 09:45 then. Choose another time."
    )


def test_accepted_time_books_it_for_both(cast):
    proposal = offer(cast)
    slot = proposal.slots.get(starts_at=LATER)

    meeting = accept_time(slot=slot, actor=cast.mentor, now=NOW)

    proposal.refresh_from_db()
    assert (meeting.status, meeting.starts_at, meeting.minutes) == ("scheduled", LATER, 45)
    assert meeting.plan.link == "https://zoom.us/j/1"
    assert (proposal.state, proposal.meeting, proposal.answered_by) == (
        "accepted",
        meeting,
        cast.mentor,
    )
    assert ProposedSlot.objects.get(is_accepted=True) == slot
    assert set(meeting.attendees.values_list("user__first_name", "is_confirmed")) == {
        ("Daniel", True),
        ("Priya", True),
    }
    assert told("booked") == [("Daniel", "0"), ("Priya", "0")]


def test_own_offer_is_not_accepted_by_oneself(cast):
    with pytest.raises(NotAllowed):
        accept_time(slot=offer(cast).slots.first(), actor=cast.mentee, now=NOW)


def test_offer_is_answered_once(cast):
    proposal = offer(cast)
    first, second = proposal.slots.all()
    accept_time(slot=first, actor=cast.mentor, now=NOW)

    with pytest.raises(Conflict, match="Accepted"):
        accept_time(slot=second, actor=cast.mentor, now=NOW)
    assert Meeting.objects.count() == 1


def test_past_time_of_an_offer_is_not_accepted(cast):
    slot = offer(cast).slots.first()

    with pytest.raises(DomainError, match="past"):
        accept_time(slot=slot, actor=cast.mentor, now=FIRST + timedelta(minutes=1))


def test_accepting_withdraws_the_own_counter_offer(cast):
    counter = offer(cast, LATER, actor=cast.mentor)
    accept_time(slot=offer(cast).slots.first(), actor=cast.mentor, now=NOW)
    counter.refresh_from_db()

    assert counter.state == ProposalState.WITHDRAWN


def test_time_that_the_other_has_given_away_says_only_that_they_are_not_free(cast, other_match):
    slot = offer(cast).slots.first()
    book_meeting(match=other_match, actor=cast.mentor, now=NOW, starts_at=FIRST, plan=PLAN)
    mine = offer(cast, FIRST, actor=cast.mentee)

    with pytest.raises(Conflict) as own:
        accept_time(slot=mine.slots.get(), actor=cast.mentor, now=NOW)
    assert "Kenji" in str(own.value)

    with pytest.raises(Conflict) as foreign:
        booked(cast)
    assert str(foreign.value) == "Daniel is not free then. Choose another time."
    assert slot.proposal.pk != mine.pk


def test_declined_offer_tells_who_offered(cast):
    proposal = decline_times(proposal=offer(cast), actor=cast.mentor, now=NOW)

    assert (proposal.state, proposal.answered_by) == ("declined", cast.mentor)
    assert told("declined") == [("Priya", "")]
    with pytest.raises(NotAllowed):
        decline_times(proposal=offer(cast), actor=cast.mentee, now=NOW)


def test_withdrawn_offer_cannot_be_taken(cast):
    proposal = offer(cast)
    with pytest.raises(NotAllowed):
        withdraw_times(proposal=proposal, actor=cast.mentor, now=NOW)

    withdraw_times(proposal=proposal, actor=cast.mentee, now=NOW)
    with pytest.raises(Conflict):
        accept_time(slot=proposal.slots.first(), actor=cast.mentor, now=NOW)


def test_offer_expires_when_its_last_time_is_past(cast):
    proposal = offer(cast)

    assert expire_offers(now=FIRST) == 0
    assert expire_offers(now=LATER) == 1
    assert expire_offers(now=LATER) == 0
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.EXPIRED


def test_offer_that_moves_a_meeting_moves_it_when_taken(cast):
    meeting = booked(cast)
    proposal = propose_times(
        match=cast.match, actor=cast.mentee, now=NOW, starts=[LATER], plan=PLAN, moves=meeting
    )
    moved = accept_time(slot=proposal.slots.get(), actor=cast.mentor, now=NOW)

    assert (moved.pk, moved.starts_at, moved.sequence) == (meeting.pk, LATER, 1)
    assert told("moved") == [("Daniel", "1"), ("Priya", "1")]
    assert Meeting.objects.count() == 1


# --- Booking, moving, cancelling ------------------------------------------------------------------
def test_back_to_back_meetings_are_no_clash(cast, other_match):
    booked(cast)
    later = FIRST + timedelta(minutes=45)

    book_meeting(match=other_match, actor=cast.mentor, now=NOW, starts_at=later, plan=PLAN)

    assert Meeting.objects.count() == 2


def test_meeting_that_encloses_another_is_a_clash(cast, other_match):
    booked(cast)

    with pytest.raises(Conflict):
        book_meeting(
            match=other_match,
            actor=cast.mentor,
            now=NOW,
            starts_at=FIRST - timedelta(hours=1),
            plan=Plan(minutes=300),
        )
    assert Meeting.objects.count() == 1


def test_database_refuses_two_confirmed_meetings_at_once(cast):
    meeting = booked(cast)
    other = Meeting.objects.create(match=cast.match, status="scheduled", starts_at=FIRST)

    with pytest.raises(IntegrityError, match="attendee_no_overlap"), transaction.atomic():
        MeetingAttendee.objects.create(
            meeting=other,
            user=cast.mentor,
            is_confirmed=True,
            during=DateTimeTZRange(FIRST, FIRST + timedelta(minutes=1)),
        )
    assert meeting.attendees.count() == 2


def test_third_person_of_a_circle_who_is_busy_stays_invited(cast, other_match):
    third = make_person("lea@example.org", "Lea Vogt")
    cast.match.members.create(
        enrolment=enrol(cast.cohort, third, "mentee"), user=third, role="mentee", joined_at=NOW
    )
    own = make_match(enrol(cast.other_cohort, cast.stranger, "mentor"),
                     enrol(cast.other_cohort, third, "mentee"))  # fmt: skip
    book_meeting(match=own, actor=third, now=NOW, starts_at=FIRST, plan=PLAN)

    meeting = accept_time(slot=offer(cast).slots.first(), actor=cast.mentor, now=NOW)

    assert dict(meeting.attendees.values_list("user__first_name", "is_confirmed")) == {
        "Daniel": True,
        "Priya": True,
        "Lea": False,
    }
    with pytest.raises(Conflict) as refusal:
        booked(cast, FIRST, actor=third)
    assert "Sam Stranger" in str(refusal.value)


def test_moved_meeting_keeps_its_uid_and_counts_up(cast):
    meeting = booked(cast)
    moved = move_meeting(
        meeting=meeting, actor=cast.mentor, now=NOW, starts_at=LATER, note="zebra-why"
    )

    assert (moved.uid, moved.sequence, moved.starts_at) == (meeting.uid, 1, LATER)
    assert moved.plan.note == "zebra-why"
    during = {row.during.lower for row in moved.attendees.all()}
    assert during == {LATER}
    again = move_meeting(meeting=moved, actor=cast.mentor, now=NOW, starts_at=LATER)
    assert again.sequence == 1
    assert told("moved") == [("Daniel", "1"), ("Priya", "1")]


def test_meeting_moves_within_its_own_hour(cast):
    moved = move_meeting(
        meeting=booked(cast),
        actor=cast.mentee,
        now=NOW,
        starts_at=FIRST + timedelta(minutes=15),
        minutes=60,
    )

    assert (moved.minutes, moved.sequence) == (60, 1)


def test_past_meeting_is_not_moved(cast):
    with pytest.raises(DomainError, match="Say whether you met"):
        move_meeting(
            meeting=booked(cast), actor=cast.mentee, now=FIRST + timedelta(hours=2),
            starts_at=LATER,
        )  # fmt: skip


def test_cancelled_meeting_frees_the_hour_and_keeps_the_reason(cast, other_match):
    meeting = cancel_meeting(meeting=booked(cast), actor=cast.mentor, now=NOW, reason="zebra-ill")

    assert (meeting.status, meeting.sequence, meeting.cancelled_by) == (
        "cancelled",
        1,
        cast.mentor,
    )
    assert meeting.plan.note == "zebra-ill"
    assert told("cancelled") == [("Daniel", "1"), ("Priya", "1")]
    book_meeting(match=other_match, actor=cast.mentor, now=NOW, starts_at=FIRST, plan=PLAN)
    with pytest.raises(Conflict):
        cancel_meeting(meeting=meeting, actor=cast.mentor, now=NOW)


def test_changed_plan_tells_nobody(cast):
    meeting = booked(cast)
    changed = change_plan(
        meeting=meeting,
        actor=cast.mentor,
        now=NOW,
        plan=Plan(minutes=45, kind="review", how="in_person", place="Café Luise"),
    )

    assert (changed.kind, changed.how, changed.sequence) == ("review", "in_person", 0)
    assert (changed.plan.link, changed.plan.place) == ("", "Café Luise")
    assert told("moved") == []


@pytest.mark.parametrize(
    "link",
    ["http://zoom.us/j/1", "javascript:alert(1)", "https://", "https://localhost/x",
     "https://user:word@zoom.us/", "https://zoom.us/ j", "ftp://zoom.us"],
)  # fmt: skip
def test_link_that_is_no_https_address_is_refused(cast, link):
    with pytest.raises(DomainError) as refusal:
        set_room(match=cast.match, actor=cast.mentee, now=NOW, link=link)

    assert refusal.value.field == "link"


def test_room_is_set_changed_and_taken_away(cast):
    room = set_room(match=cast.match, actor=cast.mentee, now=NOW, link=" https://meet.jit.si/ab ")
    assert room is not None
    assert room.link == "https://meet.jit.si/ab"

    assert set_room(match=cast.match, actor=cast.mentor, now=NOW, link="") is None
    assert set_room(match=cast.match, actor=cast.mentor, now=NOW, link="") is None


def test_nothing_is_planned_in_a_paused_or_ended_match(cast):
    pause_match(match=cast.match, actor=cast.mentee, now=NOW)
    with pytest.raises(DomainError, match="paused"):
        booked(cast)

    cast.match.refresh_from_db()
    end_match(match=cast.match, actor=cast.mentee, now=NOW, reason="no_time")
    with pytest.raises(DomainError, match="ended"):
        offer(cast)


def test_no_audit_row_holds_a_word(cast):
    meeting = booked(cast)
    move_meeting(meeting=meeting, actor=cast.mentor, now=NOW, starts_at=LATER, note="zebra-why")
    cancel_meeting(meeting=meeting, actor=cast.mentor, now=NOW, reason="zebra-ill")
    offer(cast)

    rows = AuditEvent.objects.filter(action__startswith="meeting.")
    assert set(rows.values_list("action", flat=True)) == {
        "meeting.booked",
        "meeting.moved",
        "meeting.cancelled",
        "meeting.times_offered",
    }
    assert {tuple(row.detail) for row in rows} == {("match",)}


# --- Whether it took place ------------------------------------------------------------------------
AFTER = FIRST + timedelta(hours=2)


def test_one_tap_makes_the_plan_a_held_meeting(cast):
    meeting = booked(cast)
    held = log_meeting(
        match=cast.match, actor=cast.mentor, now=AFTER, held_on=FIRST.date(), booking=meeting
    )

    assert (held.pk, held.status, held.held_on) == (meeting.pk, "held", FIRST.date())
    assert (held.minutes, held.how, held.starts_at) == (45, "video", FIRST)
    assert Meeting.objects.count() == 1
    again = log_meeting(
        match=cast.match, actor=cast.mentee, now=AFTER, held_on=FIRST.date(), booking=meeting
    )
    assert (again.pk, again.was_merged) == (meeting.pk, True)


def test_log_of_the_day_finds_the_plan_by_itself(cast):
    meeting = booked(cast)
    held = log_meeting(match=cast.match, actor=cast.mentee, now=AFTER, held_on=FIRST.date())

    assert (held.pk, held.minutes) == (meeting.pk, 45)


def test_log_before_the_planned_hour_is_another_meeting(cast):
    meeting = booked(cast)
    now = FIRST - timedelta(hours=3)
    held = log_meeting(match=cast.match, actor=cast.mentee, now=now, held_on=FIRST.date())

    meeting.refresh_from_db()
    assert held.pk != meeting.pk
    assert meeting.status == MeetingStatus.SCHEDULED


def test_undo_of_a_planned_meeting_brings_the_plan_back(cast):
    meeting = booked(cast)
    held = log_meeting(
        match=cast.match,
        actor=cast.mentor,
        now=AFTER,
        held_on=FIRST.date(),
        booking=meeting,
        summary="Words",
    )
    remove_meeting(meeting=held, actor=cast.mentor, now=AFTER)

    meeting.refresh_from_db()
    assert (meeting.status, meeting.held_on, meeting.logged_by) == ("scheduled", None, None)
    assert not hasattr(Meeting.objects.get(pk=meeting.pk), "summary")


def test_missed_meeting_can_still_turn_out_to_have_been_held(cast):
    meeting = booked(cast)
    with pytest.raises(DomainError, match="still to come"):
        mark_missed(meeting=meeting, actor=cast.mentee, now=NOW)

    assert mark_missed(meeting=meeting, actor=cast.mentee, now=AFTER).status == "missed"
    held = log_meeting(
        match=cast.match, actor=cast.mentor, now=AFTER, held_on=FIRST.date(), booking=meeting
    )
    assert (held.pk, held.status) == (meeting.pk, "held")


# --- The sweep ------------------------------------------------------------------------------------
def test_meetings_of_an_ended_match_are_called_off_and_told(cast):
    meeting = booked(cast)
    end_match(match=cast.match, actor=cast.mentee, now=NOW, reason="no_time")

    sweep_plans(now=NOW)
    sweep_plans(now=NOW)

    meeting.refresh_from_db()
    assert (meeting.status, meeting.cancelled_by, meeting.sequence) == ("cancelled", None, 1)
    assert told("cancelled") == [("Daniel", "1"), ("Priya", "1")]


def test_reminder_comes_once_on_the_day_before(cast):
    meeting = booked(cast)
    sweep_plans(now=NOW)
    assert told("reminder") == []

    for _turn in range(2):
        sweep_plans(now=FIRST - timedelta(hours=30))
    rows = Message.objects.filter(kind="meetings.reminder")
    assert {row.due_at for row in rows} == {FIRST - timedelta(days=1)}
    assert told("reminder") == [
        ("Daniel", meeting.starts_at.isoformat()),
        ("Priya", meeting.starts_at.isoformat()),
    ]


def test_who_has_just_booked_gets_no_reminder(cast):
    now = FIRST - timedelta(hours=20)
    book_meeting(match=cast.match, actor=cast.mentee, now=now, starts_at=FIRST, plan=PLAN)

    sweep_plans(now=now)

    assert told("reminder") == []


@pytest.mark.parametrize(
    ("start", "reminder"),
    [
        ((24, 14), "23 15:00"),
        ((24, 5), "23 08:00"),  # 06:00 in Berlin
        ((24, 20), "23 19:30"),  # 21:00 in Berlin
    ],
)
def test_reminder_keeps_out_of_the_quiet_hours(start, reminder):
    moment = reminder_time(datetime(2026, 11, *start, tzinfo=UTC), "Europe/Berlin")

    assert f"{moment:%d %H:%M}" == reminder
