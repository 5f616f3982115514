"""What the database refuses, whatever path a row comes by."""

from __future__ import annotations

import itertools
import threading

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from matching.models import DoNotPair, MatchMember, RuleOverride
from tests.conftest import NOW, enrol, make_match, make_person


def join(match, enrolment):
    with transaction.atomic():
        return MatchMember.objects.create(
            match=match,
            enrolment=enrolment,
            user=enrolment.user,
            role=enrolment.role,
            joined_at=NOW,
        )


def refused(code: str):
    return pytest.raises(DatabaseError, match=code)


@pytest.fixture
def newcomer(cast):
    return enrol(cast.cohort, make_person("leila@example.org", "Leila Farouk"), "mentee")


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("boss", ["mentor", "mentee"])
def test_member_within_reporting_line_is_refused(cast, newcomer, boss, steps):
    upper, lower = (
        (cast.mentor, newcomer.user) if boss == "mentor" else (newcomer.user, cast.mentor)
    )
    between = make_person("between@example.org", "Bea Tween")
    if steps == 1:
        User.objects.filter(pk=lower.pk).update(manager=upper)
    else:
        User.objects.filter(pk=lower.pk).update(manager=between)
        User.objects.filter(pk=between.pk).update(manager=upper)

    with refused("member_reporting_line"), transaction.atomic():
        make_match(cast.mentor_enrolment, newcomer)


def test_member_three_steps_away_is_let_in(cast, newcomer):
    chain = [make_person(f"step{n}@example.org", f"Step {n}") for n in range(2)]
    line = [newcomer.user, *chain, cast.mentor]
    for lower, upper in itertools.pairwise(line):
        User.objects.filter(pk=lower.pk).update(manager=upper)

    assert make_match(cast.mentor_enrolment, newcomer).members.count() == 2


def test_member_within_reporting_line_passes_with_an_override(cast, newcomer):
    User.objects.filter(pk=newcomer.user_id).update(manager=cast.mentor)
    RuleOverride.objects.create(
        mentor=cast.mentor_enrolment,
        mentee=newcomer,
        rule="reporting_line",
        reason="Asked for by both, agreed with HR.",
        created_by=cast.program_manager,
        created_at=NOW,
    )

    assert make_match(cast.mentor_enrolment, newcomer).members.count() == 2


def test_member_beyond_capacity_is_refused(cast, newcomer):
    make_match(cast.mentor_enrolment, newcomer)
    third = enrol(cast.cohort, make_person("zofia@example.org", "Zofia Wrona"), "mentee")

    with refused("member_capacity"), transaction.atomic():
        make_match(cast.mentor_enrolment, third)


def test_capacity_below_open_matches_is_refused(cast):
    with refused("capacity_in_use"), transaction.atomic():
        type(cast.mentor_enrolment).objects.filter(pk=cast.mentor_enrolment.pk).update(capacity=0)


def test_member_with_themselves_is_refused(cast):
    self_mentee = enrol(cast.cohort, cast.mentor, "mentee")

    with refused("member_(self|once)"), transaction.atomic():
        make_match(cast.mentor_enrolment, self_mentee)


def test_member_who_asked_not_to_meet_again_is_refused(cast, newcomer):
    low, high = sorted((cast.mentor.pk, newcomer.user_id))
    DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)

    with refused("member_do_not_pair"), transaction.atomic():
        make_match(cast.mentor_enrolment, newcomer)


def test_member_of_another_cohort_is_refused(cast):
    outsider = enrol(cast.other_cohort, cast.stranger, "mentee")

    with refused("member_cohort"):
        join(cast.match, outsider)


def test_manager_cycle_is_refused(cast):
    User.objects.filter(pk=cast.mentee.pk).update(manager=cast.mentor)

    with refused("manager_cycle"), transaction.atomic():
        User.objects.filter(pk=cast.mentor.pk).update(manager=cast.mentee)


@pytest.mark.django_db(transaction=True)
def test_capacity_tried_from_two_connections_lets_one_in(cast):
    type(cast.mentor_enrolment).objects.filter(pk=cast.mentor_enrolment.pk).update(capacity=2)
    mentees = [
        enrol(cast.cohort, make_person(f"m{n}@example.org", f"M {n}"), "mentee") for n in range(2)
    ]
    barrier, outcomes = threading.Barrier(2), []

    def pair(mentee):
        try:
            barrier.wait(5)
            with transaction.atomic():
                make_match(cast.mentor_enrolment, mentee)
            outcomes.append("paired")
        except DatabaseError as error:
            outcomes.append("refused" if "member_capacity" in str(error) else str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=pair, args=(mentee,)) for mentee in mentees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outcomes) == ["paired", "refused"]
