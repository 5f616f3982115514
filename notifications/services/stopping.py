"""What a person does not want to get, by mail or in their inbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.models import User
from notifications import registry
from notifications.models import Channel, DigestWish, MessageStop


def stop_kind(*, user: User, kind: str, now: datetime, channel: Channel = Channel.MAIL) -> None:
    """Stop one kind for one person by one channel, from this moment on; again is fine.

    Effects: one row. Rows of the ledger that are due are skipped when their turn comes.
    """
    MessageStop.objects.get_or_create(
        user=user, kind=kind, channel=channel, defaults={"stopped_at": now}
    )


def resume_kind(*, user: User, kind: str, channel: Channel = Channel.MAIL) -> None:
    """Let one kind through again; again is fine."""
    MessageStop.objects.filter(user=user, kind=kind, channel=channel).delete()


@transaction.atomic
def choose_kinds(
    *,
    user: User,
    offered: Collection[str],
    wanted: Collection[str],
    now: datetime,
    channel: Channel = Channel.MAIL,
) -> None:
    """Store which of the kinds that were offered the person wants by a channel; others stay."""
    stoppable = {kind.name for kind in registry.every_kind() if kind.may_stop} & set(offered)
    rows = MessageStop.objects.filter(user=user, channel=channel)
    rows.filter(kind__in=stoppable.intersection(wanted)).delete()
    MessageStop.objects.bulk_create(
        [
            MessageStop(user=user, kind=name, channel=channel, stopped_at=now)
            for name in sorted(stoppable.difference(wanted))
        ],
        ignore_conflicts=True,
    )


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
