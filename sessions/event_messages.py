"""The mails about events of a cohort; those about a time are invitations for calendars too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.packed import moment
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import CalendarPart, MessageKind, Planner, Share
from sessions.clocks import when
from sessions.entries import entry_of_event
from sessions.ical import write_calendar
from sessions.models import CohortEvent
from sessions.selectors import own_event
from sessions.services.inviting import sweep_events

BECAUSE = gettext_lazy("You get this because you take part in the cohort that this event is for.")


def register() -> None:
    for kind in _kinds():
        registry.register(kind)
    registry.register_planner(
        Planner("meetings.events", sweep_events, writes=("meetings.EventGuest",))
    )


def _kinds() -> Iterator[MessageKind]:
    about = partial(MessageKind, why=BECAUSE, is_required=True, may_stop=False, context=_context)
    yield about(
        "events.invited",
        "mail/events/invited",
        title=gettext_lazy("You are invited to an event"),
        is_still_due=_event_is_due,
        calendar=_invitation,
    )
    yield about(
        "events.changed",
        "mail/events/changed",
        title=gettext_lazy("An event changes"),
        is_still_due=_event_is_due,
        calendar=_invitation,
    )
    yield about(
        "events.cancelled",
        "mail/events/cancelled",
        title=gettext_lazy("An event is cancelled"),
        is_still_due=_cancelled_is_due,
        calendar=_cancellation,
    )
    yield about(
        "events.reminder",
        "mail/events/reminder",
        title=gettext_lazy("Reminder the day before an event"),
        is_still_due=_reminder_is_due,
        is_required=False,
        may_stop=True,
        is_timely=True,
        share=Share.NONE,
    )


def _event(message: Message) -> CohortEvent | None:
    event: CohortEvent | None = own_event(message.recipient, message.object_id or 0)
    message.found = event
    return event


def _event_is_due(message: Message, now: datetime) -> str:
    event = _event(message)
    if event is None:
        return _("The person is not invited any more.")
    if event.is_cancelled:
        return _("The event is cancelled.")
    if event.is_over(now):
        return _("The event is over.")
    if str(event.sequence) != message.occasion:
        return _("The event was changed again meanwhile; a newer message says so.")
    return ""


def _cancelled_is_due(message: Message, now: datetime) -> str:
    event = _event(message)
    if event is None:
        return _("The person is not invited any more.")
    return "" if event.is_cancelled else _("The event is not cancelled.")


def _reminder_is_due(message: Message, now: datetime) -> str:
    event = _event(message)
    if event is None:
        return _("The person is not invited any more.")
    if event.is_cancelled:
        return _("The event is cancelled.")
    if moment(message.occasion) != event.starts_at:
        return _("The event was moved meanwhile.")
    if event.own_answer == "no":
        return _("The person has said that they cannot come.")
    return _("The event is over.") if event.starts_at <= now else ""


def _context(message: Message) -> dict[str, Any]:
    event: CohortEvent = message.found
    return {
        "event": event,
        "title": event.words.title,
        "is_discreet": event.cohort.program.is_discreet,
        "answer": event.own_answer,
        "when": when(event.starts_at, event.minutes, zone_name=message.recipient.time_zone),
        "url": absolute("events:detail", event.pk),
    }


def _invitation(message: Message) -> CalendarPart:
    return _part(message, "REQUEST")


def _cancellation(message: Message) -> CalendarPart:
    return _part(message, "CANCEL")


def _part(message: Message, method: str) -> CalendarPart:
    entry = entry_of_event(message.found, message.recipient, is_mail=True)
    return CalendarPart(method, write_calendar([entry], method=method))
