"""Notes of one's own, notes of a match, and thoughts on the question of a phase."""

from notes.views.own import edit, new, own, remove, restore
from notes.views.reflecting import reflect, reflections
from notes.views.shared import note, remove_shared, restore_shared, save, shared, start

__all__ = [
    "edit",
    "new",
    "note",
    "own",
    "reflect",
    "reflections",
    "remove",
    "remove_shared",
    "restore",
    "restore_shared",
    "save",
    "shared",
    "start",
]
