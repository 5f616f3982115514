"""Who may reach which goal, and rows that were not taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import User


class GoalQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """The person's own goals, and those that others of their matches share with them."""
        from matching.models import Match

        shared = Q(visibility__in=("us", "manager"), match__in=Match.objects.of(user))
        return self.filter(Q(owner=user) | shared)

    def of(self, user: User) -> Self:
        return self.filter(owner=user)

    def shown_to_managers(self) -> Self:
        """Goals whose title their owner shows to managers, where the cohort still says so."""
        return self.filter(visibility="manager", match__cohort__managers_see_goals=True)


class Kept(models.QuerySet[Any]):
    def kept(self) -> Self:
        """Rows that their owner has not taken away."""
        return self.filter(removed_at__isnull=True)
