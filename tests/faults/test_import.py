"""An import by real workers, killed in the middle of writing some thousand people."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings

from accounts.models import User
from audit.models import AuditEvent
from core.jobs import JobStatus
from core.progress import quiet
from participants.models import Enrolment, ImportRun, Profile
from participants.services import importing
from participants.services.carrying import carry_import
from programs.models import Program
from tests.conftest import make_cohort, make_person
from tests.faults.workers import environment, workers

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PEOPLE = 5_000
ROWS = "".join(f"person{number}@example.org,Person,{number}\n" for number in range(PEOPLE))
PATIENCE_SECONDS = 120


def test_import_with_killed_worker_leaves_nothing_and_then_enrols_everybody_once(tmp_path):
    queue = redis.Redis.from_url(django_settings.REDIS_URL, socket_timeout=5)
    queue.flushdb()
    run = confirmed_import()
    group = {
        "queues": "heavy,default",
        "processes": 1,
        "env": environment(folder=tmp_path, SWEEP_SECONDS="1"),
        "log": tmp_path / "workers.log",
    }
    with workers(**group) as group_of_workers:
        wait_until(lambda: is_in_the_middle(run), tmp_path, pause=0.002)
        group_of_workers.kill()
    run.refresh_from_db()
    assert (run.status, run.applied_at) == (JobStatus.RUNNING, None)
    assert 0 < run.progress_done < PEOPLE
    assert counts() == (0, 0, 0)
    assert not run.rows.filter(before__isnull=False).exists()
    queue.flushdb()
    let_the_lease_run_out(run)

    with workers(**group):
        wait_until(lambda: status_of(run) == JobStatus.DONE, tmp_path)

    run.refresh_from_db()
    assert (run.step, run.attempt, run.error) == ("apply", 8, "")
    assert (run.counts["create"], run.counts["problem"]) == (PEOPLE, 0)
    assert counts() == (PEOPLE, PEOPLE, PEOPLE)
    assert AuditEvent.objects.filter(action="participants.imported").count() == 1
    queue.flushdb()
    queue.close()


def confirmed_import() -> ImportRun:
    """Return an import whose preview a manager has confirmed, waiting for a worker."""
    now = datetime.now(UTC)
    manager = make_person("marta@elsewhere.org", "Marta Kowalczyk")
    cohort = make_cohort(Program.objects.create(name="Rising Leaders"))
    run = importing.start_import(
        cohort=cohort,
        role="mentee",
        file_name="people.csv",
        content=f"email,first name,last name\n{ROWS}".encode(),
        actor=manager,
        now=now,
    )
    run = importing.map_columns(run=run, columns=run.mapping["columns"], now=now)
    previewed = carry_import(run_id=run.pk, report=quiet)
    assert previewed is not None
    seen = importing.preview_stamp(previewed)
    return importing.confirm_import(run=previewed, seen=seen, actor=manager, now=now)


def is_in_the_middle(run: ImportRun) -> bool:
    """Whether the worker has reported rows that it wrote, before the end."""
    found = ImportRun.objects.values("status", "stage", "progress_done").get(pk=run.pk)
    assert found["status"] != JobStatus.DONE, "The import ended before it could be killed"
    return found["stage"] == "writing" and found["progress_done"] > 0


def counts() -> tuple[int, int, int]:
    """Return how many of the file's people have an account, a profile, an enrolment."""
    of_the_file = User.objects.filter(email__endswith="@example.org")
    return (
        of_the_file.count(),
        Profile.objects.filter(user__in=of_the_file).count(),
        Enrolment.objects.count(),
    )


def status_of(run: ImportRun) -> str:
    return ImportRun.objects.values_list("status", flat=True).get(pk=run.pk)


def let_the_lease_run_out(run: ImportRun) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    ImportRun.objects.filter(pk=run.pk).update(lease_until=past)


def wait_until(is_done: Callable[[], bool], folder: Path, *, pause: float = 0.05) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_done():
        if time.monotonic() > end:
            log = folder / "workers.log"
            text = log.read_text()[-3_000:] if log.exists() else ""
            pytest.fail(f"They did not get on. Their log:\n{text}")
        time.sleep(pause)
