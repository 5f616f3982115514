"""The only way a view gets a cohort's people or an import.

A stranger gets 404; somebody who belongs to the cohort, or sees its figures, but does not manage
it gets 403.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import User
from participants.models import Enrolment, ImportRun
from programs.models import Cohort


def get_managed_cohort(user: User, pk: int) -> Cohort:
    """Return a cohort whose people this person manages."""
    cohort = Cohort.objects.managed_by(user).select_related("program").filter(pk=pk).first()
    if cohort is None:
        raise _refusal(user, pk)
    return cohort


def get_managed_enrolment(user: User, pk: int) -> Enrolment:
    """Return an enrolment in a cohort that this person manages."""
    rows = Enrolment.objects.select_related(
        "cohort__program", "user__profile", "user__level", "user__manager"
    )
    return _managed(rows, user, pk=pk)


def get_managed_import(user: User, token: UUID) -> ImportRun:
    """Return an import into a cohort that this person manages, without its file."""
    return _managed(ImportRun.objects.select_related("cohort__program"), user, token=token)


def _managed(rows: Any, user: User, **key: Any) -> Any:
    found = rows.managed_by(user).filter(**key).first()
    if found is None:
        cohort_id = rows.filter(**key).values_list("cohort_id", flat=True).first()
        raise _refusal(user, cohort_id)
    return found


def _refusal(user: User, cohort_id: int | None) -> Exception:
    if cohort_id is None:
        return Http404()
    is_inside = (
        Cohort.objects.reported_to(user).filter(pk=cohort_id).exists()
        or Enrolment.objects.filter(cohort=cohort_id, user=user).exists()
    )
    return PermissionDenied() if is_inside else Http404()
