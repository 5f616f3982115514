"""A person's own record of meetings, for download and for their calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from core.clock import zone
from core.packed import packed, sealed
from matching.models import MatchStatus
from sessions.models import Meeting, MeetingAttendee, MeetingStatus, PrivateNote
from sessions.selectors.held import opened_note
from sessions.selectors.people import people_of

FEED_BACK, FEED_AHEAD = timedelta(days=365), timedelta(days=400)
MOST_ENTRIES = 1_000


def record_of(user: User) -> Iterator[dict[str, Any]]:
    """Yield the person's meetings, oldest first, with what they may read of each."""
    own_note = PrivateNote.objects.filter(meeting=OuterRef("pk"), author=user)
    rows = (
        Meeting.objects.of(user)
        .select_related("match__cohort__program", "summary")
        .annotate(
            packed_people=people_of("match_id"),
            packed_note=packed(own_note, id=F("id"), text=sealed("text")),
        )
        .order_by("pk")
    )
    place = zone(user.time_zone)
    for meeting in rows.iterator(chunk_size=500):
        starts_at = meeting.starts_at.astimezone(place) if meeting.starts_at else None
        day = meeting.held_on or (starts_at.date() if starts_at else None)
        summary = getattr(meeting, "summary", None)
        others = [row for row in meeting.packed_people if row["user_id"] != user.pk]
        yield {
            "date": day.isoformat() if day else "",
            "start": f"{starts_at:%H:%M}" if starts_at else "",
            "time_zone": user.time_zone if starts_at else "",
            "minutes": meeting.minutes,
            "status": meeting.status,
            "kind": meeting.kind,
            "how": meeting.how,
            "with": ", ".join(row["name"] for row in others),
            "program": meeting.match.cohort.program.name,
            "cohort": meeting.match.cohort.name,
            "summary": summary.text if summary else "",
            "private_note": opened_note(meeting.packed_note),
        }


def calendar_rows(user: User, *, now: datetime) -> list[Meeting]:
    """Return what stands in a person's calendar: a year back and a year ahead. One query.

    Cancelled meetings stay, marked, so that calendars take them out; meetings of a match that has
    ended and are still to come count as cancelled at once.
    """
    own = MeetingAttendee.objects.filter(meeting=OuterRef("pk"), user=user)
    rows = (
        Meeting.objects.filter(
            Exists(own),
            Q(booked_at__isnull=False) | Q(status=MeetingStatus.HELD),
            starts_at__gt=now - FEED_BACK,
            starts_at__lt=now + FEED_AHEAD,
        )
        .select_related("match")
        .annotate(packed_people=people_of("match_id"))
        .order_by("-starts_at", "-pk")
    )
    found: list[Meeting] = [*rows[:MOST_ENTRIES]]
    for meeting in found:
        if meeting.is_planned and meeting.match.status == MatchStatus.ENDED:
            meeting.status = MeetingStatus.CANCELLED
    return found
