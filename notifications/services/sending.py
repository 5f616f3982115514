"""Send what is due: claim, offer, commit "handing over", give the text, commit "sent".

No transaction is open while the mail server is spoken to. Whoever dies before "handing over" was
committed has sent nothing; after it, the outcome is unknown until the answer is committed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from notifications import registry
from notifications.letters import Letter, write_bundle, write_letter
from notifications.models import Message, MessageState
from notifications.reasons import DATABASE, NOT_WRITTEN
from notifications.registry import MessageKind
from notifications.services.bouncing import keep_bounce
from notifications.services.bundling import Item, claim_companions, claimed_rows
from notifications.services.deciding import Verdict, decide, take_share
from notifications.services.showing import show, withdraw
from notifications.transport import OutcomeUnknown, Refused, Transport, TryLater, open_transport

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
PAUSES_MINUTES = (1, 5, 15, 60, 120, 240, 480)
MAX_ATTEMPTS = len(PAUSES_MINUTES) + 1
SERVER_PAUSE = timedelta(minutes=1)
DATABASE_PAUSE_SECONDS = 0.2
GIVE_BACK = {MessageState.DUE, MessageState.SKIPPED, MessageState.FAILED}


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
    """One worker's hand-over: a connection, and the rules of the ledger.

    ``is_durable`` False lets a rehearsal run it in a transaction of its own, with a transport that
    sends nothing.
    """

    def __init__(
        self, *, clock: Clock, transport: Transport | None = None, is_durable: bool = True
    ) -> None:
        self.clock = clock
        self.transport = transport or open_transport()
        self.is_durable = is_durable
        self.has_server_trouble = False

    def close(self) -> None:
        self.transport.close()

    def _transaction(self) -> transaction.Atomic:
        """Open a transaction for one statement; a rehearsal has its own, and needs no savepoint."""
        return transaction.atomic(durable=self.is_durable, savepoint=False)

    def claim(self, pk: int) -> Message | None:
        """Take this row, if it is due and nobody has it."""
        now = self.clock()
        with self._transaction():
            taken = Message.objects.filter(pk=pk, state=MessageState.DUE, due_at__lte=now).update(
                state=MessageState.CLAIMED,
                attempt=F("attempt") + 1,
                lease_until=now + lease(),
                reason="",
            )
        if not taken:
            return None
        return claimed_rows().filter(pk=pk).first()

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
        """Bring a claimed message to its end, or back to due; what goes along goes with it."""
        first = self._judge(message)
        if first is None:
            return
        items = [first]
        for companion in claim_companions(first, now=self.clock(), lease=lease()):
            item = self._judge(companion, with_share=first.kind)
            if item is not None:
                items.append(item)
        letter = self._write(items)
        if letter is not None:
            self.hand_over(items, letter)

    def _judge(self, message: Message, *, with_share: MessageKind | None = None) -> Item | None:
        """Ask the rules; None when the message does not go now, and its row says why."""
        try:
            kind = registry.get(message.kind)
            verdict = decide(message, kind, now=self.clock(), has_inbox=self.is_durable)
            self._show(message, kind, verdict)
            if verdict.goes and (with_share is None or with_share.takes != kind.takes):
                verdict = take_share(message, kind, now=self.clock(), is_durable=self.is_durable)
        except DatabaseError:
            raise
        except Exception as error:
            self._give_up(message, error)
            return None
        if verdict.goes:
            return Item(message, kind)
        self._obey(message, verdict)
        return None

    def _show(self, message: Message, kind: MessageKind, verdict: Verdict) -> None:
        """Keep the inbox true; a rehearsal has none."""
        if not self.is_durable:
            return
        if verdict.is_shown:
            show(message, kind, now=self.clock())
        elif not verdict.is_wanted:
            withdraw(message)

    def _obey(self, message: Message, verdict: Verdict) -> None:
        if verdict.skip:
            self._move(message, MessageState.SKIPPED, reason=verdict.skip)
            return
        self._move(
            message,
            MessageState.DUE,
            due_at=verdict.until,
            waits_for=verdict.waits_for,
            attempt=message.attempt - 1,
        )

    def _write(self, items: list[Item]) -> Letter | None:
        """Write the one mail; who cannot be written stays behind, and the others go."""
        now, mail_id = self.clock(), items[0].mail_id
        if len(items) > 1:
            try:
                return write_bundle([(item.message, item.kind) for item in items], mail_id, now=now)
            except DatabaseError:
                raise
            except Exception:
                logger.exception(
                    "A mail that carries %s messages could not be written.", len(items)
                )
                for item in items[1:]:
                    self._move(item.message, MessageState.DUE, attempt=item.message.attempt - 1)
                del items[1:]
        message = items[0].message
        try:
            return write_letter(message, items[0].kind, now=now, message_id=mail_id)
        except DatabaseError:
            raise
        except Exception as error:
            self._give_up(message, error)
            return None

    def _give_up(self, message: Message, error: Exception) -> None:
        logger.exception("Message %s could not be written.", message.pk)
        self._move(message, MessageState.FAILED, reason=f"{NOT_WRITTEN}: {type(error).__name__}")

    def hand_over(self, items: Sequence[Item], letter: Letter) -> None:
        """Give one mail to the server, and write what became of each row it carries."""
        try:
            self.transport.offer(sender=letter.sender, recipients=[letter.recipient])
            if not self._begin(items, letter):
                self.transport.forget()
                return
            answer = self.transport.deliver(letter.content, name=letter.message_id)
        except Refused as error:
            self._refuse(items, error)
        except TryLater as error:
            for item in items:
                self._postpone(item.message, error)
        except OutcomeUnknown as error:
            for item in items:
                self._doubt(item, error, mail_id=letter.message_id)
        else:
            for item in items:
                self._move(
                    item.message, MessageState.SENT, sent_at=self.clock(), answer=answer[:200]
                )

    def _refuse(self, items: Sequence[Item], error: Refused) -> None:
        if error.is_address:
            keep_bounce(items[0].message.recipient, answer=str(error), now=self.clock())
        for item in items:
            self._move(item.message, MessageState.FAILED, reason=str(error))

    def _begin(self, items: Sequence[Item], letter: Letter) -> bool:
        """Commit that the text goes out now; False when a claim was lost meanwhile.

        When the database falls here nobody knows whether that was committed, but nothing went out:
        the rows are put back.
        """
        try:
            return self._commit_handing_over(items, letter)
        except (InterfaceError, DatabaseError) as error:
            self.transport.forget()
            if not has_fallen(error):
                raise
            for item in items:
                row = item.message
                self._move(row, MessageState.DUE, reason=DATABASE, attempt=row.attempt - 1)
            raise error

    def _commit_handing_over(self, items: Sequence[Item], letter: Letter) -> bool:
        now = self.clock()
        mail_id = letter.message_id if len(items) > 1 else ""
        with transaction.atomic(durable=self.is_durable, savepoint=len(items) > 1):
            begun = 0
            for item in items:
                row = item.message
                begun += Message.objects.filter(
                    pk=row.pk, state=MessageState.CLAIMED, attempt=row.attempt
                ).update(
                    state=MessageState.HANDING_OVER,
                    handed_over_at=now,
                    lease_until=now + lease(),
                    mail_id=mail_id or row.mail_id,
                    waits_for="",
                )
            if 0 < begun < len(items):
                transaction.set_rollback(True)
        return begun == len(items)

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

    def _doubt(self, item: Item, error: OutcomeUnknown, *, mail_id: str) -> None:
        """Nobody knows whether it arrived: send again, marked, what must arrive."""
        message = item.message
        logger.warning("Nobody knows whether message %s arrived.", message.pk)
        if item.kind.is_required and message.attempt < MAX_ATTEMPTS:
            due_at = self.clock() + pause_after(message.attempt)
            self._move(
                message, MessageState.DUE, reason=str(error), due_at=due_at, may_be_doubled=True
            )
        else:
            self._move(message, MessageState.UNKNOWN, reason=str(error))

    def _move(self, message: Message, state: str, *, reason: str = "", **values: Any) -> None:
        """Write the outcome, unless another worker claimed the row meanwhile.

        A row whose lease ran out while this worker was frozen, and that nobody claimed since, still
        takes the outcome: the worker knows better than the sweep. What did not go gives its share
        of the week back.
        """
        values = {"state": state, "reason": reason[:200], "lease_until": None, **values}
        if state in GIVE_BACK and not (message.may_be_doubled or values.get("may_be_doubled")):
            values |= {"counted_at": None, "mail_id": ""}
        if state != MessageState.DUE:
            values["waits_for"] = ""
        if not self._persist(message, values):
            logger.warning("Message %s was taken over before it was %s.", message.pk, state)

    def _persist(self, message: Message, values: dict[str, Any]) -> int:
        """Write an outcome, on a new connection when the database falls: nobody else knows it.

        Gives up when the claim has run out. In somebody else's transaction there is no second try.
        """
        end = time.monotonic() + lease().total_seconds()
        while True:
            try:
                with self._transaction():
                    return (
                        Message.objects.filter(pk=message.pk, attempt=message.attempt)
                        .exclude(state__in=(MessageState.SENT, MessageState.SKIPPED))
                        .update(**values)
                    )
            except (InterfaceError, DatabaseError) as error:
                gives_up = connection.in_atomic_block or time.monotonic() > end
                if gives_up or not has_fallen(error):
                    raise
                logger.warning("The database fell; message %s waits for it.", message.pk)
                connection.close()
                time.sleep(DATABASE_PAUSE_SECONDS)


def has_fallen(error: Exception) -> bool:
    """Say whether the database went away, rather than refused a statement.

    The driver has a class for it, but not always uses it: when the server says why it goes, as it
    does in a crash, psycopg2 raises the plain ``DatabaseError``, and takes the line for a good one.
    """
    return isinstance(error, (InterfaceError, OperationalError)) or type(error) is DatabaseError


def pause_after(attempt: int) -> timedelta:
    """Return how long to wait after this many attempts."""
    return timedelta(minutes=PAUSES_MINUTES[min(attempt, len(PAUSES_MINUTES)) - 1])
