"""Somebody leaves a match of two, of peers, and a circle: who stays goes on, or it ends."""

from __future__ import annotations

import pytest

from home.services import leave_cohort
from matching.models import Match, MatchMember
from matching.services.closing import leave_match
from support.services import record_leaver
from tests.conftest import NOW, enrol, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def circle(cast) -> Match:
    """Return the cast's match with two more mentees in it."""
    for name in ("Ada", "Bo"):
        person = make_person(f"{name.lower()}@example.org", f"{name} Circle")
        seat = enrol(cast.cohort, person, "mentee")
        MatchMember.objects.create(
            match=cast.match, user=person, enrolment=seat, role="mentee", joined_at=NOW
        )
    return cast.match


@pytest.fixture
def peers(cast) -> Match:
    """Return a match of two who share a role."""
    seat = enrol(cast.cohort, make_person("ada@example.org", "Ada Peer"), "mentee")
    MatchMember.objects.filter(match=cast.match, user=cast.mentor).update(
        role="mentee", user=seat.user, enrolment=seat
    )
    return cast.match


def present(match: Match) -> list[str]:
    rows = MatchMember.objects.current().filter(match=match).order_by("user__email")
    return list(rows.values_list("user__first_name", flat=True))


def test_circle_goes_on_when_one_of_its_mentees_leaves(cast, circle):
    ended = leave_match(match=circle, person=cast.mentee, actor=cast.mentee, now=NOW)

    circle.refresh_from_db()
    assert (ended, circle.status) == (False, "active")
    assert present(circle) == ["Ada", "Bo", "Daniel"]


def test_circle_ends_when_its_only_mentor_leaves(cast, circle):
    assert leave_match(match=circle, person=cast.mentor, actor=cast.mentor, now=NOW)

    circle.refresh_from_db()
    assert (circle.status, present(circle)) == ("ended", [])


def test_match_of_peers_ends_when_one_of_them_leaves(cast, peers):
    assert leave_match(match=peers, person=cast.mentee, actor=cast.mentee, now=NOW)

    peers.refresh_from_db()
    assert (peers.status, present(peers)) == ("ended", [])


def test_leaving_a_cohort_leaves_its_circle_to_the_others(cast, circle):
    leave_cohort(enrolment=cast.mentee_enrolment, actor=cast.mentee, now=NOW)

    circle.refresh_from_db()
    cast.mentee_enrolment.refresh_from_db()
    assert (circle.status, cast.mentee_enrolment.status) == ("active", "withdrawn")
    assert present(circle) == ["Ada", "Bo", "Daniel"]


def test_peer_who_leaves_lets_the_match_rest_and_then_end(cast, peers):
    record_leaver(
        person=cast.mentee,
        program=cast.program,
        on=NOW.date(),
        actor=cast.program_manager,
        now=NOW,
    )

    peers.refresh_from_db()
    assert peers.status == "paused"
