"""Keep that somebody has looked at their goals in a phase."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from goals.models import GoalReview
from programs.models import Phase


@transaction.atomic
def mark_reviewed(*, phase: Phase, actor: User, now: datetime) -> GoalReview:
    """Keep that the actor has looked at their goals in this phase; again is fine.

    Effects: one row and one audit row, the first time.
    """
    review, is_new = GoalReview.objects.get_or_create(
        user=actor, phase=phase, defaults={"reviewed_at": now}
    )
    if is_new:
        record(
            actor=actor,
            action="goals.reviewed",
            about=phase,
            now=now,
            program_id=phase.cohort.program_id,
        )
    return review
