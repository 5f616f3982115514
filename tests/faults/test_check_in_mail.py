"""Check-in mails of real workers that are killed in the middle, with an emptied queue."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.db.models import Count

from matching.models import Match, MatchMember
from notifications.models import Message, MessagePreference
from participants.models import Enrolment
from programs.models import Cohort, Program
from tests.conftest import enrol, make_cohort, make_match, make_person
from tests.faults.workers import environment, workers
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PAIRS = 100
MAILS = 2 * PAIRS
PROCESSES = 2
KILLS_AFTER = (50, 120)
PATIENCE_SECONDS = 90


def test_check_in_mail_with_killed_workers_reaches_everybody(tmp_path, capsys):
    counts = play(tmp_path)
    with capsys.disabled():
        print(f"\n    {counts}")


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(10))
def test_check_in_mail_with_killed_workers_reaches_everybody_every_time(tmp_path, capsys, turn):
    counts = play(tmp_path)
    with capsys.disabled():
        print(f"\n    turn {turn + 1}: {counts}")


def play(folder: Path) -> str:
    """Let beat find 200 check-ins, kill the workers twice, empty Redis, and count."""
    make_cohort_with_due_check_ins()
    queue = redis.Redis.from_url(django_settings.REDIS_URL, socket_timeout=5)
    queue.flushdb()
    with SmtpSink(seconds=0.05) as sink:
        env = environment(folder=folder, MAIL_URL=sink.url, MAIL_TIMEOUT="2", SWEEP_SECONDS="1")
        group = {
            "queues": "mail,default",
            "processes": PROCESSES,
            "env": env,
            "log": folder / "workers.log",
        }
        for enough in KILLS_AFTER:
            with workers(**group):
                wait_until(lambda enough=enough: len(sink.received) >= enough, folder)
            queue.flushdb()
        with workers(**group):
            wait_until(lambda: Message.objects.filter(state="sent").count() == MAILS, folder)
    queue.close()
    return check(sink)


def check(sink: SmtpSink) -> str:
    """Hold the promise against what arrived: nobody without, doubled only where marked."""
    arrived = Counter(mail.message_id for mail in sink.received)
    ledger = dict(Message.objects.values_list("message_id", "may_be_doubled"))
    missing = ledger.keys() - arrived.keys()
    doubled = {message_id: count for message_id, count in arrived.items() if count > 1}
    surplus = sum(count - 1 for count in doubled.values())
    marked = sum(ledger.values())
    recipients = {mail.recipient for mail in sink.received}

    assert len(ledger) == MAILS
    assert len(recipients) == MAILS
    assert missing == set()
    assert arrived.keys() == ledger.keys()
    assert all(ledger[message_id] for message_id in doubled)
    assert surplus <= marked <= len(KILLS_AFTER) * PROCESSES
    assert not Message.objects.values("recipient").annotate(n=Count("id")).filter(n__gt=1).exists()
    return (
        f"{MAILS} check-ins, {len(KILLS_AFTER)} kills of {PROCESSES} sending processes:"
        f" {len(missing)} without mail, {surplus} doubled, {marked} marked as perhaps doubled"
    )


def make_cohort_with_due_check_ins() -> None:
    """Make 100 pairs whose first rhythm ended yesterday."""
    now = datetime.now(UTC)
    today = now.date()
    program = Program.objects.create(name="Rising Leaders", contact_name="Marta Kowalczyk")
    cohort = make_cohort(
        program,
        enrolment_opens_on=today - timedelta(days=60),
        enrolment_closes_on=today - timedelta(days=30),
        starts_on=today - timedelta(days=14),
        ends_on=today + timedelta(days=200),
    )
    for number in range(PAIRS):
        pair = [
            enrol(cohort, make_person(f"{role}{number}@example.org", f"{role} {number}"), role)
            for role in ("mentor", "mentee")
        ]
        make_match(*pair)
    MessagePreference.objects.bulk_create(
        MessagePreference(user_id=pk, days_off=[], changed_at=now)
        for pk in Enrolment.objects.values_list("user_id", flat=True)
    )  # no quiet hours and no days off: the test runs at any hour
    assert Match.objects.count() == PAIRS
    assert MatchMember.objects.count() == Enrolment.objects.count() == MAILS
    assert Cohort.objects.get().has_check_ins


def wait_until(is_done: Callable[[], bool], folder: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_done():
        if time.monotonic() > end:
            log = (folder / "workers.log").read_text()[-3_000:]
            states = list(Message.objects.values_list("state").annotate(Count("id")))
            pytest.fail(f"The workers did not get on. Ledger: {states}. Their log:\n{log}")
        time.sleep(0.02)
