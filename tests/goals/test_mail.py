from __future__ import annotations

import pytest

from goals.services import confirm_goal, move_goal
from notifications import mailbox
from notifications.models import Message
from notifications.services import send_message
from tests.conftest import NOW

WORKING_HOURS = NOW.replace(hour=15)  # 10:00 in Toronto


def send_to(person, kind: str) -> Message:
    message = Message.objects.get(recipient=person, kind=kind)
    send_message(pk=message.pk, clock=lambda: WORKING_HOURS)
    message.refresh_from_db()
    return message


def test_mail_about_a_shared_goal_says_that_there_is_one_and_no_word_of_it(cast, make_goal):
    make_goal()

    assert send_to(cast.mentor, "goals.confirm").state == "sent"

    (mail,) = mailbox.read_mails()
    assert mail.subject == "Priya shares a goal with you"
    assert "whether you find it realistic" in mail.text
    assert "zebra" not in mail.text + mail.html


def test_mail_about_a_goal_that_is_confirmed_meanwhile_is_skipped(cast, make_goal):
    confirm_goal(goal=make_goal(), actor=cast.mentor, now=NOW, version=1)

    assert send_to(cast.mentor, "goals.confirm").state == "skipped"


def test_mail_about_a_reached_goal_is_in_the_readers_language(cast, make_goal):
    cast.mentor.language = "de"
    cast.mentor.save(update_fields=["language"])
    move_goal(goal=make_goal(), actor=cast.mentee, now=NOW, status="reached")

    assert send_to(cast.mentor, "goals.reached").state == "sent"

    mail = mailbox.read_mails()[0]
    assert mail.subject == "Priya hat ein Ziel erreicht"
    assert "zebra" not in mail.text + mail.html


@pytest.mark.parametrize("status", ["open", "archived"])
def test_mail_about_a_goal_that_is_reopened_is_skipped(cast, make_goal, status):
    goal = make_goal()
    move_goal(goal=goal, actor=cast.mentee, now=NOW, status="reached")
    move_goal(goal=goal, actor=cast.mentee, now=NOW, status=status)

    assert send_to(cast.mentor, "goals.reached").state == "skipped"
