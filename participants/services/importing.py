"""The life of an import: upload, map, preview, confirm, undo. Work itself is carried elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Conflict, DomainError
from core.jobs import JobStatus, request_cancel, requeue
from core.wake import wake
from participants.importing.guessing import guess, memory_of
from participants.importing.preview import packed
from participants.importing.targets import IDENTITY, label_of, questions_of, targets_for
from participants.importing.undo import check_may_be_undone
from participants.models import ImportRun, ImportStep
from participants.reading import UnreadableFile, read_table
from participants.roles import check_role
from participants.services.enrolling import check_takes_people
from programs.models import Cohort

UNDO_DAYS = 7
SAMPLE_ROWS = 3
SAMPLE_LENGTH = 80


def start_import(
    *,
    cohort: Cohort,
    role: str,
    file_name: str,
    content: bytes,
    actor: User | None,
    now: datetime,
) -> ImportRun:
    """Store a file whose header can be read, with a guess of what its columns mean.

    Effects: one row, in step "map"; nothing runs yet.

    Raises:
        DomainError: the cohort is over, or has no such role.
        UnreadableFile: too large, not a table, without headings or without people; in words.
    """
    check_takes_people(cohort)
    check_role(cohort, role)
    if len(content) > settings.IMPORT_MAX_BYTES:
        raise UnreadableFile(
            _("The file is larger than %(megabytes)d MB. Split it into several files.")
            % {"megabytes": settings.IMPORT_MAX_BYTES // 1_048_576},
            code="too_large",
            field="file",
        )
    table = read_table(content, file_name)
    sample = [row.cells for row in islice(table.rows(), SAMPLE_ROWS)]
    if not sample:
        raise UnreadableFile(
            _("The file has headings, but no people below them."), code="no_people", field="file"
        )
    memory = memory_of(cohort.program_id, role)
    questions = questions_of(cohort, role)
    guessed = guess(table.headers, role=role, questions=questions, memory=memory)
    return ImportRun.objects.create(
        cohort=cohort,
        role=role,
        requested_by=actor,
        step=ImportStep.MAP,
        status=JobStatus.DONE,
        file_name=file_name[-200:],
        content=packed(content),
        reading={
            "headers": table.headers,
            "facts": table.facts,
            "sample": [[cell[:SAMPLE_LENGTH] for cell in cells] for cells in sample],
        },
        mapping={"columns": guessed},
        created_at=now,
    )


def check_mapping(*, run: ImportRun, columns: Sequence[str]) -> None:
    """Raise ``DomainError`` unless the columns say who each person is, and nothing twice."""
    known = {target.key for target in targets_for(run.role, questions_of(run.cohort, run.role))}
    used = [target for target in columns if target]
    unknown = [target for target in used if target not in known]
    if unknown or len(columns) != len(run.reading["headers"]):
        raise DomainError(
            _("“%(target)s” is nothing that a column of this cohort can mean.")
            % {"target": unknown[0] if unknown else ""},
            code="unknown_target",
        )
    _check_nothing_twice(run, columns)
    if not set(used) & set(IDENTITY):
        raise DomainError(
            _(
                "No column says who the people are. Choose the column that holds the e-mail, "
                "or the employee number."
            ),
            code="no_identity_column",
        )


def _check_nothing_twice(run: ImportRun, columns: Sequence[str]) -> None:
    for index, target in enumerate(columns):
        first = columns.index(target)
        if target and first != index:
            headers = run.reading["headers"]
            raise DomainError(
                _(
                    "“%(first)s” and “%(second)s” both mean: %(field)s. Choose “Do not import” for "
                    "one of the two."
                )
                % {
                    "first": headers[first],
                    "second": headers[index],
                    "field": label_of(target),
                },
                code="target_twice",
                field=f"column_{index}",
            )


@transaction.atomic
def map_columns(*, run: ImportRun, columns: Sequence[str], now: datetime) -> ImportRun:
    """Set what the columns mean and queue the preview; a wrong preview is mapped again like this.

    Effects: the row waits for a worker, which is told after commit.

    Raises:
        DomainError: see ``check_mapping``.
        Conflict: a worker is busy with the run, or it was imported.
    """
    check_mapping(run=run, columns=columns)
    idle = Q(step__in=(ImportStep.MAP, ImportStep.PREVIEW, ImportStep.APPLY), applied_at=None)
    mapping = {**run.mapping, "columns": list(columns)}
    return _queue(run, ImportStep.PREVIEW, idle, mapping=mapping, counts={})


@transaction.atomic
def check_again(*, run: ImportRun, now: datetime) -> ImportRun:
    """Queue a new preview of the same file and mapping, after a failure, a stop or a change.

    Raises:
        Conflict: a worker is busy with the run, or it was imported.
    """
    idle = Q(step__in=(ImportStep.PREVIEW, ImportStep.APPLY), applied_at=None)
    return _queue(run, ImportStep.PREVIEW, idle, counts={})


@transaction.atomic
def confirm_import(*, run: ImportRun, seen: str, actor: User | None, now: datetime) -> ImportRun:
    """Queue the import of what the preview shows; ``seen`` is ``preview_stamp`` of that preview.

    Of two managers who confirm at once, one starts the import and the other is told.

    Raises:
        DomainError: no row can be imported, or the cohort is over.
        Conflict: somebody has confirmed already, or made another preview.
    """
    check_takes_people(run.cohort)
    if run.step == ImportStep.PREVIEW and not importable_count(run):
        raise DomainError(_("No row of this file can be imported."), code="nothing_to_import")
    if preview_stamp(run) != seen:
        raise Conflict(
            _("Somebody made a new preview meanwhile. Look at it before you confirm."),
            code="preview_changed",
        )
    ready = Q(
        step=ImportStep.PREVIEW, status=JobStatus.DONE, applied_at=None, finished_at=run.finished_at
    )
    return _queue(run, ImportStep.APPLY, ready, requested_by=actor)


@transaction.atomic
def undo_import(*, run: ImportRun, actor: User | None, now: datetime) -> ImportRun:
    """Queue the undoing of an import.

    Raises:
        DomainError: more than seven days ago, or somebody of it is in a match (the message names
            them).
        Conflict: it is being undone, or was.
    """
    if run.applied_at is None or run.applied_at + timedelta(days=UNDO_DAYS) < now:
        raise DomainError(
            _("An import can be undone for %(days)d days.") % {"days": UNDO_DAYS},
            code="undo_too_late",
        )
    check_may_be_undone(run)
    done = Q(applied_at__isnull=False, undone_at=None)
    return _queue(run, ImportStep.UNDO, done, requested_by=actor)


def cancel_import(*, run: ImportRun, now: datetime) -> None:
    """Ask the work on a run to stop. What is not finished leaves no trace."""
    request_cancel(run, now=now)


def discard_import(*, run: ImportRun) -> None:
    """Delete an import that was never applied, with its file.

    Raises:
        Conflict: a worker is busy with it, or it was applied.
    """
    rows = ImportRun.objects.filter(pk=run.pk, applied_at=None).exclude(
        status__in=(JobStatus.QUEUED, JobStatus.RUNNING)
    )
    if not rows.delete()[0]:
        raise _busy()


def preview_stamp(run: ImportRun) -> str:
    """Return what tells one preview of a run from the next."""
    return run.finished_at.isoformat() if run.finished_at else ""


def importable_count(run: ImportRun) -> int:
    """Return how many rows of the preview an import would bring in or find unchanged."""
    return sum(run.counts.get(action, 0) for action in ("create", "update", "unchanged"))


def _queue(run: ImportRun, step: str, allowed: Q, **values: Any) -> ImportRun:
    """Move an idle run to a step by one conditional update, and tell a worker."""
    idle = Q(status__in=(JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED))
    rows = ImportRun.objects.filter(allowed, idle, pk=run.pk)
    if not requeue(rows, step=step, **values):
        raise _busy()
    wake(ImportRun.task_name, run.pk)
    return ImportRun.objects.select_related("cohort").get(pk=run.pk)


def _busy() -> Conflict:
    return Conflict(
        _("Somebody has started this already. The page shows how far it is."), code="busy"
    )
