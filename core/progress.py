"""Progress of a job, visible while the transaction of its work is still open."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connections
from psycopg2 import sql

from core.jobs import LEASE, Job, JobCancelled, JobLost, JobStatus

Report = Callable[[str, int, int], None]
"""Takes a stage, how much of it is done, and of how much."""

SECONDS_BETWEEN = 0.7
RENEW = """
    UPDATE {table}
    SET stage = %s, progress_done = %s, progress_total = %s, lease_until = %s
    WHERE id = %s AND attempt = %s AND status = %s
    RETURNING cancel_requested_at
"""


class SideReport:
    """Renews the lease and writes progress on a connection of its own, at most every 0.7 s.

    Raises:
        JobLost: another worker has the row.
        JobCancelled: a person asked to stop.
    """

    def __init__(self, job: Job, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._connection: Any = connections["default"].copy()
        self._next = 0.0
        self._renew = sql.SQL(RENEW).format(table=sql.Identifier(job._meta.db_table))
        self._row = (job.pk, job.attempt, JobStatus.RUNNING)

    def __call__(self, stage: str, done: int, total: int) -> None:
        if time.monotonic() < self._next:
            return
        values = (stage, done, total, self._clock() + LEASE)
        with self._connection.cursor() as cursor:
            cursor.execute(self._renew, (*values, *self._row))
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
