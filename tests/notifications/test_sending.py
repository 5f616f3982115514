from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from notifications.models import Message, MessageState
from notifications.reasons import shown
from notifications.services import (
    send_due_messages,
    send_message,
    stop_kind,
    sweep_messages,
)
from notifications.services.sending import Sender
from notifications.transport import SmtpTransport
from tests.conftest import NOW
from tests.crashing_line import crashing_line
from tests.notifications.conftest import queue

pytestmark = pytest.mark.django_db


def clock():
    return NOW


def at(**later):
    return lambda: NOW + timedelta(**later)


def test_message_is_sent_and_the_ledger_says_so(cast, kinds, sink):
    message = queue(cast.mentor)

    assert send_message(pk=message.pk, clock=clock)

    message.refresh_from_db()
    assert (message.state, message.sent_at, message.attempt) == (MessageState.SENT, NOW, 1)
    assert message.lease_until is None
    assert message.answer == "250 OK"
    assert not message.may_be_doubled
    assert [mail.recipient for mail in sink.received] == ["daniel@example.org"]
    assert sink.received[0].message_id == message.message_id


def test_message_sent_twice_goes_out_once(cast, kinds, sink):
    message = queue(cast.mentor)

    assert send_message(pk=message.pk, clock=clock)
    assert not send_message(pk=message.pk, clock=clock)

    assert len(sink.received) == 1


def test_message_in_the_future_waits(cast, kinds, sink):
    message = queue(cast.mentor, due_at=NOW + timedelta(hours=1))

    assert not send_message(pk=message.pk, clock=clock)
    assert send_message(pk=message.pk, clock=at(hours=1))


def test_message_no_longer_due_is_skipped_with_its_reason(cast, kinds, sink):
    kinds.reason = "The match ended."
    message = queue(cast.mentor)

    send_message(pk=message.pk, clock=clock)

    message.refresh_from_db()
    assert (message.state, message.reason) == (MessageState.SKIPPED, "The match ended.")
    assert sink.received == []


def test_message_to_an_inactive_account_is_skipped(cast, kinds, sink):
    message = queue(cast.mentor)
    cast.mentor.is_active = False
    cast.mentor.save(update_fields=("is_active",))

    send_message(pk=message.pk, clock=clock)

    message.refresh_from_db()
    assert (message.state, message.reason) == ("skipped", "The account is not active.")


def test_message_of_a_stopped_kind_is_skipped(cast, kinds, sink):
    message = queue(cast.mentor, kind="test.nudge")
    stop_kind(user=cast.mentor, kind="test.nudge", now=NOW)

    send_message(pk=message.pk, clock=clock)

    message.refresh_from_db()
    assert (message.state, message.reason) == (
        "skipped",
        "The person stopped this kind of mail.",
    )


def test_message_that_cannot_be_written_fails_and_others_go_on(cast, kinds, sink):
    broken = queue(cast.mentor, occasion="1")
    Message.objects.filter(pk=broken.pk).update(kind="nobody.knows")
    fine = queue(cast.mentee, occasion="2")

    assert send_due_messages(seconds=5, clock=clock) == 2

    broken.refresh_from_db()
    fine.refresh_from_db()
    assert (broken.state, broken.reason) == ("failed", "It could not be written: LookupError")
    assert fine.state == "sent"


def test_refused_recipient_fails_with_the_servers_words(cast, kinds, sink):
    sink.rcpt_answers["daniel@example.org"] = "550 5.1.1 No such user"
    message = queue(cast.mentor)

    send_message(pk=message.pk, clock=clock)

    message.refresh_from_db()
    assert (message.state, message.reason) == ("failed", "550 5.1.1 No such user")


def test_busy_recipient_is_tried_again_later(cast, kinds, sink):
    sink.rcpt_answers["daniel@example.org"] = "451 4.7.1 Greylisted"
    message = queue(cast.mentor)

    send_message(pk=message.pk, clock=clock)
    message.refresh_from_db()
    assert (message.state, message.due_at) == ("due", NOW + timedelta(minutes=1))
    assert message.reason == "451 4.7.1 Greylisted"
    assert not send_message(pk=message.pk, clock=clock)

    del sink.rcpt_answers["daniel@example.org"]
    assert send_message(pk=message.pk, clock=at(minutes=1))
    message.refresh_from_db()
    assert (message.state, message.attempt, message.may_be_doubled) == ("sent", 2, False)


@pytest.mark.parametrize(
    ("answer", "state"), [("451 Try later", "due"), ("554 Not wanted", "failed")]
)
def test_answer_to_the_text_decides(cast, kinds, sink, answer, state):
    sink.data_answers["daniel@example.org"] = answer
    message = queue(cast.mentor)

    send_message(pk=message.pk, clock=clock)

    message.refresh_from_db()
    assert (message.state, message.reason, message.may_be_doubled) == (state, answer, False)


def test_busy_recipient_fails_after_the_last_attempt(cast, kinds, sink):
    sink.rcpt_answers["daniel@example.org"] = "451 Try later"
    message = queue(cast.mentor)
    Message.objects.filter(pk=message.pk).update(attempt=7)

    send_message(pk=message.pk, clock=clock)

    message.refresh_from_db()
    assert (message.state, message.attempt) == ("failed", 8)


def test_server_out_of_reach_costs_no_attempt_and_stops_the_turn(cast, kinds, settings):
    settings.MAIL = {**settings.MAIL, "host": "127.0.0.1", "port": 9, "folder": ""}
    first, second = queue(cast.mentor), queue(cast.mentee)

    assert send_due_messages(seconds=5, clock=clock) == 1

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.attempt) == ("due", 0)
    assert first.due_at == NOW + timedelta(minutes=1)
    assert first.reason.startswith("The mail server:")
    assert (second.state, second.due_at) == ("due", NOW)


def test_required_message_is_sent_again_when_the_line_dies_after_the_text(cast, kinds, sink):
    sink.hang_ups["daniel@example.org"] = 1
    message = queue(cast.mentor)

    send_message(pk=message.pk, clock=clock)
    message.refresh_from_db()
    assert (message.state, message.may_be_doubled) == ("due", True)

    send_message(pk=message.pk, clock=at(minutes=1))
    message.refresh_from_db()
    assert (message.state, message.may_be_doubled) == ("sent", True)
    assert [mail.message_id for mail in sink.received] == [message.message_id] * 2


def test_nudge_stays_unknown_when_the_line_dies_after_the_text(cast, kinds, sink):
    sink.hang_ups["priya@example.org"] = 1
    message = queue(cast.mentee, kind="test.nudge")

    send_message(pk=message.pk, clock=clock)

    message.refresh_from_db()
    assert (message.state, message.may_be_doubled) == ("unknown", False)
    assert not send_message(pk=message.pk, clock=at(days=2))


def test_one_connection_carries_many_messages(cast, kinds, sink):
    for person in (cast.mentor, cast.mentee, cast.stranger):
        queue(person)
    sink.rcpt_answers["priya@example.org"] = "550 No"

    assert send_due_messages(seconds=5, clock=clock) == 3

    assert [mail.recipient for mail in sink.received] == ["daniel@example.org", "sam@example.org"]


class DyingTransport:
    """Ends the process's work, as SIGKILL does, at one of the two steps."""

    def __init__(self, *, at_offer: bool) -> None:
        self.at_offer = at_offer

    def offer(self, **kwargs) -> None:
        if self.at_offer:
            raise KeyboardInterrupt

    def deliver(self, content: bytes, *, name: str) -> None:
        raise KeyboardInterrupt

    def forget(self) -> None: ...

    def close(self) -> None: ...


def _die(message: Message, *, at_offer: bool) -> None:
    sender = Sender(clock=clock, transport=DyingTransport(at_offer=at_offer))
    with pytest.raises(KeyboardInterrupt):
        sender.carry(sender.claim(message.pk))


def test_worker_that_dies_before_the_text_leaves_nothing_doubtful(cast, kinds, sink):
    message = queue(cast.mentor)
    _die(message, at_offer=True)
    assert not send_message(pk=message.pk, clock=at(seconds=5))

    swept = sweep_messages(now=NOW + timedelta(minutes=5))

    assert (swept.due_count, swept.returned_count, swept.doubted_count) == (1, 1, 0)
    assert send_message(pk=message.pk, clock=at(minutes=5))
    message.refresh_from_db()
    assert (message.state, message.may_be_doubled) == ("sent", False)


def test_worker_that_dies_during_the_text_leaves_a_mark(cast, kinds, sink):
    required, nudge = queue(cast.mentor), queue(cast.mentee, kind="test.nudge")
    _die(required, at_offer=False)
    _die(nudge, at_offer=False)

    swept = sweep_messages(now=NOW + timedelta(minutes=5))

    assert (swept.due_count, swept.returned_count, swept.doubted_count) == (1, 0, 2)
    assert send_due_messages(seconds=5, clock=at(minutes=5)) == 1
    required.refresh_from_db()
    nudge.refresh_from_db()
    assert (required.state, required.may_be_doubled) == ("sent", True)
    assert (nudge.state, nudge.may_be_doubled) == ("unknown", False)


def test_sweep_leaves_a_living_lease_alone(cast, kinds, sink):
    message = queue(cast.mentor)
    _die(message, at_offer=False)

    sweep_messages(now=NOW + timedelta(seconds=1))

    message.refresh_from_db()
    assert message.state == "handing_over"


def test_worker_that_was_frozen_before_the_text_gives_up(cast, kinds, sink):
    message = queue(cast.mentor)
    frozen = Sender(clock=clock)
    claimed = frozen.claim(message.pk)
    sweep_messages(now=NOW + timedelta(minutes=5))
    send_message(pk=message.pk, clock=at(minutes=5))

    frozen.carry(claimed)
    frozen.close()

    assert len(sink.received) == 1
    message.refresh_from_db()
    assert (message.state, message.attempt) == ("sent", 2)


class FreezingTransport(SmtpTransport):
    """Delivers, and then does not come back before the lease is over and a sweep has passed."""

    def deliver(self, content: bytes, *, name: str) -> str:
        answer = super().deliver(content, name=name)
        sweep_messages(now=NOW + timedelta(minutes=5))
        return answer


def test_worker_that_was_frozen_during_the_text_still_reports(cast, kinds, sink):
    """Its lease ran out and the sweep put the row back, but nobody has sent it since."""
    message = queue(cast.mentor)
    frozen = Sender(clock=clock, transport=FreezingTransport(sink.settings, timeout=2))
    frozen.carry(frozen.claim(message.pk))
    frozen.close()

    message.refresh_from_db()
    assert (message.state, message.may_be_doubled) == ("sent", True)
    assert not send_message(pk=message.pk, clock=at(minutes=9))
    assert len(sink.received) == 1


class Cutting(SmtpTransport):
    """Takes the database from the sender: before or after the text."""

    def __init__(self, mail, fall: Callable[[], None], *, at_offer: bool) -> None:
        super().__init__(mail, timeout=2)
        self.fall = fall
        self.at_offer = at_offer

    def offer(self, **kwargs) -> None:
        super().offer(**kwargs)
        if self.at_offer:
            self.fall()

    def deliver(self, content: bytes, *, name: str) -> str:
        answer = super().deliver(content, name=name)
        self.fall()
        return answer


def end_session() -> None:
    with connection.cursor() as cursor, suppress(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.fixture(params=["an administrator", "a crash"])
def fall(request) -> Iterator[Callable[[], None]]:
    """Ways in which a session ends; the driver tells them by different classes of errors."""
    if request.param == "an administrator":
        yield end_session
        return
    with crashing_line() as line:
        yield line.crash


@pytest.mark.django_db(transaction=True)
def test_outcome_is_written_when_the_database_falls_after_the_text(cast, kinds, sink, fall):
    """The process knows what became of the mail: that is no doubt."""
    message = queue(cast.mentor)
    sender = Sender(clock=clock, transport=Cutting(sink.settings, fall, at_offer=False))
    sender.carry(sender.claim(message.pk))
    sender.close()

    message.refresh_from_db()
    assert (message.state, message.may_be_doubled) == ("sent", False)
    assert message.answer.startswith("250 ")
    assert not send_due_messages(seconds=1, clock=at(minutes=9))
    assert len(sink.received) == 1


@pytest.mark.django_db(transaction=True)
def test_row_goes_back_when_the_database_falls_before_the_text(cast, kinds, sink, fall):
    message = queue(cast.mentor)
    sender = Sender(clock=clock, transport=Cutting(sink.settings, fall, at_offer=True))
    with pytest.raises((InterfaceError, DatabaseError)):
        sender.carry(sender.claim(message.pk))
    sender.close()

    message.refresh_from_db()
    assert (message.state, message.attempt, message.may_be_doubled) == ("due", 0, False)
    assert shown(message.reason).startswith("The database fell")
    assert sink.received == []


@pytest.mark.django_db(transaction=True)
def test_two_threads_send_the_same_row_once(cast, kinds, sink):
    message = queue(cast.mentor)
    sink.seconds = 0.1
    outcomes: list[bool] = []

    def send() -> None:
        outcomes.append(send_message(pk=message.pk, clock=clock))
        connection.close()

    threads = [threading.Thread(target=send) for _turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False, False, False, True]
    assert len(sink.received) == 1


@pytest.mark.django_db(transaction=True)
def test_sending_inside_a_transaction_is_refused(cast, kinds, sink):
    message = queue(cast.mentor)

    with pytest.raises(RuntimeError), transaction.atomic():
        send_message(pk=message.pk, clock=clock)

    assert sink.received == []


@pytest.mark.django_db(transaction=True)
def test_rival_senders_share_the_heap_and_send_each_once(cast, kinds, sink):
    messages = [queue(cast.mentor, occasion=str(number)) for number in range(12)]
    sink.seconds = 0.02
    handled: list[int] = []

    def send() -> None:
        handled.append(send_due_messages(seconds=20, clock=clock))
        connection.close()

    threads = [threading.Thread(target=send) for _turn in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(handled) == 12
    assert sorted(mail.message_id for mail in sink.received) == sorted(
        message.message_id for message in messages
    )


def test_database_that_fails_costs_the_message_nothing(cast, kinds, sink):
    """The row keeps its lease, and a sweep brings it back."""

    class Broken:
        def keys(self):
            raise OperationalError

    kinds.context = Broken()
    message = queue(cast.mentor)

    with pytest.raises(OperationalError):
        send_message(pk=message.pk, clock=clock)

    message.refresh_from_db()
    assert message.state == "claimed"
    assert sweep_messages(now=NOW + timedelta(minutes=5)).due_count == 1


def test_required_message_that_stays_doubtful_is_left_to_a_person(cast, kinds, sink):
    sink.hang_ups["daniel@example.org"] = 1
    message = queue(cast.mentor)
    Message.objects.filter(pk=message.pk).update(attempt=7)

    send_message(pk=message.pk, clock=clock)

    message.refresh_from_db()
    assert message.state == "unknown"


def test_worker_that_always_dies_does_not_loop_for_ever(cast, kinds, sink):
    message = queue(cast.mentor)
    Message.objects.filter(pk=message.pk).update(attempt=7)
    _die(message, at_offer=True)

    sweep_messages(now=NOW + timedelta(minutes=5))

    message.refresh_from_db()
    assert message.state == "failed"
