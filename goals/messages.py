"""The mails of this floor. None of them says a word of anybody's goal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goals.models import Goal, GoalConfirmation, GoalStatus
from goals.services.asking import CONFIRM, REACHED
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import MessageKind, Share


def register() -> None:
    registry.register(
        MessageKind(
            name=CONFIRM,
            asks=True,
            template="mail/goals/confirm",
            title=gettext_lazy("A goal waits for your word"),
            why=gettext_lazy("You get this because your match shares a goal with you."),
            is_required=False,
            may_stop=True,
            is_still_due=_is_unconfirmed,
            context=_context,
        )
    )
    registry.register(
        MessageKind(
            name=REACHED,
            template="mail/goals/reached",
            title=gettext_lazy("A shared goal is reached"),
            why=gettext_lazy("You get this because your match shares a goal with you."),
            is_required=False,
            may_stop=True,
            share=Share.NONE,
            is_still_due=_is_reached,
            context=_context,
        )
    )


def _goal(message: Message) -> Goal | None:
    """Return the goal, while its recipient may see it."""
    rows = Goal.objects.visible_to(message.recipient).select_related("owner")
    goal: Goal | None = rows.filter(pk=int(message.object_id or 0)).first()
    return goal


def _is_unconfirmed(message: Message, now: datetime) -> str:
    goal = _goal(message)
    if goal is None or goal.status != GoalStatus.OPEN:
        return _("The goal is not shared or not open any more.")
    if message.occasion != f"v{goal.target_version}":
        return _("The target was changed meanwhile.")
    said = GoalConfirmation.objects.filter(
        goal=goal, user=message.recipient, version__gte=goal.target_version
    )
    return _("The person has confirmed it.") if said.exists() else ""


def _is_reached(message: Message, now: datetime) -> str:
    goal = _goal(message)
    if goal is None or goal.status != GoalStatus.REACHED:
        return _("The goal was reopened meanwhile.")
    return ""


def _context(message: Message) -> dict[str, Any]:
    goal = Goal.objects.select_related("owner").get(pk=int(message.object_id or 0))
    return {"name": goal.owner.get_short_name(), "url": absolute("goals:detail", goal.pk)}
