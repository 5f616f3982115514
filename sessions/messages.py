"""The mails about planned meetings; those about a time are invitations for calendars too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock import zone_city
from core.names import listed
from core.packed import moment
from matching.models import Match
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import CalendarPart, MessageKind, Planner, Share
from sessions.clocks import when
from sessions.entries import cancelled_series, entry_of, names_for, occurrence_of, series_entries
from sessions.ical import write_calendar
from sessions.models import (
    Meeting,
    MeetingProposal,
    MeetingSeries,
    MeetingStatus,
    ProposalState,
)
from sessions.selectors import Partner, offer_sheet, partner_clocks, people_of, unpack_people
from sessions.services.sweeping import queue_reminders

BECAUSE = gettext_lazy("You get this because you are in a match that meets.")
REQUEST, CANCEL = "REQUEST", "CANCEL"


def register() -> None:
    _add("proposed", gettext_lazy("Times offered to you"), _offer_is_due, _offer_context, asks=True)
    _add("declined", gettext_lazy("None of your times suits"), _declined_is_due, _offer_context)
    _add(
        "booked",
        gettext_lazy("A meeting is booked"),
        _meeting_is_due,
        _meeting_context,
        calendar=_invitation,
    )
    _add(
        "moved",
        gettext_lazy("A meeting moves"),
        _meeting_is_due,
        _meeting_context,
        calendar=_invitation,
    )
    _add(
        "cancelled",
        gettext_lazy("A meeting is cancelled"),
        _cancelled_is_due,
        _meeting_context,
        calendar=_cancellation,
    )
    _add(
        "given_up",
        gettext_lazy("A meeting of a circle that you left"),
        _given_up_is_due,
        _given_up_context,
        calendar=_given_up_part,
    )
    for name, title in (
        ("series", gettext_lazy("A repeating meeting is booked")),
        ("series_over", gettext_lazy("A repeating meeting ends")),
    ):
        _add(name, title, _series_is_due, _series_context, calendar=_series_part)
    _add(
        "reminder",
        gettext_lazy("Reminder the day before a meeting"),
        _reminder_is_due,
        _meeting_context,
        may_stop=True,
        is_required=False,
        is_timely=True,
        share=Share.NONE,
    )

    registry.register_planner(Planner("meetings.reminders", queue_reminders))


def _add(
    name: str,
    title: str | Promise,
    is_still_due: Callable[[Message, datetime], str],
    context: Callable[[Message], dict[str, Any]],
    *,
    may_stop: bool = False,
    is_required: bool = True,
    is_timely: bool = False,
    share: Share | None = None,
    calendar: Callable[[Message], CalendarPart | None] | None = None,
    asks: bool = False,
) -> None:
    registry.register(
        MessageKind(
            name=f"meetings.{name}",
            template=f"mail/meetings/{name}",
            title=title,
            why=BECAUSE,
            is_required=is_required,
            may_stop=may_stop,
            is_still_due=is_still_due,
            context=context,
            calendar=calendar,
            is_timely=is_timely,
            share=share,
            asks=asks,
        )
    )


# --- Offers ---------------------------------------------------------------------------------------
def _offer_is_due(message: Message, now: datetime) -> str:
    offer = offer_sheet(message.recipient, message.object_id or 0, now=now)
    message.found = offer
    if offer is None:
        return _("The person is not in this match any more.")
    return "" if offer.is_open else _("The offer is answered, withdrawn or past.")


def _declined_is_due(message: Message, now: datetime) -> str:
    offer = offer_sheet(message.recipient, message.object_id or 0, now=now)
    message.found = offer
    if offer is None:
        return _("The person is not in this match any more.")
    declined = offer.proposal.state == ProposalState.DECLINED
    return "" if declined else _("The offer is answered, withdrawn or past.")


def _offer_context(message: Message) -> dict[str, Any]:
    offer = message.found  # what is_still_due has just read
    proposal: MeetingProposal = offer.proposal
    answered_by = proposal.answered_by
    return {
        "offer": offer,
        "name": proposal.proposed_by.get_full_name(),
        "short_name": proposal.proposed_by.get_short_name(),
        "answered_by": answered_by.get_short_name() if answered_by else "",
        "url": absolute("meetings:offer", proposal.pk),
        "again_url": absolute("meetings:propose", proposal.match_id),
    }


# --- Meetings -------------------------------------------------------------------------------------
def _meeting(message: Message) -> Meeting | None:
    rows = Meeting.objects.select_related("booked_by", "cancelled_by", "series")
    return (
        rows.filter(
            pk=message.object_id or 0,
            attendees__user=message.recipient_id,
            match__in=Match.objects.of(message.recipient),
        )
        .annotate(packed_people=people_of("match_id"))
        .first()
    )


def _meeting_is_due(message: Message, now: datetime) -> str:
    meeting = message.found = _meeting(message)
    if meeting is None or not meeting.is_planned:
        return _("The meeting is not planned any more.")
    if str(meeting.sequence) != message.occasion:
        return _("The meeting was moved again meanwhile; a newer message says so.")
    if meeting.ends_at and meeting.ends_at <= now:
        return _("The time of the meeting is past.")
    return ""


def _cancelled_is_due(message: Message, now: datetime) -> str:
    meeting = message.found = _meeting(message)
    if meeting is None or meeting.status != MeetingStatus.CANCELLED:
        return _("The meeting is not cancelled.")
    return ""


def _reminder_is_due(message: Message, now: datetime) -> str:
    meeting = message.found = _meeting(message)
    if meeting is None or not meeting.is_planned or meeting.starts_at is None:
        return _("The meeting is not planned any more.")
    if moment(message.occasion) != meeting.starts_at:
        return _("The meeting was moved meanwhile.")
    return _("The time of the meeting is past.") if meeting.starts_at <= now else ""


def _partners(message: Message) -> list[Partner]:
    people = unpack_people(message.found.packed_people)
    return [person for person in people if person.user_id != message.recipient_id]


def _meeting_context(message: Message) -> dict[str, Any]:
    meeting: Meeting = message.found
    partners = _partners(message)
    by = meeting.cancelled_by or meeting.booked_by
    return {
        "meeting": meeting,
        "names": listed([partner.name for partner in partners]),
        "when": when(
            meeting.starts_at,  # type: ignore[arg-type]
            meeting.minutes,
            zone_name=message.recipient.time_zone,
            others=partner_clocks(partners),
        ),
        "by": by.get_short_name() if by and by.pk != message.recipient_id else "",
        "url": absolute("meetings:detail", meeting.pk),
        "feed_url": absolute("meetings:calendar"),
    }


def _given_up_is_due(message: Message, now: datetime) -> str:
    meeting = message.found = (
        Meeting.objects.select_related("series")
        .filter(pk=message.object_id or 0)
        .exclude(attendees__user=message.recipient_id)
        .first()
    )
    if meeting is None or meeting.starts_at is None:
        return _("The person takes part again, or the meeting is gone.")
    return ""


def _given_up_context(message: Message) -> dict[str, Any]:
    meeting: Meeting = message.found
    zone_name = message.recipient.time_zone
    return {
        "is_series": meeting.series is not None,
        "when": when(meeting.starts_at, meeting.minutes, zone_name=zone_name),  # type: ignore[arg-type]
        "url": absolute("meetings:list"),
    }


def _given_up_part(message: Message) -> CalendarPart:
    """Take it out of the calendar, the whole series where it is one; nobody is named any more."""
    meeting: Meeting = message.found
    user = message.recipient
    if meeting.series is not None:
        entry = cancelled_series(meeting.series, user, names="")
    else:
        entry = entry_of(meeting, user, names="", is_mail=True)
    gone = replace(entry, is_cancelled=True, sequence=entry.sequence + 1, summary=_("Meeting"))
    return CalendarPart(CANCEL, write_calendar([gone], method=CANCEL))


def _invitation(message: Message) -> CalendarPart:
    return _part(message, REQUEST)


def _cancellation(message: Message) -> CalendarPart:
    return _part(message, CANCEL)


def _part(message: Message, method: str) -> CalendarPart:
    user = message.recipient
    entry = occurrence_of(message.found, user, names=names_for(message.found, user))
    return CalendarPart(method, write_calendar([entry], method=method))


# --- Series ---------------------------------------------------------------------------------------
def _series_is_due(message: Message, now: datetime) -> str:
    series = message.found = (
        MeetingSeries.objects.filter(
            pk=message.object_id or 0, match__in=Match.objects.of(message.recipient)
        )
        .annotate(packed_people=people_of("match_id"))
        .first()
    )
    if series is None:
        return _("The person is not in this match any more.")
    if str(series.sequence) != message.occasion:
        return _("The series was changed again meanwhile; a newer message says so.")
    return ""


def _series_context(message: Message) -> dict[str, Any]:
    series = message.found
    partners = _partners(message)
    clocks = partner_clocks(partners)
    first = (
        series.meetings.filter(status=MeetingStatus.SCHEDULED)
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )
    zone_name = message.recipient.time_zone
    return {
        "series": series,
        "names": listed([partner.name for partner in partners]),
        "when": when(first, series.minutes, zone_name=zone_name, others=clocks) if first else None,
        "place": zone_city(series.time_zone),
        "left_out": list(series.left_out.values_list("day", flat=True)),
        "url": absolute("meetings:list"),
    }


def _series_part(message: Message) -> CalendarPart | None:
    """An update while days are left, a cancellation of the whole series when none is."""
    user, series = message.recipient, message.found
    names = names_for(series, user)
    entries = series_entries(series, user, names=names)
    if entries:
        return CalendarPart(REQUEST, write_calendar(entries, method=REQUEST))
    gone = cancelled_series(series, user, names=names)
    return CalendarPart(CANCEL, write_calendar([gone], method=CANCEL))
