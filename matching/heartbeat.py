"""Keep a job's lease while the solver is busy and reports nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core.jobs import LEASE, Job, JobStatus

EVERY_SECONDS = LEASE.total_seconds() / 4

logger = logging.getLogger(__name__)


@contextmanager
def heartbeat(job: Job, *, every_seconds: float = EVERY_SECONDS) -> Iterator[None]:
    """Renew the lease of this attempt from a thread of its own until the block ends.

    One assignment may take longer than a lease, and without this the sweep would hand the run to a
    second worker. A lease that is lost is not renewed: the attempt is part of the condition.
    """
    ended = threading.Event()
    beats = threading.Thread(target=_beat, args=(job, ended, every_seconds), daemon=True)
    beats.start()
    try:
        yield
    finally:
        ended.set()
        beats.join()


def _beat(job: Job, ended: threading.Event, every_seconds: float) -> None:
    try:
        while not ended.wait(every_seconds):
            _renew(job, timezone.now())
    finally:
        connection.close()


def _renew(job: Job, now: datetime) -> None:
    try:
        with transaction.atomic():
            rows = type(job)._default_manager.filter(
                pk=job.pk, attempt=job.attempt, status=JobStatus.RUNNING
            )
            rows.update(lease_until=now + LEASE)
    except DatabaseError as error:
        logger.warning("The lease of %r was not renewed. %s", job, error)
        connection.close()
