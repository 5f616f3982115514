"""The steps of a goal: add, word anew, tick, move, take away and bring back."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError
from goals.models import Goal, Milestone
from goals.services.rules import (
    MOST_MILESTONES,
    lock_goal,
    record_act,
    require_open,
    require_owner,
)

LONGEST_STEP = 200


@transaction.atomic
def add_milestone(
    *, goal: Goal, actor: User, now: datetime, text: str, due_on: date | None = None
) -> Milestone:
    """Add a step at the end.

    Raises:
        NotAllowed: it is somebody else's goal.
        DomainError: the goal is not open, no words, or too many steps.
    Effects: the step, one audit row.
    """
    require_owner(goal, actor)
    stored = lock_goal(goal)
    require_open(stored)
    kept = stored.milestones.filter(removed_at__isnull=True)
    if kept.count() >= MOST_MILESTONES:
        raise DomainError(
            _("A goal has at most %(count)d steps.") % {"count": MOST_MILESTONES}, code="too_many"
        )
    last = stored.milestones.aggregate(last=Max("position"))["last"] or 0
    step = Milestone(
        goal=stored, text=_words(text), due_on=due_on, position=last + 1, created_at=now
    )
    step.save(force_insert=True)
    record_act(stored, "milestone.added", actor=actor, now=now)
    return step


@transaction.atomic
def change_milestone(
    *, milestone: Milestone, actor: User, now: datetime, text: str, due_on: date | None
) -> Milestone:
    """Word a step anew, or give it another day.

    Raises:
        NotAllowed: it is somebody else's goal.
        DomainError: no words.
    Effects: the step, one audit row.
    """
    require_owner(milestone.goal, actor)
    milestone.text, milestone.due_on = _words(text), due_on
    milestone.save(update_fields=["text", "due_on"])
    record_act(milestone.goal, "milestone.changed", actor=actor, now=now)
    return milestone


@transaction.atomic
def tick_milestone(*, milestone: Milestone, actor: User, now: datetime, is_done: bool) -> Milestone:
    """Tick a step, or take the tick back. Saying it twice changes nothing.

    Raises:
        NotAllowed: it is somebody else's goal.
    Effects: ``done_at``, and one audit row when something changed.
    """
    require_owner(milestone.goal, actor)
    done_at = now if is_done else None
    changed = Milestone.objects.filter(pk=milestone.pk, done_at__isnull=is_done)
    if changed.update(done_at=done_at):
        milestone.done_at = done_at
        act = "milestone.done" if is_done else "milestone.reopened"
        record_act(milestone.goal, act, actor=actor, now=now)
    return milestone


@transaction.atomic
def move_milestone(*, milestone: Milestone, actor: User, now: datetime, up: bool) -> None:
    """Swap a step with its neighbour; at the end nothing happens.

    Raises:
        NotAllowed: it is somebody else's goal.
    Effects: positions of the goal's steps, one audit row.
    """
    require_owner(milestone.goal, actor)
    stored = lock_goal(milestone.goal)
    steps = list(stored.milestones.filter(removed_at__isnull=True))
    at = next((at for at, step in enumerate(steps) if step.pk == milestone.pk), None)
    other = None if at is None else at - 1 if up else at + 1
    if at is None or other is None or not 0 <= other < len(steps):
        return
    steps[at], steps[other] = steps[other], steps[at]
    for position, step in enumerate(steps, start=1):
        if step.position != position:
            Milestone.objects.filter(pk=step.pk).update(position=position)
    record_act(stored, "milestone.moved", actor=actor, now=now)


@transaction.atomic
def remove_milestone(*, milestone: Milestone, actor: User, now: datetime) -> None:
    """Take a step away; for a day it can be brought back.

    Raises:
        NotAllowed: it is somebody else's goal.
    Effects: ``removed_at``, and one audit row when something changed.
    """
    _set_removed(milestone, actor=actor, now=now, is_removed=True)


@transaction.atomic
def restore_milestone(*, milestone: Milestone, actor: User, now: datetime) -> None:
    """Bring a step back that was taken away."""
    _set_removed(milestone, actor=actor, now=now, is_removed=False)


def _set_removed(milestone: Milestone, *, actor: User, now: datetime, is_removed: bool) -> None:
    require_owner(milestone.goal, actor)
    rows = Milestone.objects.filter(pk=milestone.pk, removed_at__isnull=is_removed)
    if rows.update(removed_at=now if is_removed else None):
        act = "milestone.removed" if is_removed else "milestone.restored"
        record_act(milestone.goal, act, actor=actor, now=now)


def _words(text: str) -> str:
    if not text.strip():
        raise DomainError(_("Say in a few words what the step is."), code="empty", field="text")
    if len(text.strip()) > LONGEST_STEP:
        raise DomainError(
            _("This is too long: use at most %(count)d characters.") % {"count": LONGEST_STEP},
            code="too_long",
            field="text",
        )
    return text.strip()
