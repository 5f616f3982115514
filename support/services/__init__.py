from support.services.helping import (
    Named,
    ask_for_help,
    close_help,
    mark_seen,
    name_contacts,
)
from support.services.judging import Turned, judge_all
from support.services.queue import (
    assign,
    close,
    possible_owners,
    reopen,
    snooze,
    write_note,
)
from support.services.raising import Raised, raise_items
from support.services.rules import Wish, reset_rules, set_rules

__all__ = [
    "Named",
    "Raised",
    "Turned",
    "Wish",
    "ask_for_help",
    "assign",
    "close",
    "close_help",
    "judge_all",
    "mark_seen",
    "name_contacts",
    "possible_owners",
    "raise_items",
    "reopen",
    "reset_rules",
    "set_rules",
    "snooze",
    "write_note",
]
