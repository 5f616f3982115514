"""The one video room that a match always meets in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from matching.models import Match
from sessions.links import checked_link
from sessions.models import MatchRoom
from sessions.services import rules
from sessions.services.plans import note_down


@transaction.atomic
def set_room(*, match: Match, actor: User, now: datetime, link: str) -> MatchRoom | None:
    """Make this link the room of the match; an empty one takes the room away.

    Raises:
        NotAllowed: the actor is not a current member.
        DomainError: the link is not an https address, or the match does not meet.
    Effects: the room, one audit row; locks the match.
    """
    match = rules.lock_match(match)
    rules.require_open_member(match, actor)
    address = checked_link(link)
    room = MatchRoom.objects.filter(match=match).first()
    if not address:
        if room is not None:
            note_down(room, "meeting.room_removed", actor=actor, match=match, now=now)
            room.delete()
        return None
    room = room or MatchRoom(match=match)
    room.link, room.changed_by, room.changed_at = address, actor, now
    room.save()
    note_down(room, "meeting.room_set", actor=actor, match=match, now=now)
    return room
