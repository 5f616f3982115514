"""What touches a cohort and its matches at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from matching.models import EndReason, Match, MatchStatus
from matching.services.closing import end_match
from participants.models import Enrolment
from participants.services.staying import withdraw


@transaction.atomic
def leave_cohort(*, enrolment: Enrolment, actor: User, now: datetime) -> Enrolment:
    """End the person's open matches of this enrolment, then withdraw it. Nobody is told why.

    Effects: matches and members, the enrolment, audit rows; a freed place is offered on.

    Raises:
        Conflict: a match was ended by somebody else at the same moment.
    """
    open_matches = Match.objects.filter(
        members__enrolment=enrolment, members__left_at__isnull=True
    ).exclude(status=MatchStatus.ENDED)
    for match in open_matches:
        end_match(match=match, actor=actor, now=now, reason=EndReason.LEFT)
    return withdraw(enrolment=enrolment, actor=actor, now=now)
