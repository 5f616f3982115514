"""This app's part of a person's data: their goals, with every wording, step and update."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import (
    Eraser,
    Exporter,
    Row,
    leave_out,
    register_eraser,
    register_exporter,
)
from goals.models import Goal, GoalReview, GoalVersion, GoalVisibility, ProgressUpdate

A_PIECE = 200


def register() -> None:
    register_exporter(
        Exporter(
            name="goals",
            title=_("Your goals"),
            fields={
                "title": _("Goal"),
                "status": _("Status"),
                "progress": _("Progress"),
                "seen_by": _("Who sees it"),
                "set_at": _("Set"),
                "reached_at": _("Reached"),
                "steps": _("Steps"),
                "notes": _("Your notes on the way"),
                "wordings": _("Every wording"),
            },
            rows=_goals,
            covers=("goals.Goal.owner", "goals.GoalVersion.written_by"),
        )
    )
    register_eraser(Eraser(name="goals", erase=_erase))
    leave_out(
        {
            "goals.GoalConfirmation.user": "The act is in the log.",
            "goals.GoalReview.user": "The act is in the log.",
        }
    )


def _goals(person: User) -> Iterator[Row]:
    rows = Goal.objects.of(person).select_related("current").order_by("pk")
    for goal in rows.iterator(chunk_size=A_PIECE):
        yield {
            "title": goal.current.title if goal.current else "",
            "status": goal.get_status_display(),
            "progress": goal.progress,
            "seen_by": goal.get_visibility_display(),
            "set_at": goal.created_at,
            "reached_at": goal.reached_at,
            "steps": [step.text for step in goal.milestones.filter(removed_at__isnull=True)],
            "notes": [_update(row) for row in goal.updates.filter(removed_at__isnull=True)],
            "wordings": [_wording(version) for version in goal.versions.order_by("number")],
        }


def _update(update: ProgressUpdate) -> str:
    value = update.value if update.value is not None else f"{update.progress} %"
    return f"{update.day.isoformat()}: {value} {update.note}".strip()


def _wording(version: GoalVersion) -> str:
    words = (version.title, version.why, version.measure, version.starting_point, version.target)
    numbers = (
        f"{version.start_number} → {version.target_number} {version.unit}"
        if version.has_numbers
        else ""
    )
    day = version.target_on.isoformat() if version.target_on else ""
    return " | ".join(part for part in (*words, numbers, day) if part)


def _erase(person: User, now: datetime) -> None:
    """Delete private goals, and what was private about shared ones; the rest stays with the match.

    A wording from before a goal was shared, and a note from that time, were never anybody else's.
    """
    own = Goal.objects.of(person)
    own.filter(visibility=GoalVisibility.ME).delete()
    private = GoalVersion.objects.filter(goal__owner=person, visibility=GoalVisibility.ME)
    private.delete()
    for update in ProgressUpdate.objects.filter(goal__owner=person, is_private=True):
        update.note = ""
        update.save(update_fields=["note"])
    GoalReview.objects.filter(user=person).delete()
