"""Reads of events: for the people invited, and for the managers of the cohort."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Func, OuterRef, Q, QuerySet, Subquery, Value

from accounts.models import User
from core.packed import moment, packed, unpack_sealed
from participants.models import Enrolment
from programs.models import Audience, Cohort, Program
from sessions.clocks import When, when
from sessions.links import provider_of
from sessions.models import CohortEvent, EventAnswer, EventGuest, EventWords
from sessions.querysets import present_guests

MOST_ENTRIES = 100
EVENT_FIELDS = (
    "id",
    "uid",
    "kind",
    "audience",
    "starts_at",
    "minutes",
    "sequence",
    "changed_at",
    "cancelled_at",
)


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
    answer = event.own_answer
    time = when(event.starts_at, event.minutes, zone_name=user.time_zone)
    return EventCard(event, time, answer)


def own_events(user: User) -> QuerySet[CohortEvent]:
    """Return the events that the person is invited to, with their answer as ``own_answer``."""
    answer = EventGuest.objects.filter(event=OuterRef("pk"), user=user).values("answer")
    rows = CohortEvent.objects.of(user).select_related("words", "cohort__program")
    asked: QuerySet[CohortEvent] = rows.annotate(**{"own_answer": Subquery(answer[:1])})
    return asked


def packed_events(person: str, *, since: datetime) -> Any:
    """Return an expression: the events since then that the person of this column is invited to.

    To be read by :func:`unpack_events`; at most a hundred.
    """
    rows = (
        EventGuest.objects.present()
        .filter(user=OuterRef(person), event__starts_at__gt=since)
        .exclude(event__cohort__status="archived")
        .order_by("event__starts_at", "event")
    )
    return packed(
        rows[:MOST_ENTRIES],
        answer=F("answer"),
        is_discreet=F("event__cohort__program__is_discreet"),
        words=F("event__words"),
        title=Func(F("event__words__title"), Value("base64"), function="encode"),
        **{name: F(f"event__{name}") for name in EVENT_FIELDS},
    )


def unpack_events(rows: Iterable[dict[str, Any]]) -> list[CohortEvent]:
    """Return unsaved events, each with its title and the person's ``own_answer``."""
    return [_unpacked(row) for row in rows]


def _unpacked(row: dict[str, Any]) -> CohortEvent:
    values = {name: row[name] for name in EVENT_FIELDS}
    for name in ("starts_at", "changed_at", "cancelled_at"):
        values[name] = moment(values[name])
    program = Program(is_discreet=row["is_discreet"])
    event = CohortEvent(**values)
    event.cohort = Cohort(program=program)
    unpack_sealed(EventWords, UUID(row["words"]), title=row["title"]).event = event
    event.own_answer = row["answer"]
    return event


def events_of_cohort(cohort: Cohort) -> QuerySet[CohortEvent]:
    """Return a cohort's events, latest first, with counts of the guests that its page lists."""
    present = present_guests("guests__")
    return (
        CohortEvent.objects.filter(cohort=cohort)
        .select_related("words")
        .annotate(
            invited=Count("guests", filter=present | Q(guests__attended__isnull=False)),
            coming=Count("guests", filter=present & Q(guests__answer=EventAnswer.YES)),
            declined=Count("guests", filter=present & Q(guests__answer=EventAnswer.NO)),
            came=Count("guests", filter=Q(guests__attended=True)),
        )
        .order_by("-starts_at", "-id")
    )


def guests_of(event: CohortEvent) -> QuerySet[EventGuest]:
    """Return who is invited and takes part, by name; who was there stays when they have left."""
    rows = event.guests.filter(present_guests() | Q(attended__isnull=False))
    return rows.select_related("user", "enrolment").order_by("user__name_key", "user_id")


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


def own_event(user: User, pk: int) -> CohortEvent | None:
    """Return an event while this person is invited to it, else None. One query."""
    return own_events(user).filter(pk=pk).first()
