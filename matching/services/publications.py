"""Publishing as a job: asked for, carried out once, stopped while nothing is committed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core import jobs
from core.errors import Conflict, DomainError
from core.jobs import JobCancelled, JobLost, JobStatus, Lease
from core.progress import Report, SideReport, quiet
from core.wake import wake
from matching.models import PairingRun, Publication
from matching.publishing import live_groups, mark_of
from matching.services.publishing import hold_draft, publish_run

AT_ONCE = 200
"""Pairs up to which the person who publishes waits for the answer; more are a worker's."""


def publish_draft(*, run: PairingRun, actor: User, now: datetime, seen: str = "") -> Publication:
    """Publish the pairs of a draft: few at once, many by a worker. Returns how it stands.

    Not inside a transaction: what a worker would find must be committed first.

    Raises: as :func:`request_publication`.
    """
    publication = request_publication(run=run, actor=actor, now=now, seen=seen)
    if publication.pairs <= AT_ONCE:
        perform_publication(publication.pk, clock=lambda: now, report=quiet)
        publication.refresh_from_db()
    return publication


@transaction.atomic
def request_publication(
    *, run: PairingRun, actor: User, now: datetime, seen: str = ""
) -> Publication:
    """Queue the publishing of a draft; from now on nobody decides about its pairs.

    ``seen`` is the mark of the draft that the actor looked at, or empty.

    Raises:
        Conflict: it is published, is being published, or has changed since the actor looked.
        DomainError: there is nothing to publish, or the cohort is not being paired.
    Effects: one row, one audit row; wakes a worker after the commit where there is much to do.
    """
    held = hold_draft(run.pk)
    pairs = [pair for pair in live_groups(held) if actor.pk not in pair.user_ids]
    if not pairs:
        raise DomainError(_("There is no pair to publish."), code="nothing")
    if seen and seen != mark_of(pairs):
        raise Conflict(
            _("The draft has changed since you looked. Look at the figures again, then publish.")
        )
    try:
        with transaction.atomic():
            publication = Publication.objects.create(
                run=held, requested_by=actor, pairs=len(pairs), created_at=now
            )
    except IntegrityError as error:
        raise Conflict(_("These pairs are being published just now.")) from error
    record(
        actor=actor,
        action="publication.requested",
        about=publication,
        now=now,
        program_id=held.cohort.program_id,
        detail={"run": held.pk, "pairs": len(pairs)},
    )
    if len(pairs) > AT_ONCE:
        wake(Publication.task_name, publication.pk)
    return publication


def perform_publication(
    publication_id: int, *, clock: Callable[[], datetime], report: Report | None = None
) -> None:
    """Publish in one transaction, fenced by the attempt. Safe to call twice.

    Killed in the middle, it leaves nothing, and the next attempt does it anew. Refusals are stored
    in the language of the person who asked. ``report`` None tells the progress on a connection of
    its own.
    """
    publication = jobs.claim(Publication, publication_id, now=clock())
    if publication is None:
        return
    lease = Lease(publication, clock=clock)
    side = None if report else SideReport(publication, clock=clock)
    try:
        with translation.override(publication.requested_by.language):
            _publish(publication, lease, report or side or quiet)
    except JobLost:
        return
    except JobCancelled:
        lease.finish(JobStatus.CANCELLED)
    except DomainError as error:
        lease.finish(JobStatus.FAILED, error=str(error))
    finally:
        if side is not None:
            side.close()


@transaction.atomic
def _publish(publication: Publication, lease: Lease, report: Report) -> None:
    person = publication.requested_by
    if not PairingRun.objects.managed_by(person).filter(pk=publication.run_id).exists():
        raise DomainError(_("Who asked for it manages this cohort no more."), code="not_manager")
    outcome = publish_run(run=publication.run, actor=person, now=lease.clock(), report=report)
    lease.hold()
    if not lease.finish(JobStatus.DONE, result=outcome.as_result):
        raise JobLost


@transaction.atomic
def cancel_publication(*, publication: Publication, actor: User, now: datetime) -> None:
    """Ask publishing to stop; while it is not committed, nothing of it stays and nobody is told.

    Raises:
        Conflict: it has ended already.
    Effects: at most one row changed, one audit row.
    """
    if not publication.is_open:
        raise Conflict(_("This has ended already."))
    jobs.request_cancel(publication, now=now)
    record(
        actor=actor,
        action="publication.cancelled",
        about=publication,
        now=now,
        program_id=publication.run.cohort.program_id,
    )
