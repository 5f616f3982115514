"""Long work as a row: claimed by lease, fenced by attempt, found again by a sweep.

Celery carries only "look at row N". A worker claims the row by one conditional UPDATE, renews its
lease with every progress report, and may finish only while the attempt it claimed is still the
row's attempt. Whoever lost the row learns so by ``JobLost`` and stops without writing.

The number of an attempt is never given twice: a row that is put back into the queue counts on from
the next multiple of ``MAX_ATTEMPTS``, which is where its three tries begin anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3


class JobLost(Exception):
    """The row was taken over, cancelled or deleted while this worker held it."""


class JobCancelled(Exception):
    """A person asked for the work to stop."""


class JobStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting for a worker")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)


class Job(models.Model):
    """What every long work has: state, lease, attempts, progress, and a reason when it failed."""

    status = models.CharField(
        max_length=12, choices=JobStatus, default=JobStatus.QUEUED, editable=False
    )
    lease_until = models.DateTimeField(null=True, editable=False)
    attempt = models.PositiveSmallIntegerField(default=0, editable=False)
    stage = models.CharField(max_length=60, blank=True, editable=False)
    progress_done = models.PositiveIntegerField(default=0, editable=False)
    progress_total = models.PositiveIntegerField(default=0, editable=False)
    cancel_requested_at = models.DateTimeField(null=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    task_name: ClassVar[str] = ""

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def percent(self) -> int:
        if self.status == JobStatus.DONE:
            return 100
        return 100 * self.progress_done // self.progress_total if self.progress_total else 0


JobT = TypeVar("JobT", bound=Job)


def due(model: type[JobT], *, now: datetime) -> models.QuerySet[JobT]:
    """Return open rows that nobody carries: queued, or running with a lease that ran out."""
    return model._default_manager.filter(
        Q(status=JobStatus.QUEUED) | Q(status=JobStatus.RUNNING, lease_until__lt=now)
    )


def claim(model: type[JobT], pk: int, *, now: datetime) -> JobT | None:
    """Take the row for this worker and return it, or None when there is nothing to do.

    A row that was carried ``MAX_ATTEMPTS`` times without an end is marked failed instead.
    """
    row = due(model, now=now).filter(pk=pk).alias(carried=F("attempt") % MAX_ATTEMPTS)
    with transaction.atomic(savepoint=False):  # nobody moves the row before its number is read
        taken = row.filter(Q(status=JobStatus.QUEUED) | Q(carried__gt=0)).update(
            status=JobStatus.RUNNING,
            attempt=F("attempt") + 1,
            lease_until=now + LEASE,
            started_at=now,
            error="",
        )
        if taken:
            return model._default_manager.get(pk=pk)
    row.filter(status=JobStatus.RUNNING, carried=0).update(
        status=JobStatus.FAILED,
        finished_at=now,
        lease_until=None,
        error=str(_("The work stopped three times without an end. Try again, or ask for help.")),
    )
    return None


class Lease:
    """The right to work on one row; renews itself with every progress report."""

    def __init__(self, job: Job, *, clock: Any) -> None:
        self.job = job
        self.clock = clock
        self._rows: models.QuerySet[Any] = type(job)._default_manager.filter(
            pk=job.pk, attempt=job.attempt, status=JobStatus.RUNNING
        )

    def report(self, stage: str, done: int, total: int) -> None:
        """Write progress and renew the lease.

        Raises:
            JobLost: another worker has the row now.
            JobCancelled: a person asked to stop.
        """
        now = self.clock()
        kept = self._rows.update(
            stage=stage, progress_done=done, progress_total=total, lease_until=now + LEASE
        )
        if not kept:
            raise JobLost
        if self._rows.filter(cancel_requested_at__isnull=False).exists():
            raise JobCancelled

    def hold(self) -> None:
        """Lock the row for the finishing transaction, so that the result is stored once."""
        row = self._rows.select_for_update().values_list("cancel_requested_at", flat=True).first()
        if not self._rows.exists():
            raise JobLost
        if row is not None:
            raise JobCancelled

    def finish(self, status: str, *, error: str = "", **values: Any) -> bool:
        """Close the row with its result; False when it was lost meanwhile."""
        return bool(
            self._rows.update(
                status=status,
                error=error,
                lease_until=None,
                finished_at=self.clock(),
                **values,
            )
        )


def request_cancel(job: Job, *, now: datetime) -> None:
    """Ask an open job to stop; one that no worker has taken yet stops at once."""
    rows = type(job)._default_manager.filter(pk=job.pk)
    rows.filter(status=JobStatus.QUEUED).update(
        status=JobStatus.CANCELLED, cancel_requested_at=now, finished_at=now
    )
    rows.filter(status=JobStatus.RUNNING).update(cancel_requested_at=now)


def retry(job: Job, *, now: datetime) -> bool:
    """Put a failed or cancelled job back into the queue; False when it is in another state."""
    ended = (JobStatus.FAILED, JobStatus.CANCELLED)
    return bool(requeue(type(job)._default_manager.filter(pk=job.pk, status__in=ended)))


def requeue(rows: models.QuerySet[Any], **values: Any) -> int:
    """Put rows back into the queue with three tries, whatever their state; return how many.

    Whoever carries one of them, or did before, has lost it: no number of theirs comes again.
    """
    return rows.update(
        status=JobStatus.QUEUED,
        attempt=F("attempt") + MAX_ATTEMPTS - F("attempt") % MAX_ATTEMPTS,
        lease_until=None,
        cancel_requested_at=None,
        error="",
        stage="",
        progress_done=0,
        progress_total=0,
        started_at=None,
        finished_at=None,
        **values,
    )


class JobQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def ids(self) -> Iterable[int]:
        return self.values_list("pk", flat=True)
