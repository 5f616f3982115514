"""This app's lines of the checklist of a cohort."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from matching.models import PolicyCriterion
from programs.models import Cohort, CohortStatus
from programs.readiness import Finding, register


def before_pairing(cohort: Cohort) -> Iterator[Finding]:
    yield Finding(
        _("Pairing policy"),
        PolicyCriterion.objects.filter(policy__cohort=cohort).exists(),
        _("Choose at least one criterion that makes a pair better."),
        reverse("matching:cohort", args=(cohort.pk,)),
    )


def before_active(cohort: Cohort) -> Iterator[Finding]:
    yield Finding(
        _("Published matches"),
        cohort.matches.exists(),
        _("Run the pairing, review it and publish."),
        reverse("matching:cohort", args=(cohort.pk,)),
    )


def register_checks() -> None:
    register(CohortStatus.PAIRING, before_pairing)
    register(CohortStatus.ACTIVE, before_active)
