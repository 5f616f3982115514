"""A manager's yes or no to somebody who asked for a place."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import DomainError
from participants.models import Enrolment, EnrolmentNote, EnrolmentStatus, Invitation, LineContact
from participants.models.joining import LONGEST_NOTE
from participants.services.answering import tell_standing
from participants.services.enrolling import move_enrolment
from participants.services.line_managers import (
    answer_as_line_manager,
    check_line_manager,
    decide_without_line_manager,
    follow_line_manager,
)
from participants.services.places import has_place, lock_cohort
from participants.services.screening import check_screened, steps_before_yes

S = EnrolmentStatus


@transaction.atomic
def approve(
    *,
    enrolment: Enrolment,
    actor: User | None,
    now: datetime,
    tells_at: datetime | None = None,
) -> Enrolment:
    """Say yes: the person is in, or on the waitlist when every place is taken.

    They hear of it at once, or at ``tells_at``.

    Effects: locks cohort and enrolment; the status, a mail, an audit row; the line manager is told,
    where the cohort says so.

    Raises:
        DomainError: nobody asks for a decision any more, the cohort is over, a screening step is
            open, or the line manager is asked first and has not agreed.
    """
    cohort = lock_cohort(enrolment.cohort_id)
    _check_asks(enrolment)
    check_screened(enrolment, now=now)
    check_line_manager(enrolment)
    to = S.ENROLLED if has_place(cohort, enrolment.role, now=now) else S.WAITLISTED
    moved = move_enrolment(enrolment=enrolment, to=to, actor=actor, now=now)
    tell_standing(moved, now=now, due_at=tells_at)
    follow_line_manager(enrolment=moved, now=now)
    return moved


@transaction.atomic
def approve_without_line_manager(
    *, enrolment: Enrolment, reason: str, actor: User, now: datetime
) -> Enrolment:
    """Decide without the line manager's yes; who waits for a decision is in by it.

    Effects: as ``decide_without_line_manager`` and ``approve``.

    Raises:
        DomainError: as both.
    """
    decide_without_line_manager(enrolment=enrolment, reason=reason, actor=actor, now=now)
    if enrolment.status == S.APPLIED:
        return approve(enrolment=enrolment, actor=actor, now=now)
    return enrolment


@transaction.atomic
def take_line_manager_answer(
    *, contact: LineContact, agrees: bool, words: str, now: datetime
) -> LineContact:
    """Take a line manager's answer; a yes lets in whom nobody else has to look at.

    Who has a screening step to pass waits on; the line manager hears nothing of it.

    Effects: as ``answer_as_line_manager``, and ``approve`` for who was invited or needs no look.

    Raises:
        DomainError: as ``answer_as_line_manager``.
    """
    lock_cohort(contact.enrolment.cohort_id)
    answered = answer_as_line_manager(contact=contact, agrees=agrees, words=words, now=now)
    enrolment = answered.enrolment
    is_invited = Invitation.objects.filter(enrolment=enrolment).exists()
    needs_no_look = is_invited or not enrolment.cohort.needs_approval
    is_ready = needs_no_look and not steps_before_yes(enrolment, now=now)
    if agrees and enrolment.status == S.APPLIED and is_ready:
        approve(enrolment=enrolment, actor=None, now=now)
    return answered


@transaction.atomic
def decline(
    *,
    enrolment: Enrolment,
    reason: str,
    actor: User,
    now: datetime,
    tells_at: datetime | None = None,
) -> Enrolment:
    """Say no, with a reason that the person reads on their page; the mail only says so.

    They hear of it at once, or at ``tells_at``.

    Effects: locks the enrolment; the status, the sealed reason, a mail, an audit row.

    Raises:
        DomainError: the reason is empty or too long, or nobody asks any more.
    """
    text = reason.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise DomainError(
            _("Write a sentence or two, so that the person knows why: up to %(count)d characters.")
            % {"count": LONGEST_NOTE},
            code="reason",
            field="reason",
        )
    if enrolment.status not in (S.APPLIED, S.WAITLISTED):
        _check_asks(enrolment)
    moved = move_enrolment(enrolment=enrolment, to=S.DECLINED, actor=actor, now=now)
    note = EnrolmentNote.objects.filter(enrolment=moved).first() or EnrolmentNote(enrolment=moved)
    note.text, note.written_by, note.written_at = text, actor, now
    note.save()
    tell_standing(moved, now=now, due_at=tells_at)
    return moved


def _check_asks(enrolment: Enrolment) -> None:
    if enrolment.status != S.APPLIED:
        raise DomainError(
            _("This sign-up does not wait for a decision any more."), code="not_asking"
        )
