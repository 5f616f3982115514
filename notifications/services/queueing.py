"""Put messages into the ledger, in the transaction of what they tell about."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from core.wake import wake
from notifications import registry
from notifications.models import Message

if TYPE_CHECKING:
    from accounts.models import User

BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """What goes to whom about what, on which occasion; ``due_at`` None means now."""

    kind: str
    recipient_id: int
    object_id: int | None = None
    occasion: str = ""
    program_id: int | None = None
    due_at: datetime | None = None

    @property
    def key(self) -> str:
        about = "" if self.object_id is None else self.object_id
        return f"{self.kind}:{self.recipient_id}:{about}:{self.occasion}"


def queue_message(
    *,
    kind: str,
    recipient: User,
    now: datetime,
    object_id: int | None = None,
    occasion: str = "",
    program_id: int | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Put one message into the ledger; True when it is new, False when its key stands there.

    Effects: one row in the caller's transaction; the sender is woken after commit.

    Raises:
        LookupError: nobody registered this kind.
    """
    row = NewMessage(
        kind=kind,
        recipient_id=recipient.pk,
        object_id=object_id,
        occasion=occasion,
        program_id=program_id,
        due_at=due_at,
    )
    new_ids = _insert([row], now=now)
    if new_ids and (due_at is None or due_at <= now):
        wake("notifications.send_message", new_ids[0])
    return bool(new_ids)


def queue_messages(*, rows: Sequence[NewMessage], now: datetime) -> int:
    """Put many messages into the ledger; return how many are new.

    Effects: rows in one transaction (the caller's, when there is one), by one insert for each
    2,000; one task is woken after commit.

    Raises:
        LookupError: nobody registered one of the kinds.
    """
    inserted = 0
    with transaction.atomic():
        for start in range(0, len(rows), BATCH):
            inserted += len(_insert(rows[start : start + BATCH], now=now))
        if inserted:
            wake("notifications.send_due")
    return inserted


def _insert(rows: Iterable[NewMessage], *, now: datetime) -> list[int]:
    """Insert rows whose key is new and return their ids, found by their fresh Message-IDs."""
    messages = [_message(row, now=now) for row in rows]
    for kind in {message.kind for message in messages}:
        registry.get(kind)
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    fresh = Message.objects.filter(message_id__in=[message.message_id for message in messages])
    return list(fresh.values_list("pk", flat=True))


def _message(row: NewMessage, *, now: datetime) -> Message:
    return Message(
        key=row.key,
        kind=row.kind,
        recipient_id=row.recipient_id,
        object_id=row.object_id,
        occasion=row.occasion,
        program_id=row.program_id,
        due_at=row.due_at or now,
        message_id=f"<{uuid.uuid4()}@{_mail_domain()}>",
        created_at=now,
    )


def _mail_domain() -> str:
    """Return the domain of the sender's address, which is what Message-IDs end with."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return domain or "localhost"
