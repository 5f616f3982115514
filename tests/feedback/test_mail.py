from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from feedback.models import CheckIn
from feedback.services import answer_check_in, plan_check_ins
from notifications import mailbox
from notifications.models import Message
from notifications.services import pause_messages, send_message
from sessions.models import Meeting
from tests.conftest import NOW, enrol, make_match, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]


def send_to(person) -> Message:
    message = Message.objects.get(recipient=person)
    send_message(pk=message.pk, clock=lambda: NOW + timedelta(hours=4))  # Toronto is awake
    message.refresh_from_db()
    return message


def test_check_in_mail_asks_one_question_with_three_links(cast):
    plan_check_ins(now=NOW)

    assert send_to(cast.mentee).state == "sent"

    (mail,) = mailbox.read_mails()
    assert mail.subject == "Have you and Daniel met?"
    assert "Have you and Daniel met since 26 October 2026?" in mail.text
    links = re.findall(r"http://127.0.0.1:8000/check-ins/a/\S+\?a=(\w+)", mail.text)
    assert links == ["met", "not_yet", "help"]
    assert "Your answer goes with your name to Marta Kowalczyk" in mail.text
    assert mail.html.count("/check-ins/a/") == 3


def test_check_in_mail_of_a_mentor_of_two_asks_both_at_once(cast):
    noor = make_person("noor@example.org", "Noor Haddad")
    make_match(cast.mentor_enrolment, enrol(cast.cohort, noor, "mentee"))
    plan_check_ins(now=NOW)

    send_to(cast.mentor)

    (mail,) = mailbox.read_mails()
    assert mail.subject == "Have you met lately?"
    assert "Have you and Priya met" in mail.text
    assert "Have you and Noor met" in mail.text


def test_check_in_mail_leaves_out_whom_the_person_met_meanwhile(cast):
    noor = make_person("noor@example.org", "Noor Haddad")
    make_match(cast.mentor_enrolment, enrol(cast.cohort, noor, "mentee"))
    plan_check_ins(now=NOW)
    Meeting.objects.create(match=cast.match, status="held", held_on=date(2026, 11, 17))

    send_to(cast.mentor)

    assert mailbox.read_mails()[0].subject == "Have you and Noor met?"


@pytest.mark.parametrize("paused", [1, 2])
def test_check_in_mail_of_a_mentor_leaves_out_matches_whose_mail_is_held(cast, paused):
    noor = make_person("noor@example.org", "Noor Haddad")
    other = make_match(cast.mentor_enrolment, enrol(cast.cohort, noor, "mentee"))
    plan_check_ins(now=NOW)
    for match in (cast.match, other)[:paused]:
        pause_messages(
            scope="match", match_id=match.pk, why="A loss", actor=cast.program_manager, now=NOW
        )

    message = send_to(cast.mentor)

    if paused == 1:
        assert mailbox.read_mails()[0].subject == "Have you and Noor met?"
    else:
        assert (message.state, mailbox.read_mails()) == ("skipped", [])
    held = send_to(cast.mentee)  # one match: its mail waits as a whole
    assert (held.state, held.waits_for) == ("due", "pause")


def _answered(cast):
    answer_check_in(check_in=CheckIn.objects.get(user=cast.mentee), answer="met", now=NOW)


def _met(cast):
    Meeting.objects.create(match=cast.match, status="held", held_on=date(2026, 11, 17))


def _paused(cast):
    cast.match.status = "paused"
    cast.match.save()


def _left(cast):
    cast.match.members.filter(user=cast.mentee).update(left_at=NOW)


@pytest.mark.parametrize("change", [_answered, _met, _paused, _left])
def test_check_in_mail_is_skipped_when_it_came_too_late(cast, change):
    plan_check_ins(now=NOW)
    change(cast)

    message = send_to(cast.mentee)

    assert message.state == "skipped"
    assert message.reason == "Answered, or met, or the match paused or ended meanwhile."
    assert mailbox.read_mails() == []


def test_check_in_mail_carries_nothing_private(cast):
    cast.mentee.profile.goal_text = "leave this company"
    cast.mentee.profile.save()
    plan_check_ins(now=NOW)

    send_to(cast.mentor)

    mail = mailbox.read_mails()[0]
    assert "leave this company" not in mail.text + mail.html
    assert "priya@example.org" not in mail.text + mail.html


def test_help_mail_names_nobody(cast):
    plan_check_ins(now=NOW)
    check_in = CheckIn.objects.get(user=cast.mentee)
    answer_check_in(check_in=check_in, answer="help", now=NOW)

    assert send_to(cast.program_manager).state == "sent"

    (mail,) = mailbox.read_mails()
    assert mail.subject == "Somebody in Rising Leaders asks for help"
    assert f"/check-ins/cohorts/{cast.cohort.pk}/?answer=help" in mail.text
    assert "Priya" not in mail.text + mail.html
