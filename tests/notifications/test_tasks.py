from __future__ import annotations

import pytest
import redis
from django.conf import settings as django_settings

from notifications import tasks
from notifications.models import Message
from tests.notifications.conftest import queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker():
    client = redis.Redis.from_url(django_settings.REDIS_URL, socket_timeout=5)
    client.delete("mail")
    yield client
    client.delete("mail")
    client.close()


def test_send_message_task_run_twice_sends_once(cast, kinds, sink):
    message = queue(cast.mentor)

    for _turn in range(2):
        tasks.send_message(message.pk)

    assert len(sink.received) == 1


def test_send_message_task_of_a_deleted_row_returns_quietly(db):
    tasks.send_message(4_000_000_000)


def test_sweep_wakes_a_sender_when_something_is_due(cast, kinds, sink, broker):
    queue(cast.mentor)

    tasks.sweep_messages()
    assert broker.llen("mail") == 1

    tasks.send_due()
    assert Message.objects.get().state == "sent"
    broker.delete("mail")
    tasks.sweep_messages()
    assert broker.llen("mail") == 0


def test_message_is_found_after_the_queue_was_emptied(cast, kinds, sink, broker):
    """The wake-up call got lost: the row is enough."""
    message = queue(cast.mentor)
    broker.delete("mail")

    tasks.sweep_messages()
    tasks.send_due()

    message.refresh_from_db()
    assert message.state == "sent"
