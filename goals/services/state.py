"""What the rows of a goal add up to."""

from __future__ import annotations

from goals.models import Goal, ProgressUpdate
from goals.services.rules import progress_for


def latest_update(goal: Goal) -> ProgressUpdate | None:
    """Return the last word about how far a goal is: by day, then by when it was written."""
    update: ProgressUpdate | None = (
        goal.updates.filter(removed_at__isnull=True).order_by("-day", "-created_at").first()
    )
    return update


def progress_now(goal: Goal) -> int:
    """Return how far a goal is, in per cent: its latest update, measured by the version in force.

    What was said in per cent before the goal had numbers stays what was said.
    """
    update = latest_update(goal)
    if update is None:
        return 0
    version = goal.current
    if version is not None and version.has_numbers and update.value is not None:
        return progress_for(version, update.value)
    return update.progress
