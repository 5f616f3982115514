"""Put messages into the ledger, in the transaction of what they tell about."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction

from core.wake import wake
from notifications import registry
from notifications.models import Message, MessageState

if TYPE_CHECKING:
    from accounts.models import User

BATCH = 2_000
URGENT = "urgent"
INSERT = """
    INSERT INTO notifications_message
        (key, kind, recipient_id, program_id, cohort_id, match_id, object_id, occasion, due_at,
         message_id, state, reason, waits_for, mail_id, attempt, may_be_doubled, created_at)
    SELECT row.*, %s, '', '', '', 0, false, %s
    FROM unnest(
        %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::bigint[], %s::text[], %s::timestamptz[], %s::text[]
    ) AS row
    ON CONFLICT (key) DO NOTHING
    RETURNING id
"""


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """What goes to whom about what, on which occasion; ``due_at`` None means now.

    Program, cohort and match say where it belongs: managers read it there, and may pause it there.
    """

    kind: str
    recipient_id: int
    object_id: int | None = None
    occasion: str = ""
    program_id: int | None = None
    cohort_id: int | None = None
    match_id: int | None = None
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
    cohort_id: int | None = None,
    match_id: int | None = None,
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
        cohort_id=cohort_id,
        match_id=match_id,
        due_at=due_at,
    )
    new_ids = _insert([row], now=now)
    if new_ids and (due_at is None or due_at <= now):
        queue = URGENT if registry.get(kind).is_urgent else None
        wake("notifications.send_message", new_ids[0], queue=queue)
    return bool(new_ids)


def hurry_message(*, kind: str, recipient: User, object_id: int, now: datetime) -> bool:
    """Let a message that was planned for later go now; False when it went, or was never planned.

    Effects: its row is due now, in the caller's transaction; the sender is woken after commit.
    """
    rows = Message.objects.filter(
        kind=kind, recipient=recipient, object_id=object_id, state=MessageState.DUE, due_at__gt=now
    )
    pk = rows.values_list("pk", flat=True).first()
    if pk is None or not rows.filter(pk=pk).update(due_at=now):
        return False
    queue = URGENT if registry.get(kind).is_urgent else None
    wake("notifications.send_message", pk, queue=queue)
    return True


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


def _insert(rows: Sequence[NewMessage], *, now: datetime) -> list[int]:
    """Insert rows whose key is new, in one statement, and return their ids."""
    for kind in {row.kind for row in rows}:
        registry.get(kind)
    domain = _mail_domain()
    columns = zip(
        *(
            (
                row.key,
                row.kind,
                row.recipient_id,
                row.program_id,
                row.cohort_id,
                row.match_id,
                row.object_id,
                row.occasion,
                row.due_at or now,
                f"<{uuid.uuid4()}@{domain}>",
            )
            for row in rows
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [MessageState.DUE.value, now, *map(list, columns)])
        return [pk for (pk,) in cursor.fetchall()]


def _mail_domain() -> str:
    """Return the domain of the sender's address, which is what Message-IDs end with."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return domain or "localhost"
