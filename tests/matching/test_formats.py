"""What the format of a program does to its usual policy and to who is paired."""

from __future__ import annotations

import pytest

from accounts.models import Level, Role
from matching.reasons import for_people
from matching.services.lists import suggest_policy
from matching.services.policy import ensure_policy
from matching.services.runs import perform_run, request_run
from programs.models import CohortStatus, Program, ProgramFormat
from tests.conftest import NOW, enrol, grant, make_cohort, make_person

pytestmark = pytest.mark.django_db


def cohort_of(cast, format_):
    program = Program.objects.create(name=f"Program {format_}", format=format_)
    grant(cast.program_manager, Role.MANAGER, program)
    return make_cohort(program, name="Now", status=CohortStatus.PAIRING)


def person(cohort, name, role, level):
    user = make_person(f"{name.lower()}@example.org", f"{name} Person", department=name)
    user.level = Level.objects.get_or_create(name=level, defaults={"rank": RANKS[level]})[0]
    user.save()
    return enrol(cohort, user, role)


RANKS = {"Junior": 51, "Senior": 53}


@pytest.mark.parametrize(
    ("format_", "partner", "sentence"),
    [
        (ProgramFormat.ONE_TO_ONE, "Above", "the right distance ahead"),
        (ProgramFormat.REVERSE, "Below", "different ends of a career"),
    ],
)
def test_who_mentors_stands_above_or_in_a_reverse_program_below(cast, format_, partner, sentence):
    cohort = cohort_of(cast, format_)
    levels = ("Junior", "Senior")
    mentee_level, other = levels if format_ == ProgramFormat.ONE_TO_ONE else levels[::-1]
    mentee = person(cohort, "Mentee", "mentee", mentee_level)
    person(cohort, "Alike", "mentor", mentee_level)
    person(cohort, partner, "mentor", other)
    ensure_policy(cohort=cohort)
    cohort.policy.minimum_fit = 0
    cohort.policy.save()

    run = request_run(cohort=cohort, actor=cast.program_manager, now=NOW)
    perform_run(run.pk, clock=lambda: NOW)

    proposal = run.proposals.get(mentee=mentee)
    assert proposal.mentor.user.first_name == partner
    assert any(sentence in reason.text for reason in for_people(proposal.contributions))


def test_flash_program_asks_who_knows_and_has_time(cast):
    cohort = cohort_of(cast, ProgramFormat.FLASH)

    suggest_policy(cohort=cohort, actor=cast.program_manager, now=NOW)

    weights = dict(cohort.policy.criteria.values_list("kind", "weight"))
    assert weights == {"skills": 55, "shared_hours": 30, "goal_text": 15}
    assert list(cohort.policy.rules.values_list("kind", flat=True)) == ["earlier_pair"]
