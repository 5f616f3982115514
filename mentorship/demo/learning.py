"""Who of the demo has taken the training of their cohort, and how far."""

from __future__ import annotations

from datetime import datetime, timedelta

from participants.models import Enrolment
from programs.models import Audience, Cohort
from training.models import ModuleVersion, TrainingProgress


def learn(cohort: Cohort, *, before: datetime, skip_every: int = 0) -> None:
    """Let everybody finish the required modules in the weeks before; some stop half-way.

    With ``skip_every`` each so many-th person has read one page only. Who has progress keeps it.
    """
    versions = list(
        ModuleVersion.objects.filter(
            module__cohort=cohort, module__is_required=True, is_current=True
        )
        .select_related("module")
        .prefetch_related("parts")
    )
    rows = []
    people = Enrolment.objects.filter(cohort=cohort, training__isnull=True).order_by("pk")
    for number, enrolment in enumerate(people, 1):
        stops = bool(skip_every) and number % skip_every == 0
        for at, version in enumerate(versions):
            if version.module.audience not in (enrolment.role, Audience.BOTH):
                continue
            begun = before - timedelta(days=3 + (number + at) % 11, hours=number % 7)
            done = None if stops else begun + timedelta(minutes=version.minutes)
            rows.append(
                TrainingProgress(
                    enrolment=enrolment,
                    module=version.module,
                    version=version,
                    pages_read=1 if stops else version.parts.count(),
                    started_at=begun,
                    completed_at=done,
                    first_completed_at=done,
                )
            )
            if stops:
                break
    TrainingProgress.objects.bulk_create(rows)
