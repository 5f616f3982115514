"""A mentee gets a mentor from outside only after a yes: in the database, the run, and by hand."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from core.errors import DomainError
from matching.engine import People, Person, Policy, Pool
from matching.engine.checking.pairs import Two, broken_rules
from matching.models import MatchMember, Proposal
from matching.pool import engine_pool, take_snapshot
from matching.refusals import explain
from matching.services.review import pair_by_hand
from participants.models import Enrolment
from programs.models import Program
from tests.accounts.test_externals import UNTIL
from tests.conftest import NOW, enrol, make_match, make_person


def make_outside(person, voucher):
    User.objects.filter(pk=person.pk).update(
        is_external=True, organisation="Alumni", works_until=UNTIL, vouched_by=voucher
    )


@pytest.fixture
def outside(pairing) -> list[Enrolment]:
    """The cohort that is paired; its first and third mentor, who coach, come from outside."""
    Program.objects.update(externals="mentors")
    found = [pairing.mentors[0], pairing.mentors[2]]
    for place in found:
        make_outside(place.user, pairing.manager)
    return found


def test_member_without_a_yes_is_refused_with_a_mentor_from_outside(pairing, outside):
    mentor, mentee = outside[0], pairing.mentees[0]
    with pytest.raises(DatabaseError, match="member_external") as caught, transaction.atomic():
        make_match(mentor, mentee)
    assert "has not said that this is fine" in str(explain(caught.value))
    with pytest.raises(DatabaseError, match="member_external"), transaction.atomic():
        make_match(mentee, mentor)

    Enrolment.objects.filter(pk=mentee.pk).update(accepts_external=True)
    match = make_match(mentor, mentee)
    Enrolment.objects.filter(pk=mentee.pk).update(accepts_external=False)
    assert match.members.count() == 2


def test_member_inside_needs_no_yes(pairing, outside):
    assert make_match(pairing.mentors[1], pairing.mentees[1]).members.count() == 2


@pytest.mark.django_db(transaction=True)
def test_taking_back_the_yes_while_a_match_is_made_waits_for_it(cast):
    Program.objects.update(externals="mentors")
    mentor = enrol(cast.cohort, make_person("ada@example.org", "Ada"), "mentor")
    make_outside(mentor.user, cast.program_manager)
    mentee = enrol(
        cast.cohort, make_person("bo@example.org", "Bo"), "mentee", accepts_external=True
    )
    barrier, order = threading.Barrier(2), []

    def take_back():
        try:
            barrier.wait(5)
            Enrolment.objects.filter(pk=mentee.pk).update(accepts_external=False)
            order.append("taken back")
        finally:
            connection.close()

    thread = threading.Thread(target=take_back)
    thread.start()
    with transaction.atomic():
        make_match(mentor, mentee)
        barrier.wait(5)
        thread.join(0.5)
        order.append("matched")
    thread.join(5)

    assert order == ["matched", "taken back"]
    assert MatchMember.objects.filter(enrolment=mentee, left_at__isnull=True).count() == 1


def test_run_pairs_only_who_said_yes_with_mentors_from_outside(pairing, outside):
    welcoming = pairing.mentees[2]
    Enrolment.objects.filter(pk=welcoming.pk).update(accepts_external=True)

    run = pairing.run()

    pairs = set(Proposal.objects.filter(run=run).values_list("mentee_id", "mentor_id"))
    with_outside = {mentee for mentee, mentor in pairs if mentor in {one.pk for one in outside}}
    assert with_outside == {welcoming.pk}
    assert len(pairs) == 2


def test_snapshot_tells_the_engine_who_is_from_outside_and_to_whom_that_is_fine(pairing, outside):
    Enrolment.objects.filter(pk=pairing.mentees[1].pk).update(accepts_external=True)

    pool = engine_pool(take_snapshot(pairing.cohort))

    assert pool.mentors.is_external == (True, False, True)
    assert pool.mentees.accepts_external == (False, True, False, False)


@pytest.mark.parametrize(
    ("is_external", "accepts", "broken"),
    [
        (True, False, ["from_outside"]),
        (True, True, []),
        (False, False, []),
    ],
)
def test_checker_judges_by_itself_and_no_override_lets_a_pair_through(is_external, accepts, broken):
    pool = Pool(
        mentees=People.of([Person(id=1, accepts_external=accepts)]),
        mentors=People.of([Person(id=2, is_external=is_external)]),
        overrides={(1, 2, "from_outside")},
    )

    assert broken_rules(pool, Policy(criteria=()), Two(pool, 0, 0)) == broken


def test_pairing_by_hand_without_a_yes_says_why_it_cannot_be(pairing, outside):
    run = pairing.run()
    mentee = pairing.mentees[2]
    with pytest.raises(DomainError, match="from outside"):
        pair_by_hand(
            run=run,
            mentee=mentee,
            mentor=outside[0],
            override_reason="They asked.",
            actor=pairing.manager,
            now=NOW,
        )
