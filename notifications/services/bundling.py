"""Several rows that one mail carries: questions to one person, and daily summaries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from notifications import registry
from notifications.models import Message, MessageState, Wait
from notifications.registry import MessageKind

MOST_IN_A_MAIL = 20


@dataclass(frozen=True)
class Item:
    """A message that goes now, with its kind."""

    message: Message
    kind: MessageKind

    @property
    def mail_id(self) -> str:
        """The Message-ID of the mail: that of an earlier try which may have arrived, or its own."""
        return self.message.mail_id or self.message.message_id


def claim_companions(first: Item, *, now: datetime, lease: timedelta) -> list[Message]:
    """Claim what goes in the same mail as ``first``, each row by a conditional update.

    Questions that are due go together, whatever program they come from, and so does what a person
    chose for the daily summary. A mail that may have arrived is sent again as it was: with the rows
    it carried, under its own Message-ID.
    """
    rows = _companions(first, now=now)
    if rows is None:
        return []
    pks = list(rows.order_by("id").values_list("pk", flat=True)[: MOST_IN_A_MAIL - 1])
    taken = [pk for pk in pks if _claim(pk, now=now, lease=lease)]
    if not taken:
        return []
    return list(claimed_rows().filter(pk__in=taken).order_by("id"))


def claimed_rows() -> QuerySet[Message]:
    """Return rows with all that the rules ask of them: the person, and whether it is shown."""
    rows = Message.objects.select_related("recipient", "notice")
    return rows.defer("notice__line", "notice__path")


def _companions(first: Item, *, now: datetime) -> QuerySet[Message] | None:
    message = first.message
    rows = Message.objects.filter(state=MessageState.DUE, recipient=message.recipient_id)
    if message.mail_id:
        return rows.filter(mail_id=message.mail_id)
    rows = rows.filter(due_at__lte=now, mail_id="", may_be_doubled=False)
    if message.may_be_doubled:
        return None
    if message.waits_for == Wait.DIGEST:
        return rows.filter(waits_for=Wait.DIGEST)
    return rows.filter(kind__in=registry.names_merged()) if first.kind.merges else None


def _claim(pk: int, *, now: datetime, lease: timedelta) -> bool:
    return bool(
        Message.objects.filter(pk=pk, state=MessageState.DUE).update(
            state=MessageState.CLAIMED,
            attempt=F("attempt") + 1,
            lease_until=now + lease,
            reason="",
        )
    )
