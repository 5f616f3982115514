"""Look ahead: a job that plays the weeks to come and keeps what would go to whom."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core import jobs
from core.clock import zone
from core.errors import DomainError
from core.jobs import JobLost, JobStatus, Lease
from core.wake import wake
from notifications import registry
from notifications.services.playing import Played, without_secrets
from programs.models import Cohort
from support.models import Rehearsal, RehearsedMail
from support.services.shadowing import rehearse

logger = logging.getLogger(__name__)

CHANGEABLE = ("rhythm_days", "has_check_ins", "has_fit_questions", "has_pulse")
KEPT_DAYS = 14
BATCH = 1_000


@transaction.atomic
def ask_rehearsal(
    *, cohort: Cohort, weeks: int, changes: Mapping[str, Any], actor: User, now: datetime
) -> Rehearsal:
    """Order a look ahead by the cohort's settings, and a second one where others are tried.

    ``changes`` holds values for some of ``CHANGEABLE``. Effects: one or two jobs, one audit row, a
    worker is woken. Returns the one to look at.

    Raises:
        DomainError: one is being computed already.
    """
    Cohort.objects.select_for_update().get(pk=cohort.pk)
    if Rehearsal.objects.filter(cohort=cohort, status__in=jobs.OPEN).exists():
        raise DomainError(_("A look ahead is being computed already."), code="busy")
    tried = {
        name: value
        for name, value in changes.items()
        if name in CHANGEABLE and value != getattr(cohort, name)
    }
    values = {"cohort": cohort, "weeks": weeks, "asked_by": actor, "created_at": now}
    asked = Rehearsal.objects.create(**values)
    wake("support.run_rehearsal", asked.pk)
    if tried:
        asked = Rehearsal.objects.create(**values, changes=tried, compared_with=asked)
        wake("support.run_rehearsal", asked.pk)
    record(
        actor=actor,
        action="messages.rehearsed",
        about=cohort,
        now=now,
        program_id=cohort.program_id,
        detail={"weeks": weeks},
    )
    return asked


def perform_rehearsal(pk: int, *, clock: Callable[[], datetime]) -> None:
    """Compute one look ahead; one that somebody else carries is left alone.

    Effects: its mails, and the job's end. Nothing is sent.
    """
    now = clock()
    row = jobs.claim(Rehearsal, pk, now=now)
    if row is None:
        return
    lease = Lease(row, clock=clock)
    until = now + timedelta(weeks=row.weeks)
    try:
        played, reached = rehearse(row.cohort, now=now, until=until, changes=row.changes)
    except Exception as error:
        logger.exception("Rehearsal %s stopped.", pk)
        lease.finish(JobStatus.FAILED, error=type(error).__name__)
        return
    try:
        with transaction.atomic():
            lease.hold()
            mails = [_mail(row, one) for one in played]
            RehearsedMail.objects.bulk_create(mails, batch_size=BATCH)
            lease.finish(JobStatus.DONE, starts_at=now, reached_at=reached)
    except JobLost:
        logger.info("Rehearsal %s was taken over meanwhile.", pk)


def _mail(row: Rehearsal, one: Played) -> RehearsedMail:
    kind = registry.find(one.kind)
    shows = kind is not None and kind.shows_text
    return RehearsedMail(
        rehearsal=row,
        at=one.at,
        day=one.at.astimezone(zone(one.time_zone)).date(),
        recipient_id=one.recipient_id,
        match_id=one.match_id,
        kind=one.kind,
        mail_id=one.mail_id,
        takes_share=one.takes_share,
        subject=one.subject[:300] if shows else str(kind and kind.title),
        text=without_secrets(one.text) if shows else "",
        fingerprint=one.fingerprint,
    )


def sweep_rehearsals(*, now: datetime) -> None:
    """Hand on what nobody carries, and forget what is a fortnight old."""
    for pk in jobs.due(Rehearsal, now=now).values_list("pk", flat=True)[:20]:
        wake("support.run_rehearsal", pk)
    Rehearsal.objects.filter(created_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
