"""Set a goal, word it anew, reach it, put it aside, take it up again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, DomainError
from goals.models import Goal, GoalStatus, GoalVersion
from goals.services.asking import ask_to_confirm, tell_reached
from goals.services.rules import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_OPEN_GOALS,
    check_visibility,
    lock_goal,
    record_act,
    require_member,
    require_open,
    require_owner,
)
from goals.services.state import progress_now
from matching.models import Match, MatchStatus

ALLOWED = {
    GoalStatus.OPEN: {GoalStatus.REACHED, GoalStatus.ARCHIVED},
    GoalStatus.REACHED: {GoalStatus.OPEN, GoalStatus.ARCHIVED},
    GoalStatus.ARCHIVED: {GoalStatus.OPEN},
}
ACTS = {
    GoalStatus.OPEN: "goal.reopened",
    GoalStatus.REACHED: "goal.reached",
    GoalStatus.ARCHIVED: "goal.archived",
}
# What makes a goal another one: who confirmed the old target has not confirmed the new one.
OF_THE_TARGET = (
    "measure",
    "starting_point",
    "target",
    "unit",
    "start_number",
    "target_number",
    "target_on",
)
TEXTS = ("title", "why", "measure", "starting_point", "target", "unit")


@dataclass(frozen=True, kw_only=True)
class GoalText:
    """A goal as somebody words it. Both numbers, or none; with numbers it is measured by them."""

    title: str
    why: str = ""
    measure: str = ""
    starting_point: str = ""
    target: str = ""
    unit: str = ""
    start_number: Decimal | None = None
    target_number: Decimal | None = None
    target_on: date | None = None


@transaction.atomic
def set_goal(*, match: Match, actor: User, now: datetime, visibility: str, text: GoalText) -> Goal:
    """Set a goal of the actor's own in a match, and ask the others to confirm a shared one.

    Raises:
        NotAllowed: the actor is not in the match.
        DomainError: the match has ended, there are too many open goals, or the text is not
            complete; ``field`` names what.
    Effects: a goal with its first version, one audit row; for a shared goal one message to each
    other member.
    """
    require_member(match, actor)
    if match.status == MatchStatus.ENDED:
        raise DomainError(_("This match has ended, so it gets no new goals."), code="ended")
    check_visibility(match, visibility)
    check_text(text)
    open_goals = Goal.objects.filter(match=match, owner=actor, status=GoalStatus.OPEN)
    if open_goals.count() >= MOST_OPEN_GOALS:
        raise DomainError(
            _("You have %(count)d open goals here. Finish or put aside one of them first.")
            % {"count": MOST_OPEN_GOALS},
            code="too_many",
        )
    goal = Goal.objects.create(match=match, owner=actor, visibility=visibility, created_at=now)
    _write_version(goal, text, number=1, actor=actor, now=now)
    record_act(goal, "goal.set", actor=actor, now=now)
    ask_to_confirm(goal, now=now)
    return goal


@transaction.atomic
def change_goal(
    *, goal: Goal, actor: User, now: datetime, visibility: str, text: GoalText, base: int
) -> Goal:
    """Word a goal anew; ``base`` is the version that the actor had before their eyes.

    A change of the target asks for new confirmations; with numbers, progress is counted anew from
    the last value. Nothing happens when nothing differs.

    Raises:
        NotAllowed: it is somebody else's goal.
        Conflict: it was changed meanwhile, on another device.
        DomainError: it is not open, or the text is not complete; ``field`` names what.
    Effects: a new version, one audit row; for a shared goal with a new target, or one newly shared,
    one message to each other member.
    """
    require_owner(goal, actor)
    stored = lock_goal(goal)
    require_open(stored)
    check_visibility(stored.match, visibility)
    check_text(text)
    before = _in_force(stored)
    if before.number != base:
        raise Conflict(_("You changed this goal elsewhere meanwhile. Look at it, then save again."))
    old, was_shared = text_of(before), stored.is_shared
    if old == text and stored.visibility == visibility:
        return stored
    has_new_target = any(getattr(old, name) != getattr(text, name) for name in OF_THE_TARGET)
    stored.visibility = visibility
    version = _write_version(stored, text, number=before.number + 1, actor=actor, now=now)
    if has_new_target or not was_shared:
        stored.target_version = version.number
        stored.progress = progress_now(stored)
        stored.save(update_fields=["target_version", "progress"])
        ask_to_confirm(stored, now=now)
    record_act(stored, "goal.changed", actor=actor, now=now, detail={"version": version.number})
    return stored


@transaction.atomic
def move_goal(*, goal: Goal, actor: User, now: datetime, status: str) -> Goal:
    """Reach a goal, put it aside, or take it up again. Saying it twice changes nothing.

    Raises:
        NotAllowed: it is somebody else's goal.
        DomainError: there is no such step from where it stands.
    Effects: the status, one audit row; for a shared goal that is reached one message to each other
    member.
    """
    require_owner(goal, actor)
    stored = lock_goal(goal)
    if stored.status == status:
        return stored
    if status not in ALLOWED[GoalStatus(stored.status)]:
        raise DomainError(_("That is not possible from where this goal stands."), code="status")
    stored.status = status
    stored.reached_at = now if status == GoalStatus.REACHED else None
    stored.save(update_fields=["status", "reached_at"])
    record_act(stored, ACTS[GoalStatus(status)], actor=actor, now=now)
    if status == GoalStatus.REACHED:
        tell_reached(stored, now=now)
    return stored


def check_text(text: GoalText) -> None:
    """Raise DomainError unless a goal can be worded so."""
    if not text.title:
        raise DomainError(_("Say in a few words what you want."), code="empty", field="title")
    for name in TEXTS:
        longest = LONGEST_TITLE if name in ("title", "unit") else LONGEST_TEXT
        if len(getattr(text, name)) > longest:
            raise DomainError(
                _("This is too long: use at most %(count)d characters.") % {"count": longest},
                code="too_long",
                field=name,
            )
    if (text.start_number is None) != (text.target_number is None):
        missing = "start_number" if text.start_number is None else "target_number"
        raise DomainError(
            _("To measure in numbers, say both where you start and where you want to be."),
            code="one_number",
            field=missing,
        )
    if text.start_number is not None and text.start_number == text.target_number:
        raise DomainError(
            _("The target differs from where you start."), code="same", field="target_number"
        )


def text_of(version: GoalVersion) -> GoalText:
    """Return the opened words of a version."""
    return GoalText(**{field.name: getattr(version, field.name) for field in fields(GoalText)})


def _in_force(goal: Goal) -> GoalVersion:
    if goal.current is None:
        raise LookupError(f"Goal {goal.pk} has no version.")
    return goal.current


def _write_version(
    goal: Goal, text: GoalText, *, number: int, actor: User, now: datetime
) -> GoalVersion:
    """Keep the words as a version and put it in force."""
    version = GoalVersion(
        goal=goal,
        number=number,
        visibility=goal.visibility,
        written_by=actor,
        written_at=now,
        **{field.name: getattr(text, field.name) for field in fields(GoalText)},
    )
    version.save(force_insert=True)
    goal.current = version
    goal.save(update_fields=["current", "visibility"])
    return version
