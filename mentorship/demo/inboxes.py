"""What became of the demo's messages: sent when they were due, and found in inboxes since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext_noop

from accounts.models import User
from notifications import registry
from notifications.models import Message, MessageState, Notice
from notifications.services import show
from programs.models import Program
from support.models import ChatChannel
from support.services import keep_channel

NEW_FOR = timedelta(days=3)
BEFORE = gettext_noop("From before this demo began.")


def fill_inboxes(people: Sequence[User], *, now: datetime) -> None:
    """Show each of them what still holds; what is older than three days they have read."""
    rows = Message.objects.filter(recipient__in=people).select_related("recipient")
    for message in rows.order_by("pk"):
        kind = registry.get(message.kind)
        if not kind.is_still_due(message, now):
            show(message, kind, now=message.created_at)
    Notice.objects.filter(shown_at__lt=now - NEW_FOR).update(read_at=now - NEW_FOR)


def close_ledger(*, now: datetime) -> None:
    """Let the past have been sent when it was due: nobody is mailed about it now."""
    due = Message.objects.filter(state=MessageState.DUE)
    past = due.filter(due_at__lt=now - timedelta(days=1))
    past.update(state=MessageState.SENT, sent_at=F("due_at"))
    due.update(state=MessageState.SKIPPED, reason=BEFORE)


def name_chat(program: Program, *, manager: User, now: datetime) -> None:
    """Name a chat channel that is off, as no demo may call anybody."""
    keep_channel(
        channel=ChatChannel(program=program, is_active=False),
        address="https://chat.example.com/hooks/rising-leaders",
        actor=manager,
        now=now,
    )
