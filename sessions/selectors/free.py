"""When the people of a match are free: hours they painted, meetings, busy times of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from psycopg2.extras import DateTimeTZRange

from accounts.models import User
from participants.models import Profile
from sessions.models import (
    LONGEST_MINUTES,
    BusyTime,
    EventAnswer,
    EventGuest,
    MeetingAttendee,
)
from sessions.selectors.people import Partner
from sessions.suggesting import DAYS_AHEAD, Calendar, Suggestion, suggest

LONGEST = timedelta(minutes=LONGEST_MINUTES)
Spans = dict[int, list[tuple[datetime, datetime]]]


def suggestions_for(
    user: User, people: Sequence[Partner], *, now: datetime, minutes: int, count: int = 9
) -> list[Suggestion]:
    """Return times that suit all of these people, the reader's clock first. Four queries."""
    ordered = sorted(people, key=lambda person: person.user_id != user.pk)
    return suggest(calendars_of(ordered, now=now), now=now, minutes=minutes, count=count)


def calendars_of(people: Sequence[Partner], *, now: datetime) -> list[Calendar]:
    """Return the calendar of each person for the next three weeks."""
    ids = [person.user_id for person in people]
    hours = dict(Profile.objects.filter(user__in=ids).values_list("user_id", "available_hours"))
    busy = _busy(ids, DateTimeTZRange(now, now + timedelta(days=DAYS_AHEAD + 1)))
    return [
        Calendar(
            person.time_zone,
            frozenset(hours.get(person.user_id, ())),
            tuple(sorted(busy[person.user_id])),
        )
        for person in people
    ]


def _busy(ids: list[int], window: DateTimeTZRange) -> Spans:
    """Return what is booked, events to come to and what private calendars say, by person."""
    found: Spans = defaultdict(list)
    booked = MeetingAttendee.objects.filter(
        user__in=ids, is_confirmed=True, during__overlap=window
    ).values_list("user_id", "during")
    taken_in = BusyTime.objects.filter(calendar__user__in=ids, during__overlap=window).values_list(
        "calendar__user_id", "during"
    )
    events = (
        EventGuest.objects.present()
        .filter(user__in=ids, event__cancelled_at__isnull=True)
        .filter(event__starts_at__lt=window.upper, event__starts_at__gt=window.lower - LONGEST)
        .exclude(answer=EventAnswer.NO)
        .select_related("event")
    )
    for guest in events:
        found[guest.user_id].append((guest.event.starts_at, guest.event.ends_at))
    for user_id, during in (*booked, *taken_in):
        found[user_id].append((during.lower, during.upper))
    return found
