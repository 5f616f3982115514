"""Book a meeting, move it, cancel it: in everybody's calendar at once, or in nobody's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, DomainError
from matching.models import Match
from sessions.models import Meeting, MeetingPlan, MeetingStatus
from sessions.services import rules
from sessions.services.attending import free_hour, take_hour
from sessions.services.plans import Plan, keep_words, note_down, people_of, tell


@transaction.atomic
def book_meeting(
    *, match: Match, actor: User, now: datetime, starts_at: datetime, plan: Plan
) -> Meeting:
    """Book a time that the people of a match have agreed on already.

    In a pair both must be free; in a circle the actor must, and who is not stays invited.

    Raises:
        NotAllowed: the actor is not a current member.
        Conflict: somebody is not free.
        DomainError: the match does not meet, or a value cannot be; ``field`` names which.
    Effects: the meeting, its attendees and words, one audit row, an invitation to each; locks the
        match and its people.
    """
    match = rules.lock_match(match)
    members = {member.user_id for member in rules.require_open_member(match, actor)}
    rules.check_start(starts_at, now=now)
    meeting = plan_meeting(
        match=match,
        actor=actor,
        now=now,
        starts_at=starts_at,
        plan=plan.checked(),
        members=members,
        needed=needed_of(members, actor.pk),
    )
    tell("booked", about=meeting.pk, to=members, match=match, now=now, occasion="0")
    return meeting


def needed_of(members: Collection[int], *asked: int) -> set[int]:
    """Return who must be free: both of a pair; of a circle those who agreed on the time."""
    return set(members) if len(members) <= 2 else set(asked)


def plan_meeting(
    *,
    match: Match,
    actor: User,
    now: datetime,
    starts_at: datetime,
    plan: Plan,
    members: Collection[int],
    needed: Collection[int],
) -> Meeting:
    """Write a planned meeting into the calendars. The caller holds the match and tells people."""
    meeting = Meeting.objects.create(
        match=match,
        status=MeetingStatus.SCHEDULED,
        starts_at=starts_at,
        minutes=plan.minutes,
        kind=plan.kind,
        how=plan.how,
        booked_by=actor,
        booked_at=now,
        plan_changed_at=now,
    )
    take_hour(meeting, actor=actor, members=members, needed=needed)
    keep_words(MeetingPlan, meeting, link=plan.link, place=plan.place)
    note_down(meeting, "meeting.booked", actor=actor, match=match, now=now)
    return meeting


@transaction.atomic
def move_meeting(
    *,
    meeting: Meeting,
    actor: User,
    now: datetime,
    starts_at: datetime,
    minutes: int | None = None,
    note: str = "",
) -> Meeting:
    """Move a planned meeting to another time; ``note`` says why, to the people of the match.

    Raises:
        NotAllowed: the actor is not a current member.
        Conflict: somebody is not free, or the meeting is not planned any more.
        DomainError: the time cannot be; ``field`` names which.
    Effects: the meeting with its sequence + 1, its attendees, one audit row, an update to each;
        nothing when the time is the same; locks the match and its people.
    """
    match = rules.lock_match(meeting.match)
    members = {member.user_id for member in rules.require_open_member(match, actor)}
    meeting = planned(meeting)
    rules.check_start(starts_at, now=now)
    length = minutes or meeting.minutes or 0
    rules.check_facts(minutes=length, how=meeting.how, rating=None)
    if (starts_at, length) == (meeting.starts_at, meeting.minutes):
        return meeting
    shift_meeting(
        meeting,
        actor=actor,
        now=now,
        starts_at=starts_at,
        minutes=length,
        members=members,
        needed=needed_of(members, actor.pk),
    )
    keep_words(MeetingPlan, meeting, note=note)
    tell(
        "moved",
        about=meeting.pk,
        to=members,
        match=match,
        now=now,
        occasion=str(meeting.sequence),
    )
    return meeting


def shift_meeting(
    meeting: Meeting,
    *,
    actor: User,
    now: datetime,
    starts_at: datetime,
    minutes: int,
    members: Collection[int],
    needed: Collection[int],
) -> None:
    """Give a planned meeting its new time. The caller holds the match and tells people."""
    if meeting.starts_at is not None and meeting.starts_at <= now:
        raise DomainError(_("The time of this meeting is past. Say whether you met."), code="past")
    meeting.starts_at, meeting.minutes = starts_at, minutes
    meeting.sequence += 1
    meeting.plan_changed_at = now
    take_hour(meeting, actor=actor, members=members, needed=needed)
    meeting.save(update_fields=["starts_at", "minutes", "sequence", "plan_changed_at"])
    note_down(meeting, "meeting.moved", actor=actor, match=meeting.match, now=now)


@transaction.atomic
def change_plan(*, meeting: Meeting, actor: User, now: datetime, plan: Plan) -> Meeting:
    """Change what a planned meeting is about, how and where; its time stays.

    Raises:
        NotAllowed: the actor is not a current member.
        Conflict: the meeting is not planned any more.
        DomainError: a value cannot be; ``field`` names which.
    Effects: the meeting and its words, one audit row; nobody is mailed.
    """
    match = rules.lock_match(meeting.match)
    rules.require_open_member(match, actor)
    meeting = planned(meeting)
    fresh = plan.checked()
    meeting.kind, meeting.how = fresh.kind, fresh.how
    meeting.plan_changed_at = now
    meeting.save(update_fields=["kind", "how", "plan_changed_at"])
    keep_words(MeetingPlan, meeting, link=fresh.link, place=fresh.place)
    note_down(meeting, "meeting.plan_changed", actor=actor, match=match, now=now)
    return meeting


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, actor: User, now: datetime, reason: str = "") -> Meeting:
    """Cancel a planned meeting. ``reason`` is for the people of the match alone.

    Raises:
        NotAllowed: the actor is not a member.
        Conflict: it is not planned any more.
    Effects: the meeting with its sequence + 1, the hour is free again, one audit row; who takes
        part is told, unless the time is past; locks the match.
    """
    match = rules.lock_match(meeting.match)
    rules.require_member(match, actor)
    meeting = planned(meeting)
    keep_words(MeetingPlan, meeting, note=reason)
    call_off(meeting, actor=actor, match=match, now=now)
    if meeting.starts_at is not None and meeting.starts_at > now:
        tell_cancelled(meeting, match=match, now=now)
    return meeting


def tell_cancelled(meeting: Meeting, *, match: Match, now: datetime) -> None:
    tell(
        "cancelled",
        about=meeting.pk,
        to=people_of(meeting),
        match=match,
        now=now,
        occasion=str(meeting.sequence),
    )


def call_off(meeting: Meeting, *, actor: User | None, match: Match, now: datetime) -> None:
    """Make a planned meeting a cancelled one. The caller holds the match and tells people."""
    meeting.status = MeetingStatus.CANCELLED
    meeting.cancelled_by = actor
    meeting.sequence += 1
    meeting.plan_changed_at = now
    meeting.save(update_fields=["status", "cancelled_by", "sequence", "plan_changed_at"])
    free_hour(meeting)
    note_down(meeting, "meeting.cancelled", actor=actor, match=match, now=now)


def planned(meeting: Meeting) -> Meeting:
    """Return the meeting as it stands now, locked, or raise Conflict when it is not planned."""
    fresh = Meeting.objects.select_for_update(of=("self",)).filter(pk=meeting.pk).first()
    if fresh is None or not fresh.is_planned:
        raise Conflict(_("This meeting is not planned any more. Look at it again."))
    return fresh
