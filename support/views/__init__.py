from support.views.helping import ask, close_help, help_contacts, help_request, inbox
from support.views.mail import mail, mail_act
from support.views.queue import act, call, item, queue
from support.views.rehearsal import rehearsal, rehearsals
from support.views.rules import reset, rules

__all__ = [
    "act",
    "ask",
    "call",
    "close_help",
    "help_contacts",
    "help_request",
    "inbox",
    "item",
    "mail",
    "mail_act",
    "queue",
    "rehearsal",
    "rehearsals",
    "reset",
    "rules",
]
