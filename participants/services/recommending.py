"""Recommend a colleague, take it back, and what a program manager makes of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from participants.joining import takes_invited
from participants.models import (
    TAKES_PART,
    Enrolment,
    EnrolmentStatus,
    Recommendation,
    RecommendationState,
)
from participants.roles import check_role
from participants.services.inviting import invite_people
from programs.models import Cohort, CohortStatus

MOST_OPEN = 10
S = EnrolmentStatus
MAY_NAME = (S.APPLIED, S.WAITLISTED, *TAKES_PART)
GATHERS = (CohortStatus.DRAFT, CohortStatus.ENROLLING)


def may_recommend(enrolment: Enrolment) -> bool:
    """Tell whether the cohort gathers people and the person has, or asks for, a place in it."""
    return enrolment.cohort.status == CohortStatus.ENROLLING and enrolment.status in MAY_NAME


@transaction.atomic
def recommend(
    *,
    enrolment: Enrolment,
    role: str,
    name: str,
    email: str,
    reason: str,
    may_name: bool,
    now: datetime,
) -> Recommendation:
    """Name a colleague to the program managers, as the person of the enrolment.

    Nobody learns by it who is in the cohort: a colleague who is can be named as well. Effects: one
    row; locks the person, so that the limit holds for two at once. Nobody is mailed.

    Raises:
        DomainError: the cohort gathers nobody, it is oneself, it was said before, or ten wait.
    """
    rows = Enrolment.objects.select_related("cohort__program", "user")
    current = rows.get(pk=enrolment.pk)
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=current.user_id)
    email = email.strip().lower()
    if not may_recommend(current):
        raise DomainError(
            _("This cohort takes nobody any more, or you are not in it."), code="cohort_closed"
        )
    check_role(current.cohort, role)
    if email == current.user.email.lower():
        raise DomainError(
            _("That is your own address. Name somebody else."), code="oneself", field="email"
        )
    own = Recommendation.objects.filter(cohort=current.cohort, by=current.user)
    if own.filter(role=role, email=email).exists():
        raise DomainError(
            _("You have recommended this person already."), code="twice", field="email"
        )
    if own.filter(state=RecommendationState.OPEN).count() >= MOST_OPEN:
        raise DomainError(
            _("%(count)d of yours wait for an answer. Take one back, or wait a little.")
            % {"count": MOST_OPEN},
            code="too_many",
        )
    return Recommendation.objects.create(
        cohort=current.cohort,
        by=current.user,
        role=role,
        name=name.strip(),
        email=email,
        reason=reason.strip(),
        may_name=may_name,
        made_at=now,
    )


@transaction.atomic
def take_recommendation_back(*, recommendation: Recommendation) -> None:
    """Delete what nobody has decided about.

    Raises:
        DomainError: somebody has decided already.
    """
    _open(recommendation.pk).delete()


@transaction.atomic
def invite_recommended(*, recommendation: Recommendation, actor: User, now: datetime) -> bool:
    """Invite the colleague; return False where they are in the cohort already.

    Effects: locks the row; an invitation with its mail; every other open recommendation of the same
    person for the same role is settled with it; audit rows.

    Raises:
        DomainError: somebody has decided already, the cohort takes nobody, or the address may not
            be invited.
    """
    # The cohort first, so that two who invite the same colleague for two rows do not wait for each
    # other.
    Cohort.objects.select_for_update(of=("self",), no_key=True).get(pk=recommendation.cohort_id)
    row = _open(recommendation.pk)
    if not takes_invited(row.cohort):
        raise DomainError(
            _("Open enrolment first; then invitations can lead somewhere."), code="cohort_closed"
        )
    # Settled first: the invitation's mail says who recommended the person.
    same = Recommendation.objects.filter(
        cohort=row.cohort, role=row.role, email=row.email, state=RecommendationState.OPEN
    )
    same.update(state=RecommendationState.INVITED, decided_at=now, decided_by=actor)
    result = invite_people(
        cohort=row.cohort, role=row.role, emails=[row.email], actor=actor, now=now
    )
    for sentence in result.refused.values():
        raise DomainError(sentence, code="refused")
    return bool(result.sent)


@transaction.atomic
def close_recommendation(*, recommendation: Recommendation, actor: User, now: datetime) -> None:
    """Leave it at that: the reason is wiped, and nobody is told.

    Effects: locks the row; an audit row.

    Raises:
        DomainError: somebody has decided already.
    """
    row = _open(recommendation.pk)
    row.state, row.decided_at, row.decided_by = RecommendationState.CLOSED, now, actor
    row.reason = ""
    row.save(update_fields=("state", "decided_at", "decided_by", "reason"))
    record(
        actor=actor,
        action="participants.recommendation_closed",
        about=row.cohort,
        now=now,
        program_id=row.cohort.program_id,
    )


def forget_recommendations() -> int:
    """Delete what was said about colleagues where a cohort gathers nobody any more."""
    return Recommendation.objects.exclude(cohort__status__in=GATHERS).delete()[0]


def _open(pk: UUID) -> Recommendation:
    rows = Recommendation.objects.select_for_update(of=("self",)).select_related("cohort")
    row = rows.filter(pk=pk, state=RecommendationState.OPEN).first()
    if row is None:
        raise DomainError(_("Somebody has decided about this already."), code="decided")
    return row
