"""The mail to somebody who has asked for their account to be deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ErasureRequest
from home.leaving import KIND
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import MessageKind


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


def _is_still_due(message: Message, now: datetime) -> str:
    asked = ErasureRequest.objects.open().filter(pk=int(message.object_id or 0))
    return "" if asked.exists() else _("It was undone meanwhile.")


def _context(message: Message) -> dict[str, Any]:
    asked = ErasureRequest.objects.get(pk=int(message.object_id or 0))
    return {"due_at": asked.due_at, "url": absolute("leave")}
