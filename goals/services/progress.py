"""Say how far a goal is; take an update away and bring it back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.clock import local_day
from core.errors import DomainError
from goals.models import Goal, ProgressUpdate
from goals.services.rules import (
    LONGEST_TEXT,
    lock_goal,
    progress_for,
    record_act,
    require_open,
    require_owner,
)
from goals.services.state import progress_now


@transaction.atomic
def add_progress(
    *,
    goal: Goal,
    actor: User,
    now: datetime,
    day: date,
    value: Decimal | None = None,
    progress: int | None = None,
    note: str = "",
) -> ProgressUpdate:
    """Say how far the goal was on a day: by ``value`` where it has numbers, else by per cent.

    Raises:
        NotAllowed: it is somebody else's goal.
        DomainError: the goal is not open, the day lies ahead, or nothing is said; ``field`` names
            what.
    Effects: the update, the goal's progress (the latest day counts), one audit row.
    """
    require_owner(goal, actor)
    stored = lock_goal(goal)
    require_open(stored)
    if day > local_day(now, actor.time_zone):
        raise DomainError(
            _("This day is still to come. Choose one up to today."), code="future", field="day"
        )
    if len(note) > LONGEST_TEXT:
        raise DomainError(
            _("This is too long: use at most %(count)d characters.") % {"count": LONGEST_TEXT},
            code="too_long",
            field="note",
        )
    update = ProgressUpdate(
        goal=stored, day=day, note=note.strip(), is_private=not stored.is_shared, created_at=now
    )
    version = stored.current
    if version is not None and version.has_numbers:
        if value is None:
            raise DomainError(_("Write the number you are at."), code="value", field="value")
        update.value, update.progress = value, progress_for(version, value)
    else:
        if progress is None or not 0 <= progress <= 100:
            raise DomainError(_("Choose how far you are."), code="progress", field="progress")
        update.progress = progress
    update.save(force_insert=True)
    _follow(stored)
    record_act(stored, "goal.progress", actor=actor, now=now, detail={"to": stored.progress})
    return update


@transaction.atomic
def remove_progress(*, update: ProgressUpdate, actor: User, now: datetime) -> None:
    """Take an update away; for a day it can be brought back.

    Raises:
        NotAllowed: it is somebody else's goal.
    Effects: ``removed_at``, the goal's progress, and one audit row when something changed.
    """
    _set_removed(update, actor=actor, now=now, is_removed=True)


@transaction.atomic
def restore_progress(*, update: ProgressUpdate, actor: User, now: datetime) -> None:
    """Bring an update back that was taken away."""
    _set_removed(update, actor=actor, now=now, is_removed=False)


def _set_removed(update: ProgressUpdate, *, actor: User, now: datetime, is_removed: bool) -> None:
    require_owner(update.goal, actor)
    stored = lock_goal(update.goal)
    rows = ProgressUpdate.objects.filter(pk=update.pk, removed_at__isnull=is_removed)
    if rows.update(removed_at=now if is_removed else None):
        _follow(stored)
        act = "goal.progress_removed" if is_removed else "goal.progress_restored"
        record_act(stored, act, actor=actor, now=now)


def _follow(goal: Goal) -> None:
    """Let the goal's progress be what its latest update says."""
    progress = progress_now(goal)
    if goal.progress != progress:
        goal.progress = progress
        goal.save(update_fields=["progress"])
