"""Every write about meetings."""

from sessions.services.actions import (
    NewAction,
    change_action,
    remove_action,
    set_action_done,
)
from sessions.services.changing import change_meeting, remove_meeting
from sessions.services.logging import log_meeting

__all__ = [
    "NewAction",
    "change_action",
    "change_meeting",
    "log_meeting",
    "remove_action",
    "remove_meeting",
    "set_action_done",
]
