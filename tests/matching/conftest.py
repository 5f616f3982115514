"""A small cohort that is being paired: three mentors, four mentees, with what pairing reads."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from accounts.models import User
from matching.models import PairingRun
from matching.services.policy import ensure_policy
from matching.services.runs import perform_run, request_run
from participants.models import Enrolment, Profile, ProfileSkill, Skill
from programs.models import Cohort, CohortStatus
from tests.conftest import NOW, Cast, enrol, make_cohort, make_person

SKILLS = {"coaching": "Coaching", "sql": "SQL", "budgeting": "Budgeting"}


def with_skills(enrolment: Enrolment, direction: str, *names: str) -> Enrolment:
    profile = Profile.objects.get(user=enrolment.user)
    for name in names:
        skill, _ = Skill.objects.get_or_create(name_key=name, defaults={"name": SKILLS[name]})
        ProfileSkill.objects.create(profile=profile, skill=skill, direction=direction)
    return enrolment


@dataclass
class Pairing:
    cohort: Cohort
    mentors: list[Enrolment]
    mentees: list[Enrolment]
    manager: User

    def run(self, **fields) -> PairingRun:
        """Ask for a run and carry it out, as a worker would."""
        run = request_run(cohort=self.cohort, actor=self.manager, now=NOW, **fields)
        perform_run(run.pk, clock=lambda: NOW)
        run.refresh_from_db()
        return run


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    cohort = make_cohort(cast.program, name="Pairing now", status=CohortStatus.PAIRING)
    ensure_policy(cohort=cohort)
    mentors = [
        with_skills(
            enrol(
                cohort,
                make_person(f"mentor{n}@example.org", f"Mentor {n}", department=f"D{n}"),
                "mentor",
            ),
            "offer",
            *skills,
        )
        for n, skills in enumerate((("coaching", "sql"), ("budgeting",), ("coaching",)))
    ]
    mentees = [
        with_skills(
            enrol(
                cohort,
                make_person(f"mentee{n}@example.org", f"Mentee {n}", department=f"E{n}"),
                "mentee",
            ),
            "learn",
            *skills,
        )
        for n, skills in enumerate((("sql",), ("budgeting",), ("coaching",), ("coaching",)))
    ]
    # Mentees 2 and 3 fit mentor 0 as well as mentee 0 does: this decides the tie.
    first_two = (mentors[0].user_id, mentees[0].user_id)
    Profile.objects.filter(user__in=first_two).update(interests=["Chess"])
    return Pairing(cohort, mentors, mentees, cast.program_manager)
