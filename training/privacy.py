"""What this app hands over as somebody's data."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import Exporter, Row, leave_out, register_exporter
from training.models import TrainingProgress


def register() -> None:
    register_exporter(
        Exporter(
            name="training",
            title=_("Training"),
            fields={
                "cohort": _("Cohort"),
                "module": _("Module"),
                "started_at": _("Begun"),
                "completed_at": _("Finished"),
                "expires_on": _("Again from"),
            },
            rows=_training,
        )
    )
    leave_out(
        {
            "training.TrainingProgress.excused_by": "It says something about the other person.",
        }
    )


def _training(person: User) -> Iterator[Row]:
    rows = TrainingProgress.objects.filter(enrolment__user=person)
    for row in rows.select_related("module__cohort__program", "version").order_by("started_at"):
        yield {
            "cohort": f"{row.module.cohort.program}, {row.module.cohort}",
            "module": row.version.title,
            "started_at": row.started_at,
            "completed_at": row.completed_at,
            "expires_on": row.expires_on,
        }
