"""Tell in good time that the account of somebody from outside ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from accounts.models import RoleGrant
from notifications.services import NewMessage, queue_messages
from participants.models import Enrolment
from participants.selectors.screening import STANDS
from programs.models import OPEN_COHORTS
from programs.querysets import MANAGING

ENDS, TOLD = "participants.account_ends", "participants.external_ends"
AHEAD = timedelta(days=14)


def remind_of_ends(*, now: datetime) -> int:
    """Write what is due into the ledger, once for each last day; return how many are new.

    The person from outside and who vouches get one mail each; the managers one for each program.
    """
    rows = list(_due(now.date()))
    return queue_messages(rows=rows, now=now) if rows else 0


def ending(today: date) -> QuerySet[Enrolment]:
    """Return the places of people from outside whose account ends within a fortnight."""
    return Enrolment.objects.filter(
        user__is_external=True,
        user__is_active=True,
        user__works_until__gte=today,
        user__works_until__lte=today + AHEAD,
        status__in=STANDS,
        cohort__status__in=OPEN_COHORTS,
    )


def _due(today: date) -> Iterable[NewMessage]:
    places = list(ending(today).select_related("user", "cohort").order_by("user_id", "pk"))
    managers: dict[int, list[int]] = {}
    programs = {place.cohort.program_id for place in places}
    grants = RoleGrant.objects.filter(
        program__in=programs, role__in=MANAGING, user__is_active=True
    ).values_list("program_id", "user_id")
    for program_id, user_id in grants.distinct().order_by("program_id", "user_id"):
        managers.setdefault(program_id, []).append(user_id)
    told: set[tuple[str, int, int]] = set()
    for place in places:
        person, program_id = place.user, place.cohort.program_id
        vouchers = [person.vouched_by_id] if person.vouched_by_id else []
        around = [*vouchers, *managers.get(program_id, [])]
        for kind, recipient_id in [(ENDS, person.pk), *((TOLD, pk) for pk in around)]:
            key = (kind, recipient_id, person.pk)
            if key not in told:
                told.add(key)
                yield _message(place, kind, recipient_id)


def _message(place: Enrolment, kind: str, recipient_id: int) -> NewMessage:
    return NewMessage(
        kind=kind,
        recipient_id=recipient_id,
        object_id=place.user_id,
        occasion=f"{place.user.works_until:%Y-%m-%d}",
        program_id=place.cohort.program_id,
        cohort_id=place.cohort_id,
    )
