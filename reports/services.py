"""Exports: who may have which rows, and the line in the audit log."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError, NotAllowed
from programs.models import Cohort
from reports.datasets import Dataset, Scope
from reports.selectors import Filters

FORMATS = ("csv", "xlsx", "json")


def may_export(*, user: User, dataset: Dataset, cohort: Cohort) -> bool:
    """Tell whether this person may have this dataset of this cohort."""
    rows = Cohort.objects.filter(pk=cohort.pk)
    if dataset.audience == "managers":
        return rows.managed_by(user).exists()
    return rows.reported_to(user).exists()


@transaction.atomic
def start_export(
    *, dataset: Dataset, filters: Filters, file_format: str, actor: User, now: datetime
) -> Scope:
    """Check the right, write the audit row and return the rows' scope.

    Raises:
        NotAllowed: the dataset is not for this person.
        DomainError: the format is unknown.
    """
    if file_format not in FORMATS:
        raise DomainError(_("Choose CSV, XLSX or JSON."), code="format")
    if not may_export(user=actor, dataset=dataset, cohort=filters.cohort):
        raise NotAllowed(_("This export is for the program's managers."))
    record(
        actor=actor,
        action="export.made",
        about=filters.cohort,
        now=now,
        program_id=filters.cohort.program_id,
        detail={
            "dataset": dataset.key,
            "format": file_format,
            "since": filters.since.isoformat(),
            "until": filters.until.isoformat(),
        },
    )
    return Scope(
        cohort_ids=[filters.cohort.pk],
        since=filters.since,
        until=filters.until,
        person_id=actor.pk,
    )
