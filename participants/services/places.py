"""Places of a cohort: how many are taken, and offers of a free one to the waitlist.

Whoever takes or keeps a place locks the cohort first, so that two people never get one seat.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from notifications.services import queue_message
from participants.line_managers import rule_of, settled
from participants.models import (
    TAKES_PART,
    Enrolment,
    EnrolmentStatus,
    MemberRole,
    OfferOutcome,
    PlaceOffer,
)
from participants.services.line_managers import check_line_manager
from participants.services.screening import check_screened
from programs.models import Cohort, CohortStatus, LineManagerRule

OFFERS_IN = (CohortStatus.ENROLLING, CohortStatus.PAIRING, CohortStatus.ACTIVE)


def lock_cohort(cohort_id: int) -> Cohort:
    """Return the cohort, locked until the transaction ends."""
    rows = Cohort.objects.select_for_update(of=("self",), no_key=True).select_related("program")
    return rows.get(pk=cohort_id)


def limit_of(cohort: Cohort, role: str) -> int | None:
    """Return how many people of a role the cohort takes, or None."""
    return cohort.mentor_places if role == MemberRole.MENTOR else cohort.mentee_places


def free_places(cohort: Cohort, role: str, *, now: datetime) -> int | None:
    """Return how many places are neither taken nor kept for an offer; None without a limit."""
    limit = limit_of(cohort, role)
    if limit is None:
        return None
    people = cohort.enrolments.filter(role=role)
    taken = people.filter(status__in=TAKES_PART).count()
    kept = PlaceOffer.objects.filter(
        enrolment__in=people.filter(status=EnrolmentStatus.WAITLISTED),
        outcome=OfferOutcome.OPEN,
        expires_at__gt=now,
    ).count()
    return max(0, limit - taken - kept)


def has_place(cohort: Cohort, role: str, *, now: datetime) -> bool:
    """Tell whether one more fits; ask with the cohort locked."""
    free = free_places(cohort, role, now=now)
    return free is None or free > 0


@transaction.atomic
def offer_place(*, enrolment: Enrolment, actor: User | None, now: datetime) -> PlaceOffer:
    """Keep a place for somebody on the waitlist, for as many days as the cohort says.

    ``actor`` None is the sweep; it offers only what is free. A manager may offer beyond the limit.
    Effects: locks cohort and enrolment; one offer, one mail, an audit row.

    Raises:
        DomainError: the person is not on the waitlist, has an offer, no place is free, or the line
            manager has not agreed.
    """
    cohort = lock_cohort(enrolment.cohort_id)
    current = Enrolment.objects.select_for_update(of=("self",)).select_related("user")
    person = current.get(pk=enrolment.pk)
    if person.status != EnrolmentStatus.WAITLISTED:
        raise DomainError(_("This person is not on the waitlist."), code="not_waiting")
    check_line_manager(person)
    close_stale(person, now=now)
    if person.offers.filter(outcome=OfferOutcome.OPEN).exists():
        raise DomainError(_("This person has an offer already."), code="has_offer")
    if actor is None and not has_place(cohort, person.role, now=now):
        raise DomainError(_("No place is free."), code="no_place")
    offer = PlaceOffer.objects.create(
        enrolment=person,
        offered_at=now,
        expires_at=now + timedelta(days=cohort.offer_days),
    )
    queue_message(
        kind="participants.place_offered",
        recipient=person.user,
        now=now,
        object_id=offer.pk,
        program_id=cohort.program_id,
        cohort_id=cohort.pk,
    )
    _record(person, cohort, "participants.place_offered", actor, now)
    return offer


@transaction.atomic
def accept_offer(*, offer: PlaceOffer, actor: User, now: datetime) -> Enrolment:
    """Take the place that was kept.

    Effects: locks the cohort; offer and enrolment change, an audit row.

    Raises:
        Conflict: the offer has run out, or is answered.
        DomainError: a screening step is open, or the line manager has to agree by now and has not.
    """
    cohort = lock_cohort(offer.enrolment.cohort_id)
    check_line_manager(offer.enrolment)
    check_screened(offer.enrolment, now=now)
    _close(offer, OfferOutcome.ACCEPTED, now=now, only_until=now)
    moved = Enrolment.objects.filter(
        pk=offer.enrolment_id, status=EnrolmentStatus.WAITLISTED
    ).update(status=EnrolmentStatus.ENROLLED, status_changed_at=now)
    if not moved:
        raise Conflict(_("You are not on the waitlist any more."), code="not_waiting")
    enrolment = Enrolment.objects.select_related("cohort__program", "user").get(
        pk=offer.enrolment_id
    )
    _record(enrolment, cohort, "participants.place_taken", actor, now)
    return enrolment


@transaction.atomic
def decline_offer(*, offer: PlaceOffer, actor: User, now: datetime) -> None:
    """Give the place back and go to the end of the waitlist; the next one is offered it.

    Effects: locks the cohort; offer and enrolment change, an audit row.

    Raises:
        Conflict: the offer has run out, or is answered.
    """
    cohort = lock_cohort(offer.enrolment.cohort_id)
    _close(offer, OfferOutcome.DECLINED, now=now, only_until=now)
    _to_the_end(offer.enrolment_id, now=now)
    _record(offer.enrolment, cohort, "participants.place_declined", actor, now)
    fill_free_places(cohort=cohort, role=offer.enrolment.role, now=now)


@transaction.atomic
def fill_free_places(*, cohort: Cohort, role: str, now: datetime) -> int:
    """Offer each free place to whoever has waited longest; return how many offers were made."""
    cohort = lock_cohort(cohort.pk)
    free = free_places(cohort, role, now=now)
    if not free or cohort.status not in OFFERS_IN:
        return 0
    waiting = waitlist(cohort, role).exclude(offers__outcome=OfferOutcome.OPEN)
    chosen = list(waiting[:free])
    for enrolment in chosen:
        offer_place(enrolment=enrolment, actor=None, now=now)
    return len(chosen)


def waitlist(cohort: Cohort, role: str) -> models.QuerySet[Enrolment]:
    """Return who waits for a place and for nothing else, the longest first."""
    rows = cohort.enrolments.filter(role=role, status=EnrolmentStatus.WAITLISTED)
    if rule_of(cohort, role) == LineManagerRule.ASKED:
        rows = rows.filter(settled() | models.Q(user__is_external=True))
    return rows.filter(user__is_active=True).order_by("status_changed_at", "id")


def close_stale(enrolment: Enrolment, *, now: datetime) -> None:
    """Mark the person's offers that ran out, so that a new one can be made."""
    PlaceOffer.objects.filter(
        enrolment=enrolment, outcome=OfferOutcome.OPEN, expires_at__lte=now
    ).update(outcome=OfferOutcome.EXPIRED, closed_at=now)


def take_back_offers(enrolment: Enrolment, *, now: datetime) -> int:
    """Close open offers of somebody who left the waitlist another way."""
    return PlaceOffer.objects.filter(enrolment=enrolment, outcome=OfferOutcome.OPEN).update(
        outcome=OfferOutcome.TAKEN_BACK, closed_at=now
    )


def expire_offer(offer: PlaceOffer, *, now: datetime) -> bool:
    """Close an offer whose time is over and put its person at the end of the waitlist."""
    with transaction.atomic():
        lock_cohort(offer.enrolment.cohort_id)
        closed = PlaceOffer.objects.filter(
            pk=offer.pk, outcome=OfferOutcome.OPEN, expires_at__lte=now
        ).update(outcome=OfferOutcome.EXPIRED, closed_at=now)
        if closed:
            _to_the_end(offer.enrolment_id, now=now)
    return bool(closed)


def _to_the_end(enrolment_id: int, *, now: datetime) -> None:
    Enrolment.objects.filter(pk=enrolment_id, status=EnrolmentStatus.WAITLISTED).update(
        status_changed_at=now
    )


def _close(offer: PlaceOffer, outcome: str, *, now: datetime, only_until: datetime) -> None:
    closed = PlaceOffer.objects.filter(
        pk=offer.pk, outcome=OfferOutcome.OPEN, expires_at__gt=only_until
    ).update(outcome=outcome, closed_at=now)
    if not closed:
        raise Conflict(
            _("This offer has run out or is answered already."),
            code="offer_over",
        )


def _record(
    enrolment: Enrolment, cohort: Cohort, action: str, actor: User | None, now: datetime
) -> None:
    record(
        actor=actor,
        action=action,
        about=enrolment,
        now=now,
        program_id=cohort.program_id,
        detail={"cohort": cohort.pk, "role": enrolment.role},
    )
