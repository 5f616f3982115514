"""Remind people of the steps they can take themselves, and managers of checks that run out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import RoleGrant
from notifications.services import NewMessage, queue_messages
from participants.models import Enrolment, Referee, ScreeningResult, StepOutcome
from participants.selectors.screening import LOOK_AHEAD, STANDS, open_steps_for
from programs.models import OPEN_COHORTS, ScreeningStep, StepKind
from programs.querysets import MANAGING

TO_DO, RUNS_OUT = "participants.screening", "participants.checks_run_out"
# The first and the second mail, in days since the step was asked, each with a week to catch up.
TURNS = (3, 14)
CATCH_UP = 7


def remind_of_screening(*, now: datetime) -> int:
    """Write what is due into the ledger; return how many are new. Again changes nothing."""
    if not ScreeningStep.objects.filter(is_asked=True).exists():
        return 0
    rows = [*_to_do(now), *_to_renew(now.date())]
    return queue_messages(rows=rows, now=now) if rows else 0


def _own_steps(today: date) -> QuerySet[Any]:
    """Return the open steps of an outer enrolment that wait for the person."""
    own = {"step": OuterRef("pk"), "user": OuterRef(OuterRef("user_id"))}
    steps = open_steps_for(today=today).filter(kind__in=(StepKind.CODE, StepKind.REFERENCE))
    return steps.exclude(Exists(Referee.objects.filter(**own))).exclude(
        Exists(ScreeningResult.objects.filter(state=StepOutcome.FAILED, **own))
    )


def _to_do(now: datetime) -> Iterable[NewMessage]:
    newest = _own_steps(now.date()).order_by("-edition_at").values("edition_at")[:1]
    rows = (
        Enrolment.objects.filter(
            status__in=STANDS, cohort__status__in=OPEN_COHORTS, user__is_active=True
        )
        .annotate(asked_at=Subquery(newest))
        .filter(asked_at__isnull=False)
        .order_by()
        .values_list(
            "pk", "user_id", "cohort_id", "cohort__program_id", "asked_at", "status_changed_at"
        )
    )
    for pk, user_id, cohort_id, program_id, asked_at, moved_at in rows.iterator(chunk_size=5_000):
        since = max(asked_at, moved_at)
        for turn in TURNS:
            if turn <= (now - since).days < turn + CATCH_UP:
                yield NewMessage(
                    kind=TO_DO,
                    recipient_id=user_id,
                    object_id=pk,
                    occasion=f"{since:%Y-%m-%d} {turn}",
                    program_id=program_id,
                    cohort_id=cohort_id,
                )


def week_of(day: date) -> str:
    year, week, _weekday = day.isocalendar()
    return f"{year}-{week:02}"


def _to_renew(today: date) -> Iterable[NewMessage]:
    """One message a manager, program and week in which checks run out."""
    rows = checks_running_out(today).values_list("step__program_id", "holds_until").distinct()
    weeks: dict[int, set[str]] = {}
    for program_id, day in rows.order_by():
        if day is not None:
            weeks.setdefault(program_id, set()).add(week_of(day))
    grants = RoleGrant.objects.filter(
        program__in=weeks, role__in=MANAGING, user__is_active=True
    ).values_list("program_id", "user_id")
    for program_id, user_id in grants.distinct():
        for week in sorted(weeks[program_id]):
            yield NewMessage(
                kind=RUNS_OUT,
                recipient_id=user_id,
                object_id=program_id,
                occasion=week,
                program_id=program_id,
            )


def checks_running_out(today: date) -> QuerySet[ScreeningResult]:
    """Return checks of people in open cohorts that hold for thirty more days at most."""
    stands = Enrolment.objects.filter(
        user=OuterRef("user_id"),
        cohort__program=OuterRef("step__program_id"),
        cohort__status__in=OPEN_COHORTS,
        status__in=STANDS,
    )
    return ScreeningResult.objects.filter(
        Exists(stands),
        state=StepOutcome.PASSED,
        step__is_asked=True,
        holds_until__gte=today,
        holds_until__lte=today + LOOK_AHEAD,
    )
