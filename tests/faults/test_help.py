"""A call for help overtakes whatever else the workers have to do."""

from __future__ import annotations

import time

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from matching.models import MatchMember
from notifications.models import Message
from programs.models import Cohort
from support.models import HelpContact
from support.services import ask_for_help
from tests.conftest import make_person
from tests.faults.test_check_in_mail import make_cohort_with_due_check_ins, wait_until
from tests.faults.workers import environment, workers
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PAIRS = 150
A_MINUTE = 60


def test_call_for_help_overtakes_a_heap_of_mail(tmp_path, capsys):
    """The heap takes its workers several times as long as the call may."""
    make_cohort_with_due_check_ins(PAIRS)
    cohort = Cohort.objects.get()
    contact = HelpContact.objects.create(
        program=cohort.program,
        position=1,
        person=make_person("cora@example.org", "Cora Contact"),
        about="Works in HR",
        deputy=make_person("dee@example.org", "Dee Deputy"),
    )
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5) as queue:
        queue.flushdb()
    with SmtpSink(seconds=0.5) as sink:
        env = environment(folder=tmp_path, MAIL_URL=sink.url, SWEEP_SECONDS="1")
        log = tmp_path / "workers.log"
        with (
            workers(queues="mail", processes=2, env=env, log=log),
            workers(queues="urgent,default", processes=1, env=env, log=log),
        ):
            wait_until(lambda: len(sink.received) >= 10, tmp_path)
            before = len(sink.received)
            began = time.monotonic()
            ask_for_help(
                asker=MatchMember.objects.earliest("pk").enrolment.user,
                cohort=cohort,
                contact=contact,
                about="match",
                words="",
                now=timezone.now(),
            )

            def came() -> bool:
                return any(mail.recipient == contact.person.email for mail in list(sink.received))

            wait_until(came, tmp_path)
            seconds, after = time.monotonic() - began, len(sink.received)
    due = Message.objects.filter(kind="feedback.check_in").exclude(state="sent").count()
    with capsys.disabled():
        print(
            f"\n    a call for help came after {seconds:.1f} s, {seconds / A_MINUTE:.2f} of a"
            f" minute, and {after - before - 1} other mails; {due} were still in line"
        )
    assert due > PAIRS
