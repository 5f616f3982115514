"""Reads of events: for the people invited, and for the managers of the cohort."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from participants.models import Enrolment
from programs.models import Audience, Cohort
from sessions.clocks import When, when
from sessions.links import provider_of
from sessions.models import CohortEvent, EventAnswer, EventGuest

MOST_SHOWN = 20
KEPT_FOR = timedelta(days=60)


@dataclass(frozen=True)
class EventCard:
    """An event as one reader sees it: their clock, and their answer where they are invited."""

    event: CohortEvent
    when: When
    answer: str | None = None

    @property
    def title(self) -> str:
        return self.event.words.title

    @property
    def day(self) -> Any:
        return self.when.own.starts.date()

    @property
    def provider(self) -> str:
        return provider_of(self.event.words.link)

    @property
    def answer_text(self) -> str:
        return str(EventAnswer(self.answer or "").label)


def card_of(event: CohortEvent, user: User) -> EventCard:
    answer = getattr(event, "own_answer", None)
    time = when(event.starts_at, event.minutes, zone_name=user.time_zone)
    return EventCard(event, time, answer)


def own_events(user: User) -> QuerySet[CohortEvent]:
    """Return the events that the person is invited to, with their answer as ``own_answer``."""
    answer = EventGuest.objects.filter(event=OuterRef("pk"), user=user).values("answer")
    rows = CohortEvent.objects.of(user).annotate(own_answer=Subquery(answer[:1]))
    return rows.select_related("words", "cohort__program")


def coming_events(user: User, *, now: datetime) -> list[EventCard]:
    """Return what the person is invited to and is still to come, soonest first. One query."""
    rows = own_events(user).coming(now).order_by("starts_at", "id")[:MOST_SHOWN]
    return [card_of(event, user) for event in rows]


def calendar_events(user: User, *, now: datetime) -> list[CohortEvent]:
    """Return the events of the person's feed, cancelled ones and those declined too. One query."""
    rows = own_events(user).filter(starts_at__gt=now - KEPT_FOR)
    return list(rows.order_by("starts_at", "id"))


def events_of_cohort(cohort: Cohort) -> QuerySet[CohortEvent]:
    """Return a cohort's events, latest first, with counts of guests who still take part."""
    present = Q(guests__enrolment__status__in=("enrolled", "paused"), guests__user__is_active=True)
    return (
        CohortEvent.objects.filter(cohort=cohort)
        .select_related("words")
        .annotate(
            invited=Count("guests", filter=present),
            coming=Count("guests", filter=present & Q(guests__answer=EventAnswer.YES)),
            declined=Count("guests", filter=present & Q(guests__answer=EventAnswer.NO)),
            came=Count("guests", filter=Q(guests__attended=True)),
        )
        .order_by("-starts_at", "-id")
    )


def guests_of(event: CohortEvent) -> QuerySet[EventGuest]:
    """Return who is invited and takes part, by name; who was there stays when they have left."""
    rows = event.guests.filter(
        Q(enrolment__status__in=("enrolled", "paused"), user__is_active=True)
        | Q(attended__isnull=False)
    )
    return rows.select_related("user", "enrolment").order_by(
        "user__first_name", "user__last_name", "id"
    )


def audience_counts(cohort: Cohort) -> dict[str, int]:
    """Return how many people an event for each audience would invite today. One query."""
    rows = Enrolment.objects.in_pool().filter(cohort=cohort)
    return rows.aggregate(
        **{
            Audience.MENTOR.value: Count("user", filter=Q(role="mentor"), distinct=True),
            Audience.MENTEE.value: Count("user", filter=Q(role="mentee"), distinct=True),
            Audience.BOTH.value: Count("user", distinct=True),
        }
    )


def event_of_mail(user: User, pk: int) -> CohortEvent | None:
    """Return an event while this person is invited to it, else None. One query."""
    return own_events(user).filter(pk=pk).first()
