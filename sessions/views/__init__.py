"""Plan meetings, log them, read them, correct them; agendas, action items, calendars."""

from sessions.views.actions import action_row, change_action, remove_action, tick
from sessions.views.agenda import add_agenda, remove_agenda, tick_agenda
from sessions.views.calendars import (
    calendar,
    download_record,
    feed,
    make_feed,
    remove_busy,
    revoke_feed,
    set_busy,
)
from sessions.views.drafts import draft, drop_draft
from sessions.views.inbound import inbound
from sessions.views.logging import edit, log
from sessions.views.meetings import choose, detail, meetings, remove
from sessions.views.planned import (
    cancel,
    change_later,
    change_plan,
    download_meeting,
    met,
    missed,
    move,
)
from sessions.views.planning import (
    accept,
    book,
    choose_for_offer,
    decline,
    offer,
    propose,
    room,
    withdraw,
)

__all__ = [
    "accept",
    "action_row",
    "add_agenda",
    "book",
    "calendar",
    "cancel",
    "change_action",
    "change_later",
    "change_plan",
    "choose",
    "choose_for_offer",
    "decline",
    "detail",
    "download_meeting",
    "download_record",
    "draft",
    "drop_draft",
    "edit",
    "feed",
    "inbound",
    "log",
    "make_feed",
    "meetings",
    "met",
    "missed",
    "move",
    "offer",
    "propose",
    "remove",
    "remove_action",
    "remove_agenda",
    "remove_busy",
    "revoke_feed",
    "room",
    "set_busy",
    "tick",
    "tick_agenda",
    "withdraw",
]
