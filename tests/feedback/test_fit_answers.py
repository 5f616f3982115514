from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from audit.models import AuditEvent
from core.errors import DomainError
from feedback import selectors
from feedback.models import FitQuestion, FitWords
from feedback.services import FitClosed, answer_fit
from feedback.tokens import make_fit_token, make_token
from notifications import mailbox
from notifications.models import Message
from notifications.services import queue_message, send_message
from support.health import Health, judge_matches
from tests.conftest import NOW, enrol, grant, make_match, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]
WHY = "We talk past each other."


def ask(match, person, **fields) -> FitQuestion:
    values = {"after_meeting": 1, "asked_on": NOW.date(), "created_at": NOW}
    return FitQuestion.objects.create(match=match, user=person, **{**values, **fields})


@pytest.fixture
def question(cast) -> FitQuestion:
    return ask(cast.match, cast.mentee)


@pytest.fixture
def link(question) -> str:
    return f"/check-ins/fit/a/{make_fit_token(question)}/"


def stored(question) -> tuple[str, str]:
    question.refresh_from_db()
    return question.status, question.answer


def words_of(question) -> str:
    row = FitWords.objects.filter(question=question).first()
    return row.text if row else ""


def test_answer_is_stored_and_in_the_audit_without_its_words(cast, question):
    answer_fit(question=question, answer="not_good", words=WHY, now=NOW)

    assert stored(question) == ("answered", "not_good")
    assert words_of(question) == WHY
    event = AuditEvent.objects.get(action="fit.answered")
    assert (event.actor, event.program_id, event.detail) == (cast.mentee, cast.program.pk, {})


def test_words_go_with_the_answer_they_belong_to(question):
    answer_fit(question=question, answer="not_good", words=WHY, now=NOW)
    answer_fit(question=question, answer="not_good", now=NOW)
    assert words_of(question) == WHY

    answer_fit(question=question, answer="good", words="Now it is fine", now=NOW)

    assert words_of(question) == ""


def test_words_are_ciphertext_in_the_database(question):
    answer_fit(question=question, answer="not_good", words=WHY, now=NOW)

    assert WHY.encode() not in bytes(FitWords.objects.values_list("text", flat=True).get())


def test_words_that_are_too_long_change_nothing(question):
    with pytest.raises(DomainError, match="2,000"):
        answer_fit(question=question, answer="not_good", words="x" * 2_001, now=NOW)

    assert stored(question) == ("open", "")


def test_misfit_tells_the_managers_who_are_not_in_the_match_once(cast, question):
    grant(cast.mentor, "manager", cast.program)
    for answer in ("not_good", "deciding", "not_good"):
        answer_fit(question=question, answer=answer, now=NOW)

    message = Message.objects.get(kind="feedback.misfit")
    assert (message.recipient, message.object_id) == (cast.program_manager, question.pk)


def test_misfit_mail_names_nobody_and_is_skipped_when_taken_back(cast, question):
    answer_fit(question=question, answer="not_good", words=WHY, now=NOW)
    message = Message.objects.get(kind="feedback.misfit")
    send_message(pk=message.pk, clock=lambda: NOW)

    (mail,) = mailbox.read_mails()
    assert mail.subject == "A match in Rising Leaders does not fit"
    assert f"/check-ins/cohorts/{cast.cohort.pk}/fit/?answer=not_good" in mail.text
    for word in ("Priya", "Daniel", WHY):
        assert word not in mail.text + mail.html

    answer_fit(question=question, answer="good", now=NOW)
    queue_message(
        kind="feedback.misfit", recipient=cast.program_manager, object_id=question.pk,
        occasion="again", program_id=cast.program.pk, now=NOW,
    )  # fmt: skip
    again = Message.objects.get(occasion="again")
    send_message(pk=again.pk, clock=lambda: NOW)
    again.refresh_from_db()
    assert (again.state, again.reason) == ("skipped", "The person changed the answer meanwhile.")


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_answer_about_a_match_that_rests_is_refused(cast, question, status):
    cast.match.status = status
    cast.match.ended_on = NOW.date() if status == "ended" else None
    cast.match.save()

    with pytest.raises(FitClosed):
        answer_fit(question=question, answer="good", now=NOW)


def test_answer_after_30_days_or_beside_a_later_question_is_refused(cast, question):
    with pytest.raises(FitClosed):
        answer_fit(question=question, answer="good", now=NOW + timedelta(days=31))
    answer_fit(question=question, answer="good", now=NOW)
    ask(cast.match, cast.mentee, after_meeting=3)
    with pytest.raises(FitClosed):
        answer_fit(question=question, answer="not_good", now=NOW)


def test_mail_asks_with_three_links_and_nothing_private(cast, question):
    ask(cast.match, cast.mentor)
    queue_message(
        kind="feedback.fit", recipient=cast.mentee, object_id=cast.cohort.pk,
        occasion=NOW.date().isoformat(), program_id=cast.program.pk, now=NOW,
    )  # fmt: skip
    send_message(pk=Message.objects.get(kind="feedback.fit").pk, clock=lambda: NOW)

    (mail,) = mailbox.read_mails()
    assert mail.subject == "How does it fit with Daniel?"
    links = re.findall(r"http://127.0.0.1:8000/check-ins/fit/a/\S+\?a=(\w+)", mail.text)
    assert links == ["good", "deciding", "not_good"]
    assert "Your answer goes with your name to Marta Kowalczyk" in mail.text
    assert mail.html.count("/check-ins/fit/a/") == 3


@pytest.mark.parametrize("query", ["", "?a=good", "?a=not_good", "?a=nonsense"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_link_opened_by_a_scanner_changes_nothing(question, link, query, method):
    page = getattr(Client(), method)(f"{link}{query}")

    assert page.status_code == 200
    assert stored(question) == ("open", "")


def test_link_says_who_reads_the_answer_before_it_is_given(link):
    page = Client().get(link).content.decode()

    assert "How does it fit with Daniel?" in page
    assert "Your answer goes with your name to Marta Kowalczyk (Rising Leaders)." in page
    assert "It is not shown to Daniel" in page


def test_link_takes_the_answer_and_shows_it_back_here_only(question, link):
    here, elsewhere = Client(), Client()
    page = here.post(f"{link}?a=not_good", {"answer": "not_good", "words": WHY}, follow=True)

    assert "your answer is “Not a good fit”" in page.content.decode()
    assert WHY in page.content.decode()
    assert words_of(question) == WHY
    forwarded = elsewhere.get(link).content.decode()
    assert "You have answered already. A new answer replaces it." in forwarded
    assert "Not a good fit”" not in forwarded
    assert WHY not in forwarded


def test_link_used_elsewhere_without_words_keeps_those_given(question, link):
    answer_fit(question=question, answer="not_good", words=WHY, now=NOW)

    Client().post(link, {"answer": "not_good", "words": ""})

    assert words_of(question) == WHY


def test_link_of_a_check_in_is_no_link_of_a_fit_question(question, check_in):
    assert Client().get(f"/check-ins/fit/a/{make_token(check_in)}/").status_code == 404


def test_link_of_somebody_else_is_refused_when_signed_in(cast, question, link):
    page = cast.client("mentor").post(link, {"answer": "good"})

    assert page.status_code == 403
    assert "Priya" not in page.content.decode()
    assert stored(question) == ("open", "")


def test_link_after_30_days_is_closed(question, link):
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        page = Client().post(link, {"answer": "good"})

    assert page.status_code == 410
    assert stored(question) == ("open", "")


def test_link_refuses_other_methods_and_forms_of_others(link, question):
    assert Client().put(link).status_code == 405
    assert Client(enforce_csrf_checks=True).post(link, {"answer": "good"}).status_code == 403
    assert stored(question) == ("open", "")


@pytest.mark.parametrize("data", [{}, {"answer": "maybe"}])
def test_link_without_an_answer_asks_again(question, link, data):
    page = Client().post(link, data)

    assert page.status_code == 422
    assert "Choose one of the three answers." in page.content.decode()


def test_link_with_too_many_words_keeps_them_and_says_so(question, link):
    page = Client().post(link, {"answer": "not_good", "words": "x" * 2_001})

    assert page.status_code == 422
    assert "x" * 2_001 in page.content.decode()
    assert stored(question) == ("open", "")


def test_mine_asks_and_shows_back_what_was_said(cast, question):
    client = cast.client("mentee")
    page = client.get("/check-ins/").content.decode()
    assert "How does it fit with Daniel?" in page
    assert "It is not shown to Daniel, and HR sees counts of five and more people only." in page

    client.post(f"/check-ins/fit/{question.pk}/", {"answer": "not_good", "words": WHY})

    page = client.get("/check-ins/").content.decode()
    assert "Not a good fit" in page
    assert WHY in page
    assert "How does it fit with Daniel?" not in page


@pytest.mark.parametrize("who", ["mentor", "program_manager", "stranger"])
def test_own_page_of_somebody_else_is_not_found(cast, question, who):
    path = f"/check-ins/fit/{question.pk}/"
    assert cast.client(who).get(path).status_code == 404
    assert cast.client(who).post(path, {"answer": "good"}).status_code == 404


def test_home_counts_the_question(cast, question):
    page = cast.client("mentee").get("/").content.decode()

    assert "1 question for you" in page


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("program_manager", 200),
        ("mentor", 403),
        ("mentee", 403),
        ("other_program_manager", 404),
        ("hr_analyst", 404),
        ("it_administrator", 404),
    ],
)
def test_answers_are_for_program_managers(cast, question, who, status):
    answer_fit(question=question, answer="not_good", words=WHY, now=NOW)

    page = cast.client(who).get(f"/check-ins/cohorts/{cast.cohort.pk}/fit/")

    assert page.status_code == status
    assert (WHY in page.content.decode()) == (status == 200)


def test_answers_show_the_last_of_each_person_what_does_not_fit_first(cast, question):
    answer_fit(question=question, answer="good", now=NOW)
    answer_fit(question=ask(cast.match, cast.mentor), answer="deciding", now=NOW)
    later = ask(cast.match, cast.mentee, after_meeting=3)
    answer_fit(question=later, answer="not_good", now=NOW)
    client, path = cast.client("program_manager"), f"/check-ins/cohorts/{cast.cohort.pk}/fit/"

    said = [card.question.answer for card in client.get(path).context["cards"]]
    assert said == ["not_good", "deciding"]
    filtered = client.get(path, {"answer": "deciding"}).context["cards"]
    assert [card.question.user for card in filtered] == [cast.mentor]


def test_answers_of_ones_own_match_are_hidden_from_a_manager(cast, question):
    grant(cast.mentor, "manager", cast.program)
    answer_fit(question=question, answer="not_good", words=WHY, now=NOW)
    client = cast.client("mentor")

    assert WHY not in client.get(f"/check-ins/cohorts/{cast.cohort.pk}/fit/").content.decode()
    page = client.get(f"/matches/{cast.match.pk}/").content.decode()
    assert WHY not in page
    assert "Not a good fit" not in page


def test_match_page_shows_the_manager_what_was_said_and_the_partner_nothing(cast, question):
    answer_fit(question=question, answer="not_good", words=WHY, now=NOW)
    path = f"/matches/{cast.match.pk}/"

    page = cast.client("program_manager").get(path).content.decode()
    assert WHY in page
    assert "Not a good fit" in page
    partners = cast.client("mentor").get(path).content.decode()
    assert WHY not in partners
    assert "Not a good fit" not in partners


def test_misfit_needs_attention_until_it_is_taken_back(cast, question):
    answer_fit(question=question, answer="not_good", now=NOW)
    (row,) = judge_matches(cast.cohort, today=NOW.date())
    assert (row.reasons[0], row.health) == ("misfit=2026-11-18", Health.ATTENTION)
    page = cast.client("program_manager").get(f"/reports/cohorts/{cast.cohort.pk}/")
    assert "Not a good fit, says Priya Raman." in page.content.decode()

    answer_fit(question=question, answer="deciding", now=NOW)
    (row,) = judge_matches(cast.cohort, today=NOW.date())
    assert "misfit=2026-11-18" not in row.reasons


def test_misfit_of_somebody_who_left_the_match_counts_no_more(cast, question):
    answer_fit(question=question, answer="not_good", now=NOW)
    cast.match.members.filter(user=cast.mentee).update(left_at=NOW)

    [row] = judge_matches(cast.cohort, today=NOW.date())
    assert not any(reason.startswith("misfit") for reason in row.reasons)


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_database_as_often_for_many_as_for_one(
    cast, count, django_assert_num_queries
):
    for number in range(count):
        people = [
            enrol(cast.cohort, make_person(f"{role}{number}@example.org", role), role)
            for role in ("mentor", "mentee")
        ]
        match = make_match(*people)
        for person in people:
            question = ask(match, person.user)
            answer_fit(question=question, answer="not_good", words=WHY, now=NOW)

    # grants, answers, members
    with django_assert_num_queries(3):
        rows = selectors.fit_answers_for_manager(user=cast.program_manager, cohort=cast.cohort)
        said = [(card.partner_names, card.words) for card in selectors.fit_cards(list(rows))]
    assert len(said) == 2 * count
    with django_assert_num_queries(1):
        selectors.fit_cards_of(people[0].user, today=NOW.date())
