"""Who took part and when. The database keeps a person's confirmed meetings from overlapping."""

from __future__ import annotations

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from accounts.models import User
from core.errors import DomainError
from sessions.models import Meeting, MeetingAttendee
from sessions.services.rules import length_of


def during_of(meeting: Meeting) -> DateTimeTZRange | None:
    """Return the half-open time of a meeting, or None while start or length is unknown."""
    length = length_of(meeting.minutes)
    if meeting.starts_at is None or length is None:
        return None
    return DateTimeTZRange(meeting.starts_at, meeting.starts_at + length)


def set_attendees(meeting: Meeting, *, actor: User, members: Collection[int]) -> None:
    """Write who took part: the actor confirms with this, the others by adding to the meeting.

    Raises:
        DomainError: the time overlaps with another meeting that somebody here has confirmed.
    """
    during = during_of(meeting)
    try:
        with transaction.atomic():
            MeetingAttendee.objects.filter(meeting=meeting).update(during=during)
            known = set(meeting.attendees.values_list("user_id", flat=True))
            MeetingAttendee.objects.bulk_create(
                MeetingAttendee(meeting=meeting, user_id=user_id, during=during)
                for user_id in sorted(set(members) - known)
            )
            meeting.attendees.filter(user=actor, is_confirmed=False).update(is_confirmed=True)
    except IntegrityError as error:
        if "attendee_no_overlap" not in str(error):
            raise
        raise DomainError(
            _("You were in another meeting at that time. Check the start and the minutes."),
            code="overlap",
            field="start_time",
        ) from error
