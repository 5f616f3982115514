"""The inbox: what a person was sent, in the product, whatever became of the mail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import privacy
from feedback.services import plan_check_ins
from notifications import registry
from notifications.models import Bounce, Channel, Message, MessageStop, Notice
from notifications.services import pause_messages, send_due_messages, send_message, stop_kind
from notifications.services.showing import page_without_secrets
from tests.conftest import NOW
from tests.notifications.conftest import queue

pytestmark = pytest.mark.django_db
INBOX = "/messages/"


def go(at=NOW) -> None:
    send_due_messages(seconds=9, clock=lambda: at)


def put(person, *, line="A line of yours", count=1, **values) -> Notice:
    for number in range(count):
        message = queue(person, occasion=f"{line} {number}")
        notice = Notice.objects.create(
            message=message,
            recipient=person,
            **{"line": line, "path": "/meetings/", "shown_at": NOW, **values},
        )
    return notice


# --- What stands in it ----------------------------------------------------------------------------
def test_message_stands_in_the_inbox_once_in_the_persons_words(cast, kinds, sink):
    cast.mentee.language = "de"
    cast.mentee.save()
    queue(cast.mentee)
    go()
    go(NOW + timedelta(days=1))

    notice = Notice.objects.get()
    assert notice.recipient == cast.mentee
    assert notice.line == sink.received[0].mail["Subject"]
    assert (notice.shown_at, notice.read_at) == (NOW, None)


def test_line_waits_for_nothing_that_the_mail_waits_for(cast, kinds, sink):
    pause_messages(scope="all", why="Moving", actor=cast.program_manager, now=NOW)
    Bounce.objects.create(
        user=cast.mentor, address=cast.mentor.email, answer="550 No", bounced_at=NOW
    )
    for person in (cast.mentee, cast.mentor):
        queue(person)
        queue(person, kind="test.nudge")

    go()

    assert set(Message.objects.values_list("state", flat=True)) == {"due"}
    assert Notice.objects.count() == 4


def test_each_channel_is_stopped_for_itself(cast, kinds, sink):
    stop_kind(user=cast.mentee, kind="test.nudge", now=NOW)
    stop_kind(user=cast.stranger, kind="test.nudge", now=NOW, channel=Channel.INBOX)
    for person in (cast.mentee, cast.stranger):
        queue(person, kind="test.nudge")

    go()

    states = dict(Message.objects.values_list("recipient__email", "state"))
    assert states == {"priya@example.org": "skipped", "sam@example.org": "sent"}
    assert [notice.recipient for notice in Notice.objects.all()] == [cast.mentee]


def test_line_goes_when_its_reason_is_gone_unless_it_was_read(cast, kinds, sink):
    pause = {"scope": "all", "why": "Moving", "actor": cast.program_manager, "now": NOW}
    pause_messages(**pause)
    for number in range(2):
        queue(cast.mentee, occasion=str(number))
    go()
    read = Notice.objects.order_by("shown_at").first()
    cast.client("mentee").get(reverse("notifications:open", args=[read.pk]))
    kinds.reason = "Answered."

    go(NOW + timedelta(hours=7))

    assert list(Notice.objects.all()) == [read]


def test_message_that_is_not_wanted_any_more_is_never_shown(cast, kinds, sink):
    kinds.reason = "Answered."
    queue(cast.mentee)

    go()

    assert not Notice.objects.exists()


def test_line_that_cannot_be_written_stops_no_mail(cast, kinds, sink):
    known = registry.get("test.required")
    broken = type(known)(**{**vars(known), "page": lambda message: message.nothing})
    registry._KINDS["test.required"] = broken
    queue(cast.mentee)

    go()

    assert (Message.objects.get().state, Notice.objects.count()) == ("sent", 0)


def test_check_in_leads_to_the_page_and_never_to_a_signed_link(cast):
    plan_check_ins(now=NOW)
    for message in Message.objects.filter(recipient=cast.mentee):
        send_message(pk=message.pk, clock=lambda: NOW)

    notice = Notice.objects.get()
    assert (notice.line, notice.path) == ("Have you and Daniel met?", "/check-ins/")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://127.0.0.1:8000/meetings/?page=2", "/meetings/?page=2"),
        ("http://127.0.0.1:8000/check-ins/a/signed/", ""),
        ("https://elsewhere.example.org/meetings/", ""),
        ("http://127.0.0.1:8000//elsewhere.example.org/", ""),
        ("/nowhere/", ""),
        ("", ""),
    ],
)
def test_only_pages_of_this_site_without_a_signature_are_kept(url, path):
    assert page_without_secrets(url) == path


# --- The pages ------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [1, 30])
def test_inbox_lists_own_lines_and_counts_what_is_new(
    cast, kinds, count, django_assert_max_num_queries
):
    put(cast.mentee, count=count)
    put(cast.mentor, line="Of somebody else")
    client = cast.client("mentee")

    with django_assert_max_num_queries(15):
        page = client.get(INBOX).content.decode()

    assert page.count(">A line of yours</a>") == min(count, 25)
    assert "Of somebody else" not in page
    assert re.search(rf'class="count">{count}<span class="sr"> new', page)
    assert "You get this because of a test." in page
    if count > 25:
        assert client.get(f"{INBOX}?page=2").content.decode().count(">A line of yours</a>") == 5


def test_empty_inbox_says_what_will_stand_there(cast):
    page = cast.client("stranger").get(INBOX).content.decode()

    assert "Nothing yet" in page
    assert "Mark all as read" not in page


def test_opening_a_line_leads_to_its_page_and_reads_it(cast, kinds):
    notice = put(cast.mentee)
    url, client = reverse("notifications:open", args=[notice.pk]), cast.client("mentee")
    client.head(url)
    client.get(url, headers={"Sec-Purpose": "prefetch"})
    notice.refresh_from_db()
    assert notice.read_at is None

    assert client.get(url)["Location"] == "/meetings/"

    notice.refresh_from_db()
    assert notice.read_at is not None
    Notice.objects.update(path="")
    assert client.get(url)["Location"] == INBOX


def test_line_is_marked_as_read_and_as_new_by_its_reader_alone(cast, kinds):
    notice = put(cast.mentee)
    url = reverse("notifications:mark", args=[notice.pk])
    assert cast.client("mentor").post(url).status_code == 404
    client = cast.client("mentee")
    assert client.get(url).status_code == 405

    for data, is_read in (({}, True), ({"as": "new"}, False)):
        assert client.post(url, data)["Location"] == INBOX
        notice.refresh_from_db()
        assert (notice.read_at is not None) is is_read


def test_marking_all_leaves_new_what_came_after_the_page_was_shown(cast, kinds):
    seen = put(cast.mentee, count=3)
    later = put(cast.mentee, line="Later", shown_at=NOW + timedelta(minutes=1))
    url, client = reverse("notifications:read_all"), cast.client("mentee")

    shown = {"until": seen.shown_at.isoformat()}
    cast.client("mentor").post(url, shown)
    assert Notice.objects.filter(read_at__isnull=True).count() == 4

    client.post(url, shown)

    assert list(Notice.objects.filter(read_at__isnull=True)) == [later]
    for wrong in ("x", "", "2026-11-18T09:30:00", "0001-01-01T00:00:00+23:00"):
        assert client.post(url, {"until": wrong}).status_code == 404
    assert client.post(url, {"until": "2026-01-01T00:00:00+23:00"}).status_code == 302


def test_line_withdrawn_since_does_not_keep_the_others_from_being_read(cast, kinds):
    put(cast.mentee)
    newest = put(cast.mentee, line="Gone", shown_at=NOW + timedelta(minutes=1))
    shown = {"until": newest.shown_at.isoformat()}
    newest.delete()

    cast.client("mentee").post(reverse("notifications:read_all"), shown)

    assert not Notice.objects.filter(read_at__isnull=True).exists()


def test_inbox_says_that_mail_does_not_arrive(cast):
    Bounce.objects.create(
        user=cast.mentee, address="Priya@example.org", answer="550 No", bounced_at=NOW
    )

    assert "does not arrive" in cast.client("mentee").get(INBOX).content.decode()


def test_channels_are_chosen_for_each_kind(cast, kinds):
    client, url = cast.client("mentee"), reverse("notifications:settings")
    page = client.get(url).content.decode()
    assert "In your inbox here" in page
    assert "test_required" not in page

    client.post(url, {"test_nudge_inbox": "on"})

    stops = set(MessageStop.objects.filter(kind="test.nudge").values_list("channel", flat=True))
    assert stops == {"mail"}
    client.post(url, {"test_nudge": "on"})
    stops = set(MessageStop.objects.filter(kind="test.nudge").values_list("channel", flat=True))
    assert stops == {"inbox"}


def test_managers_see_the_channel_and_never_the_line(cast, kinds):
    for number, state in enumerate(("sent", "skipped")):
        message = queue(
            cast.mentee,
            occasion=str(number),
            program_id=cast.program.pk,
            cohort_id=cast.cohort.pk,
        )
        Message.objects.filter(pk=message.pk).update(state=state)
        Notice.objects.create(
            message=message, recipient=cast.mentee, line="zebra-line", shown_at=NOW
        )

    page = cast.client("program_manager").get(reverse("support:mail", args=[cast.cohort.pk]))

    assert "By e-mail and in the inbox" in page.content.decode()
    assert "In the inbox only" in page.content.decode()
    assert "zebra-line" not in page.content.decode()


def test_data_of_a_person_holds_their_inbox(cast, kinds):
    put(cast.mentee)

    part = next(part for part in privacy.exporters() if part.name == "inbox")
    assert [row["line"] for row in part.rows(cast.mentee)] == ["A line of yours"]
    for eraser in privacy.erasers():
        if eraser.name == "notifications":
            eraser.erase(cast.mentee, NOW)
    assert not Notice.objects.exists()


def test_moments_of_lines_are_written_as_html_allows(cast, kinds):
    put(cast.mentee, shown_at=NOW.replace(microsecond=123_456))

    page = cast.client("mentee").get(reverse("notifications:inbox")).content.decode()

    moments = re.findall(r'<time datetime="([^"]+)"', page)
    assert moments
    assert all(re.fullmatch(r"[\d-]{10}T[\d:]{8}[+-]\d{4}", moment) for moment in moments)
