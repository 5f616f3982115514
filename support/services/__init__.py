from support.services.announcing import (
    cancel_announcement,
    change_announcement,
    draft_announcement,
    schedule_announcement,
    send_announcement,
    send_due_announcements,
    try_announcement,
)
from support.services.chatting import (
    keep_channel,
    plan_chats,
    post_chats,
    remove_channel,
    try_channel,
)
from support.services.helping import (
    Named,
    ask_for_help,
    close_help,
    follow_help,
    mark_seen,
    name_contacts,
)
from support.services.judging import Turned, judge_all
from support.services.leaving import carry_leavers, record_leaver
from support.services.queue import (
    assign,
    close,
    possible_owners,
    reopen,
    snooze,
    write_note,
)
from support.services.raising import Raised, raise_items
from support.services.rehearsing import ask_rehearsal, perform_rehearsal, sweep_rehearsals
from support.services.returning import Undone, keep_in_program, take_up_match, undo_leaver
from support.services.rules import Wish, reset_rules, set_rules

__all__ = [
    "Named",
    "Raised",
    "Turned",
    "Undone",
    "Wish",
    "ask_for_help",
    "ask_rehearsal",
    "assign",
    "cancel_announcement",
    "carry_leavers",
    "change_announcement",
    "close",
    "close_help",
    "draft_announcement",
    "follow_help",
    "judge_all",
    "keep_channel",
    "keep_in_program",
    "mark_seen",
    "name_contacts",
    "perform_rehearsal",
    "plan_chats",
    "possible_owners",
    "post_chats",
    "raise_items",
    "record_leaver",
    "remove_channel",
    "reopen",
    "reset_rules",
    "schedule_announcement",
    "send_announcement",
    "send_due_announcements",
    "set_rules",
    "snooze",
    "sweep_rehearsals",
    "take_up_match",
    "try_announcement",
    "try_channel",
    "undo_leaver",
    "write_note",
]
