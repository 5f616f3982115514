"""The only way a view gets a module, a page's file, or an enrolment to learn in."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.models import User
from participants.models import Enrolment, EnrolmentStatus
from programs.models import Audience, Cohort, CohortStatus
from training.models import ModulePart, TrainingModule

OUTSIDE = (EnrolmentStatus.INVITED, EnrolmentStatus.WITHDRAWN, EnrolmentStatus.DECLINED)


def learning_enrolments(user: User) -> QuerySet[Enrolment]:
    """Return the person's enrolments that give them a library, the latest cohort first."""
    return (
        Enrolment.objects.filter(user=user)
        .exclude(status__in=OUTSIDE)
        .exclude(cohort__status__in=(CohortStatus.DRAFT, CohortStatus.ARCHIVED))
        .select_related("cohort__program", "user")
        .order_by("-cohort__starts_on", "-pk")
    )


def get_own_module(user: User, pk: int) -> tuple[TrainingModule, Enrolment]:
    """Return a module in the person's library, with the enrolment it belongs to.

    Raises:
        Http404: there is none, or it is for others.
    """
    module = (
        TrainingModule.objects.offered().select_related("cohort__program", "phase").filter(pk=pk)
    ).first()
    if module is None:
        raise Http404
    enrolments = learning_enrolments(user).filter(cohort=module.cohort_id)
    if module.audience != Audience.BOTH:
        enrolments = enrolments.filter(role=module.audience)
    finished = module.progress.filter(completed_at__isnull=False).values("enrolment")
    enrolment = enrolments.exclude(pk__in=finished).first() or enrolments.first()
    if enrolment is None:
        raise Http404
    return module, enrolment


def get_part_with_file(user: User, pk: int) -> ModulePart:
    """Return a page with a file, of a module of the person's library or of a managed cohort."""
    part = (
        ModulePart.objects.select_related("version__module__cohort").filter(pk=pk).exclude(file="")
    ).first()
    if part is None:
        raise Http404
    module = part.version.module
    if Cohort.objects.managed_by(user).filter(pk=module.cohort_id).exists():
        return part
    begun = part.version.progress.filter(enrolment__user=user).exists()
    if not begun and (module.is_withdrawn or not part.version.is_current):
        raise Http404
    roles = Q() if module.audience == Audience.BOTH else Q(role=module.audience)
    if not learning_enrolments(user).filter(roles, cohort=module.cohort_id).exists():
        raise Http404
    return part


def get_managed_module(user: User, pk: int) -> TrainingModule:
    """Return a module of a cohort that the person manages."""
    module = (
        TrainingModule.objects.select_related("cohort__program")
        .filter(pk=pk, cohort__in=Cohort.objects.managed_by(user))
        .first()
    )
    if module is None:
        raise Http404
    return module
