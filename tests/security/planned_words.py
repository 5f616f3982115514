"""Marked words in every private place of a plan: link, agenda, offer, reason, draft, busy times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sessions.services import (
    Plan,
    add_to_agenda,
    book_meeting,
    cancel_meeting,
    keep_draft,
    propose_times,
    set_busy_calendar,
    set_room,
)

AGENDA, LINK, OFFER, REASON = "Zq7agenda", "Zq7link", "Zq7offer", "Zq7reason"
DRAFT, BUSY = "Zq7draft", "Zq7busy"
SHARED_PLANS = (AGENDA, LINK, OFFER, REASON)
OWN_PLANS = (DRAFT, BUSY)


def plant_plans(cast: Any, now: datetime) -> None:
    """Let the mentee plan with marked words."""
    given = {"match": cast.match, "actor": cast.mentee, "now": now}
    plan = Plan(minutes=45, link=f"https://meet.example.org/{LINK}")
    set_room(**given, link=plan.link)
    starts_at = now + timedelta(days=9)
    meeting = book_meeting(**given, starts_at=starts_at, plan=plan)
    add_to_agenda(meeting=meeting, actor=cast.mentee, now=now, texts=[f"{AGENDA} first"])
    gone = book_meeting(**given, starts_at=starts_at + timedelta(days=1), plan=plan)
    cancel_meeting(meeting=gone, actor=cast.mentee, now=now, reason=f"{REASON} of mine")
    starts = [starts_at + timedelta(days=2)]
    propose_times(**given, starts=starts, plan=plan, note=f"{OFFER} beside it")
    keep_draft(**given, content={"private_note": f"{DRAFT} so far"})
    set_busy_calendar(person=cast.mentee, url=f"https://example.org/{BUSY}.ics", now=now)
