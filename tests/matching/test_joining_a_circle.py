"""Somebody joins a circle that works already; nobody else moves."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.urls import reverse

from core.errors import Conflict, DomainError, NotAllowed
from matching.circle_listing import idle_mentors
from matching.models import DoNotPair, Match, MatchMember
from matching.services.circles import dissolve_circle
from matching.services.closing import end_match
from matching.services.joining import join_circle
from matching.services.publications import publish_draft
from matching.services.review import BrokenRules
from matching.standing_circles import rooms_for, waiting_for_a_circle
from notifications.models import Message
from participants.models import Enrolment
from programs.models import Cohort
from tests.conftest import NOW, enrol, make_person
from tests.matching.conftest import with_skills
from tests.matching.rounds import Place, make_place, seat_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(cast) -> Place:
    """Two circles that work, of four and of three mentees; five fit in one."""
    place = make_place(cast)
    place.shape(circle_most=5)
    publish_draft(run=place.run(), seen="", **place.given)
    Cohort.objects.filter(pk=place.cohort.pk).update(status="active")
    return place


@pytest.fixture
def late(place) -> Enrolment:
    return newcomer(place, "late")


def newcomer(place: Place, name: str, **fields) -> Enrolment:
    user = make_person(f"{name}@example.org", f"{name.title()} Comer", **fields)
    return with_skills(enrol(place.cohort, user, "mentee"), "learn", "coaching")


def circle_of(mentor: Enrolment) -> Match:
    return Match.objects.get(members__enrolment=mentor)


def open_circles(place: Place):
    return place.cohort.matches.open()


def test_rooms_are_the_best_first_and_those_that_a_rule_closes_last(place, late):
    rooms = rooms_for(late, open_circles(place))
    assert [room.match for room in rooms] == [circle_of(one) for one in place.mentors[::-1]]
    assert rooms[0].points > rooms[1].points
    assert [part["kind"] for part in rooms[0].contributions if part["points"]] == ["skills"]

    other = place.mentees[5].user
    low, high = sorted((other.pk, late.user_id))
    DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)
    closed = rooms_for(late, open_circles(place))[-1]
    assert closed.match == circle_of(place.mentors[1])
    assert closed.why_not


def test_newcomer_joins_is_told_why_and_the_others_hear_who(place, late):
    match = circle_of(place.mentors[1])
    before = match.score
    moved = {row.pk: row.match_id for row in MatchMember.objects.all()}

    join_circle(match=match, mentee=late, **place.given)

    match.refresh_from_db()
    assert match.members.current().count() == 5
    own = [part for part in match.contributions if part["seat"] == late.user_id]
    points = sum(part["points"] for part in own)
    assert points > 0
    assert match.score == (before * 3 + points) // 4
    assert {row.pk: row.match_id for row in MatchMember.objects.filter(pk__in=moved)} == moved
    told = Message.objects.filter(match_id=match.pk)
    assert told.filter(kind="matching.matched", recipient=late.user).count() == 1
    assert told.filter(kind="matching.joined").count() == 4
    assert not waiting_for_a_circle(place.cohort, place.manager).exists()


def test_who_left_a_circle_waits_for_another(place):
    seat = place.mentees[0]
    MatchMember.objects.filter(enrolment=seat).update(left_at=NOW)
    assert list(waiting_for_a_circle(place.cohort, place.manager)) == [seat]


def test_who_has_a_seat_in_the_open_draft_is_taken_out_of_it_first(place, late):
    for name in ("one", "two"):
        newcomer(place, name)
    lead = make_person("third@example.org", "Third Lead", department="L3")
    with_skills(enrol(place.cohort, lead, "mentor"), "offer", "coaching")
    Cohort.objects.filter(pk=place.cohort.pk).update(status="pairing")
    draft = place.run()
    assert seat_of(draft, late)
    assert not waiting_for_a_circle(place.cohort, place.manager).exists()

    with pytest.raises(Conflict, match="out of the draft first"):
        join_circle(match=circle_of(place.mentors[1]), mentee=late, **place.given)
    dissolve_circle(circle=seat_of(draft, late).circle, **place.given)
    assert join_circle(match=circle_of(place.mentors[1]), mentee=late, **place.given)


def test_mentors_who_lead_a_circle_already_are_not_called_idle(place, late):
    Enrolment.objects.filter(role="mentor").update(capacity=1)
    for name in ("one", "two"):
        newcomer(place, name)
    spare = enrol(place.cohort, make_person("spare@example.org", "Spare Lead"), "mentor")
    Cohort.objects.filter(pk=place.cohort.pk).update(status="pairing")
    draft = place.run()
    dissolve_circle(circle=seat_of(draft, late).circle, **place.given)

    assert list(idle_mentors(draft, place.manager)) == [spare]


@pytest.mark.parametrize(
    ("model", "status"), [(Match, "paused"), (Cohort, "completed"), (Cohort, "archived")]
)
def test_nobody_joins_what_rests_or_is_over(place, late, model, status):
    model.objects.filter(pk__in=(circle_of(place.mentors[1]).pk, place.cohort.pk)).update(
        status=status
    )
    with pytest.raises(Conflict, match="ended or rests"):
        join_circle(match=circle_of(place.mentors[1]), mentee=late, **place.given)


def test_rules_size_and_end_are_kept(place, late):
    match = circle_of(place.mentors[1])
    place.shape(circle_most=3)
    with pytest.raises(Conflict, match="full"):
        join_circle(match=match, mentee=late, **place.given)

    place.shape(circle_most=5)
    late.user.department = place.mentors[1].user.department
    late.user.save()
    with pytest.raises(BrokenRules, match="same department"):
        join_circle(match=match, mentee=late, **place.given)

    end_match(match=match, actor=place.manager, now=NOW, reason="other")
    with pytest.raises(Conflict, match="ended"):
        join_circle(match=match, mentee=late, **place.given)
    assert not Message.objects.filter(kind="matching.joined").exists()


def test_who_is_seated_a_mentor_or_the_manager_does_not_join(place, late):
    match = circle_of(place.mentors[1])
    with pytest.raises(Conflict, match="in a match already"):
        join_circle(match=match, mentee=place.mentees[0], **place.given)
    with pytest.raises(DomainError, match="mentee of this cohort"):
        join_circle(match=match, mentee=place.mentors[0], **place.given)
    with pytest.raises(NotAllowed):
        join_circle(match=match, mentee=late, actor=late.user, now=NOW)


def test_page_offers_circles_and_says_what_became_of_it(cast, place, late):
    client = cast.client("program_manager")
    address = reverse("matching:join_circle", args=(late.pk,))
    listed = client.get(reverse("matching:cohort", args=(place.cohort.pk,))).content.decode()
    assert address in listed

    page = client.get(address).content.decode()
    assert page.count("Seat here") == 2
    assert "Nobody else moves." in page
    match = circle_of(place.mentors[1])
    answer = client.post(address, {"match": match.pk}, follow=True)

    assert "Late Comer is in this circle now." in answer.content.decode()
    assert client.get(address).status_code == 404
    assert client.post(address, {"match": "x"}).status_code == 404


def test_page_says_why_nobody_can_join(cast, place, late):
    place.shape(circle_most=3)
    address = reverse("matching:join_circle", args=(late.pk,))
    assert "No circle has room" in cast.client("program_manager").get(address).content.decode()

    match = circle_of(place.mentors[1])
    answer = cast.client("program_manager").post(address, {"match": match.pk})
    assert answer.status_code == 422
    assert "This circle is full." in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_managers_fill_the_last_seat_once(cast, place, late):
    second = newcomer(place, "second")
    place.shape(circle_most=4)
    match, start, said = circle_of(place.mentors[1]), Barrier(2), []

    def join(mentee: Enrolment) -> None:
        start.wait()
        try:
            join_circle(match=match, mentee=mentee, **place.given)
        except Conflict as error:
            said.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=join, args=(one,)) for one in (late, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said == ["This circle is full."]
    assert match.members.current().filter(role="mentee").count() == 4


@pytest.mark.parametrize("circles", [1, 2])
def test_page_asks_the_same_number_of_questions(
    cast, place, late, circles, django_assert_num_queries
):
    if circles == 1:
        end_match(match=circle_of(place.mentors[0]), actor=None, now=NOW, reason="other")
    client = cast.client("program_manager")
    address = reverse("matching:join_circle", args=(late.pk,))
    client.get(address)

    with django_assert_num_queries(26):
        client.get(address)
