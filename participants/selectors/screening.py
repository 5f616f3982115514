"""Reads of screening: each step of somebody with its state, and whom an open one holds back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from participants.models import (
    TAKES_PART,
    Enrolment,
    EnrolmentStatus,
    Referee,
    ScreeningResult,
    StepOutcome,
)
from programs.models import Audience, Cohort, ScreeningStep, StepKind
from programs.wording import delivered

S = EnrolmentStatus
# Whose steps matter: who asks for a place, waits for one, or is in.
STANDS = (S.APPLIED, S.WAITLISTED, *TAKES_PART)
OPEN, RUN_OUT = "open", "run_out"
LOOK_AHEAD = timedelta(days=30)
MOST_SHOWN = 100


@dataclass
class StepLine:
    """One step of one person: what it is and what became of it."""

    step: ScreeningStep
    result: ScreeningResult | None
    today: date
    referees: list[Referee] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Return passed, failed, waived, run_out, or open."""
        result = self.result
        if result is None:
            return OPEN
        if result.state == StepOutcome.PASSED:
            if result.edition != self.step.edition:
                return OPEN
            if result.holds_until is not None and result.holds_until < self.today:
                return RUN_OUT
        return result.state

    @property
    def is_met(self) -> bool:
        return self.state in (StepOutcome.PASSED, StepOutcome.WAIVED)

    @property
    def is_changed(self) -> bool:
        """Tell whether somebody agreed to earlier words of a code of conduct."""
        return self.state == OPEN and self.result is not None

    @property
    def person_can_act(self) -> bool:
        if self.state != OPEN:
            return False
        return self.step.kind in (StepKind.CODE, StepKind.REFERENCE)

    @property
    def waits_for_person(self) -> bool:
        return self.person_can_act and not self.referees

    def refusal(self, person: object) -> str:
        """Say which step stands in the way, and what to do."""
        words = {"step": delivered(self.step.name), "person": person}
        if self.state == StepOutcome.FAILED:
            return _("“%(step)s” was not passed by %(person)s.") % words
        if self.state == RUN_OUT and self.result is not None and self.result.holds_until:
            words["day"] = date_format(self.result.holds_until)
            return (
                _("“%(step)s” of %(person)s has run out on %(day)s. Note a newer one first.")
                % words
            )
        return _("“%(step)s” is still open for %(person)s. Note what became of it first.") % words


def screening_of(enrolment: Enrolment, *, today: date) -> list[StepLine]:
    """Return each step that is asked of somebody, in order. Three queries at most."""
    steps = list(
        ScreeningStep.objects.filter(
            program__cohorts=enrolment.cohort_id,
            is_asked=True,
            audience__in=(enrolment.role, Audience.BOTH),
        )
    )
    if not steps:
        return []
    found = ScreeningResult.objects.filter(user=enrolment.user_id, step__in=steps)
    results = {row.step_id: row for row in found.select_related("decided_by")}
    lines = {step.pk: StepLine(step, results.get(step.pk), today) for step in steps}
    if any(step.kind == StepKind.REFERENCE for step in steps):
        for referee in Referee.objects.filter(user=enrolment.user_id, step__in=steps):
            lines[referee.step_id].referees.append(referee)
    return list(lines.values())


def unmet_steps(enrolment: Enrolment, *, today: date) -> list[StepLine]:
    """Return the steps that stand in somebody's way."""
    return [line for line in screening_of(enrolment, today=today) if not line.is_met]


def held_results(today: date) -> QuerySet[ScreeningResult]:
    """Return the outcomes that count on a day."""
    lasts = Q(holds_until__isnull=True) | Q(holds_until__gte=today)
    passed = Q(state=StepOutcome.PASSED, edition=F("step__edition")) & lasts
    return ScreeningResult.objects.filter(passed | Q(state=StepOutcome.WAIVED))


def open_steps_for(*, today: date, person: str = "user_id") -> QuerySet[Any]:
    """Return the steps that the enrolment of an outer query has not passed."""
    held = held_results(today).filter(step=OuterRef("pk"), user=OuterRef(OuterRef(person)))
    return (
        ScreeningStep.objects.filter(program=OuterRef("cohort__program_id"), is_asked=True)
        .filter(Q(audience=OuterRef("role")) | Q(audience=Audience.BOTH))
        .exclude(Exists(held))
    )


def steps_to_do_for(*, today: date, person: str = "user_id") -> QuerySet[Any]:
    """Return the steps that wait for the person of an outer query's enrolment, who has a place.

    What ``StepLine.waits_for_person`` says of one step: a code to agree to, somebody to name.
    """
    noted = ScreeningResult.objects.filter(
        ~Q(state=StepOutcome.PASSED) | Q(edition=F("step__edition")),
        step=OuterRef("pk"),
        user=OuterRef(OuterRef(person)),
    )
    named = Referee.objects.filter(step=OuterRef("pk"), user=OuterRef(OuterRef(person)))
    return (
        open_steps_for(today=today, person=person)
        .exclude(Exists(noted))
        .filter(Q(kind=StepKind.CODE) | Q(kind=StepKind.REFERENCE) & ~Exists(named))
    )


def unscreened(
    cohort: Cohort, *, today: date, step: ScreeningStep | None = None
) -> QuerySet[Enrolment]:
    """Return who asks for a place or has one, and has not passed every step, or this one."""
    rows = Enrolment.objects.filter(cohort=cohort, status__in=STANDS)
    steps = open_steps_for(today=today)
    return rows.filter(Exists(steps if step is None else steps.filter(pk=step.pk)))


def open_lines(
    enrolments: Iterable[Enrolment], cohort: Cohort, *, today: date
) -> list[tuple[Enrolment, list[StepLine]]]:
    """Return each person of a page with the steps they have not passed. Two queries."""
    rows = list(enrolments)
    steps = list(ScreeningStep.objects.filter(program=cohort.program_id, is_asked=True))
    results = ScreeningResult.objects.filter(user__in=[row.user_id for row in rows], step__in=steps)
    found = {(row.user_id, row.step_id): row for row in results.defer("reason")}
    return [
        (
            row,
            [
                line
                for step in steps
                if step.audience in (row.role, Audience.BOTH)
                and not (line := StepLine(step, found.get((row.user_id, step.pk)), today)).is_met
            ],
        )
        for row in rows
    ]


def has_screening(cohort: Cohort) -> bool:
    return ScreeningStep.objects.filter(program=cohort.program_id, is_asked=True).exists()


def unscreened_for_system(cohort: Cohort, *, today: date) -> set[int]:
    """Return the enrolments that the pairing leaves out. One query where nothing is asked."""
    if not has_screening(cohort):
        return set()
    return set(unscreened(cohort, today=today).values_list("pk", flat=True))


def running_out(cohort: Cohort, *, today: date) -> list[Any]:
    """Return checks of the cohort's people that hold for thirty more days at most. One query."""
    places = cohort.enrolments.filter(user=OuterRef("user_id"), status__in=STANDS).order_by("pk")
    rows = ScreeningResult.objects.filter(
        state=StepOutcome.PASSED,
        step__program=cohort.program_id,
        step__is_asked=True,
        holds_until__gte=today,
        holds_until__lte=today + LOOK_AHEAD,
    )
    found = rows.annotate(place=Subquery(places.values("pk")[:1])).filter(place__isnull=False)
    return list(found.select_related("user", "step").order_by("holds_until", "pk")[:MOST_SHOWN])


@dataclass(frozen=True)
class StepCount:
    """How many people of a cohort stand where with one step."""

    step: ScreeningStep
    done: int
    of: int

    @property
    def open(self) -> int:
        return self.of - self.done


def step_counts(cohort: Cohort, *, today: date) -> list[StepCount]:
    """Return the steps with how many of those who are asked have passed. Three queries."""
    steps = list(ScreeningStep.objects.filter(program=cohort.program_id, is_asked=True))
    if not steps:
        return []
    people = list(
        cohort.enrolments.filter(status__in=STANDS).order_by().values_list("user_id", "role")
    )
    held = set(held_results(today).filter(step__in=steps).values_list("user_id", "step_id"))
    return [_count(step, people, held) for step in steps]


def _count(
    step: ScreeningStep, people: Iterable[tuple[int, str]], held: set[tuple[int, int]]
) -> StepCount:
    asked = [user for user, role in people if step.audience in (role, Audience.BOTH)]
    tally = Counter((user, step.pk) in held for user in asked)
    return StepCount(step, done=tally[True], of=len(asked))
