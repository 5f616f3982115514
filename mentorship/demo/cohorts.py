"""Three cohorts of the demo, each from a template: one running, one to be paired, one enrolling."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from accounts.models import User
from matching.selectors import counted_traits
from matching.services.traits import save_traits
from participants.models import Answer, Enrolment, EnrolmentStatus
from programs.models import Audience, Cohort, Program, Question, QuestionKind, Visibility
from programs.services.cohorts import ensure_form, move_cohort
from programs.services.setting_up import create_from_template
from programs.templating import find_template


def moment(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def open_cohort(
    program: Program, name: str, *, template: str, starts_on: date, manager: User
) -> Cohort:
    """Set up a cohort from a template, and open its enrolment."""
    found = find_template(template)
    if found is None:
        raise LookupError(template)
    opens_on = starts_on - timedelta(weeks=found.opens_weeks_before)
    cohort = create_from_template(
        program=program,
        template=found,
        name=name,
        starts_on=starts_on,
        language="en",
        actor=manager,
        now=moment(opens_on),
    )
    move_cohort(cohort=cohort, target="enrolling", actor=manager, now=moment(opens_on))
    return cohort


def enrol(
    cohort: Cohort,
    person: User,
    role: str,
    *,
    capacity: int = 1,
    status: str = EnrolmentStatus.ENROLLED,
    day: date | None = None,
) -> Enrolment:
    """Enrol somebody with answers to every question of choice, as if they had signed up."""
    at = moment(day or cohort.enrolment_opens_on + timedelta(days=10))
    enrolment: Enrolment = Enrolment.objects.create(
        cohort=cohort,
        user=person,
        role=role,
        capacity=capacity,
        status=status,
        source="import",
        enrolled_at=at,
        status_changed_at=at,
    )
    questions = ensure_form(cohort).questions.filter(
        audience__in=(role, Audience.BOTH), kind__in=(QuestionKind.CHOICE, QuestionKind.CHOICES)
    )
    Answer.objects.bulk_create(
        Answer(enrolment=enrolment, question=question, choices=_chosen(question, person.pk))
        for question in questions.exclude(visibility=Visibility.PRIVATE)
    )
    _agree(enrolment, at)
    return enrolment


def _agree(enrolment: Enrolment, at: datetime) -> None:
    """Let two of three agree to have the cohort's traits compared, most with the first choice."""
    number = enrolment.user_id
    traits = counted_traits(enrolment.cohort) if number % 3 else ()
    choices = {trait.pk: trait.choices[number % 4 == 0] for trait in traits}
    if choices:
        save_traits(enrolment=enrolment, actor=enrolment.user, now=at, choices=choices, agrees=True)


def _chosen(question: Question, number: int) -> list[str]:
    first = number % len(question.choices)
    if question.kind == QuestionKind.CHOICE:
        return [question.choices[first]]
    return [question.choices[first], question.choices[(first + 1) % len(question.choices)]]
