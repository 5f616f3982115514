"""This app's part of a person's data: meetings, what they wrote about them, what they promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import (
    Eraser,
    Exporter,
    Row,
    leave_out,
    register_eraser,
    register_exporter,
)
from sessions.models import ActionItem, Meeting, MeetingRating, PrivateNote, SharedSummary

A_PIECE = 200


def register() -> None:
    register_exporter(
        Exporter(
            name="meetings",
            title=_("Your meetings"),
            fields={
                "day": _("Day"),
                "status": _("Status"),
                "minutes": _("Minutes"),
                "how": _("How"),
                "shared_summary": _("Shared summary"),
                "private_note": _("Your private note"),
                "rating": _("Your rating, 1 to 5"),
            },
            rows=_meetings,
            covers=(
                "meetings.MeetingAttendee.user",
                "meetings.PrivateNote.author",
                "meetings.MeetingRating.author",
                "meetings.SharedSummary.changed_by",
            ),
        )
    )
    register_exporter(
        Exporter(
            name="action_items",
            title=_("Action items"),
            fields={
                "text": _("What"),
                "owner": _("Who"),
                "due_on": _("By"),
                "done_at": _("Done"),
            },
            rows=_actions,
            covers=("meetings.ActionItem.owner", "meetings.ActionItem.created_by"),
        )
    )
    register_eraser(Eraser(name="sessions", erase=_erase))
    leave_out({"meetings.Meeting.logged_by": "The meeting is in the list; the act is in the log."})


def _meetings(person: User) -> Iterator[Row]:
    rows = Meeting.objects.of(person).order_by("held_on", "pk").values_list("pk", flat=True)
    ids = list(rows)
    for start in range(0, len(ids), A_PIECE):
        yield from _some_meetings(person, ids[start : start + A_PIECE])


def _some_meetings(person: User, ids: list[int]) -> Iterator[Row]:
    about = {"meeting__in": ids}
    notes = {row.meeting_id: row.text for row in PrivateNote.objects.filter(author=person, **about)}
    summaries = {row.meeting_id: row.text for row in SharedSummary.objects.filter(**about)}
    ratings = dict(
        MeetingRating.objects.filter(author=person, **about).values_list("meeting_id", "rating")
    )
    for meeting in Meeting.objects.filter(pk__in=ids).order_by("held_on", "pk"):
        yield {
            "day": meeting.held_on or (meeting.starts_at.date() if meeting.starts_at else None),
            "status": meeting.get_status_display(),
            "minutes": meeting.minutes,
            "how": meeting.get_how_display(),
            "shared_summary": summaries.get(meeting.pk, ""),
            "private_note": notes.get(meeting.pk, ""),
            "rating": ratings.get(meeting.pk),
        }


def _actions(person: User) -> Iterator[Row]:
    rows = ActionItem.objects.filter(Q(owner=person) | Q(created_by=person))
    ordered = rows.select_related("owner").order_by("created_at")
    for action in ordered.iterator(chunk_size=A_PIECE):
        yield {
            "text": action.text,
            "owner": str(action.owner),
            "due_on": action.due_on,
            "done_at": action.done_at,
        }


def _erase(person: User, now: datetime) -> None:
    """Delete private notes. What was shared stays with those it was shared with."""
    PrivateNote.objects.filter(author=person).delete()
