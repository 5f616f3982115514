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
