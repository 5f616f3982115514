"""How meetings and what belongs to them find the kept account when two become one."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import merging
from accounts.models import User
from participants.merging import absorb
from sessions.models import MeetingAttendee


def register() -> None:
    merging.drop("meetings.CalendarFeed.user")
    merging.move(
        "meetings.Meeting.logged_by",
        "meetings.Meeting.booked_by",
        "meetings.Meeting.cancelled_by",
        "meetings.SharedSummary.changed_by",
        "meetings.ActionItem.owner",
        "meetings.ActionItem.created_by",
        "meetings.CohortEvent.planned_by",
        "meetings.MeetingProposal.proposed_by",
        "meetings.MeetingProposal.answered_by",
        "meetings.MeetingSeries.organiser",
        "meetings.MatchRoom.changed_by",
        "meetings.AgendaItem.added_by",
        "meetings.PrivateNote.author",
    )
    merging.move_once(
        {
            "meetings.BusyCalendar.user": (),
            "meetings.MeetingAttendee.user": ("meeting",),
            "meetings.MeetingRating.author": ("meeting",),
            "meetings.EventGuest.user": ("event",),
            "meetings.LogDraft.author": ("match",),
        }
    )
    absorb({"meetings.EventGuest.enrolment": None}, with_user=True)
    merging.register_obstacles(_obstacles)
    merging.register_holdings(_holdings)


def _obstacles(keep: User, double: User) -> Iterator[str]:
    confirmed = MeetingAttendee.objects.filter(is_confirmed=True)
    theirs = confirmed.filter(user=keep, during__overlap=OuterRef("during"))
    if confirmed.filter(Exists(theirs), user=double).exists():
        yield _(
            "Each account has a confirmed meeting at the same time. One of the two meetings has to "
            "be moved or cancelled first."
        )


def _holdings(ids: list[int]) -> dict[int, list[tuple[str | Promise, int]]]:
    seen = MeetingAttendee.objects.filter(
        user__in=ids, meeting__match__cohort__program__is_discreet=False
    )
    rows = seen.order_by().values("user").annotate(count=Count("pk"))
    return {row["user"]: [(gettext_lazy("Meetings"), row["count"])] for row in rows}
