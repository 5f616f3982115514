"""Marked words, planted in every private place of a match."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from feedback.models import FitAnswer, FitQuestion
from feedback.services import answer_fit
from participants.models import Answer
from programs.models import EnrolmentForm, Question, QuestionKind, Visibility
from sessions.models import Meeting
from sessions.services import log_meeting
from support.models import WorkItem
from support.services import write_note
from tests.security.planned_words import OWN_PLANS, SHARED_PLANS, plant_plans

NOTE, SUMMARY, ACTION, ANSWER = "Zq7note", "Zq7summary", "Zq7action", "Zq7answer"
FIT, WORK = "Zq7fit", "Zq7work"
SEALED = (NOTE, SUMMARY, ACTION, FIT, WORK, *SHARED_PLANS, *OWN_PLANS)
EVERY = (*SEALED, ANSWER)
# What the people of the match may read themselves; all of it is the mentee's. Why it does not fit
# was told to the program managers; what they note about a pair is theirs.
READS = {
    "mentee": set(EVERY) - {WORK},
    "mentor": {SUMMARY, ACTION, *SHARED_PLANS},
    **{role: {FIT, WORK} for role in ("program_manager", "owner", "chief", "superuser")},
}


def plant(cast: Any, form: EnrolmentForm) -> Meeting:
    """Let the mentee log a meeting with marked words, and answer a private question."""
    now = timezone.now()
    cast.match.started_on = now.date() - timedelta(days=90)
    cast.match.save(update_fields=["started_on"])
    question = Question.objects.create(
        form=form,
        key="worry",
        label="What worries you?",
        kind=QuestionKind.TEXT,
        visibility=Visibility.PRIVATE,
    )
    Answer.objects.create(
        enrolment=cast.mentee_enrolment, question=question, text=f"{ANSWER} keeps me awake"
    )
    answer_fit(
        question=FitQuestion.objects.get(match=cast.match),
        answer=FitAnswer.NOT_GOOD,
        words=f"{FIT} we talk past each other",
        now=now,
    )
    write_note(
        item=WorkItem.objects.get(match=cast.match),
        text=f"{WORK} call both on Friday",
        actor=cast.program_manager,
        now=now,
    )
    plant_plans(cast, now)
    return log_meeting(
        match=cast.match,
        actor=cast.mentee,
        now=now,
        held_on=now.date() - timedelta(days=2),
        minutes=45,
        how="video",
        summary=f"{SUMMARY} we both know",
        private_note=f"{NOTE} for me alone",
        rating=2,
        action_items=[{"text": f"{ACTION} to do"}],
    )


def marks_in(body: bytes) -> set[str]:
    return {mark for mark in EVERY if mark.encode() in body}


def leaked(body: bytes, role: str) -> set[str]:
    """Return the marks in an answer that this role must not read."""
    return marks_in(body) - READS.get(role, set())
