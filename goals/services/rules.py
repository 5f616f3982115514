"""What every write about a goal asks first."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError, NotAllowed
from goals.models import Goal, GoalVersion, GoalVisibility
from matching.models import Match

MOST_OPEN_GOALS = 20
MOST_MILESTONES = 30
LONGEST_TITLE = 120
LONGEST_TEXT = 2_000


def lock_goal(goal: Goal) -> Goal:
    """Lock a goal and return it as it stands, its version in force loaded."""
    rows = Goal.objects.select_for_update(of=("self",), no_key=True)
    locked: Goal = rows.select_related("current", "match__cohort").get(pk=goal.pk)
    return locked


def require_owner(goal: Goal, actor: User) -> None:
    """Raise NotAllowed unless the goal is the actor's own."""
    if goal.owner_id != actor.pk:
        raise NotAllowed(_("Only whoever set a goal changes it."))


def require_open(goal: Goal) -> None:
    """Raise DomainError when the goal is reached or put aside."""
    if not goal.is_open:
        raise DomainError(_("This goal is not open any more. Reopen it first."), code="not_open")


def require_member(match: Match, actor: User) -> None:
    """Raise NotAllowed unless the actor is in the match."""
    if not Match.objects.of(actor).filter(pk=match.pk).exists():
        raise NotAllowed(_("Only the people of a match set goals in it."))


def check_visibility(match: Match, visibility: str) -> None:
    """Raise DomainError for an audience that does not exist, or that the cohort does not have."""
    if visibility not in GoalVisibility.values:
        raise DomainError(_("Choose who sees this goal."), code="visibility", field="visibility")
    if visibility == GoalVisibility.MANAGER and not match.cohort.managers_see_goals:
        raise DomainError(
            _("Managers see no goals in this cohort. Choose another audience."),
            code="visibility",
            field="visibility",
        )


def progress_for(version: GoalVersion, value: Decimal) -> int:
    """Return how far a value is from start to target, in whole per cent from 0 to 100.

    Rounded down, so that 100 means that the target is reached.
    """
    if version.start_number is None or version.target_number is None:
        raise ValueError("This goal is not measured in numbers.")
    way = version.target_number - version.start_number
    return int(min(max((value - version.start_number) * 100 / way, Decimal(0)), Decimal(100)))


def record_act(
    goal: Goal, act: str, *, actor: User, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Write an act to the audit log; about a private goal nothing that a program could read."""
    shared = {"match": goal.match_id} if goal.is_shared else {}
    record(
        actor=actor,
        action=act,
        about=goal,
        now=now,
        program_id=goal.match.cohort.program_id if goal.is_shared else None,
        detail={**shared, **(detail or {})},
    )
