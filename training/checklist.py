"""This app's line of the checklist of a cohort."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from programs.models import Cohort, CohortStatus
from programs.readiness import Finding, register
from training.models import TrainingRule
from training.selectors import open_required


def before_pairing(cohort: Cohort) -> Iterator[Finding]:
    if not TrainingRule.objects.filter(cohort=cohort, gates_pairing=True).exists():
        return
    pool = cohort.enrolments.in_pool().values("pk")
    waiting = open_required(cohort, today=timezone.now().date()).filter(pk__in=pool).count()
    yield Finding(
        _("Training finished"),
        not waiting,
        ngettext(
            "%(count)d person has not finished and is not paired; remind or excuse them.",
            "%(count)d people have not finished and are not paired; remind or excuse them.",
            waiting,
        )
        % {"count": waiting},
        reverse("training:cohort", args=(cohort.pk,)),
        is_required=False,
    )


def register_checks() -> None:
    register(CohortStatus.PAIRING, before_pairing)
    register(CohortStatus.ACTIVE, before_pairing)
