"""A manager asks for more before deciding about a sign-up; the person answers on their page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from notifications import registry
from notifications.letters import write_letter
from notifications.models import Message
from participants.models import Enrolment, MoreAsked
from participants.services.asking import answer_more, ask_for_more
from participants.services.deciding import approve
from tests.conftest import NOW, enrol, make_cohort

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def applied(cast) -> Enrolment:
    cohort = make_cohort(cast.program, name="Winter", status="enrolling", needs_approval=True)
    enrolment = enrol(cohort, cast.stranger, "mentee")
    Enrolment.objects.filter(pk=enrolment.pk).update(status="applied")
    enrolment.refresh_from_db()
    return enrolment


def ask(cast, enrolment, text="Zq7 which hours?", now=NOW) -> MoreAsked:
    return ask_for_more(enrolment=enrolment, text=text, actor=cast.program_manager, now=now)


def due(message: Message) -> str:
    return registry.get(message.kind).is_still_due(message, LATER)


def test_question_is_sealed_and_the_mail_only_says_that_there_is_one(cast, applied):
    ask(cast, applied)

    message = Message.objects.get(kind="participants.more_asked")
    assert message.recipient == cast.stranger
    assert due(message) == ""
    letter = write_letter(message, registry.get(message.kind), now=NOW, message_id="<a@b>")
    assert "would like to know something" in " ".join(letter.text.split())
    assert "Zq7" not in letter.text
    event = AuditEvent.objects.get(action="enrolment.asked_more")
    assert "Zq7" not in str(event.detail)


def test_answer_comes_to_the_manager_and_may_be_changed_until_the_decision(cast, applied):
    ask(cast, applied)
    client, manager = cast.client("stranger"), cast.client("program_manager")
    page = reverse("enrolment_status", args=(applied.pk,))
    url = reverse("enrolment_answer", args=(applied.pk,))
    assert "Zq7 which hours?" in client.get(page).content.decode()
    assert client.post(url, {"text": " "}).status_code == 422

    assert client.post(url, {"text": "Mornings <b>"}).url == page
    assert "Mornings &lt;b&gt;" in client.get(page).content.decode()
    client.post(url, {"text": "Evenings"})

    shown = manager.get(reverse("participants:enrolment", args=(applied.pk,))).content.decode()
    assert "Evenings" in shown
    listed = manager.get(reverse("participants:people", args=(applied.cohort_id,)))
    assert "1 has answered what you asked." in listed.content.decode()
    assert "Has answered your question" in listed.content.decode()
    approve(enrolment=applied, actor=cast.program_manager, now=LATER)
    with pytest.raises(DomainError, match="does not wait"):
        answer_more(enrolment=applied, text="Too late", now=LATER)
    assert MoreAsked.objects.get().answer == "Evenings"


def test_manager_asks_by_the_page_and_again(cast, at_now, applied):
    client = cast.client("program_manager")
    url = reverse("participants:ask_more", args=(applied.pk,))
    assert client.post(url, {"text": ""}).status_code == 422

    assert client.post(url, {"text": "First?"}, follow=True).status_code == 200
    answer_more(enrolment=applied, text="Yes", now=LATER)
    ask(cast, applied, "Second?", now=LATER)

    asked = MoreAsked.objects.get()
    assert (asked.text, asked.answer, asked.answered_at) == ("Second?", "", None)
    first, second = Message.objects.filter(kind="participants.more_asked").order_by("pk")
    assert due(first) == "Asked anew since."
    assert due(second) == ""
    answer_more(enrolment=applied, text="Also", now=LATER)
    assert due(second) == "Answered already, or decided."


def test_nobody_is_asked_who_does_not_wait_and_nobody_answers_what_was_not_asked(cast, applied):
    with pytest.raises(Conflict, match="Nobody asks you"):
        answer_more(enrolment=applied, text="Hello", now=NOW)
    with pytest.raises(DomainError, match="up to"):
        ask(cast, applied, "x" * 5_000)
    with pytest.raises(DomainError, match="does not wait"):
        ask(cast, cast.mentee_enrolment)
    assert not MoreAsked.objects.exists()
