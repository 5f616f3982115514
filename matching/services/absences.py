"""Who is in a match with somebody that pauses hears until when, once, and never why."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from matching.models import MatchMember, MatchStatus
from matching.selectors import resting
from notifications.services import NewMessage, queue_messages
from participants.models import EnrolmentStatus

TOLD_WITHIN = timedelta(days=3)


def away_members(now: datetime) -> QuerySet[MatchMember]:
    """Return current members, one who pauses since a short while, of a match that rests by it."""
    return (
        MatchMember.objects.current()
        .filter(
            resting("match"),
            match__status=MatchStatus.ACTIVE,
            enrolment__status=EnrolmentStatus.PAUSED,
            enrolment__pause_from__gte=now.date() - TOLD_WITHIN,
        )
        .filter(Q(enrolment__pause_until=None) | Q(enrolment__pause_until__gte=now.date()))
    )


def tell_of_absences(*, now: datetime) -> int:
    """Queue one mail to everybody who waits for somebody that pauses; returns how many are new.

    Again is fine: one for each pause and person. Whoever pauses as well hears nothing.
    """
    away = away_members(now).values_list(
        "match_id", "user_id", "enrolment_id", "enrolment__pause_from"
    )
    by_match = {match_id: row for match_id, *row in away.order_by("-pk")}
    others = (
        MatchMember.objects.current()
        .filter(match__in=by_match, enrolment__status=EnrolmentStatus.ENROLLED)
        .values_list("match_id", "user_id", "match__cohort__program_id", "match__cohort_id")
    )
    rows = [
        NewMessage(
            kind="matching.away",
            recipient_id=user_id,
            object_id=match_id,
            occasion=f"{enrolment_id}-{begins:%Y%m%d}",
            program_id=program_id,
            cohort_id=cohort_id,
            match_id=match_id,
        )
        for match_id, user_id, program_id, cohort_id in others
        for _away, enrolment_id, begins in [by_match[match_id]]
    ]
    return queue_messages(rows=rows, now=now) if rows else 0
