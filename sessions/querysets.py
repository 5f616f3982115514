"""Who may reach which meeting and event."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from matching.models import Match
from participants.models import TAKES_PART
from programs.models import Cohort

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User


def present_guests(prefix: str = "") -> models.Q:
    """Return the condition of guests who still take part; ``prefix`` leads to the guests."""
    status, active = f"{prefix}enrolment__status__in", f"{prefix}user__is_active"
    return models.Q(**{status: TAKES_PART, active: True})


class MeetingQuerySet(models.QuerySet[Any]):
    def of(self, user: User) -> Self:
        """Meetings of matches that this person is a member of."""
        return self.filter(match__in=Match.objects.of(user))

    def managed_by(self, user: User) -> Self:
        """Meetings of matches whose manager this person is: date and minutes, never the words."""
        return self.filter(match__in=Match.objects.managed_by(user))

    def held(self) -> Self:
        return self.filter(status="held")


class CohortEventQuerySet(models.QuerySet[Any]):
    def of(self, user: User) -> Self:
        """Events to which this person is invited by an enrolment that still holds."""
        return self.filter(present_guests("guests__"), guests__user=user).exclude(
            cohort__status="archived"
        )

    def managed_by(self, user: User) -> Self:
        """Events of cohorts that this person manages."""
        return self.filter(cohort__in=Cohort.objects.managed_by(user))

    def coming(self, now: datetime) -> Self:
        """What is neither cancelled nor over."""
        lasts = models.ExpressionWrapper(
            models.F("minutes") * timedelta(minutes=1), output_field=models.DurationField()
        )
        return self.filter(cancelled_at__isnull=True, starts_at__gt=now - lasts)


class EventGuestQuerySet(models.QuerySet[Any]):
    def present(self) -> Self:
        """Guests who still take part in the cohort."""
        return self.filter(present_guests())
