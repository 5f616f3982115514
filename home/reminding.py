"""Remind people on the day that something they said they would do is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db.models import QuerySet

from core.clock import local_day
from matching.models import MatchStatus
from notifications.selectors import paused_match_ids
from notifications.services import NewMessage, queue_messages
from sessions.models import ActionItem

KIND = "home.actions_due"
LATEST_DAYS = 1


def open_actions(owner_id: int, day: date) -> QuerySet[ActionItem]:
    """Return what somebody said they would do by this day, and has not, in matches that last."""
    rows = ActionItem.objects.filter(owner=owner_id, done_at__isnull=True, due_on=day)
    return rows.exclude(match__status=MatchStatus.ENDED)


def due_actions(owner_id: int, day: date) -> QuerySet[ActionItem]:
    """Return of that what somebody is reminded of: not in a match that rests or is held back."""
    rows = open_actions(owner_id, day).filter(match__status=MatchStatus.ACTIVE)
    return rows.exclude(match__in=paused_match_ids())


def plan_reminders(*, now: datetime) -> int:
    """Write one message a person and day for what is due where they are; return how many are new.

    What a missed hour left undone is caught up the next day. Running it again changes nothing.
    """
    today = now.astimezone(UTC).date()
    window = [today + timedelta(days=shift) for shift in range(-1 - LATEST_DAYS, 2)]
    rows = (
        ActionItem.objects.filter(
            done_at__isnull=True, due_on__in=window, match__status=MatchStatus.ACTIVE
        )
        .order_by()
        .values_list("owner_id", "owner__time_zone", "due_on")
        .distinct()
    )
    messages = []
    for owner_id, zone_name, due_on in rows.iterator(chunk_size=5_000):
        if due_on is None:
            continue
        late = local_day(now, zone_name) - due_on
        if timedelta(0) <= late <= timedelta(days=LATEST_DAYS):
            messages.append(
                NewMessage(kind=KIND, recipient_id=owner_id, occasion=due_on.isoformat())
            )
    return queue_messages(rows=messages, now=now)
