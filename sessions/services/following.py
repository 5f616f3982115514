"""Planned meetings follow the people of a match: who leaves a circle, and who joins it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from matching.models import MatchMember
from sessions.models import Meeting, MeetingAttendee, MeetingStatus
from sessions.services import rules
from sessions.services.attending import seat_newcomers
from sessions.services.plans import tell

MOST_AT_ONCE = 500


def follow_members(*, now: datetime) -> int:
    """Bring what is planned in line with who is in the match now; return how many meetings changed.

    Who left gets the hour back and one message for each meeting or series; who joined is invited,
    confirmed where free. Again is fine: a meeting whose people fit is left alone.
    """
    sits = MatchMember.objects.current().filter(match=OuterRef("meeting__match"))
    stays = MeetingAttendee.objects.filter(meeting=OuterRef("pk")).filter(
        ~Exists(sits.filter(user=OuterRef("user")))
    )
    takes_part = MeetingAttendee.objects.filter(
        meeting=OuterRef(OuterRef("pk")), user=OuterRef("user")
    )
    comes = (
        MatchMember.objects.current().filter(match=OuterRef("match")).filter(~Exists(takes_part))
    )
    rows = Meeting.objects.filter(
        Q(Exists(stays)) | Q(Exists(comes)),
        status=MeetingStatus.SCHEDULED,
        starts_at__gt=now,
        match__status__in=("active", "paused"),
    )
    told: set[tuple[str, int, int]] = set()
    changed = 0
    for pk in list(
        rows.order_by("match", "series", "starts_at").values_list("pk", flat=True)[:MOST_AT_ONCE]
    ):
        changed += _follow(pk, now, told)
    return changed


@transaction.atomic
def _follow(pk: int, now: datetime, told: set[tuple[str, int, int]]) -> bool:
    """Change one meeting; ``told`` keeps who has heard of which series in this turn."""
    row = Meeting.objects.select_related("match").get(pk=pk)
    match = rules.lock_match(row.match)
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("series").get(pk=pk)
    if not meeting.is_planned:
        return False
    members = set(match.members.current().values_list("user_id", flat=True))
    present = set(meeting.attendees.values_list("user_id", flat=True))
    gone, new = present - members, members - present
    meeting.attendees.filter(user__in=gone).delete()
    seat_newcomers(meeting, new)
    series = meeting.series
    invitation, about, occasion = (
        ("series", series.pk, str(series.sequence))
        if series is not None
        else ("booked", meeting.pk, str(meeting.sequence))
    )
    for kind, people, what in (("given_up", gone, meeting.pk), (invitation, new, about)):
        fresh = {person for person in people if (kind, person, about) not in told}
        told.update((kind, person, about) for person in fresh)
        tell(
            kind,
            about=what,
            to=fresh,
            match=match,
            now=now,
            occasion="" if kind == "given_up" else occasion,
        )
    return bool(gone or new)
