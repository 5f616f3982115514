"""When somebody may join: a link that works, an invitation that holds, a cohort that is open."""

from __future__ import annotations

from datetime import date, datetime

from core.clock import local_day
from participants.models import EnrolmentStatus, Invitation, SignUpLink
from programs.models import Cohort, CohortStatus

TAKES_INVITED = (CohortStatus.ENROLLING, CohortStatus.PAIRING, CohortStatus.ACTIVE)
INSIDE = (
    EnrolmentStatus.APPLIED,
    EnrolmentStatus.ENROLLED,
    EnrolmentStatus.WAITLISTED,
    EnrolmentStatus.PAUSED,
)


def is_enrolling(cohort: Cohort, today: date) -> bool:
    """Tell whether the cohort takes sign-ups and changed answers on this day."""
    return (
        cohort.status == CohortStatus.ENROLLING
        and cohort.enrolment_opens_on <= today <= cohort.enrolment_closes_on
    )


def takes_invited(cohort: Cohort) -> bool:
    """Tell whether people who were asked personally may still come: late joiners, too."""
    return cohort.status in TAKES_INVITED


def link_is_open(link: SignUpLink, now: datetime, zone_name: str = "UTC") -> bool:
    """Tell whether a link lets somebody begin; how many used it is asked when they do."""
    today = local_day(now, zone_name)
    return (
        link.revoked_at is None
        and is_enrolling(link.cohort, today)
        and (link.closes_on is None or today <= link.closes_on)
    )


def address_fits(link: SignUpLink, email: str) -> bool:
    """Tell whether the link is meant for this address."""
    domain = email.rpartition("@")[2].lower()
    return not link.email_domains or any(
        domain == own or domain.endswith(f".{own}") for own in link.email_domains
    )


def invitation_is_open(invitation: Invitation, now: datetime) -> bool:
    """Tell whether a personal invitation still leads somewhere."""
    enrolment = invitation.enrolment
    return (
        enrolment.status == EnrolmentStatus.INVITED
        and invitation.is_open(now)
        and takes_invited(enrolment.cohort)
    )
