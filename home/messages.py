"""The mail to somebody who has asked for their account to be deleted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ErasureRequest
from home.leaving import KIND
from home.reminding import KIND as DUE
from home.reminding import due_actions, open_actions, plan_reminders
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import MessageKind, Planner


def register() -> None:
    registry.register(
        MessageKind(
            name=KIND,
            template="mail/home/leaving",
            title=gettext_lazy("Your account will be deleted"),
            why=gettext_lazy("You get this because somebody signed in as you asked for it."),
            is_required=True,
            may_stop=False,
            is_still_due=_is_still_due,
            context=_context,
        )
    )
    registry.register(
        MessageKind(
            name=DUE,
            asks=True,
            template="mail/home/actions_due",
            title=gettext_lazy("What you said you would do"),
            why=gettext_lazy("You get this on the day that something of yours is due."),
            is_required=False,
            may_stop=True,
            is_still_due=_has_due_actions,
            rests=lambda message: open_actions(*_whose(message)).exists(),
            context=_due_context,
        )
    )
    registry.register_planner(Planner("home.actions_due", plan_reminders))


def _is_still_due(message: Message, now: datetime) -> str:
    asked = ErasureRequest.objects.open().filter(pk=int(message.object_id or 0))
    return "" if asked.exists() else _("It was undone meanwhile.")


def _context(message: Message) -> dict[str, Any]:
    asked = ErasureRequest.objects.get(pk=int(message.object_id or 0))
    return {"due_at": asked.due_at, "url": absolute("leave")}


def _has_due_actions(message: Message, now: datetime) -> str:
    message.found = _due(message)
    return (
        ""
        if message.found
        else _("It is done, was moved to another day, or its match’s mail is held.")
    )


def _due_context(message: Message) -> dict[str, Any]:
    return {"count": message.found or _due(message), "url": absolute("actions")}


def _due(message: Message) -> int:
    return due_actions(*_whose(message)).count()


def _whose(message: Message) -> tuple[int, date]:
    return message.recipient_id, date.fromisoformat(message.occasion)
