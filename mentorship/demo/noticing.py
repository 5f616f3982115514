"""What the sweeps noticed week by week, and what the manager took up."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from support.models import Outcome, WorkItem, WorkKind
from support.services import assign, close, judge_all, raise_items, write_note

NOTE = "Left a message with the mentor: back from holiday on Thursday. Calling both on Friday."


def notice(*, manager: User, weeks: int, now: datetime) -> None:
    """Judge as of each week of the story, raise what waits, and take up two of the items."""
    for back in range(weeks, -1, -1):
        judge_all(now=now - timedelta(weeks=back))
        raise_items(now=now - timedelta(weeks=back))
    stalled = WorkItem.objects.filter(
        kind=WorkKind.STALLED, closed_at__isnull=True, cohort__program__grants__user=manager
    )
    first_two = list(stalled.order_by("opened_at", "pk")[:2])
    for mine in first_two[:1]:
        assign(item=mine, owner=manager, actor=manager, now=now - timedelta(days=1))
        write_note(item=mine, text=NOTE, actor=manager, now=now - timedelta(hours=20))
    for item in first_two[1:]:
        close(item=item, outcome=Outcome.TALKED, actor=manager, now=now - timedelta(days=15))
    raise_items(now=now)
