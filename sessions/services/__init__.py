# NOTE TO HELPER (remove this line): the lead has written sessions/{views,forms,selectors,access,urls}.py, templates/meetings/, core/packed.py (one query per page) and ALL of home/ + templates/home. Keep these; you own sessions/services/ (delete services/logs.py and services/rules.py once yours cover them; keep signatures log_meeting/change_meeting/remove_meeting/set_action_done as views.py calls them, meeting.was_merged included) and tests/sessions + tests/home. Do not write home/ code.
"""Every write about meetings."""

from sessions.services.actions import NewAction, set_action_done
from sessions.services.changing import ActionChange, change_meeting, remove_meeting
from sessions.services.logging import log_meeting

__all__ = [
    "ActionChange",
    "NewAction",
    "change_meeting",
    "log_meeting",
    "remove_meeting",
    "set_action_done",
]
