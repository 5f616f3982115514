"""Find a shared goal realistic, or take that back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, DomainError
from goals.models import Goal, GoalConfirmation
from goals.services.rules import lock_goal, record_act, require_member, require_open


@transaction.atomic
def confirm_goal(
    *, goal: Goal, actor: User, now: datetime, version: int, is_realistic: bool = True
) -> Goal:
    """Say that a shared goal is realistic, or take that back. Saying it twice changes nothing.

    ``version`` is what the actor had before their eyes.

    Raises:
        NotAllowed: the actor is not in the match.
        Conflict: the target was changed meanwhile.
        DomainError: the goal is private, or not open.
    Effects: the confirmation, and one audit row when something changed.
    """
    require_member(goal.match, actor)
    stored = lock_goal(goal)
    require_open(stored)
    if not stored.is_shared:
        raise DomainError(_("This goal is not shared, so nobody confirms it."), code="private")
    if version < stored.target_version:
        raise Conflict(_("The target was changed meanwhile. Look at it once more."))
    mine = stored.confirmations.filter(user=actor, version__gte=stored.target_version)
    if not is_realistic:
        changed = bool(mine.delete()[0])
    elif mine.exists():
        changed = False
    else:
        number = stored.current.number if stored.current else stored.target_version
        GoalConfirmation.objects.create(goal=stored, version=number, user=actor, confirmed_at=now)
        changed = True
    if changed:
        act = "goal.confirmed" if is_realistic else "goal.confirmation_withdrawn"
        record_act(stored, act, actor=actor, now=now)
    return stored
