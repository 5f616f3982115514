"""Take a module: page by page, with a quiz at its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.clock import local_day
from core.errors import DomainError
from participants.models import Enrolment
from programs.models import Cohort
from training.models import ModuleVersion, TrainingModule, TrainingProgress, TrainingRule

DAYS_A_MONTH = 30


def resume(*, module: TrainingModule, enrolment: Enrolment, now: datetime) -> TrainingProgress:
    """Return where the person is in a module, begun at the version in use.

    Who has read a page of an earlier version finishes that one; who has not, or takes the module
    again, gets the one in use. Effects: at most one row.
    """
    current = module.versions.get(is_current=True)
    progress, _is_new = TrainingProgress.objects.get_or_create(
        module=module, enrolment=enrolment, defaults={"version": current, "started_at": now}
    )
    if progress.version_id != current.pk and not progress.pages_read and not progress.completed_at:
        progress.version = current
        progress.save(update_fields=["version"])
    return progress


def page_count(version: ModuleVersion) -> int:
    """Return how many pages a version has; the quiz is the last one."""
    return version.parts.count() + int(version.questions.exists())


@transaction.atomic
def read_page(*, progress: TrainingProgress, page: int, now: datetime) -> TrainingProgress:
    """Keep that a page was read; the last one without a quiz finishes the module.

    Raises:
        DomainError: there is no such page to read, or an earlier one is still open.
    Effects: one row; again is fine.
    """
    progress = _locked(progress)
    last = progress.version.parts.count()
    if not 1 <= page <= last:
        raise DomainError(_("There is no such page."), code="no_such_page")
    if page > progress.pages_read + 1:
        raise DomainError(_("Read the pages before it first."), code="page_too_early")
    if page > progress.pages_read:
        progress.pages_read = page
        progress.save(update_fields=["pages_read"])
    if page == last and not progress.version.questions.exists():
        _finish(progress, now=now)
    return progress


def wrong_answers(version: ModuleVersion, answers: Mapping[int, int]) -> list[int]:
    """Return the questions (by id) whose answer, counted from 1, is not the right one."""
    return [
        question.pk
        for question in version.questions.all()
        if answers.get(question.pk) != question.right
    ]


@transaction.atomic
def answer_quiz(
    *, progress: TrainingProgress, answers: Mapping[int, int], now: datetime
) -> list[int]:
    """Take the answers of the quiz; all right finishes the module. Returns the wrong questions.

    What was answered is not kept. Raises:
        DomainError: pages are still to be read.
    Effects: the module is finished, with one audit row, when nothing is wrong.
    """
    progress = _locked(progress)
    if progress.pages_read < progress.version.parts.count():
        raise DomainError(_("Read the pages first."), code="page_too_early")
    wrong = wrong_answers(progress.version, answers)
    if not wrong:
        _finish(progress, now=now)
    return wrong


def _locked(progress: TrainingProgress) -> TrainingProgress:
    rows = TrainingProgress.objects.select_for_update(of=("self",))
    return rows.select_related("module__cohort", "version", "enrolment__user").get(pk=progress.pk)


def _finish(progress: TrainingProgress, *, now: datetime, excused_by: User | None = None) -> None:
    if progress.completed_at is not None and not _is_over(progress, now):
        return
    progress.completed_at = now
    progress.first_completed_at = progress.first_completed_at or now
    progress.expires_on = _expiry(progress.module, now)
    progress.excused_by = excused_by
    progress.save(update_fields=["completed_at", "first_completed_at", "expires_on", "excused_by"])
    record(
        actor=excused_by or progress.enrolment.user,
        action="training.excused" if excused_by else "training.finished",
        about=progress.module,
        now=now,
        program_id=progress.module.cohort.program_id,
        detail={"enrolment": progress.enrolment_id, "version": progress.version.number},
    )


def _is_over(progress: TrainingProgress, now: datetime) -> bool:
    return progress.expires_on is not None and progress.expires_on <= _day(progress, now)


def _day(progress: TrainingProgress, now: datetime) -> date:
    return local_day(now, progress.enrolment.user.time_zone)


def _expiry(module: TrainingModule, now: datetime) -> date | None:
    if module.refresh_months is None:
        return None
    return date.fromordinal(now.date().toordinal() + DAYS_A_MONTH * module.refresh_months)


@transaction.atomic
def take_again(*, progress: TrainingProgress, now: datetime) -> TrainingProgress:
    """Begin a module that is due again at its first page, in the version in use."""
    progress = _locked(progress)
    if progress.completed_at is None or not _is_over(progress, now):
        return progress
    progress.version = progress.module.versions.get(is_current=True)
    progress.pages_read = 0
    progress.completed_at = progress.expires_on = progress.excused_by = None
    progress.save()
    return progress


@transaction.atomic
def excuse(*, enrolment: Enrolment, actor: User, now: datetime) -> int:
    """Let somebody through without the required modules that are open, and return how many.

    Effects: progress rows that count as finished, with who excused them; an audit row each.
    """
    modules = (
        TrainingModule.objects.offered()
        .for_role(enrolment.role)
        .filter(cohort=enrolment.cohort_id, is_required=True)
        .select_related("cohort")
    )
    count = 0
    for module in modules:
        progress = _locked(resume(module=module, enrolment=enrolment, now=now))
        if progress.completed_at is None or _is_over(progress, now):
            _finish(progress, now=now, excused_by=actor)
            count += 1
    return count


@transaction.atomic
def take_excuse_back(*, enrolment: Enrolment, actor: User, now: datetime) -> int:
    """Ask somebody for the modules again that a manager let them off. Returns how many."""
    rows = TrainingProgress.objects.filter(enrolment=enrolment, excused_by__isnull=False)
    count = rows.update(
        completed_at=None, first_completed_at=None, expires_on=None, excused_by=None
    )
    if count:
        record(
            actor=actor,
            action="training.excuse_taken_back",
            about=enrolment,
            now=now,
            program_id=enrolment.cohort.program_id,
            detail={"modules": count},
        )
    return count


@transaction.atomic
def set_gate(*, cohort: Cohort, gates_pairing: bool, actor: User, now: datetime) -> TrainingRule:
    """Say whether only people who have finished are paired. Matches that exist stay."""
    rule, _is_new = TrainingRule.objects.update_or_create(
        cohort=cohort, defaults={"gates_pairing": gates_pairing}
    )
    record(
        actor=actor,
        action="training.gate_set",
        about=cohort,
        now=now,
        program_id=cohort.program_id,
        detail={"gates_pairing": gates_pairing},
    )
    return rule
