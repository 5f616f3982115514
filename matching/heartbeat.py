"""Keep a run's lease while the solver is busy and reports nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core.jobs import LEASE, JobStatus
from matching.models import PairingRun

EVERY_SECONDS = LEASE.total_seconds() / 4

logger = logging.getLogger(__name__)


@contextmanager
def heartbeat(run: PairingRun, *, every_seconds: float = EVERY_SECONDS) -> Iterator[None]:
    """Renew the lease of this attempt from a thread of its own until the block ends.

    One assignment may take longer than a lease, and without this the sweep would hand the run to a
    second worker. A lease that is lost is not renewed: the attempt is part of the condition.
    """
    ended = threading.Event()
    beats = threading.Thread(
        target=_beat, args=(run.pk, run.attempt, ended, every_seconds), daemon=True
    )
    beats.start()
    try:
        yield
    finally:
        ended.set()
        beats.join()


def _beat(run_id: int, attempt: int, ended: threading.Event, every_seconds: float) -> None:
    try:
        while not ended.wait(every_seconds):
            _renew(run_id, attempt, timezone.now())
    finally:
        connection.close()


def _renew(run_id: int, attempt: int, now: datetime) -> None:
    try:
        with transaction.atomic():
            PairingRun.objects.filter(pk=run_id, attempt=attempt, status=JobStatus.RUNNING).update(
                lease_until=now + LEASE
            )
    except DatabaseError as error:
        logger.warning("The lease of pairing run %s was not renewed. %s", run_id, error)
        connection.close()
