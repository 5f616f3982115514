"""Reads of recommendations: what waits, and who may be named in an invitation."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from participants.models import Enrolment, Recommendation, RecommendationState
from programs.models import Cohort


def open_recommendations(cohort: Cohort) -> QuerySet[Recommendation]:
    """Return what waits for the managers, oldest first; ``is_in``: the colleague takes part."""
    same = Enrolment.objects.filter(
        cohort=OuterRef("cohort"), role=OuterRef("role"), user__email__iexact=OuterRef("email")
    )
    rows = Recommendation.objects.filter(cohort=cohort, state=RecommendationState.OPEN)
    return rows.select_related("by").annotate(is_in=Exists(same)).order_by("made_at", "id")


def recommended_by(enrolment: Enrolment) -> str:
    """Return the name of who recommended an invited person and may be named, or nothing."""
    row = (
        Recommendation.objects.filter(
            cohort=enrolment.cohort_id,
            role=enrolment.role,
            email__iexact=enrolment.user.email,
            state=RecommendationState.INVITED,
            may_name=True,
            by__is_active=True,
        )
        .select_related("by")
        .order_by("made_at")
        .first()
    )
    return str(row.by) if row is not None else ""
