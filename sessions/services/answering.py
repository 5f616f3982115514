"""Answers that somebody's calendar sends to an invitation (RFC 5546, METHOD:REPLY)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from core.clock import local_day
from core.errors import DomainError
from sessions.clocks import settle
from sessions.models import Meeting, MeetingSeries, MeetingStatus
from sessions.repeating import days_of
from sessions.services.booking import cancel_meeting
from sessions.services.series import end_series

LONGEST_REASON = 500


@dataclass(frozen=True, kw_only=True)
class CalendarAnswer:
    """What a calendar says about one entry; ``replaces`` names the day of a series."""

    uid: uuid.UUID
    sequence: int
    is_declined: bool
    comment: str = ""
    replaces: datetime | None = None


def take_answer(*, answer: CalendarAnswer, actor: User, now: datetime) -> str:
    """Do what the answer says and return what was done: "cancelled", "ended", or "" for nothing.

    A yes changes nothing, since whoever is invited has agreed. A no cancels the meeting, or ends
    the series, as the person could on the page: the others are told. An answer to an older version
    of the entry, to a meeting that is over or gone, or by somebody who is not in the match is left.
    """
    if not answer.is_declined:
        return ""
    try:
        return _cancel(answer, actor, now) or _end(answer, actor, now)
    except DomainError:
        return ""


def _cancel(answer: CalendarAnswer, actor: User, now: datetime) -> str:
    """Cancel a single meeting, or one day of a series."""
    rows = Meeting.objects.of(actor).select_related("match", "series")
    meeting = rows.filter(uid=answer.uid, series=None).first()
    expected = meeting.sequence if meeting else 0
    if meeting is None and answer.replaces is not None:
        series = MeetingSeries.objects.filter(uid=answer.uid).first()
        day = _day_of(series, answer.replaces) if series else None
        if series is not None and day is not None:
            meeting = rows.filter(series=series, series_on=day).first()
            expected = series.sequence + (meeting.sequence if meeting else 0)
    if meeting is None or not meeting.is_planned or answer.sequence < expected:
        return ""
    if meeting.starts_at is None or meeting.starts_at <= now:
        return ""
    cancel_meeting(meeting=meeting, actor=actor, now=now, reason=answer.comment[:LONGEST_REASON])
    return "cancelled"


def _end(answer: CalendarAnswer, actor: User, now: datetime) -> str:
    """End a whole series from today, or tomorrow when today's meeting has begun or is none."""
    if answer.replaces is not None:
        return ""
    series = MeetingSeries.objects.select_related("match").filter(uid=answer.uid).first()
    if series is None or answer.sequence < series.sequence:
        return ""
    today = local_day(now, series.time_zone)
    is_ahead = series.meetings.filter(
        series_on=today, status=MeetingStatus.SCHEDULED, starts_at__gt=now
    ).exists()
    from_day = today if is_ahead else today + timedelta(days=1)
    end_series(series=series, actor=actor, now=now, from_day=from_day)
    return "ended"


def _day_of(series: MeetingSeries, moment: datetime) -> date | None:
    """Return the day of the series that began, by its rule, at this moment."""
    for day in days_of(series.rule, series.starts_on, series.ends_on):
        if settle(day, series.start_time, series.time_zone) == moment:
            return day
    return None
