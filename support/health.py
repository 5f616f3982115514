"""How a match does, from what it did: its meetings against its rhythm, and calls for help.

Every rule compares days, so one query judges a whole cohort, and ``today`` may be any day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, Max, Min, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from feedback.models import CheckIn, CheckInAnswer
from matching.models import Match
from programs.models import Cohort

FIRST_MEETING_DAYS = 10


class Health(models.TextChoices):
    ATTENTION = "attention", _("Needs attention")
    WATCH = "watch", _("Watch")
    ON_TRACK = "on_track", _("On track")
    EARLY = "early", _("Too early to tell")


class Signal(models.TextChoices):
    HELP = "help", _("Asked for help")
    NEVER_MET = "never_met", _("No first meeting yet")
    LONG_GAP = "long_gap", _("No meeting for a long time")
    GAP = "gap", _("A meeting is overdue")
    NONE = "", ""


def gap_days(rhythm_days: int) -> tuple[int, int]:
    """Return after how many days without a meeting to watch, and to act."""
    return max(7, rhythm_days * 3 // 2), max(14, rhythm_days * 2)


def with_health(cohort: Cohort, *, today: date) -> QuerySet[Any]:
    """Return the active matches of a cohort, each with its signal, health and last meeting.

    A next meeting that is booked makes a gap a thing to watch only. Paused matches are left out.
    """
    watch, act = gap_days(cohort.rhythm_days)
    held = Q(meetings__status="held", meetings__held_on__lte=today)
    booked = Q(meetings__status="scheduled", meetings__starts_at__date__gte=today)
    asked_for_help = CheckIn.objects.filter(
        match=OuterRef("pk"),
        answer=CheckInAnswer.HELP,
        due_on__gte=today - timedelta(days=2 * act),
    )
    rows = Match.objects.filter(cohort=cohort, status="active").annotate(
        last_met_on=Max("meetings__held_on", filter=held),
        met_count=Count("meetings", filter=held),
        next_at=Min("meetings__starts_at", filter=booked),
        needs_help=Exists(asked_for_help),
    )
    late, first = today - timedelta(days=act), today - timedelta(days=FIRST_MEETING_DAYS)
    overdue = today - timedelta(days=watch)
    never = Q(last_met_on__isnull=True)
    signal = Case(
        When(needs_help=True, then=Value(Signal.HELP)),
        When(never & Q(started_on__gte=first), then=Value(Signal.NONE)),
        When(never, then=Value(Signal.NEVER_MET)),
        When(last_met_on__lt=late, then=Value(Signal.LONG_GAP)),
        When(last_met_on__lt=overdue, next_at__isnull=True, then=Value(Signal.GAP)),
        default=Value(Signal.NONE),
        output_field=models.CharField(),
    )
    health = Case(
        When(needs_help=True, then=Value(Health.ATTENTION)),
        When(never & Q(started_on__gte=first), then=Value(Health.EARLY)),
        When(never & Q(next_at__isnull=False), then=Value(Health.WATCH)),
        When(never, then=Value(Health.ATTENTION)),
        When(last_met_on__lt=late, next_at__isnull=True, then=Value(Health.ATTENTION)),
        When(last_met_on__lt=overdue, next_at__isnull=True, then=Value(Health.WATCH)),
        When(last_met_on__lt=late, then=Value(Health.WATCH)),
        default=Value(Health.ON_TRACK),
        output_field=models.CharField(),
    )
    return rows.annotate(signal=signal, health=health)


def health_counts(cohort: Cohort, *, today: date) -> dict[str, int]:
    """Return how many open matches are in which health, every state named."""
    rows = with_health(cohort, today=today).values_list("health", flat=True)
    counts = {str(state): 0 for state in Health.values}
    for state in rows.iterator(chunk_size=5_000):
        counts[state] += 1
    return counts
