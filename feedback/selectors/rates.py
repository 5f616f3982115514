"""How many of those who were asked have answered. Counts only, and none of few people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from accounts.models import User
from feedback.models import CheckIn, FitQuestion, Pulse
from feedback.models.fit import UNASKED
from matching.models import Match
from programs.models import Cohort

FEWEST = 5
RHYTHMS_SHOWN = 6


@dataclass(frozen=True)
class Rate:
    """Of so many asked, so many have answered; ``day`` is the last day that was asked about."""

    asked: int
    answered: int
    day: date | None = None

    @property
    def is_hidden(self) -> bool:
        """Tell whether so few were asked that a rate would be about single people."""
        return self.asked < FEWEST

    @property
    def percent(self) -> int:
        return round(100 * self.answered / self.asked) if self.asked else 0


def check_in_rates(cohort: Cohort, *, user: User) -> list[Rate]:
    """Return the rates of the latest rhythms, newest first. Skipped check-ins were not asked.

    Matches that the reader is in do not count. One query.
    """
    rows: Any = (
        CheckIn.objects.filter(match__in=_managed(cohort, user))
        .exclude(status="skipped")
        .order_by()
        .values("due_on")
        .annotate(asked=Count("pk"), answered=Count("pk", filter=Q(status="answered")))
        .order_by("-due_on")[:RHYTHMS_SHOWN]
    )
    return [Rate(row["asked"], row["answered"], row["due_on"]) for row in rows]


def fit_rate(cohort: Cohort, *, user: User) -> Rate:
    """Return how many of the fit questions that were asked have an answer. One query."""
    rows = FitQuestion.objects.filter(match__in=_managed(cohort, user)).exclude(
        after_meeting=UNASKED
    )
    found: dict[str, int] = rows.aggregate(
        asked=Count("pk"), answered=Count("pk", filter=Q(status="answered"))
    )
    return Rate(found["asked"], found["answered"])


def pulse_rates(cohort: Cohort) -> dict[int, Rate]:
    """Return the rates of the cohort's pulses by number. One query."""
    rows: Any = (
        Pulse.objects.filter(enrolment__cohort=cohort)
        .order_by()
        .values("number")
        .annotate(asked=Count("pk"), answered=Count("pk", filter=Q(status="answered")))
        .order_by("number")
    )
    return {row["number"]: Rate(row["asked"], row["answered"]) for row in rows}


def _managed(cohort: Cohort, user: User) -> Any:
    return Match.objects.managed_by(user).filter(cohort=cohort)
