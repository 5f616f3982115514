"""What a person does not want to get by mail."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.models import User
from notifications import registry
from notifications.models import DigestWish, MessageStop


def stop_kind(*, user: User, kind: str, now: datetime) -> None:
    """Stop one kind for one person, from this moment on; again is fine.

    Effects: one row. Rows of the ledger that are due are skipped when their turn comes.
    """
    MessageStop.objects.get_or_create(user=user, kind=kind, defaults={"stopped_at": now})


def resume_kind(*, user: User, kind: str) -> None:
    """Let one kind through again; again is fine."""
    MessageStop.objects.filter(user=user, kind=kind).delete()


@transaction.atomic
def choose_kinds(*, user: User, wanted: Collection[str], now: datetime) -> None:
    """Store which of the kinds that may be stopped the person wants; others are not touched."""
    for kind in registry.every_kind():
        if not kind.may_stop:
            continue
        if kind.name in wanted:
            resume_kind(user=user, kind=kind.name)
        else:
            stop_kind(user=user, kind=kind.name, now=now)


@transaction.atomic
def choose_digests(*, user: User, wanted: Collection[str], now: datetime) -> None:
    """Store which kinds the person wants in the daily summary; others go there no more."""
    known = {kind.name for kind in registry.every_kind() if kind.has_digest}
    chosen = known.intersection(wanted)
    DigestWish.objects.filter(user=user).exclude(kind__in=chosen).delete()
    DigestWish.objects.bulk_create(
        [DigestWish(user=user, kind=name, wished_at=now) for name in sorted(chosen)],
        ignore_conflicts=True,
    )
