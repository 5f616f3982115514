"""The mails of this floor: somebody asks for help. Who and why stands on the page only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import MessageKind
from support.models import HelpRequest


def register() -> None:
    for name, template, title, why in (
        (
            "support.help_asked",
            "mail/support/help_asked",
            gettext_lazy("Somebody asks you for help"),
            gettext_lazy("You get this because you are named as a contact for help."),
        ),
        (
            "support.help_deputy",
            "mail/support/help_deputy",
            gettext_lazy("A request for help is still open"),
            gettext_lazy("You get this because you are named as a deputy of a contact for help."),
        ),
    ):
        registry.register(
            MessageKind(
                name=name,
                template=template,
                title=title,
                why=why,
                is_required=True,
                may_stop=False,
                is_urgent=True,
                shows_text=False,
                is_still_due=_is_still_due,
                context=_context,
            )
        )


def _is_still_due(message: Message, _now: datetime) -> str:
    rows = HelpRequest.objects.select_related("cohort__program", "contact")
    message.found = rows.filter(pk=message.object_id or 0, closed_at__isnull=True).first()
    return "" if message.found else _("The request is closed.")


def _context(message: Message) -> dict[str, Any]:
    row: HelpRequest = message.found
    return {
        "program": row.cohort.program,
        "contact": row.contact,
        "url": absolute("support:help_request", row.pk),
    }
