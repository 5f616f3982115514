"""Who is invited to events: everybody they are for, now and later; and what guests are told."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from notifications.services import NewMessage, queue_messages
from participants.models import TAKES_PART, Enrolment
from programs.models import Audience, CohortStatus
from sessions.models import CohortEvent, EventAnswer, EventGuest
from sessions.services.sweeping import LOOK_AHEAD, reminder_time

RUNNING = (CohortStatus.ENROLLING, CohortStatus.PAIRING, CohortStatus.ACTIVE)
PIECE = 2_000


def invite_newcomers(*, now: datetime) -> int:
    """Invite who joined since to what is still to come; return how many. Again is fine."""
    return _invite(CohortEvent.objects.coming(now).filter(starts_at__gt=now), now=now)


def invite_missing(*, event: CohortEvent, now: datetime) -> int:
    """Invite everybody whom one event is for and who is no guest of it yet."""
    return _invite(CohortEvent.objects.filter(pk=event.pk), now=now)


@transaction.atomic
def _invite(events: QuerySet[CohortEvent], *, now: datetime) -> int:
    """Add the guests that are missing, by one query for all events, and tell them.

    Somebody who is mentor and mentee of a cohort is a guest once.
    """
    _follow_seats(events)
    wanted = (
        Enrolment.objects.in_pool()
        .filter(
            Q(cohort__events__audience=Audience.BOTH) | Q(cohort__events__audience=F("role")),
            cohort__events__in=events,
            cohort__status__in=RUNNING,
        )
        .annotate(event=F("cohort__events"), sequence=F("cohort__events__sequence"))
    )
    invited = EventGuest.objects.filter(event=OuterRef("event"), user=OuterRef("user"))
    missing = (
        wanted.filter(~Exists(invited))
        .order_by("event", "user", "id")
        .distinct("event", "user")
        .values_list("event", "id", "user", "sequence", "cohort", "cohort__program")
    )
    rows = list(missing)
    EventGuest.objects.bulk_create(
        [
            EventGuest(event_id=event, enrolment_id=enrolment, user_id=user, invited_at=now)
            for event, enrolment, user, *_rest in rows
        ],
        batch_size=PIECE,
        ignore_conflicts=True,
    )
    queue_messages(
        rows=[
            NewMessage(
                kind="events.invited",
                recipient_id=user,
                object_id=event,
                occasion=str(sequence),
                program_id=program,
                cohort_id=cohort,
            )
            for event, _enrolment, user, sequence, cohort, program in rows
        ],
        now=now,
    )
    return len(rows)


def _follow_seats(events: QuerySet[CohortEvent]) -> None:
    """Let guests whose seat in the cohort is gone stand by another one that they have there."""
    seats = Enrolment.objects.in_pool().filter(
        Q(role=OuterRef("event__audience")) | Q(cohort__events__audience=Audience.BOTH),
        cohort__events=OuterRef("event"),
        user=OuterRef("user"),
    )
    stale = EventGuest.objects.filter(event__in=events).exclude(enrolment__status__in=TAKES_PART)
    moved = stale.annotate(seat=Subquery(seats.order_by("pk").values("pk")[:1]))
    rows = moved.filter(seat__isnull=False).only("pk")
    for guest in rows:
        guest.enrolment_id = guest.seat
    EventGuest.objects.bulk_update(rows, ["enrolment"], batch_size=PIECE)


def tell_guests(event: CohortEvent, what: str, *, now: datetime) -> None:
    """Queue a message for every guest: ``changed`` or ``cancelled``."""
    queue_messages(
        rows=[
            NewMessage(
                kind=f"events.{what}",
                recipient_id=user,
                object_id=event.pk,
                occasion=str(event.sequence),
                program_id=event.cohort.program_id,
                cohort_id=event.cohort_id,
            )
            for user in event.guests.present().order_by("user").values_list("user", flat=True)
        ],
        now=now,
    )


def queue_event_reminders(*, now: datetime) -> int:
    """Queue a reminder the day before for who has not said no; return how many are new."""
    guests = (
        EventGuest.objects.present()
        .filter(
            event__cancelled_at__isnull=True,
            event__starts_at__gt=now,
            event__starts_at__lt=now + LOOK_AHEAD,
            event__cohort__status__in=RUNNING,
            invited_at__lt=F("event__starts_at") - timedelta(days=1.5),
        )
        .exclude(answer=EventAnswer.NO)
        .order_by("event", "user")
        .values_list(
            "event",
            "event__starts_at",
            "user",
            "user__time_zone",
            "event__cohort",
            "event__cohort__program",
        )
    )
    return queue_messages(
        rows=[
            NewMessage(
                kind="events.reminder",
                recipient_id=user,
                object_id=event,
                occasion=starts_at.isoformat(),
                program_id=program,
                cohort_id=cohort,
                due_at=max(now, reminder_time(starts_at, zone_name)),
            )
            for event, starts_at, user, zone_name, cohort, program in guests
        ],
        now=now,
    )


def sweep_events(*, now: datetime) -> None:
    """What time brings about for events: newcomers are invited, guests reminded."""
    if not CohortEvent.objects.filter(cancelled_at__isnull=True, starts_at__gt=now).exists():
        return
    invite_newcomers(now=now)
    queue_event_reminders(now=now)
