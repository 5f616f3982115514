"""What comes due by itself: offers that run out, pauses that begin and end, reminders."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from core.errors import DomainError
from notifications.services import NewMessage, queue_messages
from participants.models import (
    Enrolment,
    EnrolmentDraft,
    EnrolmentStatus,
    Invitation,
    MemberRole,
    OfferOutcome,
    PlaceOffer,
)
from participants.resting import rests_on
from participants.services.enrolling import move_enrolment
from participants.services.line_managers import follow_line_managers
from participants.services.places import OFFERS_IN, expire_offer, fill_free_places
from participants.services.recommending import forget_recommendations
from participants.services.screening_reminders import remind_of_screening
from programs.models import Cohort, CohortStatus

logger = logging.getLogger(__name__)
BATCH = 500
DRAFT_REMINDER = timedelta(days=7)
INVITATION_REMINDER = timedelta(days=14)
DRAFT_KEPT = timedelta(days=90)


def sweep(*, now: datetime) -> None:
    """Do everything that is due and not done; one row that fails stops no other.

    Effects: see each step; every step is safe to repeat.
    """
    expire_offers(now=now)
    offer_free_places(now=now)
    turn_pauses(now=now)
    remind(now=now)
    remind_of_screening(now=now)
    follow_line_managers(now=now)
    forget_drafts(now=now)
    forget_recommendations()


def expire_offers(*, now: datetime) -> int:
    """Close offers whose time is over; their people keep waiting, at the end."""
    due = PlaceOffer.objects.filter(outcome=OfferOutcome.OPEN, expires_at__lte=now)
    return sum(expire_offer(offer, now=now) for offer in due.select_related("enrolment")[:BATCH])


def offer_free_places(*, now: datetime) -> int:
    """Offer free places of cohorts with a waitlist to those who wait longest."""
    waiting = (
        Enrolment.objects.filter(
            status=EnrolmentStatus.WAITLISTED, cohort__status__in=OFFERS_IN, user__is_active=True
        )
        .filter(
            Q(role=MemberRole.MENTOR, cohort__mentor_places__isnull=False)
            | Q(role=MemberRole.MENTEE, cohort__mentee_places__isnull=False)
        )
        .exclude(offers__outcome=OfferOutcome.OPEN)
        .order_by()
        .values_list("cohort_id", "role")
        .distinct()[:BATCH]
    )
    made = 0
    for cohort_id, role in list(waiting):
        try:
            made += fill_free_places(cohort=Cohort(pk=cohort_id), role=role, now=now)
        except (DomainError, DatabaseError):
            logger.exception("Places of cohort %s could not be offered.", cohort_id)
    return made


def turn_pauses(*, now: datetime) -> int:
    """Begin and end pauses whose day has come, by the calendar of UTC.

    A place that rests for another reason as well, say because somebody leaves, rests on.
    """
    today = now.astimezone(timezone.get_default_timezone()).date()
    planned = Enrolment.objects.filter(pause_from__isnull=False)
    begins = planned.filter(status=EnrolmentStatus.ENROLLED, pause_from__lte=today).exclude(
        pause_until__lt=today
    )
    ends = planned.filter(status=EnrolmentStatus.PAUSED, pause_until__lt=today)
    ends = ends.exclude(rests_on())
    moves = [(row, EnrolmentStatus.PAUSED) for row in begins[:BATCH]]
    moves += [(row, EnrolmentStatus.ENROLLED) for row in ends[:BATCH]]
    done = 0
    for row, to in moves:
        try:
            move_enrolment(enrolment=row, to=to, actor=None, now=now)
        except DomainError as error:
            logger.info("Enrolment %s stays as it is: %s", row.pk, error.code)
            Enrolment.objects.filter(pk=row.pk).update(pause_from=None, pause_until=None)
        else:
            done += 1
    return done


def remind(*, now: datetime) -> int:
    """Remind once of sign-ups begun a week ago and of invitations two weeks old."""
    drafts = EnrolmentDraft.objects.filter(
        started_at__lte=now - DRAFT_REMINDER,
        started_at__gt=now - 2 * DRAFT_REMINDER,
        cohort__status=CohortStatus.ENROLLING,
    ).values_list("user_id", "cohort_id", "role", "cohort__program_id")
    invitations = Invitation.objects.filter(
        accepted_at__isnull=True,
        sent_at__lte=now - INVITATION_REMINDER,
        expires_at__gt=now,
        enrolment__status=EnrolmentStatus.INVITED,
    ).values_list(
        "enrolment__user_id", "pk", "enrolment__cohort__program_id", "enrolment__cohort_id"
    )
    rows = [
        NewMessage(
            kind="participants.draft_reminder",
            recipient_id=user_id,
            object_id=cohort_id,
            occasion=role,
            program_id=program_id,
            cohort_id=cohort_id,
        )
        for user_id, cohort_id, role, program_id in drafts[:BATCH]
    ]
    rows += [
        NewMessage(
            kind="participants.invitation",
            recipient_id=user_id,
            object_id=pk,
            occasion="reminder",
            program_id=program_id,
            cohort_id=cohort_id,
        )
        for user_id, pk, program_id, cohort_id in invitations[:BATCH]
    ]
    return queue_messages(rows=rows, now=now) if rows else 0


@transaction.atomic
def forget_drafts(*, now: datetime) -> int:
    """Delete drafts that nobody touched for ninety days."""
    old = now - DRAFT_KEPT
    stale = EnrolmentDraft.objects.filter(started_at__lt=old).exclude(saved_at__gte=old)
    return stale.delete()[0]
