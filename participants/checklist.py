"""This app's lines of the checklist of a cohort."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from participants.models import MemberRole
from programs.models import Cohort, CohortStatus
from programs.readiness import Finding, register


def before_pairing(cohort: Cohort) -> Iterator[Finding]:
    people = reverse("participants:people", args=(cohort.pk,))
    counts = dict(
        cohort.enrolments.in_pool().order_by().values_list("role").annotate(count=Count("pk"))
    )
    yield Finding(
        _("Mentors"),
        bool(counts.get(MemberRole.MENTOR)),
        _("Import or add at least one mentor."),
        people,
    )
    yield Finding(
        _("Mentees"),
        bool(counts.get(MemberRole.MENTEE)),
        _("Import or add at least one mentee."),
        people,
    )


def register_checks() -> None:
    register(CohortStatus.PAIRING, before_pairing)
