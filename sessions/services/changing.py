"""Change what was logged, and take back what was logged by mistake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError, NotAllowed
from sessions.models import ActionItem, Meeting, MeetingStatus, SharedSummary
from sessions.services import rules, words
from sessions.services.actions import NewAction, add_actions
from sessions.services.attending import set_attendees


@transaction.atomic
def change_meeting(
    *,
    meeting: Meeting,
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
    summary_seen_at: datetime | None = None,
) -> Meeting:
    """Make a held meeting what the actor says; every value replaces the one before.

    Facts and summary are shared; note and rating are the actor's own; action items are added.
    ``summary_seen_at`` is when the summary that the actor saw was written; None asks no question.

    Raises:
        NotAllowed: the actor is not a member of the match.
        Conflict: somebody wrote another summary meanwhile.
        DomainError: the day is taken, or a value cannot be; ``field`` names which.
    Effects: the meeting, its attendees and words, one audit row; locks the match.
    """
    match = rules.lock_match(meeting.match)
    members = {member.user_id for member in rules.require_member(match, actor)}
    rules.check_day(match, actor, held_on=held_on, now=now)
    rules.check_facts(minutes=minutes, how=how, rating=rating)
    _check_summary_is_the_same(meeting, summary_seen_at, summary)
    _move_to(meeting, held_on)
    meeting.starts_at = rules.moment(held_on, start_time, actor=actor, now=now)
    meeting.minutes, meeting.how = minutes, how
    meeting.save(update_fields=["held_on", "same_day_number", "starts_at", "minutes", "how"])
    set_attendees(meeting, actor=actor, members=members)
    words.write_summary(meeting, summary, actor=actor, now=now)
    words.write_note(meeting, private_note, actor=actor, now=now)
    words.write_rating(meeting, rating, actor=actor)
    add_actions(meeting, action_items, actor=actor, members=members, now=now)
    _record(meeting, "meeting.changed", actor, now)
    return meeting


def _check_summary_is_the_same(meeting: Meeting, seen_at: datetime | None, text: str) -> None:
    summary = SharedSummary.objects.filter(meeting=meeting).first()
    if summary is None or seen_at is None:
        return
    if summary.changed_at != seen_at and words.text_of(summary) != text.strip():
        raise Conflict(
            _("Somebody else changed the shared summary meanwhile. Compare before you save again."),
            code="summary_changed",
            field="summary",
        )


def _move_to(meeting: Meeting, held_on: date) -> None:
    if held_on == meeting.held_on:
        return
    taken = Meeting.objects.held().filter(match=meeting.match_id, held_on=held_on)
    if taken.exists():
        raise DomainError(
            _("A meeting on that day is logged already. Add to that one instead."),
            code="day_taken",
            field="held_on",
        )
    meeting.held_on, meeting.same_day_number = held_on, 1


@transaction.atomic
def remove_meeting(*, meeting: Meeting, actor: User, now: datetime) -> None:
    """Take back a meeting logged by mistake, with the words and action items it came with.

    A meeting that was planned is planned again.

    Raises:
        NotAllowed: somebody else logged it, or somebody else has added to it since.
        Conflict: it is gone already.
    Effects: the meeting and what belongs to it are deleted, one audit row; locks the match.
    """
    match = rules.lock_match(meeting.match)
    rules.require_member(match, actor)
    if meeting.logged_by_id != actor.pk:
        raise NotAllowed(_("Only who logged a meeting can remove it. You can change it."))
    if not Meeting.objects.filter(pk=meeting.pk).exists():
        raise Conflict(_("This meeting is removed already."))
    if _has_words_of_others(meeting, actor):
        raise NotAllowed(_("Somebody else has added to this meeting. Change it instead."))
    _record(meeting, "meeting.removed", actor, now)
    ActionItem.objects.filter(meeting=meeting).delete()
    if meeting.booked_at and meeting.starts_at and meeting.minutes:
        _back_to_plan(meeting)
    else:
        meeting.delete()


def _back_to_plan(meeting: Meeting) -> None:
    """What was planned stays planned: only that it took place is taken back."""
    SharedSummary.objects.filter(meeting=meeting).delete()
    meeting.private_notes.all().delete()
    meeting.ratings.all().delete()
    meeting.status, meeting.held_on, meeting.same_day_number = MeetingStatus.SCHEDULED, None, 1
    meeting.logged_by = meeting.logged_at = None
    meeting.save(update_fields=["status", "held_on", "same_day_number", "logged_by", "logged_at"])


def _has_words_of_others(meeting: Meeting, actor: User) -> bool:
    return (
        meeting.private_notes.exclude(author=actor).exists()
        or meeting.ratings.exclude(author=actor).exists()
        or meeting.action_items.exclude(created_by=actor).exists()
        or SharedSummary.objects.filter(meeting=meeting).exclude(changed_by=actor).exists()
        or (
            meeting.booked_at is None
            and meeting.attendees.filter(is_confirmed=True).exclude(user=actor).exists()
        )
    )


def _record(meeting: Meeting, action: str, actor: User, now: datetime) -> None:
    record(
        actor=actor,
        action=action,
        about=meeting,
        now=now,
        program_id=meeting.match.cohort.program_id,
        detail={"match": meeting.match_id},
    )
