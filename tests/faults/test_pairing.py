"""Pairing by real workers and publishing by real processes, both killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.db import OperationalError, transaction
from django.db.models import Count

from accounts.models import User
from core.jobs import JobStatus
from matching.models import Match, MatchMember, PairingPolicy, PairingRun, Proposal
from matching.services.policy import ensure_policy
from matching.services.publishing import publish_run
from matching.services.runs import request_run
from notifications.models import Message
from participants.models import Enrolment, Profile
from programs.models import Cohort, CohortStatus, Program
from tests.conftest import NOW, make_cohort, make_person
from tests.faults.workers import CHECKOUT, environment, workers

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PAIRS = 300
PATIENCE_SECONDS = 90
PUBLISH = """
import django; django.setup()
from django.utils import timezone
from accounts.models import User
from matching.models import PairingRun
from matching.services.publishing import publish_run
publish_run(run=PairingRun.objects.get(), actor=User.objects.get(email="marta@example.org"),
            now=timezone.now())
"""


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


def test_publishing_killed_in_the_middle_makes_each_match_once(tmp_path, cohort, manager):
    run = PairingRun.objects.create(cohort=cohort, status=JobStatus.DONE, created_at=NOW)
    mentees, mentors = (cohort.enrolments.filter(role=role) for role in ("mentee", "mentor"))
    Proposal.objects.bulk_create(
        Proposal(run=run, mentee=mentee, mentor=mentor, score=500_000)
        for mentee, mentor in zip(mentees, mentors, strict=True)
    )
    with publisher(tmp_path) as process:
        wait_until(lambda: is_locked(run), tmp_path, pause=0.002)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    wait_until(lambda: not is_locked(run), tmp_path)
    assert not Match.objects.exists()
    assert not Message.objects.exists()

    published = publish_run(run=run, actor=manager, now=NOW)

    assert (published.count, published.left_out) == (PAIRS, [])
    assert Match.objects.count() == PAIRS
    assert MatchMember.objects.count() == Message.objects.count() == 2 * PAIRS
    assert not MatchMember.objects.values("user").annotate(n=Count("id")).filter(n__gt=1).exists()


def publisher(folder: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", PUBLISH],
        cwd=CHECKOUT,
        env=environment(folder=folder, DJANGO_SETTINGS_MODULE="mentorship.settings"),
        start_new_session=True,
    )


def is_locked(run: PairingRun) -> bool:
    try:
        with transaction.atomic():
            PairingRun.objects.select_for_update(nowait=True).get(pk=run.pk)
    except OperationalError:
        return True
    return False


def status_of(run: PairingRun) -> str:
    return PairingRun.objects.values_list("status", flat=True).get(pk=run.pk)


def let_the_lease_run_out(run: PairingRun) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    PairingRun.objects.filter(pk=run.pk).update(lease_until=past)


def wait_until(is_done: Callable[[], bool], folder: Path, *, pause: float = 0.05) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_done():
        if time.monotonic() > end:
            log = folder / "workers.log"
            text = log.read_text()[-3_000:] if log.exists() else ""
            pytest.fail(f"They did not get on. Their log:\n{text}")
        time.sleep(pause)
