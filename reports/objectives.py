"""How a cohort stands against its own objectives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, DateField, Exists, ExpressionWrapper, F, OuterRef, Q

from goals.models import SHARED, Goal, GoalStatus
from matching.models import EndReason, Match, MatchMember, MatchStatus
from participants.models import MemberRole
from programs.models import Cohort, Measure, Objective
from programs.wording import delivered
from sessions.models import Meeting

FIRST_MEETING = timedelta(days=10)
WELL_ENDED = (EndReason.COMPLETED, EndReason.GOALS_REACHED)


@dataclass(frozen=True)
class ObjectiveLine:
    """An objective, its target and the figure so far; ``figure`` is None while nothing counts."""

    text: str
    measure: str
    target: int
    figure: int | None
    is_percent: bool
    is_own: bool

    @property
    def is_reached(self) -> bool:
        return self.figure is not None and self.figure >= self.target


def objectives_of(cohort: Cohort) -> list[ObjectiveLine]:
    """Return the objectives with their figures; two queries for each measure in use."""
    figures: dict[str, int | None] = {}
    lines = []
    for objective in Objective.objects.filter(cohort=cohort):
        measure = objective.measure
        is_own = measure == Measure.OWN
        if not is_own and measure not in figures:
            figures[measure] = FIGURES[measure](cohort)
        lines.append(
            ObjectiveLine(
                text=delivered(objective.text),
                measure=str(Measure(measure).label),
                target=objective.target,
                figure=objective.own_result if is_own else figures[measure],
                is_percent=measure != Measure.MEETINGS,
                is_own=is_own,
            )
        )
    return lines


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


def _paired(cohort: Cohort) -> int | None:
    mentees = cohort.enrolments.in_pool().filter(role=MemberRole.MENTEE)
    matched = mentees.filter(Exists(MatchMember.objects.filter(enrolment=OuterRef("pk"))))
    return _percent(matched.count(), mentees.count())


def _first_meeting(cohort: Cohort) -> int | None:
    early = Meeting.objects.held().filter(
        match=OuterRef("pk"),
        held_on__lte=ExpressionWrapper(
            OuterRef("started_on") + FIRST_MEETING, output_field=DateField()
        ),
    )
    counts = Match.objects.filter(cohort=cohort).aggregate(
        met=Count("pk", filter=Exists(early)), all=Count("pk")
    )
    return _percent(counts["met"], counts["all"])


def _meetings(cohort: Cohort) -> int | None:
    matches = Match.objects.filter(cohort=cohort).count()
    held = Meeting.objects.held().filter(match__cohort=cohort).count()
    return round(held / matches) if matches else None


def _stayed(cohort: Cohort) -> int | None:
    stayed = ~Q(status=MatchStatus.ENDED) | Q(end_reason__in=WELL_ENDED)
    counts = Match.objects.filter(cohort=cohort).aggregate(
        stayed=Count("pk", filter=stayed), all=Count(F("pk"))
    )
    return _percent(counts["stayed"], counts["all"])


def _goals(cohort: Cohort) -> int | None:
    goals = Goal.objects.filter(match__cohort=cohort, visibility__in=SHARED).exclude(
        status=GoalStatus.ARCHIVED
    )
    return _percent(goals.filter(status=GoalStatus.REACHED).count(), goals.count())


FIGURES: dict[str, Callable[[Cohort], int | None]] = {
    Measure.PAIRED: _paired,
    Measure.FIRST_MEETING: _first_meeting,
    Measure.MEETINGS: _meetings,
    Measure.STAYED: _stayed,
    Measure.GOALS: _goals,
}
