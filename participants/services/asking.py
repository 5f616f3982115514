"""Ask somebody for more before deciding about their sign-up, and take the answer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from notifications.services import queue_message
from participants.models import Enrolment, EnrolmentStatus, MoreAsked
from participants.models.joining import LONGEST_NOTE


@transaction.atomic
def ask_for_more(*, enrolment: Enrolment, text: str, actor: User, now: datetime) -> MoreAsked:
    """Ask somebody something before the decision about their sign-up; the mail only says so.

    Effects: locks the enrolment; the sealed question in place of an earlier one, a mail, an audit
    row without words.

    Raises:
        DomainError: nothing is asked, it is too long, or nobody waits for a decision any more.
    """
    text = _checked(text, _("Write what you would like to know: up to %(count)d characters."))
    _require_waiting(enrolment)
    MoreAsked.objects.filter(enrolment=enrolment).delete()
    asked: MoreAsked = MoreAsked.objects.create(
        enrolment=enrolment, text=text, asked_by=actor, asked_at=now
    )
    queue_message(
        kind="participants.more_asked",
        recipient=enrolment.user,
        now=now,
        object_id=enrolment.pk,
        occasion=f"{now:%Y%m%d%H%M%S}",
        program_id=enrolment.cohort.program_id,
        cohort_id=enrolment.cohort_id,
    )
    _record("enrolment.asked_more", enrolment, actor, now)
    return asked


@transaction.atomic
def answer_more(*, enrolment: Enrolment, text: str, now: datetime) -> MoreAsked:
    """Keep somebody's own answer; until the decision it may be changed.

    Effects: locks the enrolment; the sealed answer, an audit row without words.

    Raises:
        DomainError: the answer is empty or too long, or the decision is made.
        Conflict: nothing is asked.
    """
    text = _checked(text, _("Write a sentence or two: up to %(count)d characters."))
    _require_waiting(enrolment)
    asked: MoreAsked | None = MoreAsked.objects.filter(enrolment=enrolment).first()
    if asked is None:
        raise Conflict(_("Nobody asks you anything at the moment."))
    asked.answer, asked.answered_at = text, now
    asked.save(update_fields=("answer", "answered_at"))
    _record("enrolment.answered_more", enrolment, enrolment.user, now)
    return asked


def _checked(text: str, refusal: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise DomainError(refusal % {"count": LONGEST_NOTE}, code="text", field="text")
    return text


def _require_waiting(enrolment: Enrolment) -> None:
    row = Enrolment.objects.select_for_update(of=("self",), no_key=True).get(pk=enrolment.pk)
    if row.status != EnrolmentStatus.APPLIED:
        raise DomainError(
            _("This sign-up does not wait for a decision any more."), code="not_asking"
        )


def _record(action: str, enrolment: Enrolment, actor: User, now: datetime) -> None:
    record(
        actor=actor,
        action=action,
        about=enrolment,
        now=now,
        program_id=enrolment.cohort.program_id,
    )
