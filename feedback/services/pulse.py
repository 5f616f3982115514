"""Take the pulse: ask who is due, and take the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.services import record
from core.errors import DomainError
from feedback.models import SCALES, Pulse, PulseStatus, PulseWords
from feedback.models.pulse import HIGHEST, LOWEST
from feedback.querysets import ANSWER_DAYS
from feedback.selectors import due_pulses_for_system
from notifications.services import NewMessage, queue_messages, settle
from programs.models import Cohort, CohortStatus

LONGEST_WORDS = 2_000


class PulseClosed(DomainError):
    """The pulse takes no answer any more."""

    default_code = "pulse_closed"


@dataclass(frozen=True)
class PlannedPulses:
    """What one planning did."""

    asked_count: int = 0
    mail_count: int = 0


def plan_pulses(*, now: datetime) -> PlannedPulses:
    """Write the pulses that are due, and one mail for each.

    Running it again, or twice at a time, changes nothing; nobody is asked after the cohort's last
    day. Effects: pulses and messages, and pulses that nobody answered in 30 days lapse; one
    transaction a cohort.
    """
    today = now.astimezone(UTC).date()
    asked = mailed = 0
    active = Cohort.objects.filter(status=CohortStatus.ACTIVE, has_pulse=True, ends_on__gte=today)
    for cohort in active.order_by("pk"):
        found = _plan_cohort(cohort, now=now)
        asked, mailed = asked + found.asked_count, mailed + found.mail_count
    return PlannedPulses(asked, mailed)


@transaction.atomic
def _plan_cohort(cohort: Cohort, *, now: datetime) -> PlannedPulses:
    today = now.astimezone(UTC).date()
    Pulse.objects.filter(
        enrolment__cohort=cohort,
        status=PulseStatus.OPEN,
        asked_on__lt=today - timedelta(days=ANSWER_DAYS),
    ).update(status=PulseStatus.LAPSED)
    due = due_pulses_for_system(cohort, today=today)
    Pulse.objects.bulk_create(
        [
            Pulse(enrolment_id=enrolment_id, number=number, asked_on=today, created_at=now)
            for enrolment_id, _user, number in due
        ],
        ignore_conflicts=True,
    )
    messages = [
        NewMessage(
            kind="feedback.pulse",
            recipient_id=user_id,
            object_id=enrolment_id,
            occasion=str(number),
            program_id=cohort.program_id,
            cohort_id=cohort.pk,
        )
        for enrolment_id, user_id, number in due
    ]
    return PlannedPulses(len(due), queue_messages(rows=messages, now=now))


@transaction.atomic
def answer_pulse(
    *,
    pulse: Pulse,
    scales: Mapping[str, int | None],
    now: datetime,
    words: str | None = None,
    shows_name: bool = False,
) -> Pulse:
    """Store the scales of the person who was asked; later ones replace earlier ones.

    ``words`` None leaves what was added before. Effects: the row, its words, one audit row (without
    an answer).

    Raises:
        PulseClosed: 30 days are over, a later pulse was asked, or the person is not in.
        DomainError: nothing was chosen, a number is none of the scale, or the words are too long.
    """
    rows = Pulse.objects.answerable(today=now.astimezone(UTC).date())
    row: Pulse | None = (
        rows.select_for_update(of=("self",))
        .select_related("enrolment__user", "enrolment__cohort")
        .filter(pk=pulse.pk)
        .first()
    )
    if row is None:
        raise PulseClosed(_("These questions are closed. The next ones come in two months."))
    given = {name: scales.get(name) for name in SCALES}
    if not any(given.values()):
        raise DomainError(_("Answer at least one of them. The rest may stay open."))
    for name, value in given.items():
        if value is not None and not LOWEST <= value <= HIGHEST:
            raise DomainError(_("Choose a number from 1 to 5."), field=name)
        setattr(row, name, value)
    row.status = PulseStatus.ANSWERED
    row.answered_at = row.answered_at or now  # means are taken in this order, which stays
    row.save(update_fields=("status", "answered_at", *SCALES))
    _keep_words(row, words, shows_name=shows_name, now=now)
    person, program_id = row.enrolment.user, row.enrolment.cohort.program_id
    settle(user=person, kinds=("feedback.pulse",), now=now)
    record(actor=person, action="pulse.answered", about=row, now=now, program_id=program_id)
    return row


def _keep_words(pulse: Pulse, words: str | None, *, shows_name: bool, now: datetime) -> None:
    if words is None:
        return
    text = words.strip()
    if len(text) > LONGEST_WORDS:
        raise DomainError(
            _("That is more than 2,000 characters. A few sentences are plenty."), field="words"
        )
    row = PulseWords.objects.filter(pulse=pulse).first()
    if not text:
        if row is not None:
            row.delete()
        return
    row = row or PulseWords(pulse=pulse)
    row.text, row.shows_name, row.changed_at = text, shows_name, now
    row.save()
