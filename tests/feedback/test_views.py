from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from feedback import selectors
from feedback.models import CheckIn
from feedback.services import answer_check_in, plan_check_ins
from feedback.tokens import make_token
from sessions.models import Meeting
from tests.conftest import NOW, enrol, grant, make_match, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(check_in) -> str:
    return f"/check-ins/a/{make_token(check_in)}/"


def stored(check_in) -> tuple[str, str]:
    check_in.refresh_from_db()
    return check_in.status, check_in.answer


@pytest.mark.parametrize("query", ["", "?a=met", "?a=help", "?a=nonsense"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_link_opened_by_a_scanner_changes_nothing(check_in, link, query, method):
    page = getattr(Client(), method)(f"{link}{query}")

    assert page.status_code == 200
    assert stored(check_in) == ("open", "")


def test_link_asks_and_says_who_sees_the_answer(check_in, link):
    page = Client().get(link).content.decode()

    assert "Have you and Daniel met since 26 October 2026?" in page
    assert "Your answer goes with your name to Marta Kowalczyk (Rising Leaders)." in page
    assert "btn-primary" not in page


def test_link_with_an_answer_puts_its_button_first(link):
    page = Client().get(f"{link}?a=not_yet").content.decode()

    buttons = [part.split('"')[0] for part in page.split('name="answer" value="')[1:]]
    assert buttons == ["not_yet", "met", "help"]
    assert page.count("btn-primary") == 1


def test_button_stores_the_answer_and_thanks(check_in, link):
    page = Client().post(f"{link}?a=met", {"answer": "met"}, follow=True)

    assert page.redirect_chain == [(link, 302)]
    assert "Your answer is saved: We met." in page.content.decode()
    assert stored(check_in) == ("answered", "met")


def test_button_pressed_again_changes_the_answer(check_in, link):
    client = Client()
    client.post(link, {"answer": "met"})
    page = client.get(f"{link}?a=not_yet").content.decode()
    assert "So far your answer is: We met. A new one replaces it." in page
    client.post(link, {"answer": "not_yet"})

    assert stored(check_in) == ("answered", "not_yet")


def test_button_for_help_says_who_will_be_in_touch(cast, check_in, link):
    cast.program.contact_email = "marta@example.org"
    cast.program.save()

    page = Client().post(link, {"answer": "help"}, follow=True).content.decode()

    assert "A message goes to Marta Kowalczyk now" in page
    assert "mailto:marta@example.org" in page


@pytest.mark.parametrize("data", [{}, {"answer": "maybe"}])
def test_button_without_an_answer_asks_again(check_in, link, data):
    page = Client().post(link, data)

    assert page.status_code == 422
    assert "Choose one of the three answers." in page.content.decode()
    assert stored(check_in) == ("open", "")


def test_link_needs_the_pages_own_form(check_in, link):
    assert Client(enforce_csrf_checks=True).post(link, {"answer": "met"}).status_code == 403
    assert stored(check_in) == ("open", "")


def test_link_that_was_tampered_with_is_not_found(check_in, link):
    assert Client().post(link[:-2] + "x/", {"answer": "met"}).status_code == 404
    assert stored(check_in) == ("open", "")


def test_link_works_for_its_person_signed_in(cast, check_in, link):
    assert cast.client("mentee").get(link).status_code == 200


def test_link_of_somebody_else_is_refused_when_signed_in(cast, check_in, link):
    page = cast.client("mentor").post(link, {"answer": "met"})

    assert page.status_code == 403
    assert "Priya" not in page.content.decode()
    assert stored(check_in) == ("open", "")


def test_link_after_30_days_is_closed(check_in, link):
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        page = Client().post(link, {"answer": "met"})

    assert page.status_code == 410
    assert "This check-in is closed" in page.content.decode()
    assert stored(check_in) == ("open", "")


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_of_a_match_that_ended_is_closed(cast, check_in, link, method):
    cast.match.status, cast.match.ended_on = "ended", NOW.date()
    cast.match.save()

    assert getattr(Client(), method)(link, {"answer": "met"}).status_code == 410
    assert stored(check_in) == ("open", "")


def test_link_refuses_other_methods(link):
    assert Client().put(link).status_code == 405


def test_link_of_a_deleted_check_in_is_not_found(check_in, link):
    check_in.delete()

    assert Client().get(link).status_code == 404


def test_mine_shows_ones_own_open_question_and_takes_the_answer(cast, check_in):
    client = cast.client("mentee")
    assert "Have you and Daniel met since" in client.get("/check-ins/").content.decode()

    page = client.post(f"/check-ins/{check_in.pk}/", {"answer": "not_yet"}, follow=True)

    text = page.content.decode()
    assert "Thanks. Your answer is saved." in text
    assert "Not yet" in text
    assert stored(check_in) == ("answered", "not_yet")


def test_mine_is_empty_for_a_stranger(cast, check_in):
    assert "Nothing to answer" in cast.client("stranger").get("/check-ins/").content.decode()


def test_mine_drops_a_question_that_a_meeting_has_answered(cast, check_in):
    Meeting.objects.create(match=cast.match, status="held", held_on=date(2026, 11, 17))

    assert "Nothing to answer" in cast.client("mentee").get("/check-ins/").content.decode()


def test_mine_asks_about_the_latest_rhythm_only(cast, check_in):
    CheckIn.objects.create(
        match=cast.match, user=cast.mentee, due_on=date(2026, 10, 25), created_at=NOW
    )

    page = cast.client("mentee").get("/check-ins/")

    assert [question.check_in for question in page.context["open"]] == [check_in]


@pytest.mark.parametrize("data", [{}, {"answer": "maybe"}])
def test_give_without_an_answer_says_so(cast, check_in, data):
    page = cast.client("mentee").post(f"/check-ins/{check_in.pk}/", data, follow=True)

    assert "Choose one of the three answers." in page.content.decode()


def test_give_to_a_closed_check_in_says_so(cast, check_in):
    CheckIn.objects.update(due_on=date(2026, 9, 27))

    page = cast.client("mentee").post(f"/check-ins/{check_in.pk}/", {"answer": "met"}, follow=True)

    assert "This check-in is closed." in page.content.decode()


@pytest.mark.parametrize("who", ["mentor", "program_manager", "stranger"])
def test_give_for_somebody_else_is_not_found(cast, check_in, who):
    page = cast.client(who).post(f"/check-ins/{check_in.pk}/", {"answer": "met"})

    assert page.status_code == 404
    assert stored(check_in) == ("open", "")


def test_give_by_get_is_refused(cast, check_in):
    assert cast.client("mentee").get(f"/check-ins/{check_in.pk}/").status_code == 405


@pytest.mark.parametrize("path", ["/check-ins/", "/check-ins/cohorts/1/"])
def test_pages_ask_a_visitor_to_sign_in(db, path):
    assert Client().get(path)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("program_manager", 200),
        ("mentor", 403),
        ("mentee", 403),
        ("other_program_manager", 404),
        ("stranger", 404),
        ("hr_analyst", 404),
        ("it_administrator", 404),
    ],
)
def test_answers_are_for_program_managers(cast, check_in, who, status):
    answer_check_in(check_in=check_in, answer="help", now=NOW)

    page = cast.client(who).get(f"/check-ins/cohorts/{cast.cohort.pk}/")

    assert page.status_code == status
    assert ("Priya Raman" in page.content.decode()) == (status == 200)


def test_answers_can_be_filtered(cast, check_in):
    answer_check_in(check_in=check_in, answer="help", now=NOW)
    client, path = cast.client("program_manager"), f"/check-ins/cohorts/{cast.cohort.pk}/"

    assert "Priya Raman" in client.get(path, {"answer": "help"}).content.decode()
    assert "Priya Raman" not in client.get(path, {"answer": "met"}).content.decode()


def test_answers_of_ones_own_match_are_hidden_from_a_manager(cast, check_in):
    grant(cast.mentor, "manager", cast.program)
    answer_check_in(check_in=check_in, answer="help", now=NOW)

    page = cast.client("mentor").get(f"/check-ins/cohorts/{cast.cohort.pk}/")

    assert page.status_code == 200
    assert "Priya Raman" not in page.content.decode()


def _more_answers(cast, count: int) -> None:
    for number in range(count):
        make_match(
            *(
                enrol(cast.cohort, make_person(f"{role}{number}@example.org", role), role)
                for role in ("mentor", "mentee")
            )
        )
    plan_check_ins(now=NOW)
    for check_in in CheckIn.objects.filter(status="open"):
        answer_check_in(check_in=check_in, answer="met", now=NOW)


@pytest.mark.parametrize("count", [1, 3])
def test_answers_ask_the_database_as_often_for_many_as_for_one(
    cast, at_now, count, django_assert_num_queries
):
    _more_answers(cast, count)

    # grants, answers, members
    with django_assert_num_queries(3):
        rows = selectors.answers_for_manager(
            user=cast.program_manager, cohort=cast.cohort, today=NOW.date()
        )
        names = [question.partner_names for question in selectors.with_partners(list(rows))]

    assert len(names) == 2 * (count + 1)
