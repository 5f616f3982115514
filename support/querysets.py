"""Who may reach what is in the queue."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from matching.models import MatchMember
from programs.models import Cohort

if TYPE_CHECKING:
    from accounts.models import User


class AnnouncementQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: User) -> Self:
        """Messages of programs this person manages, without those about a match of their own."""
        own = MatchMember.objects.filter(user=user).values("match")
        return self.filter(cohort__in=Cohort.objects.managed_by(user)).exclude(
            Q(match__isnull=False, match__in=own) | Q(enrolment__user=user)
        )


class WorkItemQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: User) -> Self:
        """Items of programs this person manages, without those about themselves."""
        own = MatchMember.objects.filter(user=user).values("match")
        return self.filter(cohort__in=Cohort.objects.managed_by(user)).exclude(
            Q(match__isnull=False, match__in=own) | Q(enrolment__user=user)
        )

    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def waiting(self, *, today: date) -> Self:
        """Open items that do not rest today."""
        return self.open().filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=today))


class FeedQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        """Lists that were applied and not undone."""
        return self.filter(applied_at__isnull=False, undone_at__isnull=True)


class FeedManager(models.Manager.from_queryset(FeedQuerySet)):  # type: ignore[misc]
    """Leaves the file itself in the database until it is asked for."""

    def get_queryset(self) -> FeedQuerySet:
        return super().get_queryset().defer("content")
