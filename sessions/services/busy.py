"""Busy times from a private calendar link: taken in by a worker, replaced at once, forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from accounts.models import User
from audit.services import record
from core.clock import zone
from core.errors import DomainError
from core.wake import wake
from sessions.fetching import CannotFetch, Fetch, fetch_calendar
from sessions.ical.reading import CannotRead, busy_times
from sessions.links import checked_link
from sessions.models import BusyCalendar, BusyFault, BusyTime

READ_EVERY = timedelta(hours=1)
LEASE = timedelta(minutes=5)
WINDOW_BACK, WINDOW_AHEAD = timedelta(days=1), timedelta(days=60)
MOST_TIMES = 5_000
LONGEST_PAUSE = timedelta(days=1)


@transaction.atomic
def set_busy_calendar(*, person: User, url: str, now: datetime) -> BusyCalendar:
    """Take busy times from this private link from now on, in place of any other.

    ``webcal:`` counts as ``https:``.

    Raises:
        DomainError: it is not an https address, or the setting is off.
    Effects: the calendar without any times yet, one audit row; a worker is woken.
    """
    if not settings.BUSY_CALENDARS:
        raise DomainError(_("No calendars are taken in here."), code="off", field="url")
    address = url.strip()
    if address.startswith("webcal://"):
        address = "https://" + address.removeprefix("webcal://")
    try:
        address = checked_link(address, field="url")
    except DomainError:
        address = ""
    if not address:
        raise DomainError(
            _("Paste the private link of your calendar. It begins with https://."),
            code="link",
            field="url",
        )
    BusyCalendar.objects.filter(user=person).delete()
    calendar = BusyCalendar(
        user=person,
        url=address,
        host=urlsplit(address).hostname or "",
        added_at=now,
        next_read_at=now,
    )
    calendar.save(force_insert=True)
    record(actor=person, action="calendar.busy_added", about=calendar, now=now)
    wake("meetings.read_busy", str(calendar.pk))
    return calendar


@transaction.atomic
def remove_busy_calendar(*, person: User, now: datetime) -> bool:
    """Forget the link and every busy time that came from it; False when there is none."""
    calendar = BusyCalendar.objects.filter(user=person).first()
    if calendar is None:
        return False
    record(actor=person, action="calendar.busy_removed", about=calendar, now=now)
    calendar.delete()
    return True


def busy_calendars_due(*, now: datetime) -> list[str]:
    """Return the calendars whose turn it is; none where the setting is off."""
    if not settings.BUSY_CALENDARS:
        return []
    rows = BusyCalendar.objects.filter(next_read_at__lte=now, user__is_active=True)
    return [str(pk) for pk in rows.order_by("next_read_at").values_list("pk", flat=True)[:200]]


def read_busy_calendar(*, pk: str, now: datetime, fetch: Fetch = fetch_calendar) -> bool:
    """Read one calendar, if nobody else does, and keep nothing but its busy times.

    Never call it inside a transaction: the network is spoken to. ``fetch`` gives the bytes of an
    address. Returns False when the calendar is gone or not due.
    Effects: the times are replaced in one transaction; a fault is kept for the owner to see, and
    the times that were known stay.
    """
    calendar = _claim(pk, now=now)
    if calendar is None:
        return False
    try:
        content = fetch(str(calendar.url))
        times = busy_times(
            content,
            zone=zone(calendar.user.time_zone),
            begins=now - WINDOW_BACK,
            ends=now + WINDOW_AHEAD,
            most=MOST_TIMES,
        )
    except CannotFetch as error:
        _fail(calendar, error.fault, now=now)
    except CannotRead as error:
        _fail(calendar, error.fault, now=now)
    else:
        _replace(calendar, times, now=now)
    return True


def give_up_busy(*, pk: str, now: datetime) -> None:
    """Note that a calendar kept the worker too long; it is tried again much later."""
    calendar = BusyCalendar.objects.filter(pk=pk).first()
    if calendar is not None:
        _fail(calendar, BusyFault.TOO_BIG, now=now)


def _claim(pk: str, *, now: datetime) -> BusyCalendar | None:
    """Take a calendar whose turn it is; who dies leaves it to the next sweep."""
    taken = BusyCalendar.objects.filter(pk=pk, next_read_at__lte=now).update(
        next_read_at=now + LEASE, attempt=F("attempt") + 1
    )
    if not taken:
        return None
    return BusyCalendar.objects.select_related("user").filter(pk=pk).first()


@transaction.atomic
def _replace(
    calendar: BusyCalendar, times: list[tuple[datetime, datetime]], *, now: datetime
) -> None:
    kept = BusyCalendar.objects.select_for_update(of=("self",)).filter(pk=calendar.pk)
    if not kept.exists():  # its owner removed it meanwhile
        return
    BusyTime.objects.filter(calendar=calendar).delete()
    BusyTime.objects.bulk_create(
        [
            BusyTime(calendar=calendar, during=DateTimeTZRange(starts_at, ends_at))
            for starts_at, ends_at in times
        ],
        batch_size=1_000,
    )
    kept.update(read_at=now, next_read_at=now + READ_EVERY, fault=BusyFault.NONE.value, attempt=0)


def _fail(calendar: BusyCalendar, fault: str, *, now: datetime) -> None:
    pause = min(READ_EVERY * 2 ** min(calendar.attempt, 6), LONGEST_PAUSE)
    BusyCalendar.objects.filter(pk=calendar.pk).update(fault=fault, next_read_at=now + pause)
