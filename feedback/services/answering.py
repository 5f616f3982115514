"""Take an answer, and tell the managers when it asks for help."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.services import record
from core.errors import DomainError
from feedback.models import CheckIn, CheckInAnswer, CheckInStatus
from feedback.selectors import called_for
from feedback.services.drafting import begin_log
from notifications.services import queue_message, settle


class CheckInClosed(DomainError):
    """The check-in takes no answer any more."""

    default_code = "check_in_closed"


@transaction.atomic
def answer_check_in(*, check_in: CheckIn, answer: CheckInAnswer, now: datetime) -> CheckIn:
    """Store the answer of the person who was asked; a later one replaces an earlier one.

    The way the person came decides who they are: signed in, or by the link of their own mail.
    Effects: the row, one audit row (without the answer); for "we met" the draft of the meeting's
    log, which the person finishes; for "I need help" one message to each program manager, and to
    who stands in for one, who is not in the match.

    Raises:
        CheckInClosed: 30 days are over, or the match paused or ended.
    """
    today = now.astimezone(UTC).date()
    row = (
        CheckIn.objects.answerable(today=today)
        .select_for_update(of=("self",))
        .select_related("user", "match__cohort")
        .filter(pk=check_in.pk)
        .first()
    )
    if row is None:
        raise CheckInClosed(_("This check-in is closed. The next one comes with the next rhythm."))
    if row.answer == answer:
        return row
    row.status, row.answer, row.answered_at = CheckInStatus.ANSWERED, answer, now
    row.save(update_fields=("status", "answer", "answered_at"))
    program_id = row.match.cohort.program_id
    settle(user=row.user, kinds=("feedback.check_in",), now=now)
    record(actor=row.user, action="check_in.answered", about=row, now=now, program_id=program_id)
    if answer == CheckInAnswer.MET:
        begin_log(check_in=row, now=now)
    if answer == CheckInAnswer.HELP:
        _tell_managers(row, program_id=program_id, now=now)
    return row


def _tell_managers(check_in: CheckIn, *, program_id: int, now: datetime) -> None:
    for person in called_for(check_in.match, now=now):
        queue_message(
            kind="feedback.help_asked",
            recipient=person,
            object_id=check_in.pk,
            program_id=program_id,
            cohort_id=check_in.match.cohort_id,
            match_id=check_in.match_id,
            now=now,
        )
