"""Long work as a row: claimed once, fenced by attempt, found again."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from core.jobs import (
    LEASE,
    JobCancelled,
    JobLost,
    JobStatus,
    Lease,
    claim,
    due,
    request_cancel,
    requeue,
    retry,
)
from participants.models import ImportRun
from tests.conftest import NOW

LATER = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
def job(cast):
    return ImportRun.objects.create(
        cohort=cast.cohort,
        role="mentor",
        requested_by=cast.program_manager,
        file_name="people.csv",
        content=b"",
        created_at=NOW,
    )


def take(job, now=NOW):
    return claim(ImportRun, job.pk, now=now)


def lease_of(job, now=NOW):
    return Lease(job, clock=lambda: now)


def stored(job):
    return ImportRun.objects.get(pk=job.pk)


def test_claim_takes_a_queued_row_with_a_lease(job):
    taken = take(job)

    assert (taken.status, taken.attempt, taken.lease_until, taken.started_at) == (
        JobStatus.RUNNING,
        1,
        NOW + LEASE,
        NOW,
    )


def test_claim_of_a_row_that_is_carried_gives_nothing(job):
    take(job)

    assert take(job) is None
    assert stored(job).attempt == 1


def test_claim_of_a_row_whose_lease_ran_out_is_the_next_attempt(job):
    take(job)

    assert take(job, LATER).attempt == 2


def test_claim_after_three_attempts_marks_it_failed_with_a_reason(job):
    for number in range(3):
        assert take(job, NOW + number * 2 * LEASE)

    assert take(job, NOW + 10 * LEASE) is None
    end = stored(job)
    assert (end.status, end.lease_until, end.finished_at) == (
        JobStatus.FAILED,
        None,
        NOW + 10 * LEASE,
    )
    assert "three times" in end.error


@pytest.mark.parametrize("status", [JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED])
def test_claim_of_a_closed_row_gives_nothing(job, status):
    ImportRun.objects.filter(pk=job.pk).update(status=status)

    assert take(job) is None
    assert stored(job).status == status


def test_claim_of_a_row_that_is_gone_gives_nothing(db):
    assert claim(ImportRun, 0, now=NOW) is None


@pytest.mark.django_db(transaction=True)
def test_claim_from_two_connections_at_once_takes_it_once(job):
    start = threading.Barrier(4)
    taken = []

    def work():
        try:
            start.wait(timeout=5)
            taken.append(take(job) is not None)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=10)

    assert sorted(taken) == [False, False, False, True]
    assert stored(job).attempt == 1


@pytest.mark.django_db(transaction=True)
def test_row_does_not_move_between_its_claim_and_the_reading_of_its_number(job):
    other = connection.copy()
    refused = []

    def after_the_update(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("UPDATE"):
            with other.cursor() as cursor, pytest.raises(OperationalError):
                cursor.execute("SELECT 1 FROM participants_importrun FOR UPDATE NOWAIT")
            refused.append(sql)
        return result

    try:
        with connection.execute_wrapper(after_the_update):
            taken = take(job)
    finally:
        other.close()

    assert (taken.attempt, len(refused)) == (1, 1)


def test_due_lists_queued_and_abandoned_rows_only(job):
    assert list(due(ImportRun, now=NOW)) == [job]
    take(job)
    assert not due(ImportRun, now=NOW + LEASE).exists()
    assert list(due(ImportRun, now=LATER)) == [job]


def test_report_writes_progress_and_renews_the_lease(job):
    lease = lease_of(take(job), now=NOW + timedelta(seconds=50))

    lease.report("reading", 5, 20)

    row = stored(job)
    assert (row.stage, row.percent, row.lease_until) == (
        "reading",
        25,
        NOW + timedelta(seconds=50) + LEASE,
    )


def test_report_by_a_worker_that_lost_the_row_stops_it_and_writes_nothing(job):
    slow = lease_of(take(job))
    take(job, LATER)

    with pytest.raises(JobLost):
        slow.report("writing", 1, 2)
    assert stored(job).stage == ""


def test_report_after_a_person_asked_to_stop_stops(job):
    lease = lease_of(take(job))
    request_cancel(job, now=NOW)

    with pytest.raises(JobCancelled):
        lease.report("reading", 1, 2)


def test_hold_lets_only_the_present_carrier_finish(job):
    slow = lease_of(take(job))
    quick = lease_of(take(job, LATER))

    with transaction.atomic():
        quick.hold()
        assert quick.finish(JobStatus.DONE)
    with transaction.atomic(), pytest.raises(JobLost):
        slow.hold()
    assert stored(job).status == JobStatus.DONE


def test_hold_after_a_person_asked_to_stop_stops(job):
    lease = lease_of(take(job))
    request_cancel(job, now=NOW)

    with transaction.atomic(), pytest.raises(JobCancelled):
        lease.hold()


def test_finish_by_a_worker_that_lost_the_row_is_refused(job):
    slow = lease_of(take(job))
    take(job, LATER)

    assert slow.finish(JobStatus.DONE) is False
    assert stored(job).status == JobStatus.RUNNING


def test_finish_twice_counts_once(job):
    lease = lease_of(take(job))

    assert lease.finish(JobStatus.DONE, counts={"create": 2}) is True
    assert lease.finish(JobStatus.FAILED, error="again") is False
    row = stored(job)
    assert (row.status, row.counts, row.error, row.percent) == (
        JobStatus.DONE,
        {"create": 2},
        "",
        100,
    )


def test_cancel_of_a_queued_row_ends_it_at_once(job):
    request_cancel(job, now=NOW)

    row = stored(job)
    assert (row.status, row.finished_at) == (JobStatus.CANCELLED, NOW)
    assert take(job) is None


def test_cancel_of_a_closed_row_changes_nothing(job):
    lease_of(take(job)).finish(JobStatus.DONE)
    request_cancel(job, now=LATER)

    row = stored(job)
    assert (row.status, row.cancel_requested_at) == (JobStatus.DONE, None)


def test_retry_of_a_failed_row_has_three_tries_and_numbers_of_its_own(job):
    lease_of(take(job)).finish(JobStatus.FAILED, error="broken")

    assert retry(job, now=NOW) is True
    row = stored(job)
    assert (row.status, row.attempt, row.error, row.finished_at) == (JobStatus.QUEUED, 3, "", None)
    tries = [take(job, NOW + number * 2 * LEASE) for number in range(4)]
    assert [row and row.attempt for row in tries] == [4, 5, 6, None]
    assert stored(job).status == JobStatus.FAILED


def test_requeue_of_a_carried_row_leaves_its_workers_nothing_to_claim_or_finish(job):
    first = take(job)
    second = take(job, LATER)

    assert requeue(ImportRun.objects.filter(pk=job.pk)) == 1
    assert take(job).attempt == 4
    assert requeue(ImportRun.objects.filter(pk=job.pk), counts={"create": 1}) == 1

    assert take(job).attempt == 7
    assert not any(lease_of(old).finish(JobStatus.DONE) for old in (first, second))
    assert (stored(job).status, stored(job).counts) == (JobStatus.RUNNING, {"create": 1})


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.DONE])
def test_retry_of_any_other_row_is_refused(job, status):
    ImportRun.objects.filter(pk=job.pk).update(status=status)

    assert retry(job, now=NOW) is False
    assert stored(job).status == status
