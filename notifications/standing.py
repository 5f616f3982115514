"""What a person's wishes, pauses and addresses say about one message, read at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from notifications.models import Message, MessagePreference
from notifications.quiet import QUIET_FROM, QUIET_UNTIL

DAY = timedelta(days=1)
WISHES = (
    "quiet_from",
    "quiet_until",
    "days_off",
    "holiday_region",
    "leave_from",
    "leave_until",
)
# By hand: the sender asks this of every message, and composing it took longer than the answer.
READ = """
    SELECT
        ARRAY(SELECT channel FROM notifications_messagestop
              WHERE user_id = %(person)s AND kind = %(kind)s),
        EXISTS (SELECT FROM notifications_messagepause
                WHERE ended_at IS NULL AND (
                    scope IN ('all', 'person')
                        AND (scope = 'all' OR person_id = %(person)s)
                        AND (program_id IS NULL OR program_id = %(program)s)
                    OR scope = 'cohort' AND cohort_id = %(cohort)s
                    OR scope = 'match' AND match_id = %(match)s)),
        EXISTS (SELECT FROM notifications_bounce
                WHERE user_id = %(person)s AND lifted_at IS NULL
                  AND upper(address) = upper(%(email)s)),
        EXISTS (SELECT FROM notifications_digestwish
                WHERE user_id = %(person)s AND kind = %(kind)s),
        ARRAY(SELECT first_on FROM notifications_closeddays
              WHERE last_on >= %(near)s ORDER BY id),
        ARRAY(SELECT last_on FROM notifications_closeddays
              WHERE last_on >= %(near)s ORDER BY id),
        wished.user_id IS NOT NULL, wished.quiet_from, wished.quiet_until, wished.days_off,
        wished.holiday_region, wished.leave_from, wished.leave_until
    FROM (VALUES (%(person)s)) AS person (id)
    LEFT JOIN notifications_messagepreference AS wished ON wished.user_id = person.id
"""


@dataclass(frozen=True)
class Standing:
    """How a message stands with its recipient: what they wish, and what holds it back.

    ``stopped`` are the channels by which they do not want the kind, ``closed`` the days on which
    the organisation rests.
    """

    stopped: frozenset[str]
    is_paused: bool
    is_bounced: bool
    wants_digest: bool
    wanted: MessagePreference
    closed: frozenset[date]


def standing_of(message: Message, *, now: datetime) -> Standing:
    """Read everything that wishes and pauses say about a message. One query."""
    person = message.recipient
    values: dict[str, Any] = {
        "person": person.pk,
        "email": person.email,
        "kind": message.kind,
        "program": message.program_id,
        "cohort": message.cohort_id,
        "match": message.match_id,
        "near": now.date() - DAY,  # today everywhere on earth
    }
    with connection.cursor() as cursor:
        cursor.execute(READ, values)
        stopped, paused, bounced, digest, first, last, has_wishes, *wishes = cursor.fetchone()
    usual = {"quiet_from": QUIET_FROM, "quiet_until": QUIET_UNTIL}
    own = dict(zip(WISHES, wishes, strict=True)) if has_wishes else usual
    return Standing(
        stopped=frozenset(stopped),
        is_paused=paused,
        is_bounced=bounced,
        wants_digest=digest,
        wanted=MessagePreference(user=person, **own),
        closed=days_between(first, last),
    )


def days_between(firsts: Sequence[date], lasts: Sequence[date]) -> frozenset[date]:
    """Return every day of some stretches, first and last days included."""
    return frozenset(
        first + shift * DAY
        for first, last in zip(firsts, lasts, strict=True)
        for shift in range((last - first).days + 1)
    )
