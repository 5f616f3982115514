"""Carry a queued import to its end: preview, apply or undo, each in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from core.jobs import JobCancelled, JobLost, JobStatus, Lease, claim, due
from core.progress import Report, SideReport
from core.wake import wake
from participants.importing.apply import apply_rows, stale
from participants.importing.guessing import header_key
from participants.importing.preview import plan_file
from participants.importing.undo import undo_rows
from participants.models import ColumnMemory, ImportRow, ImportRun, ImportStep

# One import writes at a time: two files may name the same person.
WRITE_LOCK = 72_771_003
FORGET_UNFINISHED = timedelta(days=7)
FORGET_ROWS = timedelta(days=30)

Result = dict[str, Any]


def preview(*, run: ImportRun, now: datetime, report: Report) -> Result:
    """Plan every row of the file; returns the values that close the run."""
    return {"counts": plan_file(run=run, report=report)}


def apply(*, run: ImportRun, now: datetime, report: Report) -> Result:
    """Write the confirmed rows, remember the columns, let go of the file.

    Effects: people, profiles, skills, enrolments, answers; an audit row with counts; a lock of the
    transaction that keeps imports apart.

    Raises:
        PreviewIsStale: a row became a problem since the preview.
    """
    take_turn(report)
    counts = apply_rows(run=run, now=now, report=report)
    _remember_columns(run)
    _record(run, "participants.imported", now=now, counts=counts)
    return {"counts": counts, "applied_at": now, "content": b""}


def undo(*, run: ImportRun, now: datetime, report: Report) -> Result:
    """Take the import back.

    Effects: as ``importing.undo``; an audit row with counts.

    Raises:
        DomainError: somebody of it is in a match by now.
    """
    take_turn(report)
    undone = undo_rows(run=run, now=now, report=report)
    _record(run, "participants.import_undone", now=now, counts=undone)
    return {"counts": {**run.counts, "undone": undone}, "undone_at": now}


STEPS: dict[str, Callable[..., Result]] = {
    ImportStep.PREVIEW: preview,
    ImportStep.APPLY: apply,
    ImportStep.UNDO: undo,
}


def carry_import(
    *,
    run_id: int,
    clock: Callable[[], datetime] = timezone.now,
    report: Report | None = None,
) -> ImportRun | None:
    """Do the step a run waits for; returns the run when this call has done it.

    Everything a step writes is one transaction, fenced by the attempt: killed in the middle, it
    leaves nothing, and the next attempt does it anew. Refusals are stored with the run, in the
    language of the person who asked.
    """
    run = claim(ImportRun, run_id, now=clock())
    if run is None:
        return None
    lease = Lease(run, clock=clock)
    side = None if report else SideReport(run, clock=clock)
    person = run.requested_by
    try:
        with translation.override(person.language if person else None):
            return _carry(run, lease, report or side)
    except JobLost:
        return None
    finally:
        if side is not None:
            side.close()


def _carry(run: ImportRun, lease: Lease, report: Any) -> ImportRun | None:
    try:
        with transaction.atomic():
            result = STEPS[run.step](run=run, now=lease.clock(), report=report)
            lease.hold()
            lease.finish(JobStatus.DONE, **result)
    except JobCancelled:
        lease.finish(JobStatus.CANCELLED)
    except DomainError as error:
        lease.finish(JobStatus.FAILED, error=str(error))
    except IntegrityError:
        lease.finish(JobStatus.FAILED, error=str(stale(1)))
    return ImportRun.objects.select_related("cohort").get(pk=run.pk)


def sweep_imports(*, now: datetime) -> int:
    """Hand runs that nobody carries to a worker again, and forget old files and rows.

    Files that were never imported go after 7 days, the rows of imports after 30.
    """
    waiting = list(due(ImportRun, now=now).values_list("pk", flat=True))
    for run_id in waiting:
        wake(ImportRun.task_name, run_id)
    idle = ImportRun.objects.exclude(status__in=(JobStatus.QUEUED, JobStatus.RUNNING))
    idle.filter(applied_at=None, created_at__lt=now - FORGET_UNFINISHED).delete()
    old = idle.filter(applied_at__lt=now - FORGET_ROWS)
    ImportRow.objects.filter(run__in=old).delete()
    return len(waiting)


def take_turn(report: Report) -> None:
    """Wait for the import that writes now, and say so meanwhile."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [WRITE_LOCK])
            if cursor.fetchone()[0]:
                return
        report("waiting", 0, 0)
        time.sleep(0.2)


def _remember_columns(run: ImportRun) -> None:
    meanings = {
        header_key(header): target
        for header, target in zip(run.reading["headers"], run.mapping["columns"], strict=True)
        if target and header_key(header)
    }
    ColumnMemory.objects.bulk_create(
        [
            ColumnMemory(
                program_id=run.cohort.program_id, role=run.role, header_key=key, target=target
            )
            for key, target in meanings.items()
        ],
        update_conflicts=True,
        unique_fields=("program", "role", "header_key"),
        update_fields=("target",),
    )


def record_download(*, run: ImportRun, actor: User, now: datetime) -> None:
    """Write to the audit log that somebody downloaded the problem rows."""
    record(
        actor=actor,
        action="participants.problem_rows_downloaded",
        about=run,
        now=now,
        program_id=run.cohort.program_id,
        detail={"rows": run.counts.get("problem", 0)},
    )


def _record(run: ImportRun, action: str, *, now: datetime, counts: dict[str, Any]) -> None:
    detail = {name: count for name, count in counts.items() if isinstance(count, int)}
    record(
        actor=run.requested_by,
        action=action,
        about=run,
        now=now,
        program_id=run.cohort.program_id,
        detail={**detail, "cohort": run.cohort_id, "role": run.role},
    )
