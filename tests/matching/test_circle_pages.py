"""The pages of circles: review, decisions, seats, publishing, the list."""

from __future__ import annotations

import pytest
from django.utils.html import strip_tags

from matching.models import Match, PairingRun, ProposalState, Unmatched
from matching.services.circles import lock_circle
from tests.conftest import NOW, Cast, enrol, make_person
from tests.matching.rounds import Place, circle_of, circles_of, make_place, pks, seat_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(cast: Cast) -> Place:
    return make_place(cast)


@pytest.fixture
def client(cast: Cast):
    return cast.client("program_manager")


def words(response) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def review(run: PairingRun) -> str:
    return f"/pairing/runs/{run.pk}/"


def test_review_shows_circles_weakest_first_with_seats_and_proof(place, client):
    run = place.run()
    response = client.get(review(run))
    page = words(response)

    assert "Proposed circles 2" in page
    assert "2 circles ready, 7 mentees seated, 0 people waiting." in page
    assert "No other circles of this size seat more people" in page
    assert "1 mentor with 3 to 6 mentees" in page
    assert page.index("Mentee 0") != page.index("Mentee 6")
    assert "Take out Mentee 0" in page  # of four
    assert "Take out Mentee 4" not in page  # of three, which is the least
    scores = [card.score for card in response.context["circles"]]
    assert scores == sorted(scores)


def test_review_asks_as_often_for_many_circles_as_for_few(
    place, client, django_assert_max_num_queries
):
    run = place.run()
    client.get(review(run))
    with django_assert_max_num_queries(60) as few:
        client.get(review(run))
    for number in range(20, 29):
        user = make_person(f"more{number}@example.org", f"More {number}", department=f"E{number}")
        place.mentees.append(enrol(place.cohort, user, "mentee"))
    for number in (5, 6):
        user = make_person(f"lead{number}@example.org", f"Lead {number}", department=f"L{number}")
        place.mentors.append(enrol(place.cohort, user, "mentor"))
    more = place.run()
    assert len(circles_of(more)) > 2
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(review(more))


def test_review_tells_who_has_no_seat_and_why(place, client):
    place.shape(circle_most=3)
    run = place.run()
    page = words(client.get(review(run)))

    assert "Without a seat 1" in page
    assert Unmatched.objects.get(run=run).reason in ("no_seat_left", "circle_too_small")
    assert "suit this person are full." in page or "that suits this person" in page


def test_circle_is_locked_and_unlocked(place, client):
    run = place.run()
    circle = circle_of(run, place.mentors[0])
    page = words(client.post(f"/pairing/circles/{circle.pk}/lock/", follow=True))

    assert "Locked. The next run keeps this circle." in page
    assert set(circle.seats.values_list("state", flat=True)) == {ProposalState.LOCKED}
    page = words(client.post(f"/pairing/circles/{circle.pk}/lock/", follow=True))
    assert "Somebody else decided about this circle just now." in page
    client.post(f"/pairing/circles/{circle.pk}/unlock/")
    assert set(circle.seats.values_list("state", flat=True)) == {ProposalState.PROPOSED}


def test_dissolving_asks_first(place, client):
    run = place.run()
    circle = circle_of(run, place.mentors[0])
    url = f"/pairing/circles/{circle.pk}/dissolve/"
    page = words(client.get(url))

    assert "The circle of Lead 0, 4 mentees." in page
    assert len(circles_of(run)) == 2
    page = words(client.post(url, follow=True))
    assert "The circle is dissolved. Its people wait again." in page
    assert "Without a seat 4" in page
    assert "Mentors without a circle 1" in page
    assert "not in the draft any more" in words(client.get(url, follow=True))


def test_mentee_is_taken_out_and_gets_a_seat_in_another_circle(place, client):
    run = place.run()
    mentee = place.mentees[0]
    page = words(client.post(f"/pairing/seats/{seat_of(run, mentee).pk}/out/", follow=True))
    assert "Mentee 0 waits again" in page
    assert f"/pairing/runs/{run.pk}/seats/{mentee.pk}/" in client.get(review(run)).content.decode()

    url = f"/pairing/runs/{run.pk}/seats/{mentee.pk}/"
    page = words(client.get(url))
    assert page.index("Lead 0") < page.index("Lead 1")  # where they learn SQL
    response = client.post(url, {"circle": circle_of(run, place.mentors[1]).pk}, follow=True)

    assert "Mentee 0 has a seat in this circle now, and it is locked." in words(response)
    assert circles_of(run)[(place.mentors[1].pk,)] == pks(place.mentees, 0, 4, 5, 6)
    assert "not waiting for a seat any more" in words(client.get(url, follow=True))


def test_move_names_the_rule_that_stands_in_the_way(place, client):
    place.mentees[0].user.manager = place.mentors[1].user
    place.mentees[0].user.save(update_fields=("manager",))
    run = place.run()
    url = f"/pairing/seats/{seat_of(run, place.mentees[0]).pk}/move/"
    page = words(client.get(url))

    assert "reporting line" in page
    assert "Seat here" not in page
    response = client.post(url, {"circle": circle_of(run, place.mentors[1]).pk})
    assert response.status_code == 422
    assert "reporting line" in words(response)
    assert seat_of(run, place.mentees[0]).mentor == place.mentors[0]


def test_move_to_a_circle_of_nowhere_is_not_found(place, client):
    run = place.run()
    url = f"/pairing/seats/{seat_of(run, place.mentees[0]).pk}/move/"
    for circle in ("", "0", "abc", "99999999999999999999"):
        assert client.post(url, {"circle": circle}).status_code == 404


def test_seat_is_no_pair(place, client):
    run = place.run()
    seat = seat_of(run, place.mentees[0])
    for act in ("lock", "unlock", "reject", "restore", "accept"):
        assert client.post(f"/pairing/proposals/{seat.pk}/{act}/").status_code == 404
    for page in ("others", "swap"):
        assert client.get(f"/pairing/proposals/{seat.pk}/{page}/").status_code == 404


def test_publishing_says_who_is_told_and_makes_circles(place, client):
    run = place.run()
    url = f"/pairing/runs/{run.pk}/publish/"
    response = client.get(url)
    page = words(response)
    assert "7 mentees get a mail each" in page
    assert "2 mentors get a mail each" in page
    assert "Publish 2 circles" in page

    page = words(client.post(url, {"seen": response.context["told"].mark}, follow=True))

    assert "2 circles are published. Everybody in them gets a mail." in page
    assert Match.objects.filter(cohort=place.cohort).count() == 2
    assert page.count("See the circle") == 2


def test_list_has_a_row_for_each_seat(place, client):
    place.shape(circle_mentors=2, circle_most=8)
    run = place.run()
    rows = client.get(f"/pairing/runs/{run.pk}/pairs.csv").content.decode().splitlines()

    assert rows[0].startswith("Proposal,Circle,Mentee,Mentee e-mail,Mentors,E-mails of the mentors")
    assert len(rows) == 8
    assert "Lead 0; Lead 1,lead0@example.org; lead1@example.org" in rows[1]


def test_manager_in_a_circle_does_not_see_it(place, cast):
    run = place.run()
    from accounts.models import Role
    from tests.conftest import grant

    cast.leader = place.mentors[0].user
    grant(cast.leader, Role.MANAGER, place.cohort.program)
    client = cast.client("leader")
    page = words(client.get(review(run)))

    assert "1 circle concerns you; another manager decides it." in page
    assert "Mentee 0" not in page
    circle = circle_of(run, place.mentors[0])
    assert client.post(f"/pairing/circles/{circle.pk}/lock/").status_code == 404
    assert (
        client.get(f"/pairing/seats/{seat_of(run, place.mentees[0]).pk}/move/").status_code == 404
    )
    assert "Mentee 0" not in client.get(f"/pairing/runs/{run.pk}/pairs.csv").content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"circle_mentors": 3}, "A circle needs 3 mentors, and there are 2."),
        ({"circle_least": 8, "circle_most": 8}, "A circle needs at least 8 mentees, and 7 wait."),
    ],
)
def test_run_that_could_form_no_circle_is_refused(place, client, change, sentence):
    place.shape(**change)
    page = words(client.post(f"/pairing/cohorts/{place.cohort.pk}/start/", follow=True))
    assert sentence in page


def test_draft_changes_little(place, client):
    run = place.run()
    lock_circle(circle=circle_of(run, place.mentors[0]), actor=place.manager, now=NOW)
    page = words(client.get(f"/pairing/cohorts/{place.cohort.pk}/"))
    assert "Form again, change little" in page
    assert "2 circles proposed." in page

    again = place.run(changes_little=True)
    assert circles_of(again) == circles_of(run)
