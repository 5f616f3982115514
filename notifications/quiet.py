"""When a mail may go to a person: not at night where they are, not on leave, not on days off.

What takes a share of the person's week (askings and nudges) waits for working hours: the end of
quiet hours, of leave, of part-time days and public holidays. Another reminder waits for the end of
quiet hours and leave, and whatever else the person could stop, for the end of their leave.
Everything else goes at once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays
from django.conf import settings

from core.clock import zone
from notifications.models import ClosedDays, MessagePreference, Wait
from notifications.registry import MessageKind, Share

if TYPE_CHECKING:
    from accounts.models import User

QUIET_FROM, QUIET_UNTIL = time(20), time(8)
LONGEST_SEARCH_DAYS = 400
DAY = timedelta(days=1)


def preference_of(user: User) -> MessagePreference:
    """Return what the person chose, or an unsaved row with what is usual. One query."""
    found = MessagePreference.objects.filter(user=user).first()
    return found or MessagePreference(user=user, quiet_from=QUIET_FROM, quiet_until=QUIET_UNTIL)


def wait_until(
    user: User,
    kind: MessageKind,
    *,
    now: datetime,
    wanted: MessagePreference | None = None,
    closed: Collection[date] | None = None,
) -> tuple[datetime, Wait] | None:
    """Return the moment a mail of this kind waits for, and why; None when it may go now.

    Pure but for reading the person's row and the closed days where they are not given; the clock is
    the person's own, over clock changes too.
    """
    takes_share = kind.takes != Share.NONE
    if kind.is_urgent or (kind.is_required and not kind.may_stop and not takes_share):
        return None
    days = Days(wanted or preference_of(user), user.time_zone, closed=closed)
    return days.wait(
        now,
        minds_quiet=takes_share or not kind.is_required,
        minds_days_off=takes_share and not kind.is_timely,
    )


def digest_time(user: User, *, now: datetime) -> datetime:
    """Return when the person's next daily summary goes: the first quiet end of a working day."""
    wanted = preference_of(user)
    days = Days(wanted, user.time_zone)
    opens = wanted.quiet_until or QUIET_UNTIL
    day = now.astimezone(days.place).date()
    if datetime.combine(day, opens, tzinfo=days.place) <= now:
        day += DAY
    return datetime.combine(days.working_day(day), opens, tzinfo=days.place).astimezone(UTC)


class Days:
    """One person's days and hours."""

    def __init__(
        self,
        wanted: MessagePreference,
        time_zone: str,
        *,
        closed: Collection[date] | None = None,
    ) -> None:
        self.wanted = wanted
        self.place = zone(time_zone)
        self._closed = closed

    def wait(
        self, now: datetime, *, minds_quiet: bool, minds_days_off: bool
    ) -> tuple[datetime, Wait] | None:
        """Return the first moment that suits, and what was in its way: days before hours."""
        at, why = now, Wait.QUIET
        for _step in range(LONGEST_SEARCH_DAYS):
            day = at.astimezone(self.place).date()
            if self.is_away(day):
                at, why = self._start_of(day + DAY), Wait.AWAY
            elif minds_days_off and self.is_day_off(day):
                at, why = self._start_of(day + DAY), Wait.DAY_OFF
            else:
                later = self._after_quiet(at) if minds_quiet else at
                if later == at:
                    break
                at = later
        return (at, why) if at > now else None

    def working_day(self, day: date) -> date:
        """Return the first day from this one on that the person works."""
        for _step in range(LONGEST_SEARCH_DAYS):
            if not (self.is_away(day) or self.is_day_off(day)):
                break
            day += DAY
        return day

    def is_away(self, day: date) -> bool:
        wanted = self.wanted
        if wanted.leave_from is None or wanted.leave_until is None:
            return False
        return wanted.leave_from <= day <= wanted.leave_until

    def is_day_off(self, day: date) -> bool:
        """Tell whether it is a part-time day, a public holiday, or the organisation rests."""
        if day.isoweekday() in self.wanted.days_off:
            return True
        region = self.wanted.holiday_region or settings.HOLIDAY_REGION
        return is_holiday(region, day) or day in self._closed_days(day)

    def _closed_days(self, near: date) -> Collection[date]:
        if self._closed is None:
            rows = ClosedDays.objects.filter(last_on__gte=near)
            self._closed = {
                row.first_on + shift * DAY
                for row in rows
                for shift in range((row.last_on - row.first_on).days + 1)
            }
        return self._closed

    def _start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(0), tzinfo=self.place).astimezone(UTC)

    def _after_quiet(self, at: datetime) -> datetime:
        """Return ``at``, or the end of the quiet hours that it lies in."""
        start, end = self.wanted.quiet_from, self.wanted.quiet_until
        if start is None or end is None:
            return at
        local = at.astimezone(self.place)
        clock = local.time().replace(tzinfo=None)
        over_midnight = start > end
        if over_midnight and not (clock >= start or clock < end):
            return at
        if not over_midnight and not start <= clock < end:
            return at
        day = local.date() + DAY if over_midnight and clock >= start else local.date()
        return datetime.combine(day, end, tzinfo=self.place).astimezone(UTC)


def is_region(text: str) -> bool:
    """Tell whether public holidays of this country (and region) are known: DE, DE-BY."""
    country, _dash, part = text.partition("-")
    parts = holidays.list_supported_countries().get(country)
    return parts is not None and (not part or part in parts)


def is_holiday(region: str, day: date) -> bool:
    """Tell whether the day is a public holiday in this region; "" has none."""
    return bool(region) and day in _holidays(region, day.year)


@lru_cache(maxsize=512)
def _holidays(region: str, year: int) -> frozenset[date]:
    country, _dash, part = region.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=part or None, years=year)
    except NotImplementedError:
        return frozenset()
    return frozenset(found)
