"""Imports in workers: once, whatever happens to them."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import AuditEvent
from core.jobs import JobCancelled, JobLost, JobStatus, claim, requeue
from core.progress import SideReport, quiet
from participants.models import Enrolment, ImportRow, ImportRun
from participants.services import carrying, importing
from participants.tasks import run_import, sweep_imports
from tests.participants.conftest import Importer, csv_bytes


@pytest.fixture
def importer(cast) -> Importer:
    return Importer(cast, now=timezone.now())


def confirmed(importer: Importer, count: int = 3) -> ImportRun:
    run = importer.rows(["email"], *([f"p{number}@x.org"] for number in range(count)))
    seen = importing.preview_stamp(run)
    return importing.confirm_import(
        run=run, seen=seen, actor=importer.cast.program_manager, now=importer.now
    )


def imported() -> int:
    return Enrolment.objects.filter(source="import").count()


@pytest.mark.django_db(transaction=True)
def test_task_previews_and_imports_with_progress_on_its_own_connection(importer):
    run = importer.start(csv_bytes(["email"], ["a@x.org"]))
    importing.map_columns(run=run, columns=["email"], now=importer.now)
    run_import(run.pk)
    run = ImportRun.objects.get()
    assert (run.status, run.counts["create"], run.stage) == ("done", 1, "checking")
    seen = importing.preview_stamp(run)
    importing.confirm_import(run=run, seen=seen, actor=None, now=importer.now)
    run_import(run.pk)
    assert imported() == 1


@pytest.mark.django_db(transaction=True)
def test_task_twice_imports_once(importer):
    run = confirmed(importer)
    run_import(run.pk)
    run_import(run.pk)
    assert imported() == 3
    assert AuditEvent.objects.filter(action="participants.imported").count() == 1


@pytest.mark.django_db(transaction=True)
def test_task_of_a_run_that_is_gone_does_nothing(db):
    run_import(0)


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_run_import_once(importer):
    run = confirmed(importer, 40)

    def work():
        try:
            run_import(run.pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert imported() == 40
    assert AuditEvent.objects.filter(action="participants.imported").count() == 1


@pytest.mark.django_db(transaction=True)
def test_worker_killed_half_way_leaves_nothing_and_the_next_one_imports(importer):
    run = confirmed(importer, 5)

    class Killed(BaseException):
        """What a SIGKILL looks like to the database: the connection ends without a commit."""

    def die(stage, done, total):
        if stage == "writing":
            assert imported() == 5
            raise Killed

    with pytest.raises(Killed):
        carrying.carry_import(run_id=run.pk, report=die)
    run.refresh_from_db()
    assert (run.status, run.attempt, imported()) == ("running", 7, 0)
    assert carrying.carry_import(run_id=run.pk, report=quiet) is None

    later = timezone.now() + timedelta(minutes=2)
    run = carrying.carry_import(run_id=run.pk, clock=lambda: later, report=quiet)
    assert (run.status, run.attempt, imported()) == ("done", 8, 5)


@pytest.mark.django_db(transaction=True)
def test_worker_that_lost_its_run_writes_nothing(importer):
    run = confirmed(importer, 2)

    def overtaken(stage, done, total):
        if stage == "writing":
            ImportRun.objects.filter(pk=run.pk).update(attempt=2)

    assert carrying.carry_import(run_id=run.pk, report=overtaken) is None
    assert imported() == 0


@pytest.mark.django_db(transaction=True)
def test_worker_of_an_earlier_step_cannot_close_a_later_one(importer):
    run = importer.start(csv_bytes(["email"], ["a@x.org"]))
    importing.map_columns(run=run, columns=["email"], now=importer.now)

    def overtaken(stage, done, total):
        requeue(ImportRun.objects.filter(pk=run.pk), step="apply")
        claim(ImportRun, run.pk, now=importer.now)

    assert carrying.carry_import(run_id=run.pk, report=overtaken) is None
    assert not ImportRow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_run_that_dies_three_times_is_failed(importer):
    run = confirmed(importer)
    for attempt in range(3):
        later = importer.now + timedelta(minutes=2 * attempt)
        assert claim(ImportRun, run.pk, now=later) is not None
    later = importer.now + timedelta(minutes=10)
    assert carrying.carry_import(run_id=run.pk, clock=lambda: later, report=quiet) is None
    run.refresh_from_db()
    assert (run.status, imported()) == ("failed", 0)
    assert "Try again" in run.error
    run = importer.carry(importing.check_again(run=run, now=later))
    assert run.counts["create"] == 3


@pytest.mark.django_db(transaction=True)
def test_cancel_while_it_works_stops_without_a_trace(importer):
    run = confirmed(importer)

    def ask_to_stop(stage, done, total):
        if stage == "writing":
            thread = threading.Thread(target=cancel)
            thread.start()
            thread.join()

    def cancel():
        importing.cancel_import(run=run, now=importer.now)
        connection.close()

    run = carrying.carry_import(run_id=run.pk, report=ask_to_stop)
    assert (run.status, run.applied_at, imported()) == ("cancelled", None, 0)


@pytest.mark.django_db(transaction=True)
def test_side_report_writes_progress_beside_an_open_transaction(importer):
    run = claim(ImportRun, confirmed(importer).pk, now=importer.now)
    report = SideReport(run, clock=timezone.now)
    try:
        report("writing", 1, 3)
        report("writing", 2, 3)  # too soon to be written
        stored = ImportRun.objects.get(pk=run.pk)
        assert (stored.stage, stored.progress_done, stored.progress_total) == ("writing", 1, 3)
        assert stored.lease_until > timezone.now() + timedelta(seconds=50)
        report._next = 0
        ImportRun.objects.filter(pk=run.pk).update(cancel_requested_at=importer.now)
        with pytest.raises(JobCancelled):
            report("writing", 2, 3)
        report._next = 0
        ImportRun.objects.filter(pk=run.pk).update(attempt=9)
        with pytest.raises(JobLost):
            report("writing", 2, 3)
    finally:
        report.close()


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_people_at_once_both_end_well(importer):
    runs = [confirmed(importer, 30), confirmed(importer, 30)]

    def work(pk):
        try:
            run_import(pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(run.pk,)) for run in runs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert imported() == 30
    counts = sorted(
        (run.counts["create"], run.counts["unchanged"]) for run in ImportRun.objects.all()
    )
    assert counts == [(0, 30), (30, 0)]


def test_sweep_finds_waiting_and_dead_runs_and_leaves_the_others(importer):
    now = importer.now
    waiting, dead, alive = (confirmed(importer) for _ in range(3))
    rows = ImportRun.objects
    rows.filter(pk=dead.pk).update(status=JobStatus.RUNNING, lease_until=now - timedelta(seconds=1))
    rows.filter(pk=alive.pk).update(
        status=JobStatus.RUNNING, lease_until=now + timedelta(seconds=9)
    )
    assert carrying.sweep_imports(now=now) == 2
    sweep_imports()
    assert waiting.is_open


def test_sweep_forgets_files_after_a_week_and_rows_after_a_month(importer):
    done = importer.confirm(importer.rows(["email"], ["a@x.org"]))
    importer.rows(["email"], ["b@x.org"])
    carrying.sweep_imports(now=importer.now + timedelta(days=6))
    assert ImportRun.objects.count() == 2
    carrying.sweep_imports(now=importer.now + timedelta(days=8))
    assert ImportRun.objects.get() == done
    assert done.rows.count() == 1
    carrying.sweep_imports(now=importer.now + timedelta(days=31))
    assert (ImportRun.objects.get() == done, done.rows.count()) == (True, 0)
