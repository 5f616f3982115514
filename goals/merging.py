"""How goals find the kept account when two become one."""

from __future__ import annotations

from accounts import merging


def register() -> None:
    merging.move("goals.Goal.owner")
    merging.move("goals.GoalVersion.written_by", past=("goals.GoalVersion:keep_versions",))
    merging.move_once(
        {"goals.GoalConfirmation.user": ("goal", "version"), "goals.GoalReview.user": ("phase",)}
    )
