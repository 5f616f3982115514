"""The demo program whose people agree to a code of conduct, and whose mentors have a reference."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from participants.models import Enrolment, MemberRole, StepOutcome
from participants.selectors.screening import STANDS
from participants.services.screening import Named, agree, decide_step, name_referees
from programs.models import Audience, Cohort, ScreeningStep, StepKind

CODE = """\
We meet as equals: title and department stay outside.

What one of us tells the other stays between us, unless somebody is in danger. Then we say so first.

We keep the times we agree on, and say early when we cannot.

We do not use the other for favours, references or sales, and we do not begin a relationship \
while we work together.

If something feels wrong, we tell the program manager. Nobody has a disadvantage from that."""
REFERENCE = """\
You will be the first person whom somebody new turns to. So we ask one colleague who has worked \
with you for a year or more: how do you listen, and do you keep what you promise?

Name one or two people below. We call them, for ten minutes at most."""
REFEREES = (
    Named("Helena Sousa", "helena.sousa@example.com"),
    Named("Tom Vandenberg", "tom.vandenberg@example.com"),
)


def screen(cohort: Cohort, *, manager: User, now: datetime) -> None:
    """Ask for two steps; most have passed, some are open, one is not needed."""
    asked = now - timedelta(days=9)
    code = ScreeningStep.objects.create(
        program=cohort.program,
        kind=StepKind.CODE,
        audience=Audience.BOTH,
        name="How we treat each other",
        text=CODE,
        edition_at=asked,
    )
    reference = ScreeningStep.objects.create(
        program=cohort.program,
        kind=StepKind.REFERENCE,
        audience=Audience.MENTOR,
        name="A word from a colleague",
        text=REFERENCE,
        position=1,
        edition_at=asked,
    )
    people = Enrolment.objects.filter(cohort=cohort, status__in=STANDS)
    people = people.select_related("user", "cohort__program").order_by("pk")
    for at, enrolment in enumerate(people):
        if at % 5 != 3:
            agree(enrolment=enrolment, step=code, edition=1, now=asked + timedelta(hours=20 + at))
    mentors = people.filter(role=MemberRole.MENTOR)
    for at, enrolment in enumerate(mentors):
        _ask_about(enrolment, reference, at, manager, asked + timedelta(days=2, hours=at))


def _ask_about(
    enrolment: Enrolment, step: ScreeningStep, at: int, manager: User, now: datetime
) -> None:
    if at == 4:
        return
    if at == 2:
        reason = "We heard from the team in spring, for another program."
        decide_step(
            enrolment=enrolment,
            step=step,
            state=StepOutcome.WAIVED,
            actor=manager,
            now=now,
            reason=reason,
        )
        return
    name_referees(enrolment=enrolment, step=step, people=REFEREES[: 1 + at % 2], now=now)
    if at != 3:
        decide_step(
            enrolment=enrolment, step=step, state=StepOutcome.PASSED, actor=manager, now=now
        )
