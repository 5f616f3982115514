"""What the people of the demo have planned: meetings, offers of times, a series, an agenda."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from accounts.models import User
from core.errors import DomainError
from matching.models import Match
from mentorship.demo.cohorts import moment
from sessions.services import (
    Plan,
    add_to_agenda,
    book_meeting,
    book_series,
    propose_times,
    set_room,
)

ROOM = "https://meet.jit.si/priya-and-daniel-on-fridays"
AGENDA = (
    "How did the self-review land?",
    "The meeting with Finance: who needs to hear what, and when",
    "One thing each of us does until next time",
)
AFTERNOON = 14  # in UTC: morning in Toronto, afternoon in Berlin


def workday(day: date) -> date:
    """Return the day, or the Monday after it."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def plan_for_the_pair(match: Match, *, mentor: User, mentee: User, now: datetime) -> None:
    """Give the pair of the demo a room, a next meeting with its agenda, and an open offer."""
    set_room(match=match, actor=mentee, now=now, link=ROOM)
    meeting = book_meeting(
        match=match,
        actor=mentee,
        now=now,
        starts_at=moment(workday(now.date() + timedelta(days=4)), AFTERNOON),
        plan=Plan(minutes=45, how="video", link=ROOM),
    )
    add_to_agenda(meeting=meeting, actor=mentee, now=now, texts=AGENDA[:2])
    add_to_agenda(meeting=meeting, actor=mentor, now=now, texts=AGENDA[2:])
    days = [workday(now.date() + timedelta(days=shift)) for shift in (16, 18, 23)]
    propose_times(
        match=match,
        actor=mentor,
        now=now,
        starts=sorted({moment(day, AFTERNOON + at % 2) for at, day in enumerate(days)}),
        plan=Plan(minutes=60, kind="shadowing", how="in_person", place="Finance, third floor"),
        note="Our planning round is open to guests. Come and see how we argue about priorities?",
    )


def plan_for_others(matches: Sequence[Match], *, now: datetime) -> None:
    """Let every second pair that still meets have a date, and some meet regularly."""
    for at, match in enumerate(matches):
        mentor, mentee = (match.members.get(role=role).user for role in ("mentor", "mentee"))
        actor = mentee if at % 2 else mentor
        day = workday(now.date() + timedelta(days=2 + at % 11))
        plan = Plan(minutes=(30, 45, 60)[at % 3], how=("video", "phone", "video")[at % 3])
        try:
            if at % 4 == 3:
                book_series(
                    match=match,
                    actor=actor,
                    now=now,
                    plan=plan,
                    rule="two_weekly",
                    starts_on=day,
                    start_time=moment(day, 15).time(),
                )
            elif at % 2 == 0:
                starts_at = moment(day, 8 + at % 8)
                book_meeting(match=match, actor=actor, now=now, plan=plan, starts_at=starts_at)
        except DomainError:
            continue  # somebody is not free then: life
