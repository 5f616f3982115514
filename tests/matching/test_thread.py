"""Messages of a match: who writes and reads, what mail says, and what no text can break."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from audit.models import AuditEvent
from core.errors import Conflict, DomainError, NotAllowed
from matching.models import ThreadMessage, ThreadRead
from matching.services.closing import end_match
from matching.services.thread import (
    choose_words_in_mail,
    mark_read,
    remove_message,
    write_message,
)
from matching.thread import thread_page, unread_for_system
from notifications import mailbox
from notifications.models import Message
from notifications.services import send_message
from tests.conftest import NOW, enrol, make_person

pytestmark = pytest.mark.django_db
HELLO = "Shall we move to Thursday?"
MINUTE = timedelta(minutes=1)

NAUGHTY = [
    "<script>alert(1)</script><b onclick=x>",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "=1+1\t+2\n@SUM(A1)",
    "שלום עולם, מה שלומך?",
    "\u202eevil\u202c \u2066x\u2069",
    "e\u0301" * 40 + "Z\u0351\u036b\u0343\u036a",
    "👩🏽‍💻👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "\ufeff\u200b\u00adword\u2028line\u2029paragraph",
    "𝕳𝖊𝖑𝖑𝖔 ﷽ Ω≈ç√∫",
    "'; DROP TABLE matching_threadmessage; --",
    "%s %d %(x)s {0} {x} \\0 \\n",
    "a" * 9_999,
]


def path(cast, name="") -> str:
    return f"/matches/{cast.match.pk}/messages/{name}"


def write(cast, who, text=HELLO, at=NOW) -> ThreadMessage:
    return write_message(match=cast.match, actor=getattr(cast, who), text=text, now=at)


def unread(cast, who) -> int:
    return unread_for_system(cast.match, getattr(cast, who)).count()


def mails() -> list[tuple]:
    rows = Message.objects.filter(kind="matching.thread").order_by("pk")
    return [(row.recipient.first_name, row.due_at - NOW) for row in rows]


def test_message_is_kept_sealed_and_in_the_audit_without_words(cast):
    message = write(cast, "mentee", "  Hello\r\nDaniel ")

    message.refresh_from_db()
    assert message.text == "Hello\nDaniel"
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM matching_threadmessage")
        assert b"Hello" not in bytes(cursor.fetchone()[0])
    event = AuditEvent.objects.get(action="thread.written")
    assert (event.actor, event.detail) == (cast.mentee, {})


@pytest.mark.parametrize("text", ["", " \n ", "x" * 10_001, "x" * 100_000])
def test_message_without_words_or_with_too_many_is_refused(cast, text):
    with pytest.raises(DomainError):
        write(cast, "mentee", text)

    assert ThreadMessage.objects.count() == 0


@pytest.mark.parametrize("who", ["stranger", "program_manager"])
def test_message_of_somebody_else_is_refused(cast, who):
    with pytest.raises(NotAllowed):
        write(cast, who)


def test_message_to_an_ended_match_is_refused_by_service_and_database(cast):
    end_match(match=cast.match, actor=cast.mentor, now=NOW, reason="no_time")
    with pytest.raises(Conflict, match="has ended"):
        write(cast, "mentee")

    for author in (cast.mentee, cast.stranger):
        with pytest.raises(IntegrityError, match="thread_member"), transaction.atomic():
            ThreadMessage.objects.create(match=cast.match, author=author, text="x", sent_at=NOW)


def test_database_keeps_author_and_order(cast):
    message = write(cast, "mentee")

    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        ThreadMessage.objects.filter(pk=message.pk).update(author=cast.mentor)
    with pytest.raises(IntegrityError, match="removed_is_empty"), transaction.atomic():
        ThreadMessage.objects.filter(pk=message.pk).update(removed_at=NOW)


def test_messages_of_one_moment_keep_their_order(cast):
    for text in ("one", "two", "three"):
        write(cast, "mentee", text)
    write(cast, "mentor", "four", at=NOW - MINUTE)  # a clock that goes behind

    page = thread_page(cast.match, cast.mentee, now=NOW)

    assert [entry.message.text for entry in page.entries] == ["one", "two", "three", "four"]


def test_unread_counts_what_others_wrote_since_one_looked(cast):
    first = write(cast, "mentee")
    write(cast, "mentee", at=NOW + MINUTE)
    assert (unread(cast, "mentor"), unread(cast, "mentee")) == (2, 0)

    mark_read(match=cast.match, reader=cast.mentor, until=first.sent_at)
    assert unread(cast, "mentor") == 1
    mark_read(match=cast.match, reader=cast.mentor, until=NOW + MINUTE)
    mark_read(match=cast.match, reader=cast.mentor, until=NOW)

    assert unread(cast, "mentor") == 0
    assert ThreadRead.objects.get().read_until == NOW + MINUTE


def test_own_message_can_be_taken_back_for_15_minutes(cast):
    message = write(cast, "mentee")

    remove_message(message=message, actor=cast.mentee, now=NOW + 14 * MINUTE)
    remove_message(message=message, actor=cast.mentee, now=NOW + 20 * MINUTE)

    message.refresh_from_db()
    assert (message.text, message.removed_at) == ("", NOW + 14 * MINUTE)
    assert unread(cast, "mentor") == 0
    assert AuditEvent.objects.filter(action="thread.removed").count() == 1


def test_message_of_another_or_of_long_ago_cannot_be_taken_back(cast):
    message = write(cast, "mentee")

    with pytest.raises(NotAllowed):
        remove_message(message=message, actor=cast.mentor, now=NOW)
    with pytest.raises(Conflict, match="15 minutes"):
        remove_message(message=message, actor=cast.mentee, now=NOW + 15 * MINUTE)


def test_mail_comes_once_until_it_is_read_and_again_after_a_day(cast):
    for minutes in (0, 1, 60):
        write(cast, "mentee", at=NOW + minutes * MINUTE)
    assert mails() == [("Daniel", 3 * MINUTE)]

    write(cast, "mentee", at=NOW + timedelta(hours=25))
    assert len(mails()) == 2
    mark_read(match=cast.match, reader=cast.mentor, until=NOW + timedelta(hours=26))
    write(cast, "mentee", at=NOW + timedelta(hours=27))
    assert len(mails()) == 3


def test_mail_says_that_somebody_wrote_and_not_what(cast):
    write(cast, "mentee")
    send_message(pk=Message.objects.get().pk, clock=lambda: NOW + 3 * MINUTE)

    (mail,) = mailbox.read_mails()
    assert mail.subject == "Priya wrote to you"
    assert f"/matches/{cast.match.pk}/messages/" in mail.text
    assert HELLO not in mail.text + mail.html


def test_mail_says_what_was_written_to_who_asked_for_it(cast):
    choose_words_in_mail(user=cast.mentor, is_wanted=True, now=NOW)
    choose_words_in_mail(user=cast.mentor, is_wanted=True, now=NOW)
    write(cast, "mentee", "Tea & <b>cake</b>?")
    send_message(pk=Message.objects.get().pk, clock=lambda: NOW + 3 * MINUTE)

    (mail,) = mailbox.read_mails()
    assert "Tea & <b>cake</b>?" in mail.text
    assert "Tea &amp; &lt;b&gt;cake&lt;/b&gt;?" in mail.html
    assert mail.subject == "Priya wrote to you"

    choose_words_in_mail(user=cast.mentor, is_wanted=False, now=NOW)
    assert cast.mentor.__class__.objects.filter(thread_mail__isnull=False).count() == 0


def _read(cast, message):
    mark_read(match=cast.match, reader=cast.mentor, until=message.sent_at)


def _removed(cast, message):
    remove_message(message=message, actor=cast.mentee, now=NOW)


def _ended(cast, message):
    end_match(match=cast.match, actor=cast.mentee, now=NOW, reason="no_time")


@pytest.mark.parametrize("change", [_read, _removed, _ended])
def test_mail_is_skipped_when_there_is_nothing_to_read(cast, change):
    message = write(cast, "mentee")
    change(cast, message)
    row = Message.objects.get(kind="matching.thread")

    send_message(pk=row.pk, clock=lambda: NOW + 3 * MINUTE)

    row.refresh_from_db()
    assert row.state == "skipped"
    assert mailbox.read_mails() == []


@pytest.mark.parametrize("who", ["stranger", "program_manager", "hr_analyst", "it_administrator"])
def test_pages_are_for_the_people_of_the_match(cast, who):
    message = write(cast, "mentee")
    client = cast.client(who)

    for name in ("", "new/"):
        assert client.get(path(cast, name)).status_code == 404
    for name in ("", "mail/", f"{message.pk}/remove/"):
        assert client.post(path(cast, name), {"text": "x"}).status_code == 404


def test_visitor_is_asked_to_sign_in(cast):
    assert Client().get(path(cast))["Location"].startswith("/accounts/login/")


def test_page_is_empty_kindly_and_takes_the_first_message(cast):
    client = cast.client("mentee")
    text = client.get(path(cast)).content.decode()
    assert "No messages yet" in text
    assert "Only you and Daniel read this." in text

    page = client.post(path(cast), {"text": HELLO}, follow=True)

    assert page.redirect_chain == [(f"{path(cast)}#write", 302)]
    assert HELLO in page.content.decode()


@pytest.mark.parametrize("text", NAUGHTY)
def test_page_shows_every_text_as_it_was_written(cast, text):
    client = cast.client("mentee")
    assert client.post(path(cast), {"text": text}).status_code == 302

    assert ThreadMessage.objects.get().text == text.strip()
    page = cast.client("mentor").get(path(cast))
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()
    assert 'dir="auto"' in page.content.decode()


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("", 422, "Write a few words first."),
        ("x" * 100_000, 422, "That is 100000 characters; 10,000 is the most."),
        ("bell \x07", 400, "characters that no field can hold"),
        ("nul \x00", 400, "characters that no field can hold"),
    ],
)
def test_page_says_what_is_wrong_and_keeps_the_words(cast, text, status, sentence):
    answer = cast.client("mentee").post(path(cast), {"text": text})

    assert answer.status_code == status
    assert sentence in answer.content.decode()
    if status == 422:
        assert text in answer.content.decode()


def test_looking_marks_read_and_looking_ahead_does_not(cast):
    write(cast, "mentee")
    client = cast.client("mentor")
    home = client.get(f"/matches/{cast.match.pk}/").content.decode()
    assert "new messages" in home

    client.head(path(cast))
    client.get(path(cast), headers={"Sec-Purpose": "prefetch"})
    assert unread(cast, "mentor") == 1
    assert "New" in client.get(path(cast)).content.decode()
    assert unread(cast, "mentor") == 0


def test_open_page_asks_for_what_is_new(cast):
    first = write(cast, "mentee")
    client = cast.client("mentor")
    page = client.get(path(cast)).content.decode()
    assert f'data-hx-get="{path(cast, "new/")}?after={first.pk}"' in page
    assert client.get(path(cast, "new/"), {"after": first.pk}).status_code == 204

    second = write(cast, "mentee", "One more thing", at=NOW + MINUTE)
    answer = client.get(path(cast, "new/"), {"after": first.pk}).content.decode()

    assert "One more thing" in answer
    assert HELLO not in answer
    assert f"?after={second.pk}" in answer
    assert unread(cast, "mentor") == 0
    assert client.get(path(cast, "new/"), {"after": "nonsense"}).status_code == 404


@pytest.mark.usefixtures("_long")
def test_long_thread_comes_in_pages(cast, django_assert_max_num_queries):
    client = cast.client("mentee")
    with django_assert_max_num_queries(15):
        page = client.get(path(cast)).context["page"]
    assert len(page.entries) == 50
    assert page.entries[-1].message.text == "number 119"

    seen, earlier = [entry.message.text for entry in page.entries], page.earlier
    while earlier:
        page = client.get(path(cast), {"before": earlier}).context["page"]
        seen = [entry.message.text for entry in page.entries] + seen
        earlier = page.earlier

    assert seen == [f"number {number}" for number in range(120)]


@pytest.fixture
def _long(cast):
    for number in range(120):
        ThreadMessage.objects.create(
            match=cast.match, author=cast.mentor, text=f"number {number}",
            sent_at=NOW + number * MINUTE,
        )  # fmt: skip


def test_page_lets_one_remove_what_one_wrote_just_now(cast):
    with time_machine.travel(NOW, tick=False):
        message = write(cast, "mentee", at=timezone.now())
        client = cast.client("mentee")
        assert f"{message.pk}/remove/" in client.get(path(cast)).content.decode()
        assert f"{message.pk}/remove/" not in (
            cast.client("mentor").get(path(cast)).content.decode()
        )
        assert cast.client("mentor").post(path(cast, f"{message.pk}/remove/")).status_code == 403

        page = client.post(path(cast, f"{message.pk}/remove/"), follow=True).content.decode()

    assert "Removed by its author" in page
    assert HELLO not in page


def test_page_of_an_ended_match_is_readable_and_not_writable(cast):
    write(cast, "mentee")
    end_match(match=cast.match, actor=cast.mentor, now=NOW, reason="no_time")
    client = cast.client("mentee")

    text = client.get(path(cast)).content.decode()
    assert HELLO in text
    assert "This match has ended." in text
    assert 'name="text"' not in text
    assert client.post(path(cast), {"text": "x"}).status_code == 422


def test_who_left_a_circle_reads_no_more(cast):
    write(cast, "mentee")
    cast.match.members.filter(user=cast.mentor).update(left_at=NOW)

    assert cast.client("mentor").get(path(cast)).status_code == 404


def test_circle_reads_together(cast):
    seat = enrol(cast.cohort, make_person("noor@example.org", "Noor Haddad"), "mentee")
    cast.match.members.create(enrolment=seat, user=seat.user, role="mentee", joined_at=NOW)
    write(cast, "mentee")

    assert {name for name, _due in mails()} == {"Daniel", "Noor"}


def test_words_in_mail_are_asked_for_and_left_out_again(cast):
    client = cast.client("mentor")
    assert "not what it says" in client.get(path(cast)).content.decode()

    page = client.post(path(cast, "mail/"), {"words": "yes"}, follow=True).content.decode()
    assert "Mail is not encrypted on its way." in page
    page = client.post(path(cast, "mail/"), {"words": "no"}, follow=True).content.decode()
    assert "not what it says" in page


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_once_are_both_kept_in_order(cast):
    def send(who):
        try:
            write(cast, who, who)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(who,)) for who in ("mentee", "mentor")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    moments = list(ThreadMessage.objects.values_list("sent_at", flat=True))
    assert len(set(moments)) == 2
