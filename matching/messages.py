"""The mail to the people of a new match."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.models import Match, MatchMember, MatchStatus
from matching.reasons import for_people
from matching.selectors import partners_of
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import MessageKind
from participants.models import MemberRole


def register() -> None:
    registry.register(
        MessageKind(
            name="matching.matched",
            template="mail/matching/matched",
            title=gettext_lazy("Your match"),
            why=gettext_lazy("You get this because you take part in a mentoring program."),
            is_required=True,
            may_stop=False,
            is_still_due=_is_still_due,
            context=_context,
        )
    )


def _is_still_due(message: Message, now: datetime) -> str:
    member = _membership(message)
    if member is None:
        return _("The person is not in this match any more.")
    if member.match.status == MatchStatus.ENDED:
        return _("The match ended meanwhile.")
    return ""


def _context(message: Message) -> dict[str, Any]:
    match = Match.objects.select_related("cohort__program").get(pk=message.object_id or 0)
    member = _membership(message)
    role = member.role if member else ""
    partners = partners_of(match, message.recipient)
    names = [partner.user.get_full_name() for partner in partners]
    return {
        "names": names,
        "partners": partners,
        "program": match.cohort.program,
        "reasons": for_people(
            match.contributions, viewer_role=role, partner_name=names[0] if names else ""
        ),
        "is_mentee": role == MemberRole.MENTEE,
        "url": absolute("match", match.pk),
    }


def _membership(message: Message) -> MatchMember | None:
    return (
        MatchMember.objects.current()
        .select_related("match")
        .filter(match=message.object_id or 0, user=message.recipient_id)
        .first()
    )
