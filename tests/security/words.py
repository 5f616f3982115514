"""Marked words, planted in every private place of a match."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from feedback.models import FitAnswer, FitQuestion, Pulse
from feedback.services import answer_fit, answer_pulse
from goals.services import GoalText, add_milestone, add_progress, set_goal
from matching.models import CriterionKind, PairingTrait, PolicyCriterion
from matching.services.policy import ensure_policy
from matching.services.traits import save_traits
from matching.services.wishes import save_wishes
from notes import services as notes
from notifications.models import Notice
from participants.models import (
    Answer,
    EnrolmentNote,
    LineContact,
    LineOverride,
    LineSentence,
    MoreAsked,
    Recommendation,
)
from participants.services.answering import save_draft
from programs.models import EnrolmentForm, Phase, Question, QuestionKind, Visibility
from sessions.models import Meeting
from sessions.services import log_meeting
from support.models import HelpRequest, HelpWords, WorkItem
from support.services import write_note
from tests.security.beginning_words import OWN_BEGINNING, SHARED_BEGINNING, plant_beginning
from tests.security.planned_words import OWN_PLANS, SHARED_PLANS, plant_plans

NOTE, SUMMARY, ACTION, ANSWER = "Zq7note", "Zq7summary", "Zq7action", "Zq7answer"
DRAFT, REASON, WISH, TRAIT = "Zq7draft", "Zq7reason", "zq7wish", "Zq7trait"
FIT, WORK, HELP, PULSE = "Zq7fit", "Zq7work", "Zq7help", "Zq7pulse"
LINE = "Zq7line"  # of the mentee's own inbox
BOSS, OVERRIDE = "Zq7boss", "Zq7override"
COLLEAGUE = "Zq7colleague"  # why somebody would fit: to the managers
ANNOUNCED = "Zq7announced"  # a draft that every world holds; its managers alone read it
GOAL, SHARED_GOAL = "Zq7goal", "Zq7sharedgoal"
OWN_NOTE, SHARED_NOTE, REFLECTION = "Zq7own", "Zq7together", "Zq7thought"
GROWTH = (GOAL, SHARED_GOAL, OWN_NOTE, SHARED_NOTE, REFLECTION)
SAID = (
    COLLEAGUE,
    ANNOUNCED,
    BOSS,
    OVERRIDE,
    LINE,
    FIT,
    WORK,
    HELP,
    PULSE,
    DRAFT,
    REASON,
    WISH,
    TRAIT,
)
BEGINNING = (*SHARED_BEGINNING, *OWN_BEGINNING)
SEALED = (NOTE, SUMMARY, ACTION, *SAID, *SHARED_PLANS, *OWN_PLANS, *GROWTH, *BEGINNING)
EVERY = (*SEALED, ANSWER)
# What the people of the match may read themselves; all of it is the mentee's. Why it does not fit
# was told to the program managers; what they note about a pair is theirs. The mentee asked the HR
# analyst of the cast for help.
READS = {
    "mentee": set(EVERY) - {WORK, ANNOUNCED, BOSS, OVERRIDE},
    "mentor": {SUMMARY, ACTION, *SHARED_PLANS, SHARED_GOAL, SHARED_NOTE, *SHARED_BEGINNING},
    "hr_analyst": {HELP},
    **{
        role: {FIT, WORK, ANNOUNCED, BOSS, OVERRIDE, COLLEAGUE}
        for role in ("program_manager", "owner", "chief", "superuser")
    },
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
    save_wishes(
        enrolment=cast.mentee_enrolment,
        actor=cast.mentee,
        now=now,
        gladly=[f"{WISH}@example.org"],
        not_with=[],
    )
    plant_trait(cast, now)
    answer_fit(
        question=FitQuestion.objects.get(match=cast.match),
        answer=FitAnswer.NOT_GOOD,
        words=f"{FIT} we talk past each other",
        now=now,
    )
    for notice in Notice.objects.filter(recipient=cast.mentee):
        notice.line = f"{LINE} for you alone"
        notice.save(update_fields=("line",))
    answer_pulse(
        pulse=Pulse.objects.get(enrolment=cast.mentee_enrolment),
        scales={"energy": 2},
        words=f"{PULSE} I am tired",
        now=now,
    )
    write_note(
        item=WorkItem.objects.get(match=cast.match),
        text=f"{WORK} call both on Friday",
        actor=cast.program_manager,
        now=now,
    )
    plant_beginning(cast, now)
    plant_plans(cast, now)
    plant_goals(cast)
    plant_notes(cast)
    HelpWords.objects.create(
        request=HelpRequest.objects.get(asker=cast.mentee), text=f"{HELP} I dread the next meeting"
    )
    save_draft(
        user=cast.mentee,
        cohort=cast.cohort,
        role="mentee",
        form=form,
        words={"worry": [f"{DRAFT} not sent yet"]},
        now=now,
    )
    EnrolmentNote.objects.create(
        enrolment=cast.mentee_enrolment, text=f"{REASON} why not", written_at=now
    )
    MoreAsked.objects.create(
        enrolment=cast.mentee_enrolment,
        text=f"{REASON} what else",
        asked_at=now,
        answer=f"{REASON} that",
        answered_at=now,
    )
    Recommendation.objects.create(
        cohort=cast.cohort,
        by=cast.mentee,
        role="mentor",
        name="Karl Known",
        email="karl@example.org",
        reason=f"{COLLEAGUE} listens well",
        made_at=now,
    )
    LineSentence.objects.create(
        contact=LineContact.objects.get(enrolment=cast.mentee_enrolment),
        text=f"{BOSS} not before spring",
        written_at=now,
    )
    LineOverride.objects.create(
        enrolment=cast.mentee_enrolment, reason=f"{OVERRIDE} agreed by phone", decided_at=now
    )
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


def plant_trait(cast: Any, now: Any) -> None:
    """Let the mentee agree to have a trait compared whose choice is a marked word."""
    policy = ensure_policy(cohort=cast.cohort)
    choices = ["No", f"{TRAIT} yes"]
    trait = PairingTrait.objects.create(
        policy=policy, key="first", label="First of the family to study?", choices=choices
    )
    PolicyCriterion.objects.create(
        policy=policy, kind=CriterionKind.TRAIT, question_key="first", weight=5
    )
    save_traits(
        enrolment=cast.mentee_enrolment,
        actor=cast.mentee,
        now=now,
        choices={trait.pk: choices[1]},
        agrees=True,
    )
    PairingTrait.objects.update(choices=["No", "Yes"])  # the mark stands in the sealed place alone


def plant_goals(cast: Any) -> None:
    """Let the mentee set a goal of their own and one that is shared, with a word in every place."""
    for visibility, mark in (("me", GOAL), ("us", SHARED_GOAL)):
        given: dict[str, Any] = {"actor": cast.mentee, "now": timezone.now()}
        words = {
            name: f"{mark} {name}"
            for name in ("title", "why", "measure", "starting_point", "target", "unit")
        }
        goal = set_goal(match=cast.match, visibility=visibility, text=GoalText(**words), **given)
        add_milestone(goal=goal, text=f"{mark} step", **given)
        day = given["now"].date() - timedelta(days=1)
        add_progress(goal=goal, day=day, progress=25, note=f"{mark} note", **given)


def plant_notes(cast: Any) -> None:
    """Let the mentee write a note of their own, one of the match, and answer a phase's question."""
    given: dict[str, Any] = {"actor": cast.mentee, "now": timezone.now()}
    notes.write_note(match=cast.match, text=f"{OWN_NOTE} for me", **given)
    notes.start_shared(
        match=cast.match, title=f"{SHARED_NOTE} title", text=f"{SHARED_NOTE} text", **given
    )
    phase = Phase.objects.filter(cohort=cast.cohort).first()
    if phase is not None:
        notes.reflect(phase=phase, text=f"{REFLECTION} of mine", **given)


def marks_in(body: bytes) -> set[str]:
    return {mark for mark in EVERY if mark.encode() in body}


def leaked(body: bytes, role: str) -> set[str]:
    """Return the marks in an answer that this role must not read."""
    return marks_in(body) - READS.get(role, set())
