"""What people change about their own part: pause, come back, withdraw, change their mind."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from core.clock import local_day
from core.errors import Conflict, DomainError
from participants.line_managers import waits_for_line_manager
from participants.models import TAKES_PART, Enrolment, EnrolmentStatus
from participants.services.enrolling import CLOSED, move_enrolment
from participants.services.places import (
    fill_free_places,
    has_place,
    lock_cohort,
)

S = EnrolmentStatus
UNDO = timedelta(days=7)
LONGEST_PAUSE_DAYS = 366


@transaction.atomic
def plan_pause(
    *,
    enrolment: Enrolment,
    actor: User | None,
    now: datetime,
    pause_from: date,
    pause_until: date | None,
) -> Enrolment:
    """Pause from a day on, today or later; with a last day the person is back by themselves.

    Effects: locks the enrolment; its days, its status when the pause begins today, an audit row.

    Raises:
        DomainError: the days are in the past or out of order, or the person is not in the pool.
    """
    today = local_day(now, (actor or enrolment.user).time_zone)
    _check_days(today, pause_from, pause_until)
    current = _locked(enrolment)
    if current.status not in TAKES_PART:
        raise DomainError(_("Only people who are in can pause."), code="not_in")
    current.pause_from, current.pause_until = pause_from, pause_until
    current.save(update_fields=("pause_from", "pause_until"))
    if pause_from <= today and current.status == S.ENROLLED:
        return move_enrolment(enrolment=current, to=S.PAUSED, actor=actor, now=now)
    _record(current, "participants.pause_planned", actor, now)
    return current


def _check_days(today: date, pause_from: date, pause_until: date | None) -> None:
    if pause_from < today:
        raise DomainError(
            _("Choose today or a later day."), code="pause_in_past", field="pause_from"
        )
    if pause_until is not None and pause_until < pause_from:
        raise DomainError(
            _("The pause ends before it begins. Swap the two days."),
            code="pause_order",
            field="pause_until",
        )
    if pause_from > today + timedelta(days=LONGEST_PAUSE_DAYS) or (
        pause_until is not None and pause_until > pause_from + timedelta(days=LONGEST_PAUSE_DAYS)
    ):
        raise DomainError(
            _("That is more than a year away. Choose nearer days."),
            code="pause_long",
            field="pause_until" if pause_until else "pause_from",
        )


@transaction.atomic
def end_pause(*, enrolment: Enrolment, actor: User | None, now: datetime) -> Enrolment:
    """Take part again, or drop a pause that has not begun. Without a pause nothing happens.

    Effects: locks the enrolment; its days, its status, an audit row.
    """
    current = _locked(enrolment)
    if current.status == S.PAUSED:
        return move_enrolment(enrolment=current, to=S.ENROLLED, actor=actor, now=now)
    if current.pause_from is not None:
        current.pause_from = current.pause_until = None
        current.save(update_fields=("pause_from", "pause_until"))
        _record(current, "participants.pause_dropped", actor, now)
    return current


@transaction.atomic
def withdraw(*, enrolment: Enrolment, actor: User, now: datetime) -> Enrolment:
    """Leave the cohort by one's own choice; no reason is asked. Twice is fine.

    Where no match was left, ``undo_withdrawal`` leads back for seven days.

    Effects: locks cohort and enrolment; the status, an audit row; a freed place is offered on.

    Raises:
        DomainError: a match is still open.
    """
    cohort = lock_cohort(enrolment.cohort_id)
    current = _locked(enrolment)
    if current.status == S.WITHDRAWN:
        return current
    before = current.status
    moved = move_enrolment(enrolment=current, to=S.WITHDRAWN, actor=actor, now=now)
    Enrolment.objects.filter(pk=moved.pk).update(left_status=before)
    moved.left_status = before
    if before in TAKES_PART:
        fill_free_places(cohort=cohort, role=moved.role, now=now)
    return moved


def may_undo(enrolment: Enrolment, *, now: datetime) -> bool:
    """Tell whether nothing followed a withdrawal yet: a week, no match, the cohort not over."""
    return (
        enrolment.status == S.WITHDRAWN
        and bool(enrolment.left_status)
        and now < enrolment.status_changed_at + UNDO
        and enrolment.cohort.status not in CLOSED
        and not enrolment.memberships.exists()
    )


@transaction.atomic
def undo_withdrawal(*, enrolment: Enrolment, actor: User, now: datetime) -> Enrolment:
    """Come back to where one was; to the waitlist when the place has gone meanwhile.

    Who needs the yes of a line manager by now waits for it.

    Effects: locks cohort and enrolment; the status, an audit row.

    Raises:
        Conflict: something followed: a week went by, a match was left, or the cohort is over.
    """
    cohort = lock_cohort(enrolment.cohort_id)
    current = _locked(enrolment)
    if not may_undo(current, now=now):
        raise Conflict(
            _("This cannot be undone any more. Write to the program manager; the door is open."),
            code="undo_over",
        )
    to = current.left_status
    if to in TAKES_PART and not has_place(cohort, current.role, now=now):
        to = S.WAITLISTED
    if to in TAKES_PART and waits_for_line_manager(current):
        to = S.APPLIED
    current.status, current.left_status, current.status_changed_at = to, "", now
    current.save(update_fields=("status", "left_status", "status_changed_at"))
    _record(current, "participants.came_back", actor, now)
    return current


def _locked(enrolment: Enrolment) -> Enrolment:
    row = Enrolment.objects.select_for_update(of=("self",)).select_related("cohort", "user")
    found: Enrolment = row.get(pk=enrolment.pk)
    return found


def _record(enrolment: Enrolment, action: str, actor: User | None, now: datetime) -> None:
    record(
        actor=actor,
        action=action,
        about=enrolment,
        now=now,
        program_id=enrolment.cohort.program_id,
        detail={"cohort": enrolment.cohort_id, "status": enrolment.status},
    )
