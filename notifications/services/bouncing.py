"""Addresses that refuse mail for good: none goes there until somebody lifts it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict
from core.wake import wake
from notifications.models import Bounce, Message, MessageState, Wait


@transaction.atomic
def keep_bounce(user: User, *, answer: str, now: datetime) -> Bounce:
    """Note that this person's address refuses mail; again is fine.

    Effects: one row and one audit row when it is new. The sweep of the managers' queue tells them.
    """
    bounce, is_new = Bounce.objects.get_or_create(
        user=user,
        address=user.email,
        lifted_at=None,
        defaults={"answer": answer[:200], "bounced_at": now},
    )
    if is_new:
        record(actor=None, action="message.bounced", about=user, now=now)
    return bounce


@transaction.atomic
def lift_bounce(*, bounce: Bounce, actor: User, now: datetime) -> Bounce:
    """Let mail go to this address again, by a person's decision.

    Effects: the row is closed, what was held is due now, one audit row.

    Raises:
        Conflict: somebody has lifted it meanwhile.
    """
    lifted = Bounce.objects.filter(pk=bounce.pk, lifted_at__isnull=True).update(
        lifted_at=now, lifted_by=actor
    )
    if not lifted:
        raise Conflict(_("Mail goes to this address again already."))
    release(waits_for=Wait.BOUNCE, now=now, recipient=bounce.user_id)
    record(actor=actor, action="message.bounce_lifted", about=bounce.user, now=now)
    bounce.refresh_from_db()
    return bounce


def release(*, waits_for: str, now: datetime, **which: Any) -> int:
    """Make held messages due now; whatever else holds them is asked again then."""
    held = Message.objects.filter(state=MessageState.DUE, waits_for=waits_for, **which)
    count = held.update(due_at=now, waits_for="")
    if count:
        wake("notifications.send_due")
    return count
