"""Events of the running cohort: a kick-off that took place, and the mentors' round to come."""

from __future__ import annotations

from datetime import date, timedelta

from accounts.models import User
from mentorship.demo.cohorts import moment
from programs.models import Cohort
from sessions.models import EventAnswer
from sessions.services import EventFacts, answer_event, mark_attendance, plan_event


def gather(cohort: Cohort, *, manager: User, monday: date) -> None:
    """Let the cohort have begun together, and its mentors meet in eight days."""
    begun = cohort.starts_on
    planned = moment(begun, 9) - timedelta(days=12)
    kick_off = plan_event(
        cohort=cohort,
        audience="both",
        facts=EventFacts(
            kind="kick_off",
            starts_at=moment(begun, 15),
            minutes=60,
            title="We begin together",
            place="Auditorium, ground floor",
            text="What mentoring is and what it is not, and an hour to meet each other.",
        ),
        actor=manager,
        now=planned,
    )
    guests = list(kick_off.guests.select_related("user").order_by("pk"))
    for number, guest in enumerate(guests):
        if number % 7 != 6:
            answer = EventAnswer.NO if number % 9 == 8 else EventAnswer.YES
            at = planned + timedelta(days=1)
            answer_event(event=kick_off, person=guest.user, answer=answer, now=at)
    there = [guest.pk for number, guest in enumerate(guests) if number % 6 != 5]
    mark_attendance(
        event=kick_off,
        shown=[guest.pk for guest in guests],
        there=there,
        actor=manager,
        now=moment(begun, 17),
    )
    talk = plan_event(
        cohort=cohort,
        audience="mentor",
        facts=EventFacts(
            kind="round",
            starts_at=moment(monday + timedelta(days=10), 12),
            minutes=60,
            title="Mentors over lunch",
            link="https://meet.jit.si/mentors-over-lunch",
            text="Bring one question that you would like to hear other mentors on.",
        ),
        actor=manager,
        now=moment(monday, 9) - timedelta(days=4),
    )
    for number, guest in enumerate(talk.guests.select_related("user").order_by("pk")):
        if number % 3 and guest.user.first_name != "Daniel":
            at = moment(monday, 9) - timedelta(days=3)
            answer = EventAnswer.NO if number % 5 == 4 else EventAnswer.YES
            answer_event(event=talk, person=guest.user, answer=answer, now=at)
