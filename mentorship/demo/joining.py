"""How people of the demo come into the cohort that is enrolling."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from accounts.models import User
from participants.models import Enrolment, EnrolmentStatus, LineContact
from participants.selectors import current_questions
from participants.services.answering import begin, save_draft, submit
from participants.services.deciding import take_line_manager_answer
from participants.services.enrolling import enrol_person
from participants.services.inviting import send_again
from participants.services.line_managers import follow_line_managers
from participants.services.links import make_link
from participants.services.places import offer_place
from programs.models import Cohort
from programs.services.cohorts import set_joining_rules

if TYPE_CHECKING:
    from mentorship.demo.people import Company

GOALS = (
    "I would like to find my way around here, and somebody to ask the small questions.",
    "My goal is to lead my first project by summer without losing the fun of it.",
)
BEGUN = {
    "can-help-with": ["I came back from leave in September, and"],
    "topics": ["Leading people", "Work and the rest of life"],
}


def come_by_link(
    cohort: Cohort, *, manager: User, cast: Any, company: Company, now: datetime
) -> None:
    """Open a link for each role; two people wait for a yes, one has a place offered.

    Priya, who is a mentee elsewhere, has begun to sign up as a mentor of newcomers. The line
    managers of mentees were told; those of further mentors are asked first, and one hesitates.
    """
    set_joining_rules(
        cohort=cohort,
        actor=manager,
        now=now,
        needs_approval=True,
        mentee_places=9,
        mentee_line_manager="told",
        mentor_line_manager="asked",
    )
    follow_line_managers(now=now - timedelta(days=9))
    _hesitate(cohort, person=company.seniors[68], manager=manager, now=now)
    links = {
        role: make_link(
            cohort=cohort,
            role=role,
            actor=manager,
            now=now - timedelta(days=12),
            email_domains=["example.com"],
        )
        for role in ("mentor", "mentee")
    }
    for person, goal in zip(company.juniors[82:84], GOALS, strict=True):
        asked = now - timedelta(days=2)
        begin(link=links["mentee"], user=person, now=asked)
        questions = {question.key: question for question in current_questions(cohort, "mentee")}
        answers = {
            questions["main-goal"]: goal,
            questions["next-step"]: "I would like to find out",
            questions["style"]: "A bit of both",
            questions["confidence"]: "3",
        }
        submit(user=person, cohort=cohort, role="mentee", answers=answers, agrees=True, now=asked)
    begin(link=links["mentor"], user=cast.mentee, now=now - timedelta(days=1))
    save_draft(
        user=cast.mentee,
        cohort=cohort,
        role="mentor",
        form=None,
        words=BEGUN,
        now=now - timedelta(days=1),
    )
    people = Enrolment.objects.filter(cohort=cohort)
    for enrolment in people.filter(status=EnrolmentStatus.INVITED):
        send_again(enrolment=enrolment, actor=manager, now=now - timedelta(days=5))
    for enrolment in people.filter(status=EnrolmentStatus.WAITLISTED)[:1]:
        offer_place(enrolment=enrolment, actor=manager, now=now - timedelta(hours=4))


def _hesitate(cohort: Cohort, *, person: User, manager: User, now: datetime) -> None:
    """Add a mentor by hand whose line manager says “not now”."""
    asked = now - timedelta(days=7)
    enrol_person(cohort=cohort, email=person.email, role="mentor", actor=manager, now=asked)
    contact = LineContact.objects.filter(enrolment__user=person, enrolment__cohort=cohort).first()
    if contact is not None:
        take_line_manager_answer(
            contact=contact,
            agrees=False,
            words="We close the year until January. Gladly after that.",
            now=now - timedelta(days=2),
        )
