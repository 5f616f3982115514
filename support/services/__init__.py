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
    "Raised",
    "Turned",
    "Wish",
    "assign",
    "close",
    "judge_all",
    "possible_owners",
    "raise_items",
    "reopen",
    "reset_rules",
    "set_rules",
    "snooze",
    "write_note",
]
