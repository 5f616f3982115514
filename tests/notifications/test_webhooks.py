"""What other systems are told: signed, once an act, for three days, and never a word of anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from audit.services import chain_events, record
from core.errors import Conflict
from core.outside import CannotReach, post
from notifications.models import Topic, Webhook, WebhookDelivery
from notifications.services import (
    add_webhook,
    change_webhook,
    deliver_again,
    rotate_secret,
    send_webhooks,
    sweep_webhooks,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    """The verifier takes no signature that is older than five minutes."""
    with time_machine.travel(NOW, tick=False):
        yield


class Receiver:
    """Takes what is posted, verifies it as the standard's library does, and answers."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers) or [200]
        self.posts: list[tuple[str, bytes, dict[str, str]]] = []

    def __call__(self, url: str, body: bytes, *, headers: dict[str, str]) -> int:
        self.posts.append((url, body, headers))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def make(cast, **values) -> Webhook:
    usual = {"name": "HR", "url": "https://hr.example.org/in", "topics": [Topic.MATCHES]}
    webhook = Webhook(**{**usual, **values})
    return add_webhook(webhook=webhook, actor=cast.it_administrator, now=NOW)


def happen(cast, action: str = "match.ended", **values) -> None:
    usual = {"program_id": cast.program.pk, "detail": {"reason": "moved"}}
    record(actor=cast.mentee, action=action, about=cast.match, now=NOW, **{**usual, **values})
    chain_events()


def at(**later):
    return lambda: NOW + timedelta(**later)


def test_act_is_told_once_signed_and_without_words(cast):
    happen(cast)
    webhook = make(cast)
    happen(cast)
    happen(cast, "help.asked")
    happen(cast, "check_in.answered")
    receiver = Receiver()

    assert (sweep_webhooks(now=NOW), sweep_webhooks(now=NOW)) == (1, 0)
    assert send_webhooks(clock=at(), post=receiver) == 1
    assert send_webhooks(clock=at(minutes=9), post=receiver) == 0

    ((url, body, headers),) = receiver.posts
    assert url == "https://hr.example.org/in"
    told = Verifier(webhook.secret).verify(body, headers)
    assert told["type"] == "match.ended"
    assert told["data"] == {
        "object": "matching.match",
        "id": str(cast.match.pk),
        "program_id": cast.program.pk,
    }
    assert datetime.fromisoformat(told["timestamp"]) == NOW
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempt, headers["webhook-id"]) == ("sent", 1, f"msg_{row.pk.hex}")


def test_system_that_fails_is_asked_again_with_the_same_id_and_then_given_up(cast):
    make(cast)
    happen(cast)
    sweep_webhooks(now=NOW)
    receiver = Receiver(500, CannotReach("nobody there"), 503)
    now = NOW
    for _turn in range(12):
        send_webhooks(clock=lambda now=now: now, post=receiver)
        now = WebhookDelivery.objects.get().due_at

    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempt, row.answer) == ("failed", 10, "503")
    assert len({headers["webhook-id"] for _url, _body, headers in receiver.posts}) == 1
    assert timedelta(days=3) < row.due_at - NOW < timedelta(days=4)

    deliver_again(delivery=row, actor=cast.it_administrator, now=NOW)
    send_webhooks(clock=at(), post=Receiver())
    row.refresh_from_db()
    assert row.state == "sent"


def test_system_that_cannot_be_reached_holds_up_no_other(cast):
    make(cast)
    make(cast, name="Board", url="https://board.example.org/in")
    for _turn in range(3):
        happen(cast)
    sweep_webhooks(now=NOW)
    asked: list[str] = []

    def post(url: str, body: bytes, *, headers: dict[str, str]) -> int:
        asked.append(url)
        if "hr." in url:
            raise CannotReach("nobody there")
        return 200

    assert send_webhooks(clock=at(), post=post) == 4
    assert asked.count("https://hr.example.org/in") == 1
    assert send_webhooks(clock=at(seconds=30), post=post) == 1  # the one that was tried
    waiting = WebhookDelivery.objects.filter(webhook__name="HR").order_by("attempt")
    assert list(waiting.values_list("state", "attempt")) == [("due", 0), ("due", 0), ("due", 2)]


def test_system_that_answers_slowly_lets_the_others_go_first(cast):
    make(cast)
    make(cast, name="Board", url="https://board.example.org/in")
    for _turn in range(3):
        happen(cast)
    sweep_webhooks(now=NOW)
    now, asked = NOW, []

    def post(url: str, body: bytes, *, headers: dict[str, str]) -> int:
        nonlocal now
        asked.append(url)
        now += timedelta(seconds=9 if "hr." in url else 0)
        return 200

    assert send_webhooks(clock=lambda: now, post=post) == 4
    assert asked.count("https://hr.example.org/in") == 1


def test_turn_ends_when_its_time_is_over(cast):
    make(cast)
    happen(cast)
    sweep_webhooks(now=NOW)

    assert send_webhooks(clock=at(), post=Receiver(), seconds=0) == 0


def test_delivery_whose_every_try_killed_its_worker_is_given_up(cast):
    make(cast)
    happen(cast)
    sweep_webhooks(now=NOW)
    WebhookDelivery.objects.update(attempt=10)  # claimed ten times, and never settled
    receiver = Receiver()

    send_webhooks(clock=at(), post=receiver)

    assert (WebhookDelivery.objects.get().state, receiver.posts) == ("failed", [])


def test_delivery_that_cannot_be_made_stops_no_other(cast):
    make(cast)
    make(cast, name="Board", url="https://board.example.org/in")
    happen(cast)
    sweep_webhooks(now=NOW)

    def post(url: str, body: bytes, *, headers: dict[str, str]) -> int:
        if "hr." in url:
            raise ValueError("Port out of range")
        return 200

    assert send_webhooks(clock=at(), post=post) == 2
    found = WebhookDelivery.objects.order_by("webhook__name").values_list("state", "answer")
    assert list(found) == [("sent", "200"), ("due", "ValueError")]


def test_discreet_program_is_told_of_to_nobody(cast):
    make(cast)
    make(cast, name="Board", program_id=cast.program.pk)
    happen(cast)
    sweep_webhooks(now=NOW)
    listed = reverse("admin:notifications_webhookdelivery_changelist")
    client = cast.client("it_administrator")
    assert "match.ended" in client.get(listed).content.decode()

    cast.program.is_discreet = True
    cast.program.save()
    happen(cast)

    assert sweep_webhooks(now=NOW) == 0
    assert "match.ended" not in client.get(listed).content.decode()


def test_end_of_a_pause_is_told_as_its_beginning(cast):
    make(cast, topics=[Topic.MAIL])
    happen(cast, "message.paused")
    happen(cast, "message.pause_ended")

    assert sweep_webhooks(now=NOW) == 2


def test_delivery_on_its_way_is_not_told_again(cast):
    make(cast)
    happen(cast)
    sweep_webhooks(now=NOW)

    with pytest.raises(Conflict):
        deliver_again(delivery=WebhookDelivery.objects.get(), actor=cast.it_administrator, now=NOW)


def test_old_secret_signs_for_a_day_more(cast):
    webhook = make(cast)
    old = webhook.secret
    rotate_secret(webhook=webhook, actor=cast.it_administrator, now=NOW)
    happen(cast)
    sweep_webhooks(now=NOW)
    receiver = Receiver(500)
    send_webhooks(clock=at(), post=receiver)
    send_webhooks(clock=at(hours=25), post=receiver)

    first, second = (headers for _url, _body, headers in receiver.posts)
    body = receiver.posts[0][1]
    assert webhook.secret != old
    assert json.loads(body) == Verifier(old).verify(body, first)
    assert json.loads(body) == Verifier(webhook.secret).verify(body, first)
    assert " " in first["webhook-signature"]
    assert " " not in second["webhook-signature"]


def test_system_that_is_gone_is_told_no_more(cast):
    webhook = make(cast)
    happen(cast)
    sweep_webhooks(now=NOW)

    send_webhooks(clock=at(), post=Receiver(410))
    happen(cast)

    webhook.refresh_from_db()
    assert not webhook.is_active
    assert WebhookDelivery.objects.get().state == "failed"
    assert sweep_webhooks(now=NOW) == 0
    webhook.is_active = True
    change_webhook(webhook=webhook, actor=cast.it_administrator, now=NOW)
    assert sweep_webhooks(now=NOW) == 0  # what happened while it was off is not told


def test_webhook_of_one_program_hears_of_no_other(cast):
    make(cast, program_id=cast.other_program.pk)
    happen(cast)

    assert sweep_webhooks(now=NOW) == 0


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://hr.example.org/", "93.184.216.34"),
        ("https://user:pass@hr.example.org/", "93.184.216.34"),
        ("https://hr.example.org/", "10.0.0.7"),
        ("https://hr.example.org/", "169.254.169.254"),
        ("https://hr.example.org/", "::1"),
    ],
)
def test_nothing_is_posted_inside_our_own_network(url, address):
    with pytest.raises(CannotReach):
        post(url, b"{}", headers={}, resolve=lambda host, port: [address], seconds=1)


def test_it_adds_changes_and_rotates_in_the_admin(cast):
    client = cast.client("it_administrator")
    typed = {"name": "HR", "url": "https://hr.example.org/in", "topics": ["match"]}

    answer = client.post(reverse("admin:notifications_webhook_add"), {**typed, "is_active": "on"})
    webhook = Webhook.objects.get()
    assert (answer.status_code, webhook.created_by) == (302, cast.it_administrator)
    page = reverse("admin:notifications_webhook_change", args=[webhook.pk])
    assert webhook.secret in client.get(page).content.decode()
    client.post(page, {**typed, "url": "https://hr.example.org/other", "is_active": "on"})
    listed = reverse("admin:notifications_webhook_changelist")
    client.post(listed, {"action": "rotate", "_selected_action": [webhook.pk]})

    was = webhook.secret
    webhook.refresh_from_db()
    assert (webhook.url, webhook.old_secret) == ("https://hr.example.org/other", was)
    refused = client.post(page, {**typed, "url": "http://hr.example.org/", "is_active": "on"})
    assert refused.status_code in (200, 422)
    webhook.refresh_from_db()
    assert webhook.url == "https://hr.example.org/other"
