"""What the manager of the demo wrote to people, and what most pairs agreed on and work towards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from core.clock import local_day
from goals.services import GoalText, add_progress, set_goal
from matching.models import Match
from matching.services.agreement import sign_agreement, write_agreement
from mentorship.demo.cohorts import moment
from programs.models import Cohort
from support.models import Segment
from support.services import draft_announcement, schedule_announcement, send_announcement

GOALS = (
    "Lead a meeting without slides",
    "Say no once a week, kindly",
    "Write a career plan for two years",
    "Give one piece of feedback each week",
    "Find two allies outside my team",
)


def agree_and_aim(matches: Sequence[Match], *, now: datetime) -> None:
    """Let each pair sign a short agreement and work on one goal that both see."""
    for number, match in enumerate(matches):
        people = [member.user for member in match.members.select_related("user")]
        mentee = next(m.user for m in match.members.all() if m.role == "mentee")
        at = moment(match.started_on, 10) + timedelta(days=6)
        if at >= now:
            continue
        version = write_agreement(
            match=match,
            actor=mentee,
            based_on=0,
            before={},
            parts={"rhythm": "Every two weeks, 45 minutes, by video."},
            now=at,
        )
        for person in people:
            sign_agreement(match=match, actor=person, number=version.number, now=at)
        goal = set_goal(
            match=match,
            actor=mentee,
            visibility="us",
            text=GoalText(title=GOALS[number % len(GOALS)]),
            now=at,
        )
        later = now - timedelta(days=6 + number % 9)
        if later > at:
            day = local_day(later, mentee.time_zone)
            add_progress(goal=goal, actor=mentee, day=day, progress=25, note="", now=later)


def write_to_people(cohort: Cohort, *, manager: User, now: datetime) -> None:
    """Send one message three weeks ago, and schedule one for the middle of the cohort."""
    sent_at = now - timedelta(days=21)
    given: dict[str, Any] = {"cohort": cohort, "actor": manager}
    first = draft_announcement(
        segment=Segment.NOT_MET,
        subject="A first hello with {partner}",
        text="You and {partner} have not met yet, as far as I can see. Offer three times, and one "
        "will do. If something is in the way, write to me.\n\n{manager}",
        now=sent_at,
        **given,
    )
    send_announcement(announcement=first, actor=manager, now=sent_at)
    later = draft_announcement(
        segment=Segment.MENTORS,
        subject="Thank you for mentoring in {program}",
        text="Half of the way is done. Thank you for the time you give to {partner}. On Thursday "
        "mentors meet over lunch; bring one question.\n\n{manager}",
        now=now,
        **given,
    )
    schedule_announcement(
        announcement=later, due_at=now + timedelta(days=4), actor=manager, now=now
    )
