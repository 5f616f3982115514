"""Every write to the ledger of messages."""

from notifications.services.bouncing import keep_bounce, lift_bounce
from notifications.services.hooking import (
    add_webhook,
    change_webhook,
    deliver_again,
    rotate_secret,
    send_webhooks,
    sweep_webhooks,
)
from notifications.services.pausing import end_pause, pause_messages
from notifications.services.preferring import set_preference
from notifications.services.queueing import (
    NewMessage,
    hurry_message,
    queue_message,
    queue_messages,
)
from notifications.services.returning import take_complaint, take_return, take_unsubscribe
from notifications.services.sending import send_due_messages, send_message
from notifications.services.showing import mark_all_read, mark_read, mark_unread, settle, show
from notifications.services.stopping import choose_digests, choose_kinds, resume_kind, stop_kind
from notifications.services.sweeping import send_again, sweep_messages

__all__ = (
    "NewMessage",
    "add_webhook",
    "change_webhook",
    "choose_digests",
    "choose_kinds",
    "deliver_again",
    "end_pause",
    "hurry_message",
    "keep_bounce",
    "lift_bounce",
    "mark_all_read",
    "mark_read",
    "mark_unread",
    "pause_messages",
    "queue_message",
    "queue_messages",
    "resume_kind",
    "rotate_secret",
    "send_again",
    "send_due_messages",
    "send_message",
    "send_webhooks",
    "set_preference",
    "settle",
    "show",
    "stop_kind",
    "sweep_messages",
    "sweep_webhooks",
    "take_complaint",
    "take_return",
    "take_unsubscribe",
)
