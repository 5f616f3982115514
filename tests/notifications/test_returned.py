"""Mail that comes back later, as a mail or as a provider's event: read by the real views."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from mentorship import env
from notifications.models import Bounce, Channel, Message, MessageState, MessageStop
from notifications.return_addresses import return_address, token_of
from notifications.services import lift_bounce, send_message
from tests.notifications.conftest import queue
from tests.notifications.reports import complaint, exchange, exim, gmail, postfix, qmail

pytestmark = pytest.mark.django_db
BOX = {"provider": "sparkpost", "secret": "hook:pass word", "address": "calendar@in.example.org"}
EVENTS = {"provider": "postmark", "secret": "events:word"}
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _takes_mail(settings, kinds) -> None:
    settings.INBOUND_MAIL, settings.RETURNED_MAIL, settings.MAIL_EVENTS = BOX, True, EVENTS
    settings.ANYMAIL = {"WEBHOOK_SECRET": BOX["secret"]}


def sent(person, occasion: str = "1", *, ago: timedelta = DAY, **values) -> Message:
    message = queue(person, occasion=occasion, **values)
    at = timezone.now() - ago
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.SENT, sent_at=at, handed_over_at=at
    )
    message.refresh_from_db()
    return message


def hand_in(
    client, raw: str, *, to: str = "mentoring@example.org", user_info: str = "hook:pass word"
):
    """Post a raw mail as SparkPost relays it."""
    content = {"email_rfc822": raw, "email_rfc822_is_base64": False}
    relayed = {"content": content, "rcpt_to": to, "msg_from": "", "protocol": "smtp"}
    return client.post(
        "/calendar/answers/",
        json.dumps([{"msys": {"relay_message": relayed}}]),
        content_type="application/json",
        headers={"Authorization": "Basic " + base64.b64encode(user_info.encode()).decode()},
    )


def back_to(message: Message) -> str:
    return return_address(message, message.recipient.email)


def state_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.reason


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (postfix, "5.1.1"),
        (exchange, "RESOLVER.ADR.RecipientNotFound"),
        (gmail, "does not exist"),
        (qmail, "550 No such user here"),
        (exim, "550 5.1.1 User unknown"),
    ],
)
@pytest.mark.parametrize("is_sealed", [True, False])
def test_report_for_good_holds_the_address_back(client, cast, shape, words, is_sealed):
    message = sent(cast.mentee)
    to = back_to(message) if is_sealed else "mentoring@example.org"

    assert hand_in(client, shape(message), to=to).status_code == 200

    bounce = Bounce.objects.get(user=cast.mentee, address=cast.mentee.email, lifted_at=None)
    assert words in bounce.answer
    assert state_of(message) == ("failed", f"It came back: {bounce.answer}"[:200])
    assert hand_in(client, shape(message), to=to).status_code == 200  # again is nothing new
    assert Bounce.objects.count() == 1


def test_parts_that_a_provider_took_apart_are_read(client, settings, cast):
    settings.INBOUND_MAIL = {**BOX, "provider": "postmark"}
    message = sent(cast.mentee)
    status = postfix(message).split("message/delivery-status\n\n")[1].split("\n--B1")[0]
    original = f"To: {cast.mentee.email}\nMessage-ID: {message.message_id}\n\nHello"
    body = {
        "FromFull": {"Email": "mailer-daemon@mx.example.org", "Name": ""},
        "ToFull": [{"Email": "mentoring@example.org", "Name": ""}],
        "Subject": "Undelivered",
        "Headers": [],
        "TextBody": "It could not be delivered.",
        "Attachments": [
            {"Name": "", "Content": base64.b64encode(text.encode()).decode(), "ContentType": kind}
            for text, kind in ((status, "message/delivery-status"), (original, "message/rfc822"))
        ],
    }
    secret = base64.b64encode(b"hook:pass word").decode()

    client.post(
        "/calendar/answers/",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Basic {secret}"},
    )

    assert Bounce.objects.get().user == cast.mentee


def test_forged_report_silences_nobody(client, cast):
    message = sent(cast.mentee)
    other = sent(cast.mentor)
    token = token_of(message, cast.mentee.email)
    of_another = f"calendar+b{other.pk}-{token.partition('-')[2]}@in.example.org"
    unknown = postfix(message).replace(
        message.message_id, "<00000000-0000-4000-8000-000000000000@example.org>"
    )
    about_another = postfix(message).replace(cast.mentee.email, cast.mentor.email)

    for raw, to in (
        (unknown, "mentoring@example.org"),
        (unknown.replace(cast.mentee.email, cast.mentor.email), of_another),
        (about_another, "mentoring@example.org"),
    ):
        assert hand_in(client, raw, to=to).status_code == 200
    assert hand_in(client, postfix(message), user_info="hook:guess").status_code == 400

    assert not Bounce.objects.exists()
    assert state_of(message)[0] == state_of(other)[0] == "sent"


def test_report_about_an_address_of_before_says_nothing_about_todays(client, cast):
    message = sent(cast.mentee)
    raw, to = postfix(message), back_to(message)
    cast.mentee.email = "new@example.org"
    cast.mentee.save()

    hand_in(client, raw, to=to)

    assert not Bounce.objects.exists()
    assert state_of(message)[0] == "sent"


@pytest.mark.parametrize("status", ["5.7.1", "5.3.4", "5.1.8"])
def test_refusal_that_is_not_about_the_address_fails_that_mail_alone(client, cast, status):
    message = sent(cast.mentee)

    hand_in(client, postfix(message, status=status), to=back_to(message))

    assert state_of(message)[0] == "failed"
    assert not Bounce.objects.exists()


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_report_of_a_mail_that_is_only_late_or_arrived_changes_nothing(client, cast, action):
    message = sent(cast.mentee)

    hand_in(client, postfix(message, status="4.4.1", action=action), to=back_to(message))

    assert state_of(message)[0] == "sent"


def test_note_of_absence_changes_nothing(client, cast):
    message = sent(cast.mentee)
    raw = (
        f"From: {cast.mentee.email}\nTo: mentoring@example.org\nSubject: Away: 550 5.1.1\n"
        f"Auto-Submitted: auto-replied\nIn-Reply-To: {message.message_id}\n\nBack in 450 days."
    )

    hand_in(client, raw, to=back_to(message))

    assert state_of(message)[0] == "sent"


@pytest.mark.parametrize(
    ("days_ago", "is_held"), [((6, 4, 1), True), ((2, 1.5, 1), False), ((9, 7), False)]
)
def test_three_soft_returns_in_a_row_over_three_days_hold_the_address(
    client, cast, days_ago, is_held
):
    for number, days in enumerate(days_ago):
        message = sent(cast.mentee, str(number), ago=days * DAY)
        hand_in(client, postfix(message, status="4.2.2"), to=back_to(message))

    assert Bounce.objects.filter(user=cast.mentee, lifted_at=None).exists() is is_held


def test_mail_that_arrived_between_soft_returns_begins_the_count_anew(client, cast):
    for number, days in enumerate((9, 7, 3, 1)):
        message = sent(cast.mentee, str(number), ago=days * DAY)
        if number != 1:
            hand_in(client, postfix(message, status="4.2.2"), to=back_to(message))

    assert not Bounce.objects.exists()


def test_soft_returns_count_anew_once_a_person_lets_mail_through(client, cast):
    for number, days in enumerate((9, 7, 5)):
        message = sent(cast.mentee, str(number), ago=days * DAY)
        hand_in(client, postfix(message, status="4.2.2"), to=back_to(message))
    lift_bounce(bounce=Bounce.objects.get(), actor=cast.program_manager, now=timezone.now())

    message = sent(cast.mentee, "4", ago=timedelta(0))
    hand_in(client, postfix(message, status="4.2.2"), to=back_to(message))

    assert not Bounce.objects.filter(lifted_at=None).exists()


def test_report_about_a_mail_of_last_month_changes_nothing(client, cast):
    message = sent(cast.mentee, ago=31 * DAY)

    hand_in(client, postfix(message), to=back_to(message))

    assert not Bounce.objects.exists()


def test_all_rows_of_one_mail_come_back_together(client, cast):
    first, second = sent(cast.mentee, "1"), sent(cast.mentee, "2")
    Message.objects.filter(pk__in=(first.pk, second.pk)).update(mail_id=first.message_id)

    hand_in(client, postfix(first))

    assert state_of(first)[0] == state_of(second)[0] == "failed"


def test_complaint_stops_what_may_be_stopped_by_mail(client, cast):
    message = sent(cast.mentee)

    hand_in(client, complaint(message))

    stopped = MessageStop.objects.filter(user=cast.mentee, channel=Channel.MAIL)
    names = set(stopped.values_list("kind", flat=True))
    assert {"test.nudge", "goals.confirm"} <= names
    assert not names & {"test.required", "matching.matched"}


def tell(client, message: Message, *, user_info: str = "events:word", **values):
    body = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "Email": message.recipient.email,
        "Details": "smtp;550 5.1.1 user unknown",
        "BouncedAt": "2026-11-22T10:00:00Z",
        "Metadata": {"mail": token_of(message, message.recipient.email)},
        **values,
    }
    return client.post(
        "/messages/events/",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": "Basic " + base64.b64encode(user_info.encode()).decode()},
    )


def test_provider_that_tells_of_a_return_holds_the_address(client, cast):
    message = sent(cast.mentee)

    assert tell(client, message, user_info="hook:pass word").status_code == 400
    assert not Bounce.objects.exists()
    assert tell(client, message).status_code == 200

    assert Bounce.objects.get().answer == "550 5.1.1 user unknown"
    assert state_of(message) == ("failed", "It came back: 550 5.1.1 user unknown")


def test_event_without_our_token_or_of_another_address_changes_nothing(client, cast):
    message = sent(cast.mentee)

    tell(client, message, Metadata={})
    tell(client, message, Metadata={"mail": f"{message.pk}-aaaaaaaaaaaaaaaa"})
    tell(client, message, Email=cast.mentor.email)

    assert state_of(message)[0] == "sent"


def test_events_of_unwanted_mail_stop_what_they_name(client, cast):
    message = sent(cast.mentee, kind="test.nudge")

    tell(client, message, RecordType="SubscriptionChange", SuppressionReason="ManualSuppression")
    assert set(MessageStop.objects.values_list("kind", flat=True)) == {"test.nudge"}

    tell(client, message, RecordType="SpamComplaint", Type="SpamComplaint")
    assert MessageStop.objects.filter(kind="goals.confirm", channel=Channel.MAIL).exists()


def test_soft_event_without_a_code_is_counted_as_soft(client, cast):
    message = sent(cast.mentee)

    tell(client, message, Type="SoftBounce", Details="Try again")

    assert state_of(message)[0] == "failed"
    assert not Bounce.objects.exists()


def test_mail_goes_out_with_a_return_address_and_a_token_of_its_own(cast, sink):
    message = queue(cast.mentee)
    send_message(pk=message.pk, clock=lambda: message.due_at)

    (mail,) = sink.received
    token = token_of(message, cast.mentee.email)
    assert mail.sender == f"calendar+b{token}@in.example.org"
    assert mail.mail["X-PM-Metadata-mail"] == token
    assert len(mail.sender.partition("@")[0]) <= 64


def test_nothing_is_told_where_no_provider_is_named(client, settings):
    settings.MAIL_EVENTS = {"provider": "", "secret": ""}

    assert client.post("/messages/events/").status_code == 404


@pytest.mark.parametrize("value", ["pigeon://a:b@", "postmark://", "postmark://hook@"])
def test_setting_that_makes_no_sense_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("MAIL_EVENTS", value)

    with pytest.raises(ImproperlyConfigured, match="MAIL_EVENTS"):
        env.mail_events("MAIL_EVENTS")
