"""The only way a view gets a program's cohort."""

from __future__ import annotations

from django.http import Http404

from accounts.models import User
from programs.models import Cohort


def get_managed_cohort(user: User, pk: int) -> Cohort:
    """Return a cohort that this person manages.

    Raises:
        Http404: there is none, or it belongs to a program of others.
    """
    cohorts = Cohort.objects.managed_by(user).select_related("program", "copied_from")
    cohort = cohorts.filter(pk=pk).first()
    if cohort is None:
        raise Http404
    return cohort
