from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.models import Message
from notifications.services import NewMessage, queue_message, queue_messages
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def test_queue_message_writes_one_row_for_one_key(cast, kinds):
    values = {"kind": "test.required", "recipient": cast.mentor, "object_id": 7, "now": NOW}

    assert queue_message(**values, occasion="a", program_id=3)
    assert not queue_message(**values, occasion="a", program_id=3)
    assert queue_message(**values, occasion="b")

    first, second = Message.objects.order_by("id")
    assert first.key == f"test.required:{cast.mentor.pk}:7:a"
    assert (first.state, first.due_at, first.program_id) == ("due", NOW, 3)
    assert first.message_id != second.message_id


def test_queue_message_of_an_unknown_kind_is_refused(cast):
    with pytest.raises(LookupError):
        queue_message(kind="nobody.knows", recipient=cast.mentor, now=NOW)


def test_queue_messages_counts_only_new_rows(cast, kinds, django_assert_num_queries):
    rows = [
        NewMessage(kind="test.required", recipient_id=person.pk, occasion="x")
        for person in (cast.mentor, cast.mentee, cast.stranger)
    ]
    assert queue_messages(rows=rows[:1], now=NOW) == 1

    with django_assert_num_queries(3):  # a savepoint around one insert
        assert queue_messages(rows=rows, now=NOW) == 2

    assert Message.objects.count() == 3


def test_queue_messages_without_rows_does_nothing(kinds):
    assert queue_messages(rows=[], now=NOW) == 0


def test_queue_message_wakes_the_sender_after_commit(
    cast, kinds, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as now_due:
        queue_message(kind="test.required", recipient=cast.mentor, now=NOW)
    with django_capture_on_commit_callbacks() as later:
        queue_message(
            kind="test.required",
            recipient=cast.mentee,
            now=NOW,
            due_at=NOW + timedelta(hours=1),
        )

    assert (len(now_due), len(later)) == (1, 0)
