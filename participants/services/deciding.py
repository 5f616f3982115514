"""A manager's yes or no to somebody who asked for a place."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import DomainError
from participants.models import Enrolment, EnrolmentNote, EnrolmentStatus
from participants.models.joining import LONGEST_NOTE
from participants.services.answering import tell_standing
from participants.services.enrolling import move_enrolment
from participants.services.places import has_place, lock_cohort

S = EnrolmentStatus


@transaction.atomic
def approve(*, enrolment: Enrolment, actor: User, now: datetime) -> Enrolment:
    """Say yes: the person is in, or on the waitlist when every place is taken.

    Effects: locks cohort and enrolment; the status, a mail, an audit row.

    Raises:
        DomainError: nobody asks for a decision any more, or the cohort is over.
    """
    cohort = lock_cohort(enrolment.cohort_id)
    _check_asks(enrolment)
    to = S.ENROLLED if has_place(cohort, enrolment.role, now=now) else S.WAITLISTED
    moved = move_enrolment(enrolment=enrolment, to=to, actor=actor, now=now)
    tell_standing(moved, now=now)
    return moved


@transaction.atomic
def decline(*, enrolment: Enrolment, reason: str, actor: User, now: datetime) -> Enrolment:
    """Say no, with a reason that the person reads on their page; the mail only says so.

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
    tell_standing(moved, now=now)
    return moved


def _check_asks(enrolment: Enrolment) -> None:
    if enrolment.status != S.APPLIED:
        raise DomainError(
            _("This sign-up does not wait for a decision any more."), code="not_asking"
        )
