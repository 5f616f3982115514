"""Who may reach which run, proposal and match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from core.jobs import JobQuerySet
from programs.models import Cohort

if TYPE_CHECKING:
    from accounts.models import User


class RunQuerySet(JobQuerySet):
    def managed_by(self, user: User) -> Self:
        return self.filter(cohort__in=Cohort.objects.managed_by(user))


class ScenarioQuerySet(JobQuerySet):
    def managed_by(self, user: User) -> Self:
        return self.filter(run__cohort__in=Cohort.objects.managed_by(user))


class ProposalQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: User) -> Self:
        """Proposals of managed cohorts, without those that concern the manager themselves."""
        return self.filter(run__cohort__in=Cohort.objects.managed_by(user)).exclude(
            Q(mentee__user=user) | Q(mentor__user=user)
        )


class MatchQuerySet(models.QuerySet[Any]):
    def of(self, user: User) -> Self:
        """Matches that this person is in now or was in until their end."""
        return self.filter(Exists(_members().seated().filter(match=OuterRef("pk"), user=user)))

    def managed_by(self, user: User) -> Self:
        """Matches of managed cohorts; who is a member loses the manager's view of that match."""
        return self.filter(cohort__in=Cohort.objects.managed_by(user)).exclude(
            Exists(_members().filter(match=OuterRef("pk"), user=user))
        )

    def open(self) -> Self:
        return self.filter(status__in=("active", "paused"))


class MatchMemberQuerySet(models.QuerySet[Any]):
    def current(self) -> Self:
        return self.filter(left_at__isnull=True)

    def seated(self) -> Self:
        """Who shares the words of a match: its members now; in an ended one, those of its end."""
        return self.filter(Q(left_at__isnull=True) | Q(match__status="ended", left_early=False))


def _members() -> Any:
    from matching.models import MatchMember

    return MatchMember.objects.all()
