"""Every write about meetings."""

from sessions.services.actions import (
    NewAction,
    change_action,
    remove_action,
    set_action_done,
)
from sessions.services.agenda import add_to_agenda, remove_from_agenda, set_agenda_done
from sessions.services.booking import book_meeting, cancel_meeting, change_plan, move_meeting
from sessions.services.busy import (
    busy_calendars_due,
    give_up_busy,
    read_busy_calendar,
    remove_busy_calendar,
    set_busy_calendar,
)
from sessions.services.changing import change_meeting, remove_meeting
from sessions.services.drafts import drop_draft, drop_old_drafts, keep_draft, read_draft
from sessions.services.events import (
    EventFacts,
    answer_event,
    cancel_event,
    change_event,
    mark_attendance,
    plan_event,
)
from sessions.services.feeds import find_feed, make_feed, note_read, revoke_feed
from sessions.services.inviting import sweep_events
from sessions.services.logging import log_meeting, mark_missed
from sessions.services.plans import Plan
from sessions.services.proposing import (
    accept_time,
    decline_times,
    expire_offers,
    propose_times,
    withdraw_times,
)
from sessions.services.rooms import set_room
from sessions.services.series import book_series, change_series, end_series, extend_series
from sessions.services.sweeping import sweep_plans

__all__ = [
    "EventFacts",
    "NewAction",
    "Plan",
    "accept_time",
    "add_to_agenda",
    "answer_event",
    "book_meeting",
    "book_series",
    "busy_calendars_due",
    "cancel_event",
    "cancel_meeting",
    "change_action",
    "change_event",
    "change_meeting",
    "change_plan",
    "change_series",
    "decline_times",
    "drop_draft",
    "drop_old_drafts",
    "end_series",
    "expire_offers",
    "extend_series",
    "find_feed",
    "give_up_busy",
    "keep_draft",
    "log_meeting",
    "make_feed",
    "mark_attendance",
    "mark_missed",
    "move_meeting",
    "note_read",
    "plan_event",
    "propose_times",
    "read_busy_calendar",
    "read_draft",
    "remove_action",
    "remove_busy_calendar",
    "remove_from_agenda",
    "remove_meeting",
    "revoke_feed",
    "set_action_done",
    "set_agenda_done",
    "set_busy_calendar",
    "set_room",
    "sweep_events",
    "sweep_plans",
    "withdraw_times",
]
