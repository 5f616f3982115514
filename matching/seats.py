"""Who sits in a match now. Shared by everything its people do together."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, NotAllowed
from matching.models import Match, MatchMember, MatchStatus


def locked_for(match: Match, actor: User) -> Match:
    """Lock an open match for what one of its members does now; others of it wait for the end.

    Raises:
        NotAllowed: the person is not a member now.
        Conflict: the match has ended.
    """
    row: Match = (
        Match.objects.select_for_update(of=("self",), no_key=True)
        .select_related("cohort")
        .get(pk=match.pk)
    )
    if row.status == MatchStatus.ENDED:
        raise Conflict(_("This match has ended. What you wrote stays readable."))
    if actor.pk not in member_ids(row):
        raise NotAllowed(_("Only the people of this match can do that."))
    return row


def member_ids(match: Match) -> list[int]:
    """Return the current members' user ids, in the order of their seats."""
    rows = MatchMember.objects.current().filter(match=match)
    return list(rows.order_by("role", "pk").values_list("user_id", flat=True))


def others_in(match: Match, actor: User | None) -> list[User]:
    """Return every other current member; without an actor, every one."""
    rows = MatchMember.objects.current().filter(match=match)
    if actor is not None:
        rows = rows.exclude(user=actor)
    return [row.user for row in rows.select_related("user").order_by("role", "pk")]


def goes_on_without(match: Match, person: User) -> bool:
    """Tell whether a match goes on when somebody leaves it.

    A circle does while two others stay and one of them is in the leaver's own kind of seat.
    """
    seats = MatchMember.objects.current().filter(match=match)
    own = seats.filter(user=person).values_list("role", flat=True).first()
    others = list(seats.exclude(user=person).values_list("role", flat=True))
    return len(others) > 1 and own in others
