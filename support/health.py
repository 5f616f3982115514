"""How a match does, from what it did: its meetings against its rhythm, and what its people say.

Every rule compares days, so one query reads what judges a whole cohort, and ``today`` may be any
day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from feedback.models import CheckIn, CheckInAnswer
from feedback.selectors import misfits
from matching.models import Match, MatchMember
from programs.models import Cohort
from sessions.models import Meeting

FIRST_MEETING_DAYS = 10


class Health(models.TextChoices):
    ATTENTION = "attention", _("Needs attention")
    WATCH = "watch", _("Watch")
    ON_TRACK = "on_track", _("On track")
    EARLY = "early", _("Too early to tell")


class Signal(models.TextChoices):
    HELP = "help", _("Asked for help")
    MISFIT = "misfit", _("Not a good fit")
    NEVER_MET = "never_met", _("No first meeting yet")
    LONG_GAP = "long_gap", _("No meeting for a long time")
    GAP = "gap", _("A meeting is overdue")
    NONE = "", ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One active match: since when, when its people last met, and what that means."""

    pk: int
    started_on: date
    last_met_on: date | None
    signal: Signal
    health: Health


@dataclass(frozen=True, slots=True)
class Limits:
    """The days from which on a first meeting, or the next, is awaited for too long."""

    first: date
    overdue: date
    late: date

    @classmethod
    def of(cls, cohort: Cohort, *, today: date) -> Limits:
        watch, act = gap_days(cohort.rhythm_days)
        return cls(
            first=today - timedelta(days=FIRST_MEETING_DAYS),
            overdue=today - timedelta(days=watch),
            late=today - timedelta(days=act),
        )


def gap_days(rhythm_days: int) -> tuple[int, int]:
    """Return after how many days without a meeting to watch, and to act."""
    return max(7, rhythm_days * 3 // 2), max(14, rhythm_days * 2)


def judge_matches(cohort: Cohort, *, today: date, without: User | None = None) -> list[Judged]:
    """Return the active matches of a cohort with signal and health, by id. One query.

    A next meeting that is booked makes a gap a thing to watch only. Paused matches are left out,
    and so are those that the person ``without`` is or was a member of.
    """
    limits = Limits.of(cohort, today=today)
    found = []
    for pk, started_on, last_met_on, is_booked, needs_help, is_misfit in _facts(
        cohort, today, without
    ):
        signal, health = _said(needs_help=needs_help, is_misfit=is_misfit) or _judge(
            limits, started_on, last_met_on, is_booked=is_booked
        )
        found.append(Judged(pk, started_on, last_met_on, signal, health))
    return found


def _facts(
    cohort: Cohort, today: date, without: User | None
) -> Iterable[tuple[int, date, date | None, bool, bool, bool]]:
    _watch, act = gap_days(cohort.rhythm_days)
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    of_match = Meeting.objects.filter(match=OuterRef("pk"))
    last = of_match.held().filter(held_on__lte=today).order_by("-held_on")
    booked = of_match.filter(status="scheduled", starts_at__gte=midnight)
    asked_for_help = CheckIn.objects.filter(
        match=OuterRef("pk"),
        answer=CheckInAnswer.HELP,
        due_on__gte=today - timedelta(days=2 * act),
    )
    rows: QuerySet[Match] = Match.objects.filter(cohort=cohort, status="active")
    if without is not None:
        rows = rows.exclude(pk__in=MatchMember.objects.filter(user=without).values("match"))
    return rows.order_by("pk").values_list(
        "pk",
        "started_on",
        Subquery(last.values("held_on")[:1]),
        Exists(booked),
        Exists(asked_for_help),
        Exists(misfits().filter(match=OuterRef("pk"))),
    )


def _said(*, needs_help: bool, is_misfit: bool) -> tuple[Signal, Health] | None:
    """What somebody says weighs more than any figure."""
    if needs_help:
        return Signal.HELP, Health.ATTENTION
    return (Signal.MISFIT, Health.ATTENTION) if is_misfit else None


def _judge(
    limits: Limits, started_on: date, last_met_on: date | None, *, is_booked: bool
) -> tuple[Signal, Health]:
    if last_met_on is None:
        if started_on >= limits.first:
            return Signal.NONE, Health.EARLY
        return Signal.NEVER_MET, Health.WATCH if is_booked else Health.ATTENTION
    if last_met_on < limits.late:
        return Signal.LONG_GAP, Health.WATCH if is_booked else Health.ATTENTION
    if last_met_on < limits.overdue and not is_booked:
        return Signal.GAP, Health.WATCH
    return Signal.NONE, Health.ON_TRACK


def count_health(judged: Iterable[Judged]) -> dict[str, int]:
    """Return how many matches are in which health, every state named."""
    counts = Counter(match.health for match in judged)
    return {str(state): counts[state] for state in Health}


def health_counts(cohort: Cohort, *, today: date) -> dict[str, int]:
    """Return how many active matches are in which health, every state named."""
    return count_health(judge_matches(cohort, today=today))
