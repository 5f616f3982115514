"""What "we met" already knows of the meeting, kept as the draft of its log."""

from __future__ import annotations

from datetime import datetime

from core.clock import local_day, zone
from feedback.models import CheckIn
from feedback.selectors import period_start
from sessions.models import Meeting
from sessions.services import keep_draft, read_draft


def begin_log(*, check_in: CheckIn, now: datetime) -> bool:
    """Keep a draft with the day that is likeliest: what was booked, else the last day asked about.

    True when there is a new draft. Nothing happens where a meeting is logged since, or the person
    has begun a log already. Effects: one sealed row of the person's own.
    """
    match, person = check_in.match, check_in.user
    since = period_start(match.cohort, check_in.due_on)
    if Meeting.objects.held().filter(match=match, held_on__gte=since).exists():
        return False
    if read_draft(match=match, actor=person) is not None:
        return False
    content = {"held_on": min(check_in.due_on, local_day(now, person.time_zone)).isoformat()}
    booked = (
        Meeting.objects.filter(match=match, status="scheduled", starts_at__lte=now)
        .filter(starts_at__date__gte=since)
        .order_by("-starts_at")
        .first()
    )
    if booked is not None and booked.starts_at is not None:
        content["held_on"] = booked.starts_at.astimezone(zone(person.time_zone)).date().isoformat()
    keep_draft(match=match, actor=person, now=now, content=content)
    return True
