"""What the people of the demo's own match work towards."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from goals.services import (
    GoalText,
    add_milestone,
    add_progress,
    confirm_goal,
    move_goal,
    set_goal,
    tick_milestone,
)
from matching.models import Match
from mentorship.demo.cohorts import moment
from notes.services import reflect, save_shared, start_shared, write_note

HEARD = GoalText(
    title="Be heard in the quarterly review",
    why="My numbers are in the slides, but somebody else presents them.",
    measure="I present one topic of my own, and answer the questions myself.",
    starting_point="I prepare the figures and sit in the second row.",
    target="A part of the review is mine, and people come to me with it.",
    unit="Parts that I presented",
    start_number=Decimal(0),
    target_number=Decimal(4),
)
STEPS = (
    "Ask Daniel how he prepares for hard questions",
    "Present in the team meeting first",
    "Offer Ana to take the chapter on costs",
    "Present in the quarterly review",
)
WAY = (
    (12, 1, "The team meeting. Two good questions, and I had answers."),
    (30, 2, "Second time. I slowed down, as Daniel suggested."),
    (52, 3, "Ana let me take costs. It went well."),
)
LISTEN = GoalText(
    title="Ask three questions before I advise",
    why="I solve things too quickly, and people stop bringing me the hard ones.",
    measure="In each talk I note how many questions came first.",
)
BALANCE = GoalText(
    title="Leave at five on Wednesdays",
    why="The choir meets on Wednesdays, and I miss it.",
    measure="Eight Wednesdays out of ten.",
)


def tell_growth(match: Match, *, mentee: User, mentor: User, now: datetime) -> None:
    """Give both goals with a history: shared, one with numbers and steps, one reached, one private.

    Days that still lie ahead are left out, so that it fits a match of any age.
    """
    start, today = match.started_on, now.date()
    begun = moment(start + timedelta(days=4), 18)
    goal = set_goal(match=match, actor=mentee, now=begun, visibility="manager", text=HEARD)
    confirm_goal(goal=goal, actor=mentee, now=begun, version=1)
    confirm_goal(goal=goal, actor=mentor, now=begun + timedelta(days=1), version=1)
    steps = [
        add_milestone(goal=goal, actor=mentee, now=begun, text=text, due_on=_later(start, at))
        for at, text in enumerate(STEPS)
    ]
    for (shift, value, note), step in zip(WAY, steps, strict=False):
        day = start + timedelta(days=shift)
        if day <= today:
            at = moment(day, 17)
            add_progress(goal=goal, actor=mentee, now=at, day=day, value=Decimal(value), note=note)
            tick_milestone(milestone=step, actor=mentee, now=at, is_done=True)
    own = set_goal(match=match, actor=mentor, now=begun, visibility="us", text=LISTEN)
    for shift, progress in ((20, 25), (45, 50)):
        day = start + timedelta(days=shift)
        if day <= today:
            add_progress(goal=own, actor=mentor, now=moment(day, 17), day=day, progress=progress)
    set_goal(match=match, actor=mentee, now=begun, visibility="me", text=BALANCE)
    done = GoalText(title="Know what the next level asks for")
    first = set_goal(match=match, actor=mentee, now=begun, visibility="us", text=done)
    move_goal(goal=first, actor=mentee, now=moment(start + timedelta(days=24)), status="reached")


def tell_notes(match: Match, *, mentee: User, mentor: User, now: datetime) -> None:
    """Give the pair a note that both wrote, and the mentee notes and a thought of their own."""
    start = match.started_on
    given: Any = {"match": match, "actor": mentee}
    write_note(
        **given,
        now=moment(start + timedelta(days=17), 19),
        text="Daniel goes quiet when he disagrees. Ask him directly next time.",
    )
    write_note(
        **given,
        now=moment(start + timedelta(days=45), 19),
        text="Before the next talk: what do I want to be asked about, and what not?",
    )
    note = start_shared(
        **given,
        now=moment(start + timedelta(days=10), 12),
        title="Questions that helped",
        text="What would you do if it were already decided?\nWho loses if this works?",
    )
    save_shared(
        note=note,
        actor=mentor,
        now=moment(start + timedelta(days=31), 15),
        title="Questions that helped",
        text="What would you do if it were already decided?\nWho loses if this works?\n"
        "What is the smallest version of it?",
        base=1,
    )
    first = match.cohort.phases.exclude(reflection_prompt="").order_by("starts_on").first()
    if first is not None and first.ends_on < now.date():
        reflect(
            phase=first,
            actor=mentee,
            now=moment(first.ends_on, 20),
            text="That I have presented something myself, and slept well the night before.",
        )


def _later(start: date, at: int) -> date:
    return start + timedelta(days=14 + 21 * at)
