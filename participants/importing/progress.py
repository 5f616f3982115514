"""Progress of an import, visible while the transaction of its work is still open."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connections

from core.jobs import LEASE, JobCancelled, JobLost, JobStatus, Lease
from participants.models import ImportRun

SECONDS_BETWEEN = 0.7
RENEW = """
    UPDATE participants_importrun
    SET stage = %s, progress_done = %s, progress_total = %s, lease_until = %s
    WHERE id = %s AND attempt = %s AND step = %s AND status = %s
    RETURNING cancel_requested_at
"""


class ImportLease(Lease):
    """The right to one step of an import: a later step of the same run is another right."""

    def __init__(self, job: ImportRun, *, clock: Callable[[], datetime]) -> None:
        super().__init__(job, clock=clock)
        self._rows = self._rows.filter(step=job.step, started_at=job.started_at)


class SideReport:
    """Renews the lease and writes progress on a connection of its own, at most every 0.7 s.

    Raises:
        JobLost: another worker has the row.
        JobCancelled: a person asked to stop.
    """

    def __init__(self, run: ImportRun, *, clock: Callable[[], datetime]) -> None:
        self._run = run
        self._clock = clock
        self._connection: Any = connections["default"].copy()
        self._next = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        if time.monotonic() < self._next:
            return
        run = self._run
        values = (stage, done, total, self._clock() + LEASE)
        with self._connection.cursor() as cursor:
            cursor.execute(RENEW, (*values, run.pk, run.attempt, run.step, JobStatus.RUNNING))
            kept = cursor.fetchone()
        self._next = time.monotonic() + SECONDS_BETWEEN
        if kept is None:
            raise JobLost
        if kept[0] is not None:
            raise JobCancelled

    def close(self) -> None:
        self._connection.close()


def quiet(stage: str, done: int, total: int) -> None:
    """Report to nobody."""
