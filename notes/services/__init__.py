"""Every write to notes and reflections."""

from notes.services.own import change_note, remove_note, restore_note, write_note
from notes.services.reflecting import reflect
from notes.services.shared import (
    NoteChanged,
    remove_shared,
    restore_shared,
    save_shared,
    start_shared,
)
from notes.services.sweeping import forget_removed

__all__ = (
    "NoteChanged",
    "change_note",
    "forget_removed",
    "reflect",
    "remove_note",
    "remove_shared",
    "restore_note",
    "restore_shared",
    "save_shared",
    "start_shared",
    "write_note",
)
