"""How rows about mail find the kept account when two become one."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q

from accounts import merging
from accounts.merging import Merge

# A message is known by its key, and nobody gets twice what one of the two accounts has had.
CARRY = """
    UPDATE notifications_message m SET recipient_id = %(keep)s, key = fresh.key
    FROM (
        SELECT id, concat(kind, ':', %(keep)s, ':', object_id, ':', occasion) AS key
        FROM notifications_message WHERE recipient_id = %(double)s
    ) AS fresh
    WHERE m.id = fresh.id
      AND NOT EXISTS (SELECT 1 FROM notifications_message k WHERE k.key = fresh.key)
"""
SETTLE = """
    UPDATE notifications_message SET recipient_id = %(keep)s,
        state = CASE WHEN state = 'due' THEN 'skipped' ELSE state END,
        reason = CASE WHEN state = 'due' THEN 'The other account has it.' ELSE reason END
    WHERE recipient_id = %(double)s
"""


def register() -> None:
    merging.by_hand(
        "notifications.Message.recipient",
        covers=("notifications.Message.recipient",),
        carry=_messages,
    )
    merging.move(
        "notifications.Notice.recipient",
        "notifications.MessagePause.paused_by",
        "notifications.MessagePause.ended_by",
        "notifications.Bounce.lifted_by",
        "notifications.MailReturn.user",
        "notifications.Webhook.created_by",
    )
    merging.move_once(
        {"notifications.MessagePause.person": ("scope", "match_id", "cohort_id", "program_id")},
        where=Q(ended_at__isnull=True),
    )
    merging.move_once({"notifications.Bounce.user": ("address",)}, where=Q(lifted_at__isnull=True))
    merging.move_once(
        {
            "notifications.MessagePreference.user": (),
            "notifications.MessageStop.user": ("kind", "channel"),
            "notifications.DigestWish.user": ("kind",),
        }
    )


def _messages(merge: Merge) -> int:
    who = {"keep": merge.keep.pk, "double": merge.double.pk}
    with connection.cursor() as cursor:
        cursor.execute(CARRY, who)
        carried = cursor.rowcount
        cursor.execute(SETTLE, who)
        return carried + cursor.rowcount
