"""Reads of programs and cohorts."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import QuerySet

from accounts.models import User
from programs.models import Cohort, Phase


def cohorts_for_manager(user: User) -> QuerySet[Cohort]:
    """Return the person's managed cohorts, running ones first."""
    return Cohort.objects.managed_by(user).select_related("program")


LATE_DAYS = 14


def days_late(*, cohort_starts_on: date, started_on: date | None) -> int:
    """Return by how many days the phases move for somebody who began after the others.

    Up to two weeks are part of the beginning and move nothing.
    """
    late = (started_on - cohort_starts_on).days if started_on else 0
    return late if late > LATE_DAYS else 0


def phase_for(cohort_id: int, *, started_on: date, day: date) -> tuple[Phase | None, bool]:
    """Return the phase that a match is in on a day, and whether it is the last. One query."""
    phases = list(Phase.objects.filter(cohort=cohort_id).select_related("cohort"))
    if not phases:
        return None, False
    late = days_late(cohort_starts_on=phases[0].cohort.starts_on, started_on=started_on)
    own = day - timedelta(days=late)
    found = next((one for one in reversed(phases) if one.starts_on <= own <= one.ends_on), None)
    return found, found is not None and found == phases[-1] and len(phases) > 1
