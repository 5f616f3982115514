"""Programs of circles: the run, decisions about circles, and the matches that come of them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from audit.models import AuditEvent
from audit.registry import without_own
from core.errors import Conflict, DomainError, NotAllowed
from core.jobs import JobStatus
from matching.models import (
    CircleMentor,
    DoNotPair,
    Match,
    MatchMember,
    PairingPolicy,
    PairingRun,
    ProposalState,
    Unmatched,
)
from matching.reasons import told_to
from matching.services.circles import (
    dissolve_circle,
    lock_circle,
    move_seat,
    seat_by_hand,
    take_out,
    unlock_circle,
)
from matching.services.publications import publish_draft
from matching.services.review import BrokenRules
from matching.views.publishing import published_context
from notifications.models import Message
from participants.models import Enrolment
from tests.conftest import NOW, Cast, grant
from tests.matching.rounds import Place, circle_of, circles_of, make_place, pks, seat_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(cast: Cast) -> Place:
    return make_place(cast)


def test_run_of_circles_seats_everybody_where_they_learn(place):
    run = place.run()

    assert run.status == JobStatus.DONE, run.error
    assert circles_of(run) == {
        (place.mentors[0].pk,): pks(place.mentees, 0, 1, 2, 3),
        (place.mentors[1].pk,): pks(place.mentees, 4, 5, 6),
    }
    assert (run.result["circles"], run.result["pairs"]) == (2, 7)
    assert run.result["certificate"]["is_proved"] is True
    seat = seat_of(run, place.mentees[0])
    assert seat.mentor == place.mentors[0]
    assert sum(part["points"] for part in seat.contributions) == seat.score > 0


def test_run_of_circles_with_two_mentors_makes_one_circle(place):
    place.shape(circle_mentors=2, circle_most=8)
    run = place.run()

    both = tuple(mentor.pk for mentor in place.mentors)
    assert circles_of(run) == {both: pks(place.mentees, 0, 1, 2, 3, 4, 5, 6)}
    seat = seat_of(run, place.mentees[0])
    assert sum(part["points"] for part in seat.contributions) == seat.score
    assert seat.contributions[0]["facts"]  # of the mentor who fits better


def test_run_of_circles_says_why_somebody_is_left(place):
    place.shape(circle_most=3)
    run = place.run()

    assert sum(map(len, circles_of(run).values())) == 6
    row = Unmatched.objects.get(run=run)
    assert row.reason in ("no_seat_left", "circle_too_small")


def test_policy_holds_the_size_of_circles(place):
    policy = PairingPolicy.objects.get(cohort=place.cohort)
    for wrong in ({"circle_least": 2}, {"circle_most": 9}, {"circle_least": 7, "circle_most": 6}):
        with pytest.raises(IntegrityError), transaction.atomic():
            place.shape(**wrong)
    policy.objective = "leximin"
    with pytest.raises(ValidationError, match="best total"):
        policy.full_clean()


def test_locked_circle_stays_in_the_next_run(place):
    run = place.run()
    circle = circle_of(run, place.mentors[1])
    lock_circle(circle=circle, **place.given)
    DoNotPair.objects.all().delete()

    again = place.run(seed=3)

    found = circle_of(again, place.mentors[1])
    assert set(found.seats.values_list("state", flat=True)) == {ProposalState.LOCKED}
    assert circles_of(again) == circles_of(run)
    unlock_circle(circle=found, **place.given)
    with pytest.raises(Conflict):
        unlock_circle(circle=found, **place.given)


def test_dissolved_circle_frees_its_people(place):
    run = place.run()
    dissolve_circle(circle=circle_of(run, place.mentors[0]), **place.given)

    assert list(circles_of(run)) == [(place.mentors[1].pk,)]
    assert not CircleMentor.objects.filter(run=run, enrolment=place.mentors[0]).exists()
    assert run.proposals.filter(state=ProposalState.REJECTED).count() == 4


def test_mentee_moves_to_another_circle_with_what_it_is_worth_there(place):
    run = place.run()
    seat = seat_of(run, place.mentees[3])

    made = move_seat(seat=seat, to=circle_of(run, place.mentors[1]), **place.given)

    assert circles_of(run)[(place.mentors[1].pk,)] == pks(place.mentees, 3, 4, 5, 6)
    assert made.score < seat.score
    assert sum(part["points"] for part in made.contributions) == made.score
    assert (made.state, made.is_manual) == (ProposalState.LOCKED, True)


def test_circle_keeps_as_many_as_the_policy_says(place):
    run = place.run()
    small, large = (circle_of(run, place.mentors[number]) for number in (1, 0))

    with pytest.raises(Conflict, match="at least 3"):
        take_out(seat=seat_of(run, place.mentees[4]), **place.given)
    with pytest.raises(Conflict, match="at least 3"):
        move_seat(seat=seat_of(run, place.mentees[4]), to=large, **place.given)
    take_out(seat=seat_of(run, place.mentees[0]), **place.given)
    assert circles_of(run)[(place.mentors[0].pk,)] == pks(place.mentees, 1, 2, 3)

    seat_by_hand(circle=small, mentee=place.mentees[0], **place.given)
    assert circles_of(run)[(place.mentors[1].pk,)] == pks(place.mentees, 0, 4, 5, 6)
    with pytest.raises(Conflict, match="seat already"):
        seat_by_hand(circle=large, mentee=place.mentees[0], **place.given)


def test_full_circle_takes_nobody(place):
    place.shape(circle_most=4)
    run = place.run()
    with pytest.raises(Conflict):
        move_seat(
            seat=seat_of(run, place.mentees[4]),
            to=circle_of(run, place.mentors[0]),
            **place.given,
        )


def test_member_who_may_not_meet_another_gets_no_seat(place):
    low, high = sorted((place.mentees[3].user_id, place.mentees[6].user_id))
    DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)
    run = place.run()

    with pytest.raises(BrokenRules):
        move_seat(
            seat=seat_of(run, place.mentees[3]),
            to=circle_of(run, place.mentors[1]),
            **place.given,
        )
    assert circles_of(run)[(place.mentors[0].pk,)] == pks(place.mentees, 0, 1, 2, 3)


def test_manager_in_a_circle_decides_nothing_about_it(place):
    run = place.run()
    actor = place.mentees[0].user
    grant(actor, Role.MANAGER, place.cohort.program)
    given = {"actor": actor, "now": NOW}

    with pytest.raises(NotAllowed):
        lock_circle(circle=circle_of(run, place.mentors[0]), **given)
    lock_circle(circle=circle_of(run, place.mentors[1]), **given)


def test_circle_of_another_draft_is_none_to_move_to(place):
    run, other = place.run(), place.run(seed=1)
    with pytest.raises(DomainError):
        move_seat(
            seat=seat_of(other, place.mentees[0]),
            to=circle_of(run, place.mentors[1]),
            **place.given,
        )


def test_published_circles_are_matches_of_all_their_people(place):
    run = place.run()
    publish_draft(run=run, seen="", **place.given)

    run.refresh_from_db()
    assert run.published_at == NOW
    assert Match.objects.filter(cohort=place.cohort).count() == 2
    members = {
        frozenset(match.members.values_list("enrolment_id", flat=True))
        for match in Match.objects.filter(cohort=place.cohort)
    }
    assert members == {
        frozenset(pks(place.mentors, 0) | pks(place.mentees, 0, 1, 2, 3)),
        frozenset(pks(place.mentors, 1) | pks(place.mentees, 4, 5, 6)),
    }
    assert Message.objects.filter(kind="matching.matched").count() == 9
    assert set(run.proposals.values_list("state", flat=True)) == {ProposalState.PUBLISHED}
    match = Match.objects.get(members__enrolment=place.mentees[0])
    own = [part for part in match.contributions if part["seat"] == place.mentees[0].user_id]
    assert sum(part["points"] for part in own) == seat_points(run, place.mentees[0])
    leading = MatchMember.objects.current().filter(enrolment__in=place.mentors)
    assert leading.count() == 2


def seat_points(run: PairingRun, mentee: Enrolment) -> int:
    return run.proposals.get(mentee=mentee).score


def test_mentee_reads_what_counted_for_their_seat_and_mentor_one_reason_for_each(place):
    publish_draft(run=place.run(), seen="", **place.given)
    match = Match.objects.get(members__enrolment=place.mentees[0])
    mentee, mentor = place.mentees[0].user_id, place.mentors[0].user_id
    names = {one.user_id: one.user.get_short_name() for one in place.mentees[:4]}

    own = [
        sentence.text for sentence in told_to(mentee, "mentee", match.contributions, names=names)
    ]
    assert own == [
        "What is wanted and what is offered meet: SQL.",
        "No reporting line connects you.",
    ]
    said = [
        sentence.text for sentence in told_to(mentor, "mentor", match.contributions, names=names)
    ]
    assert len(said) == 5
    assert said[:-1] == [f"{name}: {own[0]}" for name in names.values()]
    del names[mentee]  # who left is not named any more
    assert len(told_to(mentor, "mentor", match.contributions, names=names)) == 4
    stranger = place.mentees[6].user_id  # a mentee of whose seat nothing is stored
    told = told_to(stranger, "mentee", match.contributions, names=names)
    assert [sentence.icon for sentence in told] == ["shield-check"]


def test_circle_of_whom_one_left_is_left_out_and_the_others_go_ahead(place):
    run = place.run()
    Enrolment.objects.filter(pk=place.mentees[0].pk).update(status="withdrawn")
    publish_draft(run=run, seen="", **place.given)

    (match,) = Match.objects.filter(cohort=place.cohort)
    assert match.members.filter(enrolment=place.mentors[1]).exists()


def acts_seen_by(person: User) -> list[str]:
    rows = without_own(AuditEvent.objects.filter(action__startswith="circle."), person)
    return list(rows.order_by("pk").values_list("action", flat=True))


def test_acts_on_a_circle_are_hidden_from_whoever_leads_or_sits_in_it(place):
    place.shape(circle_mentors=2, circle_most=8)
    run = place.run()
    circle = circle_of(run, place.mentors[0])
    lock_circle(circle=circle, **place.given)
    take_out(seat=seat_of(run, place.mentees[6]), **place.given)
    dissolve_circle(circle=circle, **place.given)

    assert acts_seen_by(place.manager) == ["circle.locked", "circle.left", "circle.rejected"]
    for one in (*place.mentors, *place.mentees):
        assert "circle.rejected" not in acts_seen_by(one.user), one
    for one in (*place.mentees, place.mentors[0]):
        assert acts_seen_by(one.user) == []


def test_move_of_a_seat_is_hidden_from_both_circles(place):
    place.shape(circle_most=5)
    run = place.run()
    seat = seat_of(run, place.mentees[0])
    move_seat(seat=seat, to=circle_of(run, place.mentors[1]), **place.given)

    assert acts_seen_by(place.manager) == ["circle.moved"]
    for one in (*place.mentors, *place.mentees):
        assert acts_seen_by(one.user) == [], one


def test_circle_left_out_is_not_told_to_a_manager_in_it(cast, place):
    run = place.run()
    inside = place.mentees[1].user
    grant(inside, Role.MANAGER, place.cohort.program)
    Enrolment.objects.filter(pk=place.mentees[0].pk).update(status="withdrawn")
    publish_draft(run=run, seen="", **place.given)
    publication = run.publications.get()
    run = PairingRun.objects.select_related("cohort__program").get(pk=run.pk)

    assert len(published_context(run, publication, place.manager)["left_out"]) == 1
    assert published_context(run, publication, inside)["left_out"] == []
