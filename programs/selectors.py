"""Reads of programs and cohorts."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from programs.models import Cohort, Phase


def cohorts_for_manager(user: User) -> QuerySet[Cohort]:
    """Return the person's managed cohorts, running ones first."""
    return Cohort.objects.managed_by(user).select_related("program")


def phase_on(phases: list[Phase], day: date) -> Phase | None:
    """Return the phase that a day lies in, the later one where two overlap."""
    current = [phase for phase in phases if phase.starts_on <= day <= phase.ends_on]
    return current[-1] if current else None
