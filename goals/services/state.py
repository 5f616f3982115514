"""What the rows of a goal add up to."""

from __future__ import annotations

from goals.models import Goal, ProgressUpdate


def latest_update(goal: Goal) -> ProgressUpdate | None:
    """Return the last word about how far a goal is: by day, then by when it was written."""
    update: ProgressUpdate | None = (
        goal.updates.filter(removed_at__isnull=True).order_by("-day", "-created_at").first()
    )
    return update
