"""Three cohorts of the demo: one running, one ready to be paired, one enrolling."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from accounts.models import User
from participants.models import Answer, Enrolment, EnrolmentStatus
from programs.models import Cohort, EnrolmentForm, Phase, Program, Question
from programs.services.cohorts import ensure_form, move_cohort
from programs.services.expectations import ensure_expectations

PHASES = (
    ("Getting started", 3, "Agree on how often, how and what stays between you.",
     "Tell each other how you came to where you are.\nAgree on one goal for the first months.",
     "What would have to happen for you to say, at the end, that this was worth it?"),
    ("Building momentum", 12, "Work on the goal in small steps.",
     "Choose one real situation for each meeting.\nEnd with one thing each of you will do.",
     "What have you done differently since you began, even if only once?"),
    ("Midpoint review", 2, "Talk about the work together itself.",
     "What should you keep, do more, do less?",
     "What have you not said yet that would help you both?"),
    ("Stretch", 16, "Try something that is a little too big.",
     "Pick a step with visible risk.\nPlan how you will know that it worked.",
     "What are you avoiding, and what would a small first try look like?"),
    ("Wrap up", 6, "Look back, thank each other, decide how to go on.",
     "What has changed since the beginning?\nWould you like to stay in touch, and how?",
     "What will you keep doing when nobody asks you about it any more?"),
)  # fmt: skip

QUESTIONS = (
    ("main-goal", "What would you like to be different in nine months?", "text", "mentee",
     "partner", ()),
    ("style", "How do you like to work together?", "choice", "both", "partner",
     ("With a plan", "As it comes", "A bit of both")),
    ("topics", "Which topics interest you?", "choices", "both", "partner",
     ("Career", "Leadership", "Technical depth", "Work and life")),
    ("confidence", "How confident are you about your next step?", "scale", "mentee", "manager", ()),
    ("identity", "Is there a background you would like to share with your match?", "text", "both",
     "private", ()),
)  # fmt: skip


def moment(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def open_cohort(program: Program, name: str, *, starts_on: date, manager: User) -> Cohort:
    """Set up a cohort with phases and a form, and open its enrolment."""
    cohort: Cohort = Cohort.objects.create(
        program=program,
        name=name,
        enrolment_opens_on=starts_on - timedelta(weeks=8),
        enrolment_closes_on=starts_on - timedelta(weeks=2),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(weeks=39),
    )
    day = starts_on
    for phase_name, weeks, purpose, guide, prompt in PHASES:
        end = day + timedelta(weeks=weeks)
        Phase.objects.create(
            cohort=cohort,
            name=phase_name,
            purpose=purpose,
            guide=guide,
            reflection_prompt=prompt,
            agenda="How have you been?\nWhat happened since last time?\nWhat is next?",
            starts_on=day,
            ends_on=end - timedelta(days=1),
        )
        day = end
    _ask(ensure_form(cohort))
    ensure_expectations(cohort)
    move_cohort(
        cohort=cohort,
        target="enrolling",
        actor=manager,
        now=moment(cohort.enrolment_opens_on),
    )
    return cohort


def _ask(form: EnrolmentForm) -> None:
    for at, (key, label, kind, audience, visibility, choices) in enumerate(QUESTIONS):
        Question.objects.create(
            form=form,
            key=key,
            label=label,
            kind=kind,
            audience=audience,
            visibility=visibility,
            choices=list(choices),
            position=at,
        )


def enrol(
    cohort: Cohort,
    person: User,
    role: str,
    *,
    capacity: int = 1,
    status: str = EnrolmentStatus.ENROLLED,
    day: date | None = None,
) -> Enrolment:
    """Enrol somebody with answers, as if they had signed up."""
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
    form = ensure_form(cohort)
    style = form.questions.get(key="style")
    topics = form.questions.get(key="topics")
    Answer.objects.create(
        enrolment=enrolment, question=style, choices=[style.choices[person.pk % 3]]
    )
    Answer.objects.create(
        enrolment=enrolment,
        question=topics,
        choices=[topics.choices[person.pk % 4], topics.choices[(person.pk + 1) % 4]],
    )
    return enrolment
