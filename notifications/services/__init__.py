"""Every write to the ledger of messages."""

from notifications.services.queueing import NewMessage, queue_message, queue_messages

__all__ = ("NewMessage", "queue_message", "queue_messages")
