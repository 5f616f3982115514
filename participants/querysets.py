"""Who may reach which enrolment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from programs.models import Cohort

if TYPE_CHECKING:
    from accounts.models import User


class EnrolmentQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: User) -> Self:
        """Enrolments in cohorts that this person manages."""
        return self.filter(cohort__in=Cohort.objects.managed_by(user))

    def visible_to(self, user: User) -> Self:
        """The person's own enrolments, and those in cohorts that they manage."""
        return self.filter(
            models.Q(user=user) | models.Q(cohort__in=Cohort.objects.managed_by(user))
        )

    def in_pool(self) -> Self:
        """People who can be paired: enrolled and active."""
        return self.filter(status="enrolled", user__is_active=True)


class SignUpLinkQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: User) -> Self:
        """Links into cohorts that this person manages."""
        return self.filter(cohort__in=Cohort.objects.managed_by(user))


class RecommendationQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: User) -> Self:
        """What was said about colleagues for cohorts that this person manages."""
        return self.filter(cohort__in=Cohort.objects.managed_by(user))


class ImportRunQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: User) -> Self:
        """Imports into cohorts that this person manages."""
        return self.filter(cohort__in=Cohort.objects.managed_by(user))


class ImportRunManager(models.Manager.from_queryset(ImportRunQuerySet)):  # type: ignore[misc]
    """Leaves the file itself in the database until it is asked for."""

    def get_queryset(self) -> ImportRunQuerySet:
        return super().get_queryset().defer("content")
