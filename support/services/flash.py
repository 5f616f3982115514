"""Matches of flash programs end by themselves: short and focused."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef

from core.errors import Conflict
from matching.models import EndReason, Match, MatchStatus
from matching.services.closing import end_match
from programs.models import ProgramFormat
from sessions.models import Meeting, MeetingProposal, MeetingStatus, ProposalState

logger = logging.getLogger(__name__)

FLASH_DAYS = 7


def close_flash_matches(*, now: datetime) -> int:
    """End flash matches a week after their last meeting, unless another is planned or offered.

    Running it again ends nothing twice; a match that is paused meanwhile is left alone. Returns how
    many ended. Effects: as ``end_match`` with "completed", one transaction each.
    """
    day = now.astimezone(UTC).date() - timedelta(days=FLASH_DAYS)
    held = Meeting.objects.held().filter(match=OuterRef("pk"))
    planned = Meeting.objects.filter(
        match=OuterRef("pk"), status=MeetingStatus.SCHEDULED, starts_at__gt=now - timedelta(days=1)
    )
    offered = MeetingProposal.objects.filter(match=OuterRef("pk"), state=ProposalState.OPEN)
    over = Match.objects.filter(
        Exists(held),
        ~Exists(held.filter(held_on__gt=day)),
        ~Exists(planned),
        ~Exists(offered),
        status=MatchStatus.ACTIVE,
        cohort__program__format=ProgramFormat.FLASH,
        cohort__status="active",
    )
    ended = 0
    for match in over.select_related("cohort").order_by("pk"):
        try:
            end_match(match=match, actor=None, now=now, reason=EndReason.COMPLETED)
        except Conflict:
            logger.info("Match %s was ended or paused by somebody else just now.", match.pk)
        else:
            ended += 1
    return ended
