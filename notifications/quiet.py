"""When a mail that can wait may go to a person: not at night where they are, not on leave.

A nudge (what is not required) waits for both. A mail that the person could stop, a check-in for
example, waits for the end of their leave. Everything else goes at once.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from core.clock import zone
from notifications.models import MessagePreference
from notifications.registry import MessageKind

if TYPE_CHECKING:
    from accounts.models import User

QUIET_FROM, QUIET_UNTIL = time(20), time(8)
MOST_STEPS = 4


def preference_of(user: User) -> MessagePreference:
    """Return what the person chose, or an unsaved row with the usual quiet hours. One query."""
    found = MessagePreference.objects.filter(user=user).first()
    return found or MessagePreference(user=user, quiet_from=QUIET_FROM, quiet_until=QUIET_UNTIL)


def wait_until(user: User, kind: MessageKind, *, now: datetime) -> datetime | None:
    """Return the moment a mail of this kind waits for, or None when it may go now.

    Pure but for reading the person's row; the clock is the person's own, over clock changes too.
    """
    if kind.is_required and not kind.may_stop:
        return None
    wanted = preference_of(user)
    at = now
    for _step in range(MOST_STEPS):
        later = _after_leave(wanted, user, at)
        if not kind.is_required:
            later = _after_quiet(wanted, user, later)
        if later == at:
            break
        at = later
    return at if at > now else None


def _after_leave(wanted: MessagePreference, user: User, at: datetime) -> datetime:
    """Return ``at``, or the first moment after the last day of leave when it lies in it."""
    if wanted.leave_from is None or wanted.leave_until is None:
        return at
    place = zone(user.time_zone)
    if not wanted.leave_from <= at.astimezone(place).date() <= wanted.leave_until:
        return at
    back = wanted.leave_until + timedelta(days=1)
    return datetime.combine(back, time(0), tzinfo=place).astimezone(UTC)


def _after_quiet(wanted: MessagePreference, user: User, at: datetime) -> datetime:
    """Return ``at``, or the end of the quiet hours that it lies in."""
    start, end = wanted.quiet_from, wanted.quiet_until
    if start is None or end is None:
        return at
    local = at.astimezone(zone(user.time_zone))
    clock = local.time().replace(tzinfo=None)
    over_midnight = start > end
    if over_midnight and not (clock >= start or clock < end):
        return at
    if not over_midnight and not start <= clock < end:
        return at
    day = local.date() + timedelta(days=1) if over_midnight and clock >= start else local.date()
    return datetime.combine(day, end, tzinfo=zone(user.time_zone)).astimezone(UTC)
