"""What the people of the demo say about how their matches fit."""

from __future__ import annotations

from datetime import datetime, timedelta

from feedback.models import FitAnswer, FitQuestion
from feedback.services import answer_fit, plan_fit_questions
from mentorship.demo.cohorts import moment
from programs.models import Cohort
from sessions.models import Meeting

DOUBTS = (
    "We are both kind people, but I am hoped for somebody closer to my field.",
    "Our working hours hardly overlap, and we have moved three meetings already.",
    "I had hoped for more structure. We talk, and I leave without a next step.",
    "We like each other, yet what one of us wants to learn the other has never done.",
)

MISFIT, UNSURE = 67, 84


def say_how_it_fits(cohort: Cohort, *, now: datetime) -> None:
    """Answer the questions after first and third meetings; those of the last days stay open."""
    held = Meeting.objects.held().filter(match__cohort=cohort, match__status="active")
    days = sorted(
        {
            moment(day, 6) + timedelta(days=1)
            for day in held.values_list("held_on", flat=True)
            if day is not None
        }
    )
    for day in days:
        if day < now - timedelta(days=2):
            plan_fit_questions(now=day)
            _answer(cohort, now=day + timedelta(hours=5))
    plan_fit_questions(now=now)


def _answer(cohort: Cohort, *, now: datetime) -> None:
    asked = FitQuestion.objects.filter(match__cohort=cohort, status="open", asked_on=now.date())
    for question in asked.select_related("match"):
        answer = _opinion(question)
        words = DOUBTS[question.pk % len(DOUBTS)] if answer == FitAnswer.NOT_GOOD else None
        if answer:
            answer_fit(question=question, answer=answer, words=words, now=now)


def _opinion(question: FitQuestion) -> FitAnswer | None:
    """Pairs with a high score fit more often; some people take their time, some do not answer."""
    mood = (question.match.score or 0) // 10_000 + question.match_id * 53 % 30
    if (question.user_id * 29 + question.match_id) % 11 == 0:
        return None
    if mood < MISFIT and question.after_meeting == 3 and question.user_id % 4:
        return FitAnswer.NOT_GOOD
    if mood < UNSURE and question.after_meeting == 1:
        return FitAnswer.DECIDING
    return FitAnswer.GOOD
