"""The mails to those who run programs: a role was given, handed over, or somebody stands in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGER, OWNER
from accounts.granted import register as register_teller
from accounts.models import RoleGrant, User
from core.clock import local_day
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import Audience, MessageKind
from notifications.services import queue_message
from programs.models import Cover, Program

RUNNING = (OWNER, MANAGER)


def register() -> None:
    registry.register(
        MessageKind(
            name="programs.role_given",
            template="mail/programs/role_given",
            title=gettext_lazy("A role for you"),
            why=gettext_lazy("You get this because somebody gave you a role."),
            is_required=True,
            may_stop=False,
            is_still_due=_grant_is_due,
            context=_grant_context,
            audience=Audience.WHOEVER_HAD_ONE,
        )
    )
    registry.register(
        MessageKind(
            name="programs.handed_over",
            template="mail/programs/handed_over",
            title=gettext_lazy("A program is handed over to you"),
            why=gettext_lazy("You get this because somebody handed a program over to you."),
            is_required=True,
            may_stop=False,
            is_still_due=_handed_over_is_due,
            context=_handed_over_context,
            audience=Audience.WHOEVER_HAD_ONE,
        )
    )
    registry.register(
        MessageKind(
            name="programs.standing_in",
            template="mail/programs/standing_in",
            title=gettext_lazy("You stand in for somebody"),
            why=gettext_lazy("You get this because you stand in for somebody who is away."),
            is_required=True,
            may_stop=False,
            is_still_due=_cover_is_due,
            context=_cover_context,
            audience=Audience.WHOEVER_HAD_ONE,
        )
    )
    register_teller(tell_of_grant)


def tell_of_grant(*, grant: RoleGrant, actor: User, now: datetime) -> None:
    """Queue the mail to whoever was given a role. Effects: at most one row."""
    queue_message(
        kind="programs.role_given",
        recipient=grant.user,
        now=now,
        object_id=grant.pk,
        program_id=grant.program_id,
    )


def _grant(message: Message) -> RoleGrant | None:
    rows = RoleGrant.objects.select_related("program", "granted_by")
    return rows.filter(pk=message.object_id or 0, user=message.recipient_id).first()


def _grant_is_due(message: Message, now: datetime) -> str:
    message.found = _grant(message)
    return "" if message.found else _("The role was taken back meanwhile.")


def _grant_context(message: Message) -> dict[str, Any]:
    grant: RoleGrant = message.found  # what is_still_due has just read
    runs = grant.role in RUNNING
    return {
        "role": grant.get_role_display(),
        "program": grant.program,
        "by": grant.granted_by,
        "runs": runs,
        "url": absolute("programs:cohorts") if runs else absolute("home"),
    }


def _handed_over_is_due(message: Message, now: datetime) -> str:
    grants = RoleGrant.objects.filter(
        user=message.recipient_id, program=message.object_id or 0, role__in=RUNNING
    )
    return "" if grants.exists() else _("The role was taken back meanwhile.")


def _handed_over_context(message: Message) -> dict[str, Any]:
    leaver = message.occasion.partition("-")[0]
    return {
        "program": Program.objects.get(pk=message.object_id or 0),
        "leaver": User.objects.filter(pk=int(leaver)).first() if leaver.isdigit() else None,
        "url": absolute("programs:team", message.object_id or 0),
    }


def _cover_is_due(message: Message, now: datetime) -> str:
    rows = Cover.objects.select_related("program", "away")
    cover = rows.filter(pk=message.object_id or 0, covered_by=message.recipient_id).first()
    if cover is None or cover.ends_on < local_day(now, cover.away.time_zone):
        return _("The cover was taken back, or is over.")
    message.found = cover
    return ""


def _cover_context(message: Message) -> dict[str, Any]:
    cover: Cover = message.found  # what is_still_due has just read
    return {
        "cover": cover,
        "program": cover.program,
        "away": cover.away,
        "url": absolute("programs:team", cover.program_id),
    }
