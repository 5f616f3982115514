"""The right to a step of an import, and its progress while the transaction is still open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.jobs import Lease, SteppedJob
from core.progress import SideReport


class ImportLease(Lease):
    """The right to one step of an import: a later step of the same run is another right."""

    def __init__(self, job: SteppedJob, *, clock: Callable[[], datetime]) -> None:
        super().__init__(job, clock=clock)
        self._rows = self._rows.filter(step=job.step, started_at=job.started_at)


def side_report(run: SteppedJob, *, clock: Callable[[], datetime]) -> SideReport:
    """Return what tells the progress of this step of an import, seen from outside at once."""
    return SideReport(run, clock=clock, fence=("step",))
