"""Check-in mails of real workers while processes, queue, database and mail server break."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis
from django.conf import settings as django_settings
from django.db import OperationalError, connection
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
PROCESSES = 3
HUNG_UP = 3
PATIENCE_SECONDS = 120
DARK_SECONDS = 2.0


def test_check_in_mail_reaches_everybody_whatever_breaks(tmp_path, capsys):
    counts = play(tmp_path, pairs=PAIRS)
    with capsys.disabled():
        print(f"\n    {counts}")


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(10))
def test_check_in_mail_reaches_everybody_every_time(tmp_path, capsys, turn):
    counts = play(tmp_path, pairs=10 * PAIRS)
    with capsys.disabled():
        print(f"\n    turn {turn + 1}: {counts}")


def play(folder: Path, *, pairs: int) -> str:
    """Let beat find the check-ins while everything breaks that may break, and count.

    Single workers are killed at random moments, then all three with the queue emptied, twice;
    PostgreSQL crashes and restarts; the mail server refuses everybody for a while, and hangs up on
    some after their text.
    """
    keep_every_commit()
    make_cohort_with_due_check_ins(pairs)
    mails, chance = 2 * pairs, random.Random()  # noqa: S311
    queue = redis.Redis.from_url(django_settings.REDIS_URL, socket_timeout=5)
    queue.flushdb()
    with SmtpSink(seconds=0.05) as sink:
        sink.hang_ups.update({f"mentee{number}@example.org": 1 for number in range(HUNG_UP)})
        env = environment(folder=folder, MAIL_URL=sink.url, MAIL_TIMEOUT="2", SWEEP_SECONDS="1")
        group = {
            "queues": "mail,default",
            "processes": PROCESSES,
            "env": env,
            "log": folder / "workers.log",
        }

        def arrived(part: float) -> Callable[[], bool]:
            return lambda: len(sink.received) >= part * mails

        with workers(**group) as first:
            wait_until(arrived(chance.uniform(0.1, 0.2)), folder)
            first.kill_one(chance)
            wait_until(arrived(0.3), folder)
        queue.flushdb()
        with workers(**group) as second:
            wait_until(arrived(chance.uniform(0.35, 0.45)), folder)
            broken = crash_the_database()
            wait_until(arrived(chance.uniform(0.5, 0.6)), folder)
            second.kill_one(chance)
            sink.refusal = "451 4.3.0 Try again later"
            time.sleep(1)
            sink.refusal = ""
            wait_until(arrived(0.7), folder)
        queue.flushdb()
        with workers(**group):
            wait_until(lambda: sent_count() == mails, folder)
    queue.close()
    return check(sink, mails=mails, killed=2 + 2 * PROCESSES, broken=broken)


def sent_count() -> int:
    """Count what is sent; what waits for another try waits no longer: the test has no minutes."""
    now = datetime.now(UTC)
    Message.objects.filter(state="due", due_at__gt=now).update(due_at=now)
    return Message.objects.filter(state="sent").count()


def keep_every_commit() -> None:
    """Let this database lose nothing by a crash, as a real one does; tests' own are in a hurry."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
    connection.close()


def crash_the_database() -> str:
    """Kill a process of PostgreSQL, which then ends every session, recovers and starts anew.

    A server that others use is spared: only this test's sessions are ended, and none let in.
    Returns what was done, in words.
    """
    if os.environ.get("TEST_MAY_CRASH") != "yes" or os.environ.get("PYTEST_XDIST_WORKER"):
        end_every_session(DARK_SECONDS)
        return "every session of PostgreSQL ended once, the server spared"
    witness = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.ensure_connection()
    os.kill(connection.connection.info.backend_pid, signal.SIGKILL)
    end = time.monotonic() + PATIENCE_SECONDS
    with suppress(psycopg2.DatabaseError):  # the session of another process falls too
        while time.monotonic() < end:
            witness.cursor().execute("SELECT pg_sleep(0.01)")
    assert witness.closed
    connection.close()
    while True:
        try:
            connection.ensure_connection()
            return "PostgreSQL crashed and restarted once"
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def end_every_session(seconds: float) -> None:
    """Do to this test's database what a restart of PostgreSQL does, and to no other."""
    name = connection.settings_dict["NAME"]
    connection.close()
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres").geturl()
    server = psycopg2.connect(url)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        time.sleep(seconds)
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    server.close()


def check(sink: SmtpSink, *, mails: int, killed: int, broken: str) -> str:
    """Hold the promise against what arrived: nobody without, doubled only where marked."""
    arrived = Counter(mail.message_id for mail in sink.received)
    ledger = dict(Message.objects.values_list("message_id", "may_be_doubled"))
    missing = ledger.keys() - arrived.keys()
    doubled = {message_id: count for message_id, count in arrived.items() if count > 1}
    surplus = sum(count - 1 for count in doubled.values())
    marked = sum(ledger.values())
    recipients = {mail.recipient for mail in sink.received}
    lost = killed + HUNG_UP  # a mail that met two of them has one mark and two copies too many
    assert len(ledger) == mails
    assert len(recipients) == mails
    assert missing == set()
    assert arrived.keys() == ledger.keys()
    assert all(ledger[message_id] for message_id in doubled)
    assert max(surplus, marked) <= lost
    assert not Message.objects.values("recipient").annotate(n=Count("id")).filter(n__gt=1).exists()
    return (
        f"{mails} check-ins, {killed} processes killed, {HUNG_UP} connections hung up on, the queue"
        f" emptied twice, {broken}: {len(missing)} without mail, {surplus} doubled, {marked} marked"
        " as perhaps doubled"
    )


def make_cohort_with_due_check_ins(pairs: int) -> None:
    """Make pairs whose first rhythm ended yesterday."""
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
    for number in range(pairs):
        pair = [
            enrol(cohort, make_person(f"{role}{number}@example.org", f"{role} {number}"), role)
            for role in ("mentor", "mentee")
        ]
        make_match(*pair)
    MessagePreference.objects.bulk_create(
        MessagePreference(user_id=pk, days_off=[], changed_at=now)
        for pk in Enrolment.objects.values_list("user_id", flat=True)
    )  # no quiet hours and no days off: the test runs at any hour
    assert Match.objects.count() == pairs
    assert MatchMember.objects.count() == Enrolment.objects.count() == 2 * pairs
    assert Cohort.objects.get().has_check_ins


def wait_until(is_done: Callable[[], bool], folder: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_done():
        if time.monotonic() > end:
            log = (folder / "workers.log").read_text()[-3_000:]
            states = list(Message.objects.values_list("state").annotate(Count("id")))
            pytest.fail(f"The workers did not get on. Ledger: {states}. Their log:\n{log}")
        time.sleep(0.02)
