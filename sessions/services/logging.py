"""Log that a match met: by either side, in any order, counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.clock import local_day, zone
from core.errors import Conflict, DomainError
from matching.models import Match
from sessions.models import LogDraft, Meeting, MeetingStatus
from sessions.services import rules, words
from sessions.services.actions import NewAction, add_actions
from sessions.services.attending import free_hour, set_attendees
from sessions.services.booking import planned
from sessions.services.plans import note_down


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What is known of when and how the match met."""

    held_on: date
    starts_at: datetime | None
    minutes: int | None
    how: str


@transaction.atomic
def log_meeting(
    *,
    match: Match,
    actor: User,
    now: datetime,
    held_on: date,
    minutes: int | None = None,
    how: str = "",
    start_time: time | None = None,
    summary: str = "",
    private_note: str = "",
    rating: int | None = None,
    action_items: Sequence[NewAction] = (),
    another_same_day: bool = False,
    booking: Meeting | None = None,
) -> Meeting:
    """Log a meeting that took place; only its day is needed.

    A match counts one meeting a day: who logs the same day again adds to it. Missing facts are
    filled in, a differing shared summary is put below the first under the writer's name, private
    note and rating stay each person's own. ``another_same_day`` says that they met once more.
    ``start_time`` is wall-clock time in the actor's zone; ``minutes`` 1 to 600; ``rating`` 1 to 5.
    ``booking`` is the planned meeting that took place; without it, one that was planned for this
    day and has begun is it. What is not given comes from the plan.
    The result's ``was_merged`` tells whether the day was logged before.

    Raises:
        NotAllowed: the actor is not a member of the match.
        Conflict: the booking was cancelled meanwhile.
        DomainError: the day, the time or another value cannot be; ``field`` names which.
    Effects: the meeting, its attendees and words, one audit row; locks the match.
    """
    match = rules.lock_match(match)
    members = {member.user_id for member in rules.require_member(match, actor)}
    rules.check_day(match, actor, held_on=held_on, now=now)
    rules.check_facts(minutes=minutes, how=how, rating=rating)
    starts_at = rules.moment(held_on, start_time, actor=actor, now=now)
    facts = _Facts(held_on=held_on, starts_at=starts_at, minutes=minutes, how=how)
    if booking is not None:
        meeting = _take_place(_lock_booking(booking, match), facts, actor=actor, now=now)
    else:
        meeting = _meeting_of_day(match, actor, facts, now=now, is_another=another_same_day)
    LogDraft.objects.filter(match=match, author=actor).delete()
    set_attendees(meeting, actor=actor, members=members)
    words.add_to_summary(meeting, summary, actor=actor, now=now)
    words.add_to_note(meeting, private_note, actor=actor, now=now)
    if rating is not None:
        words.write_rating(meeting, rating, actor=actor)
    added = add_actions(meeting, action_items, actor=actor, members=members, now=now)
    record(
        actor=actor,
        action="meeting.added_to" if meeting.was_merged else "meeting.logged",
        about=meeting,
        now=now,
        program_id=match.cohort.program_id,
        detail={"match": match.pk, "actions": added},
    )
    return meeting


def _meeting_of_day(
    match: Match, actor: User, facts: _Facts, *, now: datetime, is_another: bool
) -> Meeting:
    """Return the day's meeting with the facts filled in, or a new one. The match is locked."""
    same_day = Meeting.objects.held().filter(match=match, held_on=facts.held_on)
    last = same_day.aggregate(last=Max("same_day_number"))["last"] or 0
    if last and not is_another:
        return _fill_in(same_day.get(same_day_number=last), facts)
    booking = _planned_for(match, actor, facts.held_on, now=now)
    if booking is not None:
        return _take_place(booking, facts, actor=actor, now=now)
    return Meeting.objects.create(
        match=match,
        status=MeetingStatus.HELD,
        held_on=facts.held_on,
        same_day_number=last + 1,
        starts_at=facts.starts_at,
        minutes=facts.minutes,
        how=facts.how,
        logged_by=actor,
        logged_at=now,
    )


def _planned_for(match: Match, actor: User, day: date, *, now: datetime) -> Meeting | None:
    """Return the meeting that was planned for this day of the actor and has begun."""
    place = zone(actor.time_zone)
    begins = datetime.combine(day, time.min, tzinfo=place)
    ends = datetime.combine(day + timedelta(days=1), time.min, tzinfo=place)
    begun = Meeting.objects.filter(
        match=match,
        status=MeetingStatus.SCHEDULED,
        starts_at__gte=begins,
        starts_at__lt=ends,
        starts_at__lte=now,
    )
    return begun.order_by("starts_at").first()


def _lock_booking(booking: Meeting, match: Match) -> Meeting:
    fresh = Meeting.objects.select_for_update(of=("self",)).filter(pk=booking.pk, match=match)
    meeting = fresh.first()
    if meeting is None or meeting.status == MeetingStatus.CANCELLED:
        raise Conflict(_("This meeting is not planned any more. Log it without the plan."))
    return meeting


def _take_place(meeting: Meeting, facts: _Facts, *, actor: User, now: datetime) -> Meeting:
    """Make a planned meeting a held one; once it is, only what was left open is filled in."""
    if meeting.status == MeetingStatus.HELD:
        return _fill_in(meeting, facts)
    same_day = Meeting.objects.held().filter(match=meeting.match_id, held_on=facts.held_on)
    last = same_day.aggregate(last=Max("same_day_number"))["last"] or 0
    planned_at = meeting.starts_at
    as_planned = (
        planned_at is not None
        and planned_at <= now
        and local_day(planned_at, actor.time_zone) == facts.held_on
    )
    meeting.status = MeetingStatus.HELD
    meeting.held_on, meeting.same_day_number = facts.held_on, last + 1
    meeting.starts_at = facts.starts_at or (planned_at if as_planned else None)
    meeting.minutes = facts.minutes or meeting.minutes
    meeting.how = facts.how or meeting.how
    meeting.logged_by, meeting.logged_at = actor, now
    meeting.save(
        update_fields=[
            "status",
            "held_on",
            "same_day_number",
            "starts_at",
            "minutes",
            "how",
            "logged_by",
            "logged_at",
        ]
    )
    return meeting


@transaction.atomic
def mark_missed(*, meeting: Meeting, actor: User, now: datetime) -> Meeting:
    """Say that a planned meeting did not take place. Who met after all logs it as usual.

    Raises:
        NotAllowed: the actor is not a member of the match.
        Conflict: it is not planned any more.
        DomainError: its time is still to come.
    Effects: the meeting, the hour is free again, one audit row; nobody is mailed.
    """
    match = rules.lock_match(meeting.match)
    rules.require_member(match, actor)
    meeting = planned(meeting)
    if meeting.starts_at is None or meeting.starts_at > now:
        raise DomainError(_("This meeting is still to come. Move or cancel it."), code="future")
    meeting.status = MeetingStatus.MISSED
    meeting.plan_changed_at = now
    meeting.save(update_fields=["status", "plan_changed_at"])
    free_hour(meeting)
    note_down(meeting, "meeting.missed", actor=actor, match=match, now=now)
    return meeting


def _fill_in(meeting: Meeting, facts: _Facts) -> Meeting:
    """Keep what was logged first; add what it left open."""
    missing = [
        name for name in ("starts_at", "minutes", "how") if getattr(meeting, name) in (None, "")
    ]
    for name in missing:
        setattr(meeting, name, getattr(facts, name))
    if missing:
        meeting.save(update_fields=missing)
    meeting.was_merged = True
    return meeting
