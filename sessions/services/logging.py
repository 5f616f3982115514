"""Log that a match met: by either side, in any order, counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from audit.services import record
from matching.models import Match
from sessions.models import Meeting, MeetingStatus
from sessions.services import rules, words
from sessions.services.actions import NewAction, add_actions
from sessions.services.attending import set_attendees


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
) -> Meeting:
    """Log a meeting that took place; only its day is needed.

    A match counts one meeting a day: who logs the same day again adds to it. Missing facts are
    filled in, a differing shared summary is put below the first under the writer's name, private
    note and rating stay each person's own. ``another_same_day`` says that they met once more.
    ``start_time`` is wall-clock time in the actor's zone; ``minutes`` 1 to 600; ``rating`` 1 to 5.
    The result's ``was_merged`` tells whether the day was logged before.

    Raises:
        NotAllowed: the actor is not a member of the match.
        DomainError: the day, the time or another value cannot be; ``field`` names which.
    Effects: the meeting, its attendees and words, one audit row; locks the match.
    """
    match = rules.lock_match(match)
    members = {member.user_id for member in rules.require_member(match, actor)}
    rules.check_day(match, actor, held_on=held_on, now=now)
    rules.check_facts(minutes=minutes, how=how, rating=rating)
    starts_at = rules.moment(held_on, start_time, actor=actor, now=now)
    facts = _Facts(held_on=held_on, starts_at=starts_at, minutes=minutes, how=how)
    meeting = _meeting_of_day(match, actor, facts, now=now, is_another=another_same_day)
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
