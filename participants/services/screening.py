"""Note what became of a screening step, agree to a code of conduct, name referees."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from notifications.services import queue_message
from participants.models import (
    MOST_REFEREES,
    Enrolment,
    Referee,
    ScreeningResult,
    StepOutcome,
)
from participants.models.joining import LONGEST_NOTE
from participants.selectors.screening import OPEN, StepLine, unmet_steps, unscreened
from programs.models import Audience, Cohort, ScreeningStep, StepKind

# A code is agreed to by each person; a background check has a day of its own.
PASSED_TOGETHER = (StepKind.REFERENCE, StepKind.OTHER)
NOT_PASSED = "participants.step_not_passed"
UNDO = timedelta(minutes=30)


@dataclass(frozen=True)
class Named:
    """Somebody who may be asked for a reference."""

    name: str
    email: str


def check_screened(enrolment: Enrolment, *, now: datetime) -> None:
    """Raise ``DomainError`` where the program says yes only to who has passed every step.

    The enrolment comes with its person and its cohort.
    """
    for line in steps_before_yes(enrolment, now=now):
        raise DomainError(line.refusal(enrolment.user), code="unscreened")


def steps_before_yes(enrolment: Enrolment, *, now: datetime) -> list[StepLine]:
    """Return what keeps somebody from a yes: none where the program lets people in first."""
    if not enrolment.cohort.program.screens_before_yes:
        return []
    return unmet_steps(enrolment, today=now.date())


@transaction.atomic
def decide_step(
    *,
    enrolment: Enrolment,
    step: ScreeningStep,
    state: str,
    actor: User,
    now: datetime,
    checked_on: date | None = None,
    reason: str = "",
) -> ScreeningResult | None:
    """Note what became of a step: passed, failed, waived, or open again.

    It holds for the person in every cohort of the program. A background check has its day, and
    holds as long as the step says. Effects: one row written, or removed where it is open again;
    referees of the step are deleted; an audit row; who has not passed gets a mail that there is an
    answer.

    Raises:
        DomainError: not a step of this person, one's own step, a reason or a day is missing.
    """
    _check_asked(enrolment, step)
    if actor.pk == enrolment.user_id:
        raise DomainError(_("Let somebody else decide about you."), code="own_step")
    kept = ScreeningResult.objects.select_for_update().filter(user=enrolment.user_id, step=step)
    found = kept.first()
    if state == OPEN:
        if found is not None:
            found.delete()
        _record(enrolment, step, "participants.step_reopened", actor, now)
        return None
    text = _reason(state, reason)
    result = found or ScreeningResult(user_id=enrolment.user_id, step=step)
    result.state, result.reason, result.edition = state, text, step.edition
    result.decided_by, result.decided_at = actor, now
    result.checked_on, result.holds_until = _days(step, state, checked_on, now)
    result.save()
    Referee.objects.filter(user=enrolment.user_id, step=step).delete()
    _record(enrolment, step, f"participants.step_{state}", actor, now)
    if state == StepOutcome.FAILED:
        queue_message(
            kind=NOT_PASSED,
            recipient=enrolment.user,
            now=now,
            object_id=enrolment.pk,
            occasion=f"{step.pk}-{now:%Y%m%d%H%M%S}",
            program_id=enrolment.cohort.program_id,
            cohort_id=enrolment.cohort_id,
        )
    return result


@transaction.atomic
def agree(*, enrolment: Enrolment, step: ScreeningStep, edition: int, now: datetime) -> None:
    """Let the person agree to the words of a code of conduct; twice is fine.

    Effects: one row, an audit row.

    Raises:
        DomainError: not a code that is asked of this person, or a manager said no.
        Conflict: the words have changed since the page was shown.
    """
    _check_asked(enrolment, step)
    current = ScreeningStep.objects.select_for_update(no_key=True).get(pk=step.pk)
    if current.kind != StepKind.CODE:
        raise DomainError(_("Your program manager notes this step."), code="not_a_code")
    if current.edition != edition:
        raise Conflict(_("The words have just changed. Please read them again."), code="changed")
    found = ScreeningResult.objects.filter(user=enrolment.user_id, step=step).first()
    if found is not None and found.state != StepOutcome.PASSED:
        raise DomainError(_("Your program manager has decided about this step."), code="decided")
    if found is not None and found.edition == edition:
        return
    result = found or ScreeningResult(user_id=enrolment.user_id, step=step)
    result.state, result.edition = StepOutcome.PASSED, edition
    result.decided_by, result.decided_at = enrolment.user, now
    result.save()
    _record(enrolment, step, "participants.code_agreed", enrolment.user, now)


@transaction.atomic
def name_referees(
    *, enrolment: Enrolment, step: ScreeningStep, people: Sequence[Named], now: datetime
) -> None:
    """Keep one or two people who may be asked about somebody, until the step is decided.

    Effects: the sealed names replace the earlier ones; an audit row.

    Raises:
        DomainError: not an open reference of this person, nobody or too many are named, or they
            name themselves.
    """
    _check_asked(enrolment, step)
    if step.kind != StepKind.REFERENCE:
        raise DomainError(_("This step needs nobody to be named."), code="not_a_reference")
    if ScreeningResult.objects.filter(user=enrolment.user_id, step=step).exists():
        raise DomainError(_("Your program manager has decided about this step."), code="decided")
    if not 1 <= len(people) <= MOST_REFEREES:
        raise DomainError(_("Name one person or two."), code="referees", field="name_1")
    own = enrolment.user.email.lower()
    if any(one.email.lower() == own for one in people):
        raise DomainError(_("Name somebody else than yourself."), code="oneself", field="email_1")
    Referee.objects.filter(user=enrolment.user_id, step=step).delete()
    for position, one in enumerate(people, start=1):
        Referee.objects.create(
            user_id=enrolment.user_id,
            step=step,
            position=position,
            name=one.name.strip(),
            email=one.email.strip(),
            named_at=now,
        )
    _record(enrolment, step, "participants.referees_named", enrolment.user, now)


@transaction.atomic
def pass_together(
    *,
    cohort: Cohort,
    step: ScreeningStep,
    enrolment_ids: Sequence[int],
    actor: User,
    now: datetime,
) -> int:
    """Note a step as passed for several people of a cohort; return for how many it was open.

    Who has not passed it by somebody's decision is left out: that is changed one by one.

    Effects: as ``decide_step`` for each; ``take_back_together`` undoes it for half an hour.

    Raises:
        DomainError: a code or a background check, or one of them is the actor.
    """
    if step.kind not in PASSED_TOGETHER:
        raise DomainError(_("Note this step person by person."), code="one_by_one")
    people = unscreened(cohort, today=now.date(), step=step).filter(pk__in=enrolment_ids)
    failed = ScreeningResult.objects.filter(step=step, state=StepOutcome.FAILED)
    people = people.exclude(user__in=failed.values("user"))
    noted: set[int] = set()
    for enrolment in people.select_related("user", "cohort__program").order_by("pk"):
        if enrolment.user_id in noted:
            continue
        decide_step(enrolment=enrolment, step=step, state=StepOutcome.PASSED, actor=actor, now=now)
        noted.add(enrolment.user_id)
    return len(noted)


def noted_together(
    *, step: ScreeningStep, actor: User, at: datetime, now: datetime
) -> QuerySet[ScreeningResult]:
    """Return what this manager noted in one go, while it can be taken back."""
    rows = ScreeningResult.objects.filter(
        step=step, decided_by=actor, decided_at=at, state=StepOutcome.PASSED
    )
    return rows if now <= at + UNDO else rows.none()


@transaction.atomic
def take_back_together(
    *, cohort: Cohort, step: ScreeningStep, actor: User, at: datetime, now: datetime
) -> int:
    """Open a step again that was just noted as passed for several people; return for how many.

    Effects: the rows removed, one audit row.
    """
    rows = noted_together(step=step, actor=actor, at=at, now=now).filter(
        user__enrolments__cohort=cohort
    )
    count = ScreeningResult.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()
    record(
        actor=actor,
        action="cohort.steps_reopened",
        about=cohort,
        now=now,
        program_id=cohort.program_id,
        detail={"step": step.pk, "count": count[0]},
    )
    return count[0]


def add_months(day: date, months: int) -> date:
    """Return the day so many months later; the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _check_asked(enrolment: Enrolment, step: ScreeningStep) -> None:
    is_asked = step.is_asked and step.program_id == enrolment.cohort.program_id
    if not is_asked or step.audience not in (enrolment.role, Audience.BOTH):
        raise DomainError(_("This step is not asked of this person."), code="not_asked")


def _reason(state: str, reason: str) -> str:
    if state not in StepOutcome.values:
        raise DomainError(_("Choose what became of it."), code="state", field="state")
    text = reason.strip()
    if state != StepOutcome.PASSED and not text:
        raise DomainError(
            _("Say why, in a sentence. The person can read it."), code="reason", field="reason"
        )
    if len(text) > LONGEST_NOTE:
        raise DomainError(
            _("Up to %(count)d characters.") % {"count": LONGEST_NOTE},
            code="reason",
            field="reason",
        )
    return text


def _days(
    step: ScreeningStep, state: str, checked_on: date | None, now: datetime
) -> tuple[date | None, date | None]:
    """Return the day of a background check and until when it holds."""
    if step.kind != StepKind.BACKGROUND or state != StepOutcome.PASSED:
        return None, None
    if checked_on is None or checked_on > now.date():
        raise DomainError(
            _("Enter the day of the check: today or earlier."), code="day", field="checked_on"
        )
    if step.months is None:
        return checked_on, None
    until = add_months(checked_on, step.months)
    if until < now.date():
        raise DomainError(
            _("This check is too old; it holds for %(months)d months. Ask for a newer one.")
            % {"months": step.months},
            code="too_old",
            field="checked_on",
        )
    return checked_on, until


def _record(
    enrolment: Enrolment, step: ScreeningStep, action: str, actor: User, now: datetime
) -> None:
    record(
        actor=actor,
        action=action,
        about=enrolment,
        now=now,
        program_id=enrolment.cohort.program_id,
        detail={"step": step.pk, "kind": step.kind},
    )
