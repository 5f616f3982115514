"""Tell the others of a match about a shared goal, by mail that says no word of it."""

from __future__ import annotations

from datetime import datetime

from goals.models import Goal
from matching.models import MatchMember, MatchStatus
from notifications.services import NewMessage, queue_messages

CONFIRM, REACHED = "goals.confirm", "goals.reached"


def ask_to_confirm(goal: Goal, *, now: datetime) -> None:
    """Ask each other member whether the target is realistic; about a private goal nobody."""
    _tell(goal, CONFIRM, occasion=f"v{goal.target_version}", now=now)


def tell_reached(goal: Goal, *, now: datetime) -> None:
    """Tell each other member that a shared goal is reached, once for each version of its target."""
    _tell(goal, REACHED, occasion=f"v{goal.target_version}", now=now)


def _tell(goal: Goal, kind: str, *, occasion: str, now: datetime) -> None:
    if not goal.is_shared or goal.match.status == MatchStatus.ENDED:
        return
    members = MatchMember.objects.current().filter(match=goal.match_id)
    others = members.exclude(user=goal.owner_id).values_list("user_id", flat=True)
    rows = [
        NewMessage(
            kind=kind,
            recipient_id=user_id,
            object_id=goal.pk,
            occasion=occasion,
            program_id=goal.match.cohort.program_id,
            cohort_id=goal.match.cohort_id,
            match_id=goal.match_id,
        )
        for user_id in others
    ]
    queue_messages(rows=rows, now=now)
