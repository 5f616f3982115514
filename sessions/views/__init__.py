"""Log meetings, read them, correct them, tick what was promised."""

from sessions.views.actions import action_row, change_action, remove_action, tick
from sessions.views.logging import edit, log
from sessions.views.meetings import choose, detail, meetings, remove

__all__ = [
    "action_row",
    "change_action",
    "choose",
    "detail",
    "edit",
    "log",
    "meetings",
    "remove",
    "remove_action",
    "tick",
]
