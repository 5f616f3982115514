"""The mails about accounts that end: to somebody from outside, who vouches, and the managers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import MessageKind, Planner
from participants.models import Enrolment
from participants.services.external_reminders import ENDS, TOLD, ending, remind_of_ends


def register() -> None:
    registry.register(
        MessageKind(
            name=ENDS,
            template="mail/participants/account_ends",
            title=gettext_lazy("Your account ends"),
            why=gettext_lazy("You get this because your account was made for a time."),
            is_required=True,
            may_stop=False,
            is_still_due=_still_ends,
            context=_own_context,
        )
    )
    registry.register(
        MessageKind(
            name=TOLD,
            template="mail/participants/external_ends",
            title=gettext_lazy("An account from outside ends"),
            why=gettext_lazy(
                "You get this because you vouch for somebody from outside, or manage the program."
            ),
            is_required=True,
            may_stop=False,
            is_still_due=_still_ends,
            context=_told_context,
        )
    )
    registry.register_planner(Planner("participants.externals", remind_of_ends))


def _still_ends(message: Message, now: datetime) -> str:
    """Ask anew: an account that was prolonged or switched off meanwhile ends on no such day."""
    places = ending(now.date()).filter(user=message.object_id or 0)
    found = list(places.select_related("user", "cohort__program").order_by("pk"))
    if not found or f"{found[0].user.works_until:%Y-%m-%d}" != message.occasion:
        return _("The account does not end on this day any more.")
    message.found = found
    return ""


def _own_context(message: Message) -> dict[str, Any]:
    place: Enrolment = message.found[0]
    program = place.cohort.program
    return {
        "program": program,
        "day": place.user.works_until,
        "contact": program.contact_name,
        "voucher": place.user.vouched_by,
        "url": absolute("enrolment_status", place.pk),
    }


def _told_context(message: Message) -> dict[str, Any]:
    """Lead managers to the page of the person; who only vouches reads of no program."""
    places: list[Enrolment] = message.found
    managed = Enrolment.objects.managed_by(message.recipient)
    own = managed.filter(pk__in=[place.pk for place in places]).order_by("pk").first()
    return {
        "person": places[0].user,
        "day": places[0].user.works_until,
        "is_manager": own is not None,
        "url": absolute("participants:enrolment", own.pk) if own else absolute("home"),
    }
