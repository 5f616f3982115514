"""Find what nobody carries, and let a person send again what failed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict
from core.wake import wake
from notifications import registry
from notifications.models import Message, MessageState
from notifications.reasons import DIED, DIED_HANDING_OVER
from notifications.services.queueing import URGENT
from notifications.services.sending import MAX_ATTEMPTS

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """What a sweep found."""

    due_count: int
    returned_count: int
    doubted_count: int


@transaction.atomic
def sweep_messages(*, now: datetime) -> Swept:
    """Take back rows whose worker died, and count what is due.

    A row that was only claimed goes back to due. The outcome of a row in the middle of its
    hand-over is unknown: kinds that must arrive are sent again with the same Message-ID and marked
    as perhaps doubled, others stay unknown for a person to decide. Urgent rows that are due get a
    task of their own again.
    """
    lost = Message.objects.filter(lease_until__lt=now)
    claimed = lost.filter(state=MessageState.CLAIMED)
    returned = claimed.filter(attempt__lt=MAX_ATTEMPTS).update(
        state=MessageState.DUE, lease_until=None, counted_at=None, reason=DIED
    )
    claimed.update(
        state=MessageState.FAILED, lease_until=None, counted_at=None, waits_for="", reason=DIED
    )
    handed = lost.filter(state=MessageState.HANDING_OVER)
    for pk, at in handed.values_list("pk", "handed_over_at"):
        logger.warning("Nobody knows whether message %s arrived, handed over at %s.", pk, at)
    again = handed.filter(kind__in=registry.names_sent_again(), attempt__lt=MAX_ATTEMPTS)
    doubted = again.update(
        state=MessageState.DUE, lease_until=None, may_be_doubled=True, reason=DIED_HANDING_OVER
    )
    doubted += handed.update(state=MessageState.UNKNOWN, lease_until=None, reason=DIED_HANDING_OVER)
    rows = Message.objects.filter(state=MessageState.DUE, due_at__lte=now)
    for pk in rows.filter(kind__in=registry.urgent_names()).values_list("pk", flat=True)[:100]:
        wake("notifications.send_message", pk, queue=URGENT)
    due = rows[:1_000].count()
    return Swept(due_count=due, returned_count=returned, doubted_count=doubted)


@transaction.atomic
def send_again(*, message: Message, actor: User, now: datetime) -> Message:
    """Put a failed or unknown message back into the ledger's queue, by a person's decision.

    It waits for no share of the week, though it takes one where its kind does.

    Effects: the row is due now, one audit row, the sender is woken.

    Raises:
        Conflict: it is in another state, perhaps by somebody else's click.
    """
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.state not in (MessageState.FAILED, MessageState.UNKNOWN):
        raise Conflict(_("Only messages that failed, or whose outcome is unknown, go out again."))
    was = row.state
    row.may_be_doubled = row.may_be_doubled or was == MessageState.UNKNOWN
    row.state, row.reason, row.due_at, row.attempt = MessageState.DUE, "", now, 0
    row.by_hand = True
    row.save(update_fields=("state", "reason", "due_at", "attempt", "may_be_doubled", "by_hand"))
    record(
        actor=actor,
        action="message.sent_again",
        about=row,
        now=now,
        program_id=row.program_id,
        detail={"was": was},
    )
    wake("notifications.send_message", row.pk)
    return row
