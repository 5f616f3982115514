"""Marked words, planted in every private place of a match."""

from __future__ import annotations

from datetime import datetime, timedelta
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

NOTE, SUMMARY, ACTION, ANSWER = "Zq7note", "Zq7summary", "Zq7action", "Zq7answer"
FIT, WORK = "Zq7fit", "Zq7work"
SEALED = (NOTE, SUMMARY, ACTION, FIT, WORK)
from sessions.services import (
    Plan,
    add_to_agenda,
    book_meeting,
    cancel_meeting,
    keep_draft,
    log_meeting,
    propose_times,
    set_busy_calendar,
    set_room,
)

NOTE, SUMMARY, ACTION, ANSWER = "Zq7note", "Zq7summary", "Zq7action", "Zq7answer"
FIT = "Zq7fit"
AGENDA, LINK, OFFER, REASON = "Zq7agenda", "Zq7link", "Zq7offer", "Zq7reason"
DRAFT, BUSY = "Zq7draft", "Zq7busy"
PLANNED = (AGENDA, LINK, OFFER, REASON)
SEALED = (NOTE, SUMMARY, ACTION, FIT, *PLANNED, DRAFT, BUSY)
EVERY = (*SEALED, ANSWER)
# What the people of the match may read themselves; all of it is the mentee's. Why it does not fit
# was told to the program managers; what they note about a pair is theirs.
READS = {
    "mentee": set(EVERY) - {WORK},
    "mentor": {SUMMARY, ACTION},
    **{role: {FIT, WORK} for role in ("program_manager", "owner", "chief", "superuser")},
    "mentee": set(EVERY),
    "mentor": {SUMMARY, ACTION, *PLANNED},
    **{role: {FIT} for role in ("program_manager", "owner", "chief", "superuser")},
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
    _plan(cast, now)
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


def _plan(cast: Any, now: datetime) -> None:
    """Plan with marked words in every place: link, agenda, offer, reason, draft, busy times."""
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


def marks_in(body: bytes) -> set[str]:
    return {mark for mark in EVERY if mark.encode() in body}


def leaked(body: bytes, role: str) -> set[str]:
    """Return the marks in an answer that this role must not read."""
    return marks_in(body) - READS.get(role, set())
