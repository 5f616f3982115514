"""Every write about meetings."""

from sessions.services.actions import NewAction, set_action_done
from sessions.services.changing import change_meeting, remove_meeting
from sessions.services.logging import log_meeting

__all__ = [
    "NewAction",
    "change_meeting",
    "log_meeting",
    "remove_meeting",
    "set_action_done",
]
