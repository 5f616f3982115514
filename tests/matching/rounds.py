"""A program of circles, and one of peers, to try things on."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Role, User
from matching.models import PairingPolicy, PairingRun, Proposal, ProposalState, ProposedCircle
from matching.services.policy import ensure_policy
from matching.services.runs import perform_run, request_run
from participants.models import Enrolment
from programs.models import Cohort, CohortStatus, Program, ProgramFormat
from tests.conftest import NOW, Cast, enrol, grant, make_cohort, make_person
from tests.matching.conftest import with_skills


@dataclass
class Place:
    cohort: Cohort
    mentors: list[Enrolment]
    mentees: list[Enrolment]
    manager: User

    def run(self, **fields) -> PairingRun:
        run = request_run(cohort=self.cohort, actor=self.manager, now=NOW, **fields)
        perform_run(run.pk, clock=lambda: NOW)
        return PairingRun.objects.select_related("cohort__program").get(pk=run.pk)

    def shape(self, **fields) -> None:
        PairingPolicy.objects.filter(cohort=self.cohort).update(**fields)

    @property
    def given(self) -> dict:
        return {"actor": self.manager, "now": NOW}


def make_place(cast: Cast) -> Place:
    """Two mentors who offer SQL or coaching; four mentees want the one, three the other."""
    program = Program.objects.create(name="Rounds", format=ProgramFormat.GROUP)
    grant(cast.program_manager, Role.MANAGER, program)
    cohort = make_cohort(program, name="Rounds now", status=CohortStatus.PAIRING)
    ensure_policy(cohort=cohort)
    PairingPolicy.objects.filter(cohort=cohort).update(minimum_fit=0)
    mentors, mentees = [], []
    for number, skill in enumerate(("sql", "coaching")):
        user = make_person(f"lead{number}@example.org", f"Lead {number}", department=f"L{number}")
        mentors.append(with_skills(enrol(cohort, user, "mentor"), "offer", skill))
    for number in range(7):
        user = make_person(f"m{number}@example.org", f"Mentee {number}", department=f"D{number}")
        skill = "sql" if number < 4 else "coaching"
        mentees.append(with_skills(enrol(cohort, user, "mentee"), "learn", skill))
    return Place(cohort, mentors, mentees, cast.program_manager)


@dataclass
class Peers:
    cohort: Cohort
    people: list[Enrolment]
    manager: User

    def run(self, **fields) -> PairingRun:
        run = request_run(cohort=self.cohort, actor=self.manager, now=NOW, **fields)
        perform_run(run.pk, clock=lambda: NOW)
        return PairingRun.objects.select_related("cohort__program").get(pk=run.pk)


def make_peers(cast: Cast) -> Peers:
    """Five people: the first two and the next two learn from each other, the last knows nothing."""
    program = Program.objects.create(name="Equals", format=ProgramFormat.PEER)
    grant(cast.program_manager, Role.MANAGER, program)
    cohort = make_cohort(program, name="Peers now", status=CohortStatus.PAIRING)
    ensure_policy(cohort=cohort)
    PairingPolicy.objects.filter(cohort=cohort).update(minimum_fit=0)
    told = (
        ("sql", "coaching"),
        ("coaching", "sql"),
        ("budgeting", "coaching"),
        ("coaching", "budgeting"),
        ("sql", ""),
    )
    people = []
    for number, (wants, offers) in enumerate(told):
        user = make_person(f"peer{number}@example.org", f"Peer {number}", department=f"D{number}")
        one = with_skills(enrol(cohort, user, "mentee"), "learn", wants)
        people.append(with_skills(one, "offer", offers) if offers else one)
    return Peers(cohort, people, cast.program_manager)


def circles_of(run: PairingRun) -> dict[tuple[int, ...], set[int]]:
    """Return mentees by mentors."""
    return {
        tuple(row.enrolment_id for row in circle.leading.all()): {
            seat.mentee_id for seat in circle.seats.exclude(state=ProposalState.REJECTED)
        }
        for circle in run.circles.all()
        if circle.leading.exists()
    }


def pks(rows, *places: int) -> set[int]:
    return {rows[place].pk for place in places}


def circle_of(run: PairingRun, mentor: Enrolment) -> ProposedCircle:
    return ProposedCircle.objects.get(run=run, leading__enrolment=mentor)


def seat_of(run: PairingRun, mentee: Enrolment) -> Proposal:
    return Proposal.objects.exclude(state=ProposalState.REJECTED).get(run=run, mentee=mentee)
