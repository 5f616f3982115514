"""Reads of programs and cohorts."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from programs.models import Cohort


def cohorts_for_manager(user: User) -> QuerySet[Cohort]:
    """Return the person's managed cohorts, running ones first."""
    return Cohort.objects.managed_by(user).select_related("program")
