"""A mentor of the demo who has retired and goes on from outside, with an account that ends soon."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from accounts.services import change_person
from matching.models import Match
from participants.services.externals import welcome_external
from programs.models import ExternalsRule, Program

WORDS = """\
What your mentee tells you stays with you, also after the program.

You write down no names of customers or colleagues, and you take nothing of the company with you."""


def go_on_from_outside(match: Match, *, manager: User, now: datetime) -> None:
    """Let the mentor of a match be somebody from outside, to whom the mentee said yes."""
    program = match.cohort.program
    Program.objects.filter(pk=program.pk).update(
        externals=ExternalsRule.MENTORS, confidentiality_text=WORDS
    )
    seats = match.members.select_related("enrolment__user").filter(left_at__isnull=True)
    for seat in seats.filter(role="mentee"):
        welcome_external(enrolment=seat.enrolment, is_fine=True, now=now - timedelta(days=30))
    for seat in seats.filter(role="mentor"):
        change_person(
            person=seat.enrolment.user,
            actor=None,
            now=now - timedelta(days=20),
            is_external=True,
            organisation="Alumni",
            works_until=now.date() + timedelta(days=11),
            vouched_by=manager,
            employee_id="",
            department="",
            job_title="Former head of operations",
            manager=None,
            level=None,
        )
