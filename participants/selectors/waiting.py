"""Who waits, who is invited, and by which links people come."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from participants.models import (
    Enrolment,
    EnrolmentDraft,
    EnrolmentStatus,
    OfferOutcome,
    PlaceOffer,
    SignUpLink,
)
from programs.models import Cohort


def waitlist_position(enrolment: Enrolment) -> int:
    """Return whose turn it is: 1 is next."""
    before = Enrolment.objects.filter(
        cohort=enrolment.cohort_id,
        role=enrolment.role,
        status=EnrolmentStatus.WAITLISTED,
        user__is_active=True,
    ).filter(
        Q(status_changed_at__lt=enrolment.status_changed_at)
        | Q(status_changed_at=enrolment.status_changed_at, pk__lt=enrolment.pk)
    )
    return before.count() + 1


def links_of(cohort: Cohort) -> QuerySet[SignUpLink]:
    """Return the cohort's links in use, with how many people have used each."""
    drafts = EnrolmentDraft.objects.filter(link=OuterRef("pk")).order_by().values("link")
    people = Enrolment.objects.filter(sign_up_link=OuterRef("pk")).order_by().values("sign_up_link")
    return (
        cohort.sign_up_links.filter(revoked_at__isnull=True)
        .annotate(
            begun_count=Coalesce(Subquery(drafts.annotate(n=Count("pk")).values("n")), 0),
            joined_count=Coalesce(Subquery(people.annotate(n=Count("pk")).values("n")), 0),
        )
        .order_by("role")
    )


def open_invitations(cohort: Cohort) -> QuerySet[Enrolment]:
    """Return who is invited and has not answered, the latest first."""
    rows = cohort.enrolments.filter(status=EnrolmentStatus.INVITED)
    return rows.select_related("user", "invitation").order_by("-id")


def open_offer(enrolment: Enrolment) -> PlaceOffer | None:
    """Return the place that is kept for somebody, if one is."""
    return enrolment.offers.filter(outcome=OfferOutcome.OPEN).first()
