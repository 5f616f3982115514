from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from core.errors import DomainError
from feedback.models import AnswerReading, Pulse, PulseWords
from feedback.selectors import waves_of
from feedback.selectors.pulse import number_due
from feedback.services import PulseClosed, answer_pulse, plan_pulses
from feedback.tokens import make_pulse_token
from notifications import mailbox
from notifications.models import Message
from notifications.services import send_message
from tests.conftest import NOW, enrol, make_match, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]


@pytest.fixture
def pulse(cast) -> Pulse:
    plan_pulses(now=NOW)
    return Pulse.objects.get(enrolment=cast.mentee_enrolment)


@pytest.fixture
def link(cast, pulse) -> str:
    return f"/check-ins/pulse/a/{make_pulse_token(pulse, user_id=cast.mentee.pk)}/"


@pytest.mark.parametrize(
    ("days", "number"), [(0, 0), (29, 0), (30, 1), (89, 1), (90, 2), (149, 2), (150, 3), (270, 5)]
)
def test_pulse_is_due_on_day_30_and_every_60_days_after(days, number):
    first = date(2026, 9, 28)

    assert number_due(first, today=first + timedelta(days=days)) == number


def test_planning_twice_asks_each_person_once(cast):
    first, second = plan_pulses(now=NOW), plan_pulses(now=NOW + timedelta(hours=1))

    assert (first.asked_count, first.mail_count) == (2, 2)
    assert (second.asked_count, second.mail_count) == (0, 0)


def test_nobody_is_asked_before_day_30_or_where_the_cohort_does_not_want_it(cast):
    assert plan_pulses(now=datetime(2026, 10, 27, 9, tzinfo=UTC)).asked_count == 0
    cast.cohort.has_pulse = False
    cast.cohort.save()

    assert plan_pulses(now=NOW).asked_count == 0


def test_mail_leads_to_a_page_that_changes_nothing_until_the_button(cast, pulse):
    send_message(pk=Message.objects.get(kind="feedback.pulse", recipient=cast.mentee).pk)
    mail = mailbox.read_mails()[0]
    link = f"/check-ins/pulse/a/{make_pulse_token(pulse, user_id=cast.mentee.pk)}/"
    page = Client().get(link)

    assert mail.subject == "How are you doing?"
    assert "checked" not in page.content.decode()
    pulse.refresh_from_db()
    assert pulse.status == "open"


def test_answers_show_in_the_browser_that_gave_them_and_nowhere_else(link, pulse):
    own = Client()
    own.post(link, {"energy": "2", "words": "Long weeks.", "shows_name": "on"})

    assert "2 of 5" in own.get(link).content.decode()
    forwarded = Client().get(link).content.decode()
    assert "2 of 5" not in forwarded
    assert "Long weeks." not in forwarded
    assert "checked" not in forwarded


def test_words_are_kept_when_somebody_else_answers_by_the_link(link, pulse):
    Client().post(link, {"energy": "2", "words": "Long weeks.", "shows_name": ""})
    Client().post(link, {"energy": "4", "words": ""})

    assert PulseWords.objects.get(pulse=pulse).text == "Long weeks."


def test_no_scale_chosen_asks_again(link):
    page = Client().post(link, {"words": "Only words"})

    assert page.status_code == 422
    assert "Answer at least one of them." in page.content.decode()


def test_wrong_number_is_refused(pulse):
    with pytest.raises(DomainError, match="1 to 5"):
        answer_pulse(pulse=pulse, scales={"energy": 6}, now=NOW)


def test_pulse_after_30_days_takes_no_answer(pulse):
    with pytest.raises(PulseClosed):
        answer_pulse(pulse=pulse, scales={"energy": 3}, now=NOW + timedelta(days=31))


def test_managers_see_no_mean_below_five_and_then_steps_of_five(cast, pulse):
    answers = [pulse]
    for number in range(6):
        person = make_person(f"p{number}@example.org", f"Person {number}")
        answers.append(
            Pulse.objects.create(
                enrolment=enrol(cast.cohort, person, "mentee"),
                number=1,
                asked_on=NOW.date(),
                created_at=NOW,
            )
        )
    for at, row in enumerate(answers[:4]):
        answer_pulse(pulse=row, scales={"energy": 1 + at}, now=NOW + timedelta(minutes=at))

    assert [
        mean.value for mean in waves_of(cast.cohort, reader=cast.program_manager)[0].groups[0].means
    ] == [None] * 4

    answer_pulse(pulse=answers[4], scales={"energy": 5}, now=NOW + timedelta(minutes=5))
    answer_pulse(pulse=answers[5], scales={"energy": 5}, now=NOW + timedelta(minutes=6))
    wave = waves_of(cast.cohort, reader=cast.program_manager)[0]

    assert [mean.value for mean in wave.groups[0].means] == [None, None, 3.0, None]
    assert (wave.rate.asked, wave.rate.answered) == (8, 6)


def test_managers_read_only_words_that_bear_a_name(cast, pulse, django_assert_max_num_queries):
    other = Pulse.objects.get(enrolment=cast.mentor_enrolment)
    answer_pulse(pulse=pulse, scales={"energy": 2}, words="For nobody", now=NOW)
    answer_pulse(pulse=other, scales={"energy": 4}, words="Say it", shows_name=True, now=NOW)

    manager = cast.client("program_manager")
    with django_assert_max_num_queries(12):
        page = manager.get(f"/check-ins/cohorts/{cast.cohort.pk}/pulse/")

    assert "Say it" in page.content.decode()
    assert "For nobody" not in page.content.decode()


def test_answer_shows_who_has_opened_it(cast, check_in):
    mentee, manager = cast.client("mentee"), cast.client("program_manager")
    mentee.post(f"/check-ins/{check_in.pk}/", {"answer": "not_yet"})
    assert "Nobody has opened it yet." in mentee.get("/check-ins/").content.decode()

    address = f"/check-ins/cohorts/{cast.cohort.pk}/"
    manager.head(address)
    manager.get(address, headers={"Sec-Purpose": "prefetch"})
    assert not AnswerReading.objects.exists()
    manager.get(address)

    assert "Marta Kowalczyk has seen it, 18 November" in mentee.get("/check-ins/").content.decode()


def test_answer_that_changed_is_unseen_again(cast, check_in):
    mentee, manager = cast.client("mentee"), cast.client("program_manager")
    mentee.post(f"/check-ins/{check_in.pk}/", {"answer": "not_yet"})
    manager.get(f"/check-ins/cohorts/{cast.cohort.pk}/")
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        mentee.post(f"/check-ins/{check_in.pk}/", {"answer": "met"})

        assert "Nobody has opened it yet." in mentee.get("/check-ins/").content.decode()


def test_check_in_by_link_does_not_tell_a_forwarded_reader(cast, check_in):
    from feedback.tokens import make_token

    link = f"/check-ins/a/{make_token(check_in)}/"
    Client().post(link, {"answer": "help"})

    page = Client().get(link).content.decode()

    assert "I need help." not in page
    assert "You have answered already." in page


def test_we_met_begins_the_log_once(cast, check_in):
    mentee = cast.client("mentee")
    mentee.post(f"/check-ins/{check_in.pk}/", {"answer": "met"})

    assert 'value="2026-11-08"' in mentee.get(f"/meetings/log/{cast.match.pk}/").content.decode()
    assert "the log is begun" in mentee.get("/").content.decode()


def test_rate_of_few_people_is_hidden(cast, check_in):
    page = cast.client("program_manager").get(f"/check-ins/cohorts/{cast.cohort.pk}/")

    assert "Fewer than five people were asked" in page.content.decode()


def test_rate_tells_how_many_of_how_many(cast, check_in):
    from feedback.services import plan_check_ins

    for number in range(2):
        mentor = enrol(cast.cohort, make_person(f"m{number}@example.org", f"M {number}"), "mentor")
        mentee = enrol(cast.cohort, make_person(f"e{number}@example.org", f"E {number}"), "mentee")
        make_match(mentor, mentee)
    plan_check_ins(now=NOW)
    cast.client("mentee").post(f"/check-ins/{check_in.pk}/", {"answer": "met"})

    page = cast.client("program_manager").get(f"/check-ins/cohorts/{cast.cohort.pk}/")

    assert "1 of 6 asked have answered (17%)." in page.content.decode()
