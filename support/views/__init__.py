from support.views.helping import ask, close_help, help_contacts, help_request, inbox
from support.views.queue import act, item, queue
from support.views.rules import reset, rules

__all__ = [
    "act",
    "ask",
    "close_help",
    "help_contacts",
    "help_request",
    "inbox",
    "item",
    "queue",
    "reset",
    "rules",
]
