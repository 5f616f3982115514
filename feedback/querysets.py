"""Who may reach which check-in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef

from matching.models import Match, MatchMember

if TYPE_CHECKING:
    from accounts.models import User

ANSWER_DAYS = 30


class CheckInQuerySet(models.QuerySet[Any]):
    def of(self, user: User) -> Self:
        """Check-ins that this person was asked."""
        return self.filter(user=user).exclude(status="skipped")

    def managed_by(self, user: User) -> Self:
        """Answers that a program manager reads; nobody reads those about their own match."""
        return self.filter(match__in=Match.objects.managed_by(user))

    def answerable(self, *, today: date) -> Self:
        """Check-ins whose answer may still be given or changed."""
        current = MatchMember.objects.current().filter(
            match=OuterRef("match"), user=OuterRef("user")
        )
        return self.filter(
            Exists(current),
            status__in=("open", "answered"),
            match__status="active",
            due_on__gte=today - timedelta(days=ANSWER_DAYS),
        )


class FitQuerySet(models.QuerySet[Any]):
    def of(self, user: User) -> Self:
        """Questions that this person was asked."""
        return self.filter(user=user)

    def managed_by(self, user: User) -> Self:
        """Answers that a program manager reads; nobody reads those about their own match."""
        return self.filter(match__in=Match.objects.managed_by(user))

    def answerable(self, *, today: date) -> Self:
        """Of each person and match the latest question, while an answer to it is taken."""
        current = MatchMember.objects.current().filter(
            match=OuterRef("match"), user=OuterRef("user")
        )
        return self.filter(
            Exists(current),
            ~Exists(self._later()),
            status__in=("open", "answered"),
            match__status="active",
            asked_on__gte=today - timedelta(days=ANSWER_DAYS),
        )

    def latest_answers(self) -> Self:
        """What each person said last about each match; an open question changes nothing yet."""
        return self.filter(~Exists(self._later().filter(status="answered")), status="answered")

    def _later(self) -> models.QuerySet[Any]:
        return self.model._default_manager.filter(
            match=OuterRef("match"), user=OuterRef("user"), pk__gt=OuterRef("pk")
        )


class PulseQuerySet(models.QuerySet[Any]):
    def of(self, user: User) -> Self:
        """What this person was asked."""
        return self.filter(enrolment__user=user)

    def answerable(self, *, today: date) -> Self:
        """Of each person and cohort the latest, while an answer to it is taken."""
        later = self.model._default_manager.filter(
            enrolment=OuterRef("enrolment"), number__gt=OuterRef("number")
        )
        return self.filter(
            ~Exists(later),
            status__in=("open", "answered"),
            enrolment__status="enrolled",
            asked_on__gte=today - timedelta(days=ANSWER_DAYS),
        )
