"""Named scenarios of a draft: kept, computed again, dropped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from core.jobs import JobStatus, requeue
from core.wake import wake
from matching.models import PairingRun, Scenario
from matching.services.scenarios import require_draft

MOST_KEPT = 5
LONGEST_NAME = 40


@transaction.atomic
def keep_scenario(*, scenario: Scenario, actor: User, now: datetime, name: str) -> None:
    """Give what somebody tried a name: it is kept beside the draft, and measured by its weights.

    Raises:
        Conflict: it is not computed yet, kept already, or the draft is published.
        DomainError: no name, one too long or taken, or five are kept already.
    Effects: the row waits for a worker again; one audit row; wakes a worker after the commit.
    """
    name = _short(name)
    run = PairingRun.objects.select_for_update(of=("self",)).select_related("cohort")
    run = run.defer("pool_snapshot").get(pk=scenario.run_id)
    require_draft(run)
    kept = Scenario.objects.filter(run=run).exclude(name="")
    if kept.filter(name__iexact=name).exists():
        raise DomainError(_("There is a scenario of this name."), code="taken", field="name")
    if kept.count() >= MOST_KEPT:
        raise DomainError(
            _("Five scenarios stand side by side. Remove one of them first."), code="too_many"
        )
    mine = Scenario.objects.filter(pk=scenario.pk, name="", status=JobStatus.DONE)
    try:
        with transaction.atomic():
            if not mine.update(name=name):
                raise Conflict(_("This is not computed yet, or kept already."))
    except IntegrityError as error:
        raise DomainError(
            _("There is a scenario of this name."), code="taken", field="name"
        ) from error
    _queue([scenario.pk])
    record(
        actor=actor,
        action="scenario.kept",
        about=scenario,
        now=now,
        program_id=run.cohort.program_id,
        detail={"run": run.pk},
    )


def _short(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise DomainError(_("Write a name by which you know it again."), code="name", field="name")
    if len(name) > LONGEST_NAME:
        raise DomainError(
            _("Write a shorter name: up to 40 characters."), code="name", field="name"
        )
    return name


def compute_again(*, run: PairingRun) -> int:
    """Queue every kept scenario of a draft anew, after decisions about pairs; return how many.

    Raises:
        Conflict: the draft is published.
    """
    require_draft(run)
    ended = (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED)
    rows = Scenario.objects.filter(run=run, status__in=ended).exclude(name="")
    with transaction.atomic():
        return _queue(list(rows.ids()))


def _queue(ids: Sequence[int], **values: Any) -> int:
    count = requeue(Scenario.objects.filter(pk__in=ids), **values)
    for pk in ids:
        wake(Scenario.task_name, pk)
    return count


def forget_figures(*, run_id: int) -> None:
    """Let go of the figures of scenarios that count what somebody took back, kept or only tried.

    By their difference from later ones they would tell whose it was. Those of an open draft are
    computed anew without it; those of a published one cannot be, and its scenarios are removed.
    Effects: rows; wakes a worker after the commit. A worker that computes one finds it lost.
    """
    found = Scenario.objects.filter(run=run_id)
    found.filter(run__published_at__isnull=False).delete()
    _queue(list(found.ids()), result={})


@transaction.atomic
def drop_scenario(*, scenario: Scenario, actor: User, now: datetime) -> None:
    """Remove a kept scenario; a worker that computes it finds it gone. Effects: one audit row."""
    record(
        actor=actor,
        action="scenario.removed",
        about=scenario,
        now=now,
        program_id=scenario.run.cohort.program_id,
        detail={"run": scenario.run_id},
    )
    scenario.delete()
