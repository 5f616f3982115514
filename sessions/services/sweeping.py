"""What is due and not done: offers past, series to extend, plans of ended matches, reminders."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef

from core.clock import zone
from core.errors import DomainError
from matching.models import MatchMember, MatchStatus
from notifications.services import NewMessage, queue_messages
from sessions.models import Meeting, MeetingAttendee, MeetingSeries, MeetingStatus
from sessions.services import rules
from sessions.services.booking import call_off, tell_cancelled
from sessions.services.drafts import drop_old_drafts
from sessions.services.following import follow_members
from sessions.services.proposing import expire_offers
from sessions.services.series import extend_series, series_to_extend

logger = logging.getLogger(__name__)
DAY = timedelta(days=1)
LOOK_AHEAD = timedelta(hours=40)
QUIET_FROM, QUIET_UNTIL = time(20), time(8)
MOST_AT_ONCE = 500


def sweep_plans(*, now: datetime) -> None:
    """Do what time itself brings about. Again is fine; one bad row holds nobody up."""
    expire_offers(now=now)
    call_off_ended(now=now)
    follow_members(now=now)
    for pk in series_to_extend(now=now):
        try:
            extend_series(pk=pk, now=now)
        except DomainError as error:
            logger.warning("Series %s could not be extended: %s", pk, error)
    queue_reminders(now=now)
    drop_old_drafts(now=now)


def call_off_ended(*, now: datetime) -> int:
    """Cancel what is still planned in matches that have ended; return how many meetings."""
    MeetingSeries.objects.filter(ended_at__isnull=True, match__status=MatchStatus.ENDED).update(
        ended_at=now
    )
    rows = Meeting.objects.filter(
        status=MeetingStatus.SCHEDULED, starts_at__gt=now, match__status=MatchStatus.ENDED
    )
    pks = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    for pk in pks:
        with transaction.atomic():
            meeting = Meeting.objects.select_related("match__cohort").get(pk=pk)
            match = rules.lock_match(meeting.match)
            fresh = Meeting.objects.select_for_update(of=("self",)).get(pk=pk)
            if fresh.is_planned:
                call_off(fresh, actor=None, match=match, now=now)
                tell_cancelled(fresh, match=match, now=now)
    return len(pks)


def queue_reminders(*, now: datetime) -> int:
    """Queue a reminder the day before, once for each person and time; return how many are new."""
    sits = MatchMember.objects.current().filter(
        match=OuterRef("meeting__match"), user=OuterRef("user")
    )
    rows = (
        MeetingAttendee.objects.filter(
            Exists(sits),
            meeting__status=MeetingStatus.SCHEDULED,
            meeting__starts_at__gt=now,
            meeting__starts_at__lt=now + LOOK_AHEAD,
            meeting__match__status=MatchStatus.ACTIVE,
        )
        .select_related("meeting__match__cohort", "user")
        .order_by("meeting_id", "user_id")
    )
    messages = []
    for meeting, attendees in groupby(rows, key=lambda row: row.meeting):
        booked_late = meeting.booked_at and meeting.starts_at - meeting.booked_at < 1.5 * DAY
        if booked_late:
            continue  # who has just booked it needs no reminder
        messages += [
            NewMessage(
                kind="meetings.reminder",
                recipient_id=row.user_id,
                object_id=meeting.pk,
                occasion=meeting.starts_at.isoformat(),
                program_id=meeting.match.cohort.program_id,
                cohort_id=meeting.match.cohort_id,
                match_id=meeting.match_id,
                due_at=max(now, reminder_time(meeting.starts_at, row.user.time_zone)),
            )
            for row in attendees
        ]
    return queue_messages(rows=messages, now=now)


def reminder_time(starts_at: datetime, zone_name: str) -> datetime:
    """Return the same time a day before, moved out of the quiet hours of that day.

    Early meetings are called to mind at 8:00 the day before, late ones at 19:30.
    """
    local = (starts_at - DAY).astimezone(zone(zone_name))
    if local.time() < QUIET_UNTIL:
        return local.replace(hour=QUIET_UNTIL.hour, minute=0)
    if local.time() >= QUIET_FROM:
        return local.replace(hour=QUIET_FROM.hour - 1, minute=30)
    return local
