"""Write to the audit log and prove that nobody changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from audit.models import AuditEvent

CHAIN_LOCK = 72_771_001
BATCH = 1_000


def record(
    *,
    actor: Any,
    action: str,
    about: models.Model,
    now: datetime,
    program_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Append one event in the caller's transaction.

    ``actor`` is the user who acted or None for the product itself. ``detail`` must hold ids, states
    and counts only. Effects: one row; no lock.
    """
    return AuditEvent.objects.create(
        at=now,
        actor_id=actor.pk if actor is not None else None,
        action=action,
        object_type=about._meta.label_lower,
        object_id=str(about.pk),
        program_id=program_id,
        detail=detail or {},
    )


def record_each(
    *,
    actor: Any,
    action: str,
    about: Sequence[models.Model],
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append the same event for each of many objects, as ``record`` does; one query a thousand."""
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                at=now,
                actor_id=actor.pk if actor is not None else None,
                action=action,
                object_type=one._meta.label_lower,
                object_id=str(one.pk),
                detail=detail or {},
            )
            for one in about
        ],
        batch_size=BATCH,
    )


def digest(previous: bytes, event: AuditEvent) -> bytes:
    """Return the SHA-256 of the previous link and this event's content."""
    content = json.dumps(
        [
            event.pk,
            event.at.isoformat(),
            event.actor_id,
            event.action,
            event.object_type,
            event.object_id,
            event.program_id,
            event.detail,
        ],
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(previous + content.encode()).digest()


@transaction.atomic
def chain_events() -> int:
    """Link events that are not chained yet, in order of their id; returns how many.

    An advisory lock of the transaction keeps two sweeps apart; inserts never wait for it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [CHAIN_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = AuditEvent.objects.filter(sequence__isnull=False).order_by("-sequence").first()
    sequence, previous = (last.sequence or 0, bytes(last.chain_hash or b"")) if last else (0, b"")
    events = list(AuditEvent.objects.filter(sequence__isnull=True).order_by("id")[:BATCH])
    for event in events:
        sequence += 1
        previous = digest(previous, event)
        event.sequence, event.chain_hash = sequence, previous
    AuditEvent.objects.bulk_update(events, ("sequence", "chain_hash"))
    return len(events)


def verify_chain() -> tuple[int, int | None, int]:
    """Return (events checked, id of the first event that does not fit or None, unchained tail)."""
    previous, expected, checked = b"", 1, 0
    chained = AuditEvent.objects.filter(sequence__isnull=False).order_by("sequence")
    for event in chained.iterator(chunk_size=2_000):
        link = bytes(event.chain_hash or b"")
        if event.sequence != expected or link != digest(previous, event):
            return checked, event.pk, 0
        previous, expected, checked = link, expected + 1, checked + 1
    tail = AuditEvent.objects.filter(sequence__isnull=True).count()
    return checked, None, tail
