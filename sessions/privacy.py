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
from sessions.models import (
    ActionItem,
    AgendaItem,
    BusyCalendar,
    CalendarFeed,
    EventGuest,
    LogDraft,
    Meeting,
    MeetingRating,
    PrivateNote,
    SharedSummary,
)

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
    register_exporter(
        Exporter(
            name="agenda_items",
            title=_("What you wanted to talk about"),
            fields={"text": _("What"), "day": _("Meeting"), "created_at": _("Written")},
            rows=_agenda,
            covers=("meetings.AgendaItem.added_by",),
        )
    )
    register_exporter(
        Exporter(
            name="log_drafts",
            title=_("Meetings you began to log"),
            fields={"content": _("What you typed"), "saved_at": _("Saved")},
            rows=_drafts,
            covers=("meetings.LogDraft.author",),
        )
    )
    register_exporter(
        Exporter(
            name="calendars",
            title=_("Your calendars"),
            fields={"kind": _("Kind"), "name": _("Name"), "created_at": _("Since")},
            rows=_calendars,
            covers=("meetings.CalendarFeed.user", "meetings.BusyCalendar.user"),
        )
    )
    register_exporter(
        Exporter(
            name="events",
            title=_("Events you were invited to"),
            fields={
                "title": _("Name"),
                "starts_at": _("Starts"),
                "answer": _("Your answer"),
                "attended": _("You were there"),
            },
            rows=_events,
            covers=("meetings.EventGuest.user",),
        )
    )
    register_eraser(Eraser(name="sessions", erase=_erase))
    listed = "The meeting is in the list; the act is in the log."
    leave_out(
        {
            "meetings.Meeting.logged_by": listed,
            "meetings.Meeting.booked_by": listed,
            "meetings.Meeting.cancelled_by": listed,
            "meetings.MeetingProposal.proposed_by": listed,
            "meetings.MeetingProposal.answered_by": listed,
            "meetings.MeetingSeries.organiser": listed,
            "meetings.CohortEvent.planned_by": "The event is its cohort's; the act is in the log.",
            "meetings.MatchRoom.changed_by": "The room is the match's; its link is on its page.",
        }
    )


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


def _agenda(person: User) -> Iterator[Row]:
    rows = AgendaItem.objects.filter(added_by=person).select_related("meeting")
    for item in rows.order_by("created_at").iterator(chunk_size=A_PIECE):
        starts_at = item.meeting.starts_at
        yield {
            "text": item.text,
            "day": item.meeting.held_on or (starts_at.date() if starts_at else None),
            "created_at": item.created_at,
        }


def _drafts(person: User) -> Iterator[Row]:
    for draft in LogDraft.objects.filter(author=person).order_by("saved_at"):
        yield {"content": draft.content, "saved_at": draft.saved_at}


def _events(person: User) -> Iterator[Row]:
    rows = EventGuest.objects.filter(user=person).select_related("event__words")
    for guest in rows.order_by("event__starts_at").iterator(chunk_size=A_PIECE):
        yield {
            "title": guest.event.words.title,
            "starts_at": guest.event.starts_at,
            "answer": guest.get_answer_display(),
            "attended": guest.attended,
        }


def _calendars(person: User) -> Iterator[Row]:
    for feed in CalendarFeed.objects.filter(user=person):
        yield {"kind": str(_("Private calendar feed")), "created_at": feed.created_at}
    for calendar in BusyCalendar.objects.filter(user=person):
        yield {"kind": str(_("Busy times from a link of yours")), "name": calendar.host}


def _erase(person: User, now: datetime) -> None:
    """Delete private notes, drafts and calendars; what was shared stays with the others."""
    PrivateNote.objects.filter(author=person).delete()
    LogDraft.objects.filter(author=person).delete()
    CalendarFeed.objects.filter(user=person).delete()
    BusyCalendar.objects.filter(user=person).delete()
