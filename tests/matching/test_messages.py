"""The mail that tells two people about their match."""

from __future__ import annotations

import pytest

from matching.models import Match
from matching.services.closing import end_match
from notifications.mailbox import read_mails
from notifications.models import Message
from notifications.services import queue_message, send_message
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
CONTRIBUTIONS = [
    {
        "kind": "skills",
        "code": "skills",
        "facts": {"skills": ["SQL", "Coaching"], "related": [], "wanted": 2},
        "points": 310_000,
        "of": 350_000,
        "visibility": "",
        "question": "",
    }
]


def send(match, user) -> Message:
    queue_message(kind="matching.matched", recipient=user, now=NOW, object_id=match.pk)
    message = Message.objects.get(recipient=user, kind="matching.matched")
    send_message(pk=message.pk, clock=lambda: NOW)
    message.refresh_from_db()
    return message


def test_mail_names_the_partner_the_reasons_and_a_first_step(cast):
    Match.objects.filter(pk=cast.match.pk).update(contributions=CONTRIBUTIONS)

    send(cast.match, cast.mentee)

    mail = read_mails()[0]
    assert mail.subject == "You and Daniel Osei are matched"
    assert "What is wanted and what is offered meet: SQL and Coaching." in mail.text
    assert "Your first step: write to your mentor" in mail.text
    assert f"/matches/{cast.match.pk}/" in mail.text
    assert "31" not in mail.text.split("http")[0]


def test_mail_to_the_mentor_has_their_own_first_step(cast):
    send(cast.match, cast.mentor)

    assert "look out for the times your mentee suggests" in read_mails()[0].text


def test_mail_about_an_ended_match_is_not_sent(cast):
    end_match(match=cast.match, actor=cast.program_manager, now=NOW, reason="other")

    send(cast.match, cast.mentee)

    assert read_mails() == []
