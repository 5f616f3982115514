"""This floor's line of the checklist."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from programs.models import Cohort, CohortStatus
from programs.readiness import Finding, register
from support.models import HelpContact


def before_enrolling(cohort: Cohort) -> Iterator[Finding]:
    named = HelpContact.objects.filter(program=cohort.program_id)
    count = named.filter(person__is_active=True, deputy__is_active=True).count()
    yield Finding(
        _("Two people to ask for help in private"),
        count >= 2,
        _("Name two, with deputies: the person one would ask may be the problem."),
        reverse("support:help_contacts", args=(cohort.program_id,)),
        is_required=False,
    )


def register_checks() -> None:
    register(CohortStatus.ENROLLING, before_enrolling)
    register(CohortStatus.ACTIVE, before_enrolling)
