"""This app's lines of the checklist of a cohort."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from participants.models import MemberRole
from participants.selectors import has_screening, unscreened
from programs.models import Cohort, CohortStatus
from programs.readiness import Finding, register


def before_pairing(cohort: Cohort) -> Iterator[Finding]:
    people = reverse("participants:people", args=(cohort.pk,))
    counts = dict(
        cohort.enrolments.in_pool().order_by().values_list("role").annotate(count=Count("pk"))
    )
    if cohort.program.is_of_peers:
        yield Finding(
            _("Peers"),
            counts.get(MemberRole.MENTEE, 0) > 1,
            _("Import or add at least two people."),
            people,
        )
        return
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


def screening(cohort: Cohort) -> Iterator[Finding]:
    """Whom the pairing leaves out because a screening step is not passed."""
    if not has_screening(cohort):
        return
    waiting = unscreened(cohort, today=timezone.now().date()).count()
    yield Finding(
        _("Screening passed"),
        not waiting,
        ngettext(
            "%(count)d person has not passed every step and is not paired.",
            "%(count)d people have not passed every step and are not paired.",
            waiting,
        )
        % {"count": waiting},
        reverse("participants:screening", args=(cohort.pk,)),
        is_required=False,
    )


def register_checks() -> None:
    register(CohortStatus.PAIRING, before_pairing)
    register(CohortStatus.PAIRING, screening)
    register(CohortStatus.ACTIVE, screening)
