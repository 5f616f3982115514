"""When a person wants no mail that can wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError
from notifications.models import MessagePreference
from notifications.quiet import is_region


@transaction.atomic
def set_preference(
    *,
    user: User,
    now: datetime,
    quiet_from: time | None,
    quiet_until: time | None,
    leave_from: date | None,
    leave_until: date | None,
    days_off: Sequence[int],
    holiday_region: str,
) -> MessagePreference:
    """Keep when the person wants no mail that can wait; None for both of a pair means none.

    ``days_off`` are days of the week, 1 for Monday to 7. ``holiday_region`` "" means that of the
    organisation.

    Raises:
        DomainError: one of a pair is missing, or they are not in order, no day of the week is left,
            or the region's holidays are not known; ``field`` names which.
    Effects: one row.
    """
    if (quiet_from is None) != (quiet_until is None):
        raise DomainError(
            _("Say both when quiet hours begin and when they end."),
            code="quiet_pair",
            field="quiet_until" if quiet_until is None else "quiet_from",
        )
    if quiet_from is not None and quiet_from == quiet_until:
        raise DomainError(
            _("Quiet hours end at another time than they begin."),
            code="quiet_same",
            field="quiet_until",
        )
    if (leave_from is None) != (leave_until is None):
        raise DomainError(
            _("Say both the first and the last day."),
            code="leave_pair",
            field="leave_until" if leave_until is None else "leave_from",
        )
    if leave_from is not None and leave_until is not None and leave_until < leave_from:
        raise DomainError(
            _("The last day comes after the first."), code="leave_order", field="leave_until"
        )
    if not set(days_off) < set(range(1, 8)):
        raise DomainError(
            _("Leave at least one day of the week."), code="days_off", field="days_off"
        )
    if holiday_region and not is_region(holiday_region):
        raise DomainError(
            _("The public holidays of this place are not known here. Try the country alone."),
            code="region",
            field="holiday_region",
        )
    chosen, _is_new = MessagePreference.objects.update_or_create(
        user=user,
        defaults={
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "leave_from": leave_from,
            "leave_until": leave_until,
            "days_off": sorted(days_off),
            "holiday_region": holiday_region,
            "changed_at": now,
        },
    )
    return chosen
