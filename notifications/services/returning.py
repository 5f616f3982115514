"""Mail that was handed over and comes back later; and mail that its reader called unwanted.

Each act names a row of the ledger that its caller has proved: by a sealed token, or by the mail's
own Message-ID together with the address it went to.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from audit.services import record
from notifications import registry
from notifications.models import Bounce, MailReturn, Message, MessageState
from notifications.reasons import CAME_BACK
from notifications.services.bouncing import keep_bounce
from notifications.services.stopping import stop_kind

LATEST = timedelta(days=30)
SOFT_COUNT, SOFT_FOR = 3, timedelta(days=3)
LOOKED_AT = 60
HANDED_OVER = (MessageState.SENT, MessageState.UNKNOWN)
# Codes that say nothing about the address (RFC 3463): the sender's own, too large, content, policy.
NOT_THE_ADDRESS = ("5.1.7", "5.1.8", "5.2.3", "5.3.4", "5.6.", "5.7.")


@transaction.atomic
def take_return(*, message: Message, status: str, answer: str, now: datetime) -> bool:
    """Note that the mail which carried this row came back; True when that was news.

    5.x.x about the address lets no more mail go there, as a refusal at once does; so do three
    mails in a row that came back with 4.x.x over three days or more. A report about a mail older
    than a month, or about one that came back already, changes nothing.

    Effects: the rows of that mail fail, one audit row; perhaps the address is held back.
    """
    person: User = User.objects.select_for_update(no_key=True).get(pk=message.recipient_id)
    rows = _rows_of_mail(message).filter(state__in=HANDED_OVER, handed_over_at__gte=now - LATEST)
    first = rows.select_for_update().order_by("pk").first()
    if first is None:
        return False
    is_hard = status.startswith("5")
    rows.update(state=MessageState.FAILED, reason=f"{CAME_BACK}: {answer}"[:200], counted_at=None)
    record(
        actor=None,
        action="message.came_back",
        about=first,
        now=now,
        program_id=first.program_id,
        detail={"status": status},
    )
    if status.startswith(NOT_THE_ADDRESS):
        return True
    MailReturn.objects.update_or_create(
        message=first,
        defaults={
            "user": person,
            "address": person.email,
            "is_hard": is_hard,
            "returned_at": now,
        },
    )
    if is_hard or _comes_back_for_days(person, first):
        keep_bounce(person, answer=answer, now=now)
    return True


@transaction.atomic
def take_complaint(*, message: Message, now: datetime) -> None:
    """Stop all mail that may be stopped to somebody who called it spam; again is fine.

    What must arrive still goes. Effects: a row for each kind, one audit row.
    """
    for kind in registry.every_kind():
        if kind.may_stop:
            stop_kind(user=message.recipient, kind=kind.name, now=now)
    record(actor=None, action="message.complained", about=message.recipient, now=now)


@transaction.atomic
def take_unsubscribe(*, message: Message, now: datetime) -> None:
    """Stop the kinds of one mail, where they may be stopped: its provider was asked to.

    Effects: a row for each kind.
    """
    for name in set(_rows_of_mail(message).values_list("kind", flat=True)):
        kind = registry.find(name)
        if kind is not None and kind.may_stop:
            stop_kind(user=message.recipient, kind=name, now=now)


def _rows_of_mail(message: Message) -> QuerySet[Message]:
    """Return all rows that went in the same mail."""
    rows = Message.objects.filter(recipient=message.recipient_id)
    if message.mail_id:
        return rows.filter(mail_id=message.mail_id)
    return rows.filter(pk=message.pk)


def _comes_back_for_days(person: User, latest: Message) -> bool:
    """Tell whether the mails up to this one came back in a row, three of them, for three days."""
    lifted = Bounce.objects.filter(user=person, lifted_at__isnull=False).order_by("-lifted_at")
    since = lifted.values_list("lifted_at", flat=True).first()
    rows = Message.objects.filter(
        recipient=person,
        handed_over_at__lte=latest.handed_over_at,
        state__in=(*HANDED_OVER, MessageState.FAILED),
    )
    if since is not None:
        rows = rows.filter(handed_over_at__gt=since)
    kept = MailReturn.objects.filter(user=person, address__iexact=person.email)
    returned = set(kept.values_list("message_id", flat=True))
    mails: dict[str, tuple[Any, bool]] = {}
    for row in rows.order_by("-handed_over_at", "-pk")[:LOOKED_AT]:
        mail = row.mail_id or row.message_id
        at, came_back = mails.get(mail, (row.handed_over_at, False))
        mails[mail] = at, came_back or (row.state == MessageState.FAILED and row.pk in returned)
    run: list[datetime] = []
    for at, came_back in mails.values():
        if not came_back:
            break
        run.append(at)
    return len(run) >= SOFT_COUNT and run[0] - run[-1] >= SOFT_FOR
