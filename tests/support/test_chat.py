"""The chat channel: the managers' week in counts, once, and what fails is shown to them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from core.errors import DomainError
from core.outside import CannotReach
from matching.models import Match
from programs.models import Program
from support.models import ChatChannel, ChatPost, WorkItem
from support.services import keep_channel, plan_chats, post_chats, try_channel
from tests.conftest import NOW, enrol, make_match, make_person

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ADDRESS = "https://hooks.chat.example.org/services/zebra-secret"


class Chat:
    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers) or [200]
        self.posts: list[tuple[str, dict]] = []

    def __call__(self, url: str, body: bytes, *, headers: dict[str, str]) -> int:
        self.posts.append((url, json.loads(body)))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def make(cast, **values) -> ChatChannel:
    channel = ChatChannel(program=cast.program, **values)
    return keep_channel(channel=channel, address=ADDRESS, actor=cast.program_manager, now=NOW)


def wait(cast, match: Match) -> None:
    WorkItem.objects.create(cohort=cast.cohort, kind="stalled", match=match, opened_at=NOW)


def go(chat: Chat, at: datetime = MONDAY) -> int:
    return post_chats(clock=lambda: at, post=chat)


def fates() -> list[tuple[str, str]]:
    return list(ChatPost.objects.order_by("occasion").values_list("state", "answer"))


def test_week_is_posted_once_in_counts_without_names(cast):
    make(cast)
    wait(cast, cast.match)
    enrol(cast.cohort, make_person("a@example.org", "Ana Asks"), "mentee", status="applied")
    enrol(cast.cohort, cast.program_manager, "mentor", status="applied")  # is nobody to decide on
    plan_chats(now=MONDAY - timedelta(hours=2))  # before eight
    assert not ChatPost.objects.exists()
    chat = Chat()
    for _turn in range(2):
        plan_chats(now=MONDAY)
        go(chat)

    ((url, told),) = chat.posts
    assert url == ADDRESS
    assert told == {
        "text": "Rising Leaders, this week:\n1 thing waits for its managers.\n1 of it is new.\n"
        "1 sign-up waits for a yes or no.\nhttp://127.0.0.1:8000/support/queue/"
    }
    assert fates() == [("sent", "200")]


def test_own_match_of_a_manager_is_not_counted_and_an_empty_week_is_not_posted(cast):
    make(cast)
    own = enrol(cast.cohort, cast.program_manager, "mentor")
    partner = enrol(cast.cohort, make_person("noor@example.org", "Noor Haddad"), "mentee")
    wait(cast, make_match(own, partner))
    plan_chats(now=MONDAY)
    chat = Chat()

    go(chat)

    assert (chat.posts, fates()) == ([], [("skipped", "")])


def test_week_that_is_over_is_not_posted(cast):
    make(cast)
    wait(cast, cast.match)
    plan_chats(now=MONDAY)
    chat = Chat()

    go(chat, MONDAY + timedelta(weeks=1))

    assert fates() == [("skipped", "")]


def test_post_reads_in_the_language_of_the_channel(cast):
    make(cast, language="de")
    wait(cast, cast.match)
    plan_chats(now=MONDAY)
    chat = Chat()

    go(chat)

    assert "waits for its managers" not in chat.posts[0][1]["text"]


def test_channel_that_is_away_is_tried_again_and_failures_are_shown_until_one_arrives(cast):
    channel = make(cast)
    wait(cast, cast.match)
    plan_chats(now=MONDAY)
    chat, at = Chat(503, CannotReach("nobody there"), 500), MONDAY
    for _turn in range(6):
        go(chat, at)
        at = max(at, ChatPost.objects.get().due_at)

    assert (len(chat.posts), fates()) == (5, [("failed", "500")])
    client, page = cast.client("program_manager"), reverse("support:mail", args=[cast.cohort.pk])
    shown = client.get(page).content.decode()
    assert "The chat channel takes nothing" in shown
    assert "hooks.chat.example.org" in shown
    assert "zebra-secret" not in shown

    client.post(reverse("support:mail_act", args=[cast.cohort.pk, "chat"]))
    go(Chat(), datetime.now(UTC))
    channel.refresh_from_db()
    assert (channel.fault, channel.failed_at) == ("", None)
    assert "The chat channel takes nothing" not in client.get(page).content.decode()


def test_address_that_was_taken_back_is_not_asked_again(cast):
    make(cast)
    wait(cast, cast.match)
    plan_chats(now=MONDAY)
    chat = Chat(404)

    go(chat)
    go(chat, MONDAY + timedelta(days=1))

    assert (len(chat.posts), fates()) == (1, [("failed", "404")])


def test_broken_channel_stops_no_other(cast):
    make(cast)
    other = ChatChannel(program=cast.other_program)
    keep_channel(channel=other, address=ADDRESS, actor=cast.other_program_manager, now=NOW)
    for channel in ChatChannel.objects.all():
        try_channel(channel=channel, actor=cast.program_manager, now=NOW)

    assert go(Chat(ValueError("port"), 200)) == 2
    assert sorted(fates()) == [("failed", "ValueError"), ("sent", "200")]


def test_discreet_program_has_no_channel_and_an_old_one_falls_silent(cast):
    make(cast)
    wait(cast, cast.match)
    plan_chats(now=MONDAY)
    Program.objects.filter(pk=cast.program.pk).update(is_discreet=True)
    chat = Chat()

    go(chat)
    plan_chats(now=MONDAY + timedelta(weeks=1))

    assert (chat.posts, ChatPost.objects.count()) == ([], 1)
    ChatChannel.objects.all().delete()
    cast.program.refresh_from_db()
    with pytest.raises(DomainError, match="discreet"):
        make(cast)


def test_manager_sets_it_up_tries_it_and_never_reads_the_address(cast):
    client = cast.client("program_manager")
    add = reverse("admin:support_chatchannel_add")
    typed = {"program": cast.program.pk, "language": "en", "is_active": "on"}
    for address in ("", "http://chat.example.org/x", "chat"):
        assert client.post(add, {**typed, "new_address": address}).status_code in (200, 422)
    assert not ChatChannel.objects.exists()

    assert client.post(add, {**typed, "new_address": ADDRESS}).status_code == 302
    channel = ChatChannel.objects.get()
    assert (channel.address, channel.host) == (ADDRESS, "hooks.chat.example.org")
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM support_chatchannel")
        assert b"zebra" not in bytes(cursor.fetchone()[0])
    change = reverse("admin:support_chatchannel_change", args=[channel.pk])
    assert "zebra-secret" not in client.get(change).content.decode()
    assert client.post(change, {"language": "de", "new_address": ""}).status_code == 302
    channel.refresh_from_db()
    assert (channel.address, channel.language, channel.is_active) == (ADDRESS, "de", False)

    listed = reverse("admin:support_chatchannel_changelist")
    action = {"action": "try_out", "_selected_action": [channel.pk]}
    assert "This channel is off" in client.post(listed, action, follow=True).content.decode()
    ChatChannel.objects.update(is_active=True)
    client.post(listed, action)
    chat = Chat()
    go(chat, datetime.now(UTC))
    assert "Rising Leaders" in chat.posts[0][1]["text"]
    assert cast.client("other_program_manager").get(change).status_code in (302, 404)
