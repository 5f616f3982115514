"""Whether a message goes now, waits, or is not wanted any more: the rules at sending."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from notifications import registry
from notifications.models import Channel, Message, Wait
from notifications.quiet import digest_time, wait_until
from notifications.reasons import BUDGET_USED, INACTIVE, STOPPED
from notifications.registry import MessageKind, Share
from notifications.standing import Standing, standing_of

WEEK = timedelta(days=7)
MOST_ASKINGS, MOST_NUDGES = 3, 1
PATIENCE = timedelta(days=7)
HELD_FOR = timedelta(hours=6)
LOCK = 0x6D61696C << 32


@dataclass(frozen=True)
class Verdict:
    """What becomes of a claimed message: goes now, is skipped, or waits.

    ``is_wanted``: there is still a reason for it. ``is_shown``: the person wants it in their inbox,
    whatever becomes of the mail.
    """

    skip: str = ""
    until: datetime | None = None
    waits_for: str = ""
    is_wanted: bool = True
    is_shown: bool = True

    @property
    def goes(self) -> bool:
        return not self.skip and self.until is None


GOES = Verdict()


def decide(
    message: Message, kind: MessageKind, *, now: datetime, has_inbox: bool = True
) -> Verdict:
    """Ask every rule but the week's share, in order: is it wanted, is it held, does it wait?

    A person's wishes, pauses and addresses are read fresh. Without an inbox, which shows at once
    what is wanted, a message is asked for its reason only when it would go. Effects:
    ``message.found`` only.
    """
    if has_inbox and (gone := reason_to_skip(message, kind, now=now)):
        return Verdict(skip=gone, is_wanted=False, is_shown=False)
    found = _by_wishes(message, kind, now=now)
    if not has_inbox and found.goes and (gone := reason_to_skip(message, kind, now=now)):
        return Verdict(skip=gone, is_wanted=False, is_shown=False)
    return found


def _by_wishes(message: Message, kind: MessageKind, *, now: datetime) -> Verdict:
    """Ask what the person wants and what holds a message."""
    standing = standing_of(message, now=now)
    stopped = standing.stopped if kind.may_stop else frozenset()
    if Channel.MAIL in stopped:
        found = Verdict(skip=STOPPED)
    else:
        found = _wait(message, kind, standing, now=now)
    return replace(found, is_shown=Channel.INBOX not in stopped)


def _wait(message: Message, kind: MessageKind, standing: Standing, *, now: datetime) -> Verdict:
    """Ask what a message that is wanted waits for, in order: whoever holds it, hours, summary."""
    if kind.is_urgent:
        return GOES
    if standing.is_paused or standing.is_bounced:
        held = Wait.PAUSE if standing.is_paused else Wait.BOUNCE
        return Verdict(until=now + HELD_FOR, waits_for=held)
    person, wanted, closed = message.recipient, standing.wanted, standing.closed
    pause = wait_until(person, kind, now=now, wanted=wanted, closed=closed)
    if pause is not None:
        return Verdict(until=pause[0], waits_for=pause[1])
    if kind.has_digest and standing.wants_digest and message.waits_for != Wait.DIGEST:
        return Verdict(until=digest_time(person, now=now), waits_for=Wait.DIGEST)
    return GOES


def reason_to_skip(message: Message, kind: MessageKind, *, now: datetime) -> str:
    """Return why the message is no longer wanted, in the language of the ledger, or ""."""
    with translation.override(settings.LANGUAGE_CODE):
        if not message.recipient.is_active:
            return INACTIVE
        return str(kind.is_still_due(message, now))


def take_share(
    message: Message, kind: MessageKind, *, now: datetime, is_durable: bool = True
) -> Verdict:
    """Take a share of the recipient's week for this message, over all programs, or say how long.

    At most three askings, one of them a nudge, in any seven days. Two workers at a time cannot both
    take the last share. What would wait longer than a week is skipped; what a person sent by hand
    goes whatever the week holds. Effects: ``counted_at``.
    """
    if kind.takes == Share.NONE or message.counted_at is not None:
        return GOES  # it needs none, or has its own already from before an unknown outcome
    with transaction.atomic():
        if is_durable:  # a rehearsal is alone with its copies, and would hold the lock to its end
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK + message.recipient_id])
        free_at = None if message.by_hand else _free_at(message, kind, now=now)
        if free_at is None:
            Message.objects.filter(pk=message.pk).update(counted_at=now)
            return GOES
    if free_at > message.created_at + PATIENCE and free_at > now:
        return Verdict(skip=BUDGET_USED)
    return Verdict(until=free_at, waits_for=Wait.BUDGET)


def _free_at(message: Message, kind: MessageKind, *, now: datetime) -> datetime | None:
    """Return when the week has room for this kind, or None when it has room now."""
    nudges = set(registry.names_of(Share.NUDGE))
    taken = list(
        Message.objects.filter(recipient=message.recipient_id, counted_at__gt=now - WEEK)
        .exclude(pk=message.pk)
        .order_by("-counted_at")
        .values_list("kind", "counted_at")
    )
    waits = []
    counted = [at for _name, at in taken if at is not None]
    if len(counted) >= MOST_ASKINGS:
        waits.append(counted[MOST_ASKINGS - 1])
    reminders = [at for name, at in taken if at is not None and name in nudges]
    if kind.takes == Share.NUDGE and len(reminders) >= MOST_NUDGES:
        waits.append(reminders[MOST_NUDGES - 1])
    return max(waits) + WEEK if waits else None
