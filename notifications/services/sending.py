"""Send what is due: claim, offer, commit "handing over", give the text, commit "sent".

No transaction is open while the mail server is spoken to. Whoever dies before "handing over" was
committed has sent nothing; after it, the outcome is unknown until the answer is committed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone, translation

from notifications import registry
from notifications.letters import Letter, write_letter
from notifications.models import Message, MessageState, MessageStop
from notifications.quiet import wait_until
from notifications.registry import MessageKind
from notifications.transport import OutcomeUnknown, Refused, Transport, TryLater, open_transport

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
PAUSES_MINUTES = (1, 5, 15, 60, 120, 240, 480)
MAX_ATTEMPTS = len(PAUSES_MINUTES) + 1
SERVER_PAUSE = timedelta(minutes=1)


def lease() -> timedelta:
    """Return how long a claim holds: longer than the server may take to take one mail's text."""
    return timedelta(seconds=3 * settings.EMAIL_TIMEOUT + 5)


def send_message(*, pk: int, clock: Clock = timezone.now) -> bool:
    """Send one message, when it is due and nobody else has it; True when it was claimed.

    Effects: moves the row, sends at most one mail. Never call it inside a transaction.
    """
    sender = Sender(clock=clock)
    try:
        message = sender.claim(pk)
        if message is None:
            return False
        sender.carry(message)
        return True
    finally:
        sender.close()


def send_due_messages(*, seconds: float, clock: Clock = timezone.now) -> int:
    """Send what is due, oldest first, over one connection, until nothing is left or time is up.

    Stops early when the mail server is in trouble. Returns how many messages were handled.
    Effects: as ``send_message``, for each. Never call it inside a transaction.
    """
    sender, handled, end = Sender(clock=clock), 0, time.monotonic() + seconds
    try:
        while time.monotonic() < end and not sender.has_server_trouble:
            message = sender.claim_next()
            if message is None:
                break
            sender.carry(message)
            handled += 1
    finally:
        sender.close()
    return handled


class Sender:
    """One worker's hand-over: a connection, and the rules of the ledger."""

    def __init__(self, *, clock: Clock, transport: Transport | None = None) -> None:
        self.clock = clock
        self.transport = transport or open_transport()
        self.has_server_trouble = False

    def close(self) -> None:
        self.transport.close()

    def claim(self, pk: int) -> Message | None:
        """Take this row, if it is due and nobody has it."""
        now = self.clock()
        with transaction.atomic(durable=True):
            taken = Message.objects.filter(pk=pk, state=MessageState.DUE, due_at__lte=now).update(
                state=MessageState.CLAIMED,
                attempt=F("attempt") + 1,
                lease_until=now + lease(),
                reason="",
            )
        if not taken:
            return None
        return Message.objects.select_related("recipient").filter(pk=pk).first()

    def claim_next(self) -> Message | None:
        """Take the row that has been due longest and that nobody has."""
        while True:
            pk = (
                Message.objects.filter(state=MessageState.DUE, due_at__lte=self.clock())
                .order_by("due_at", "id")
                .values_list("pk", flat=True)
                .first()
            )
            if pk is None:
                return None
            message = self.claim(pk)
            if message is not None:
                return message

    def carry(self, message: Message) -> None:
        """Bring a claimed message to its end, or back to due."""
        try:
            kind = registry.get(message.kind)
            reason = _reason_to_skip(message, kind, now=self.clock())
            pause = None if reason else wait_until(message.recipient, kind, now=self.clock())
            if pause is not None:
                self._wait(message, pause)
                return
            letter = None if reason else write_letter(message, kind, now=self.clock())
        except DatabaseError:
            raise
        except Exception as error:
            logger.exception("Message %s could not be written.", message.pk)
            self._move(message, MessageState.FAILED, reason=f"Not written: {type(error).__name__}")
            return
        if letter is None:
            self._move(message, MessageState.SKIPPED, reason=reason)
        else:
            self._hand_over(message, kind, letter)

    def _hand_over(self, message: Message, kind: MessageKind, letter: Letter) -> None:
        try:
            self.transport.offer(sender=letter.sender, recipients=[letter.recipient])
            if not self._begin(message):
                self.transport.forget()
                return
            self.transport.deliver(letter.content, name=letter.message_id)
        except Refused as error:
            self._move(message, MessageState.FAILED, reason=str(error))
        except TryLater as error:
            self._postpone(message, error)
        except OutcomeUnknown as error:
            self._doubt(message, kind, error)
        else:
            self._move(message, MessageState.SENT, sent_at=self.clock())

    def _begin(self, message: Message) -> bool:
        """Commit that the text goes out now; False when the claim was lost meanwhile."""
        now = self.clock()
        with transaction.atomic(durable=True):
            return bool(
                Message.objects.filter(
                    pk=message.pk, state=MessageState.CLAIMED, attempt=message.attempt
                ).update(
                    state=MessageState.HANDING_OVER,
                    handed_over_at=now,
                    lease_until=now + lease(),
                )
            )

    def _postpone(self, message: Message, error: TryLater) -> None:
        """Put the message back for later. Trouble of the server itself costs it no attempt."""
        now = self.clock()
        if error.is_server_trouble:
            self.has_server_trouble = True
            attempt, pause = message.attempt - 1, SERVER_PAUSE
        elif message.attempt >= MAX_ATTEMPTS:
            self._move(message, MessageState.FAILED, reason=str(error))
            return
        else:
            attempt, pause = message.attempt, pause_after(message.attempt)
        self._move(
            message, MessageState.DUE, reason=str(error), due_at=now + pause, attempt=attempt
        )

    def _wait(self, message: Message, until: datetime) -> None:
        """Put a mail that can wait back until its recipient wants mail; that is no attempt."""
        self._move(
            message,
            MessageState.DUE,
            reason="Waits for the end of quiet hours or leave.",
            due_at=until,
            attempt=message.attempt - 1,
        )

    def _doubt(self, message: Message, kind: MessageKind, error: OutcomeUnknown) -> None:
        """Nobody knows whether it arrived: send again, marked, what must arrive."""
        if kind.is_required and message.attempt < MAX_ATTEMPTS:
            due_at = self.clock() + pause_after(message.attempt)
            self._move(
                message, MessageState.DUE, reason=str(error), due_at=due_at, may_be_doubled=True
            )
        else:
            self._move(message, MessageState.UNKNOWN, reason=str(error))

    def _move(self, message: Message, state: str, *, reason: str = "", **values: Any) -> None:
        """Write the outcome, unless another worker claimed the row meanwhile.

        A row whose lease ran out while this worker was frozen, and that nobody claimed since, still
        takes the outcome: the worker knows better than the sweep.
        """
        with transaction.atomic(durable=True):
            kept = (
                Message.objects.filter(pk=message.pk, attempt=message.attempt)
                .exclude(state__in=(MessageState.SENT, MessageState.SKIPPED))
                .update(state=state, reason=reason[:200], lease_until=None, **values)
            )
        if not kept:
            logger.warning("Message %s was taken over before it was %s.", message.pk, state)


def pause_after(attempt: int) -> timedelta:
    """Return how long to wait after this many attempts."""
    return timedelta(minutes=PAUSES_MINUTES[min(attempt, len(PAUSES_MINUTES)) - 1])


def _reason_to_skip(message: Message, kind: MessageKind, *, now: datetime) -> str:
    """Return why the message is no longer wanted, in the language of the ledger, or ""."""
    with translation.override(settings.LANGUAGE_CODE):
        if not message.recipient.is_active:
            return translation.gettext("The account is not active.")
        if kind.may_stop and MessageStop.objects.filter(
            user_id=message.recipient_id, kind=kind.name
        ):
            return translation.gettext("The person stopped this kind of mail.")
        return str(kind.is_still_due(message, now))
