"""The only way a view gets a goal, or a match to set one in."""

from __future__ import annotations

import uuid
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404

from accounts.models import User
from goals.models import Goal, Milestone, ProgressUpdate
from participants.models import Enrolment
from programs.models import Phase, Program

Part = TypeVar("Part", bound=Model)


def get_goal_for(user: User, pk: int) -> Goal:
    """Return a goal of the person's own, or one that is shared with them; else 404."""
    rows = Goal.objects.visible_to(user).select_related(
        "owner", "current", "match__cohort__program"
    )
    goal: Goal | None = rows.filter(pk=pk).first()
    if goal is None:
        raise Http404
    return goal


def get_own_goal(user: User, pk: int) -> Goal:
    """Return a goal of the person's own: 403 where somebody shares it with them, else 404."""
    goal = get_goal_for(user, pk)
    if goal.owner_id != user.pk:
        raise PermissionDenied
    return goal


def get_own_milestone(user: User, pk: uuid.UUID) -> Milestone:
    return _own_part(Milestone, user, pk)


def get_own_update(user: User, pk: uuid.UUID) -> ProgressUpdate:
    return _own_part(ProgressUpdate, user, pk)


def _own_part(model: type[Part], user: User, pk: uuid.UUID) -> Part:
    """Return a row of one of the person's goals: 403 where the goal is only shared, else 404."""
    rows: Any = model._default_manager.select_related("goal__match__cohort", "goal__current")
    found: Any = rows.filter(pk=pk, goal__in=Goal.objects.visible_to(user)).first()
    if found is None:
        raise Http404
    if found.goal.owner_id != user.pk:
        raise PermissionDenied
    part: Part = found
    return part


def get_own_phase(user: User, pk: int) -> Phase:
    """Return a phase of a cohort that the person takes part in, else 404."""
    own = Enrolment.objects.filter(user=user).values("cohort")
    phase: Phase | None = (
        Phase.objects.filter(pk=pk, cohort__in=own).select_related("cohort").first()
    )
    if phase is None:
        raise Http404
    return phase


def get_managed_program(user: User, pk: int) -> Program:
    """Return a program that this person manages: 403 for its participants, else 404."""
    program: Program | None = Program.objects.managed_by(user).filter(pk=pk).first()
    if program is not None:
        return program
    if Enrolment.objects.filter(cohort__program_id=pk, user=user).exists():
        raise PermissionDenied
    raise Http404
