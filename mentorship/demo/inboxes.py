"""What those whom one may sign in as find in their inboxes: of what happened, what still holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.models import User
from notifications import registry
from notifications.models import Message, Notice
from notifications.services import show

NEW_FOR = timedelta(days=3)


def fill_inboxes(people: Sequence[User], *, now: datetime) -> None:
    """Show each of them their messages; what is older than three days they have read."""
    rows = Message.objects.filter(recipient__in=people).select_related("recipient")
    for message in rows.order_by("pk"):
        kind = registry.get(message.kind)
        if not kind.is_still_due(message, now):
            show(message, kind, now=message.created_at)
    Notice.objects.filter(shown_at__lt=now - NEW_FOR).update(read_at=now - NEW_FOR)
