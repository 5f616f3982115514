"""Goals: set them, share them, say how far they are, reach them."""

from goals.views.goals import choose, confirm, detail, edit, goals, move, new
from goals.views.milestones import (
    add_milestone,
    change_milestone,
    move_milestone,
    remove_milestone,
    restore_milestone,
    tick_milestone,
)
from goals.views.progress import progress, remove_progress, restore_progress
from goals.views.reviewing import review, suggestions

__all__ = [
    "add_milestone",
    "change_milestone",
    "choose",
    "confirm",
    "detail",
    "edit",
    "goals",
    "move",
    "move_milestone",
    "new",
    "progress",
    "remove_milestone",
    "remove_progress",
    "restore_milestone",
    "restore_progress",
    "review",
    "suggestions",
    "tick_milestone",
]
