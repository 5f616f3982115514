"""Pairing and publishing by real workers, killed in the middle."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.db import OperationalError, transaction
from django.db.models import Count

from accounts.models import Role, User
from core.jobs import Job, JobStatus
from matching.models import Match, MatchMember, PairingPolicy, PairingRun, Proposal
from matching.services.policy import ensure_policy
from matching.services.publications import publish_draft
from matching.services.runs import request_run
from notifications.models import Message
from participants.models import Enrolment, Profile
from programs.models import Cohort, CohortStatus, Program
from tests.conftest import NOW, grant, make_cohort, make_person
from tests.faults.workers import environment, workers

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PAIRS = 300
PATIENCE_SECONDS = 90


@pytest.fixture
def manager() -> User:
    return make_person("marta@example.org", "Marta Kowalczyk")


@pytest.fixture
def cohort() -> Cohort:
    """Return a cohort with as many mentees as mentors, told apart by where they work."""
    program = Program.objects.create(name="Rising Leaders")
    cohort = make_cohort(program, status=CohortStatus.PAIRING)
    ensure_policy(cohort=cohort)
    PairingPolicy.objects.update(minimum_fit=0)
    people = User.objects.bulk_create(
        User(
            email=f"{role}{number}@example.org",
            first_name=role,
            last_name=str(number),
            department=f"{role} {number % 7}",
            joined_at=NOW,
        )
        for role in ("mentor", "mentee")
        for number in range(PAIRS)
    )
    Profile.objects.bulk_create(Profile(user=person) for person in people)
    Enrolment.objects.bulk_create(
        Enrolment(
            cohort=cohort,
            user=person,
            role=person.first_name,
            enrolled_at=NOW,
            status_changed_at=NOW,
        )
        for person in people
    )
    return cohort


@pytest.fixture
def queue():
    found = redis.Redis.from_url(django_settings.REDIS_URL, socket_timeout=5)
    found.flushdb()
    yield found
    found.flushdb()
    found.close()


def test_run_with_emptied_queue_and_killed_worker_is_stored_once(tmp_path, cohort, manager, queue):
    run = request_run(cohort=cohort, actor=manager, now=datetime.now(UTC))
    queue.flushdb()
    group = {
        "queues": "heavy,default",
        "processes": 1,
        "env": environment(folder=tmp_path, SWEEP_SECONDS="1"),
        "log": tmp_path / "workers.log",
    }
    with workers(**group):
        wait_until(lambda: status_of(run) == JobStatus.RUNNING, tmp_path, pause=0.002)
    assert status_of(run) == JobStatus.RUNNING
    assert not Proposal.objects.exists()
    queue.flushdb()
    let_the_lease_run_out(run)

    with workers(**group):
        wait_until(lambda: status_of(run) == JobStatus.DONE, tmp_path)

    run.refresh_from_db()
    assert (run.attempt, run.error) == (2, "")
    assert run.proposals.count() == run.result["pairs"] == PAIRS
    assert run.result["certificate"]["is_proved"] is True


def test_publishing_with_killed_worker_and_emptied_queue_makes_each_match_once(
    tmp_path, cohort, manager, queue
):
    run = PairingRun.objects.create(cohort=cohort, status=JobStatus.DONE, created_at=NOW)
    mentees, mentors = (cohort.enrolments.filter(role=role) for role in ("mentee", "mentor"))
    Proposal.objects.bulk_create(
        Proposal(run=run, mentee=mentee, mentor=mentor, score=500_000)
        for mentee, mentor in zip(mentees, mentors, strict=True)
    )
    grant(manager, Role.MANAGER, cohort.program)
    publication = publish_draft(run=run, actor=manager, now=datetime.now(UTC))
    queue.flushdb()
    group = {
        "queues": "heavy,default",
        "processes": 1,
        "env": environment(folder=tmp_path, SWEEP_SECONDS="1"),
        "log": tmp_path / "workers.log",
    }
    with workers(**group):
        wait_until(lambda: is_locked(run), tmp_path, pause=0.002)
    wait_until(lambda: not is_locked(run), tmp_path)
    assert status_of(publication) == JobStatus.RUNNING
    assert not Match.objects.exists()
    assert not Message.objects.exists()
    queue.flushdb()
    let_the_lease_run_out(publication)

    with workers(**group):
        wait_until(lambda: status_of(publication) == JobStatus.DONE, tmp_path)

    publication.refresh_from_db()
    assert (publication.attempt, publication.error) == (2, "")
    assert publication.result == {"matches": PAIRS, "kept": 0, "left_out": []}
    assert Match.objects.count() == PAIRS
    assert MatchMember.objects.count() == Message.objects.count() == 2 * PAIRS
    assert not MatchMember.objects.values("user").annotate(n=Count("id")).filter(n__gt=1).exists()


def is_locked(run: PairingRun) -> bool:
    try:
        with transaction.atomic():
            PairingRun.objects.select_for_update(nowait=True).get(pk=run.pk)
    except OperationalError:
        return True
    return False


def status_of(job: Job) -> str:
    return type(job).objects.values_list("status", flat=True).get(pk=job.pk)


def let_the_lease_run_out(job: Job) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    type(job).objects.filter(pk=job.pk).update(lease_until=past)


def wait_until(is_done: Callable[[], bool], folder: Path, *, pause: float = 0.05) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_done():
        if time.monotonic() > end:
            log = folder / "workers.log"
            text = log.read_text()[-3_000:] if log.exists() else ""
            pytest.fail(f"They did not get on. Their log:\n{text}")
        time.sleep(pause)
