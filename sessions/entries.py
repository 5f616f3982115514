"""Meetings, series and events as entries of one person's calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from core.clock import zone
from core.names import listed
from notifications.links import absolute
from sessions.answer_addresses import answer_address
from sessions.clocks import settle
from sessions.ical import Entry, Repeat
from sessions.models import CohortEvent, EventAnswer, Meeting, MeetingSeries, MeetingStatus
from sessions.repeating import days_of, rule_text

GONE = (MeetingStatus.CANCELLED, MeetingStatus.MISSED)


def title_for(names: str) -> str:
    return _("Mentoring with %(names)s") % {"names": names}


def names_for(meeting: Any, user: User) -> str:
    """Return the names of the others, from rows that ``people_of`` packed."""
    return listed([row["name"] for row in meeting.packed_people if row["user_id"] != user.pk])


def entry_of(meeting: Meeting, user: User, *, names: str, is_mail: bool = False) -> Entry:
    """Return a meeting for one person's calendar: no words of anybody stand in it."""
    if meeting.starts_at is None:
        raise ValueError("A calendar entry needs a start.")
    url = absolute("meetings:detail", meeting.pk)
    return Entry(
        uid=str(meeting.uid),
        sequence=meeting.sequence,
        stamp=stamp_of(meeting),
        starts_at=meeting.starts_at,
        ends_at=meeting.starts_at + timedelta(minutes=meeting.minutes or 60),
        summary=title_for(names),
        description=_("Agenda, video link and changes: %(url)s") % {"url": url},
        url=url,
        is_cancelled=meeting.status in GONE,
        attendee=user.email if is_mail else "",
        answers_to=answer_address(meeting.uid, user) if is_mail else "",
    )


def occurrence_of(meeting: Meeting, user: User, *, names: str) -> Entry:
    """Return a meeting for an invitation: one of a series names the series and its first time."""
    entry = entry_of(meeting, user, names=names, is_mail=True)
    series = meeting.series
    if series is None or meeting.series_on is None:
        return entry
    return replace(
        entry,
        uid=str(series.uid),
        answers_to=answer_address(series.uid, user),
        sequence=series.sequence + meeting.sequence,
        replaces=settle(meeting.series_on, series.start_time, series.time_zone),
        replaces_zone=zone(series.time_zone),
    )


def series_entries(series: MeetingSeries, user: User, *, names: str) -> list[Entry]:
    """Return a series as one repeating entry, and each meeting that was moved beside it.

    Empty when no day of it is left.
    """
    days = list(days_of(series.rule, series.starts_on, series.ends_on))
    if not days:
        return []
    moments = [settle(day, series.start_time, series.time_zone) for day in days]
    meetings = list(series.meetings.filter(series_on__lte=series.ends_on).order_by("series_on"))
    gone = {meeting.series_on for meeting in meetings if meeting.status in GONE}
    gone |= set(series.left_out.values_list("day", flat=True))
    url = absolute("meetings:list")
    master = Entry(
        uid=str(series.uid),
        sequence=series.sequence,
        stamp=series.changed_at,
        starts_at=moments[0],
        ends_at=moments[0] + timedelta(minutes=series.minutes),
        summary=title_for(names),
        description=_("Agenda, video link and changes: %(url)s") % {"url": url},
        url=url,
        attendee=user.email,
        answers_to=answer_address(series.uid, user),
        repeat=Repeat(
            rule=rule_text(series.rule, series.starts_on, moments[-1]),
            zone=zone(series.time_zone),
            left_out=tuple(
                moment for day, moment in zip(days, moments, strict=True) if day in gone
            ),
        ),
    )
    moved = [
        occurrence_of(meeting, user, names=names)
        for meeting in meetings
        if meeting.sequence and meeting.is_planned
    ]
    return [master, *moved]


def cancelled_series(series: MeetingSeries, user: User, *, names: str) -> Entry:
    """Return a series none of whose days is left, as one cancelled entry."""
    first = settle(series.starts_on, series.start_time, series.time_zone)
    return Entry(
        uid=str(series.uid),
        sequence=series.sequence,
        stamp=series.changed_at,
        starts_at=first,
        ends_at=first + timedelta(minutes=series.minutes),
        summary=title_for(names),
        is_cancelled=True,
        attendee=user.email,
        answers_to=answer_address(series.uid, user),
    )


def stamp_of(meeting: Meeting) -> datetime:
    """Return when the entry last changed."""
    stamp = meeting.plan_changed_at or meeting.logged_at or meeting.starts_at
    if stamp is None:
        raise ValueError("A meeting without any moment has no entry.")
    return stamp


def entry_of_event(event: CohortEvent, user: User, *, is_mail: bool = False) -> Entry:
    """Return an event for one person's calendar; discreet programs are not named in it.

    ``event`` carries the person's answer as ``own_answer`` where they are invited.
    """
    url = absolute("events:detail", event.pk)
    answer = event.own_answer
    is_discreet = event.cohort.program.is_discreet
    return Entry(
        uid=str(event.uid),
        sequence=event.sequence,
        stamp=event.changed_at,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        summary=_("Appointment") if is_discreet else event.words.title,
        description=_("Place, video link and your answer: %(url)s") % {"url": url},
        url=url,
        is_cancelled=event.is_cancelled or (answer == EventAnswer.NO and not is_mail),
        attendee=user.email if is_mail else "",
        has_accepted=answer == EventAnswer.YES,
    )
