"""Every write to goals."""

from goals.services.confirming import confirm_goal
from goals.services.goals import GoalText, change_goal, move_goal, set_goal
from goals.services.milestones import (
    add_milestone,
    change_milestone,
    move_milestone,
    remove_milestone,
    restore_milestone,
    tick_milestone,
)
from goals.services.progress import add_progress, remove_progress, restore_progress
from goals.services.reviewing import mark_reviewed
from goals.services.suggestions import adopt_suggestions
from goals.services.sweeping import forget_removed

__all__ = (
    "GoalText",
    "add_milestone",
    "add_progress",
    "adopt_suggestions",
    "change_goal",
    "change_milestone",
    "confirm_goal",
    "forget_removed",
    "mark_reviewed",
    "move_goal",
    "move_milestone",
    "remove_milestone",
    "remove_progress",
    "restore_milestone",
    "restore_progress",
    "set_goal",
    "tick_milestone",
)
