"""The ledger of messages, what people wish, and what holds mail back."""

from notifications.models.holds import Bounce, MailReturn, MessagePause, PauseScope
from notifications.models.hooks import DeliveryState, Topic, Webhook, WebhookDelivery
from notifications.models.inbox import Notice
from notifications.models.ledger import Message, MessageState, Wait
from notifications.models.wishes import (
    Channel,
    ClosedDays,
    DigestWish,
    MessagePreference,
    MessageStop,
    usual_days_off,
)

__all__ = (
    "Bounce",
    "Channel",
    "ClosedDays",
    "DeliveryState",
    "DigestWish",
    "MailReturn",
    "Message",
    "MessagePause",
    "MessagePreference",
    "MessageState",
    "MessageStop",
    "Notice",
    "PauseScope",
    "Topic",
    "Wait",
    "Webhook",
    "WebhookDelivery",
    "usual_days_off",
)
