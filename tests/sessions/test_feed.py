"""The private calendar feed: who reads it, what stands in it, what programs make of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import recurring_ical_events
import time_machine
import vobject
from django.urls import reverse
from icalendar import Calendar
from radicale import Application
from radicale.config import load

from audit.models import AuditEvent
from sessions.models import CalendarFeed
from sessions.services import (
    Plan,
    add_to_agenda,
    book_meeting,
    cancel_meeting,
    log_meeting,
    make_feed,
    move_meeting,
    revoke_feed,
)
from tests.conftest import NOW

FIRST = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PLAN = Plan(minutes=45, how="video", link="https://zoom.us/zebra-link", place="zebra-place")


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def meeting(cast):
    meeting = book_meeting(match=cast.match, actor=cast.mentee, now=NOW, starts_at=FIRST, plan=PLAN)
    add_to_agenda(meeting=meeting, actor=cast.mentee, now=NOW, texts=["zebra-agenda"])
    return meeting


@pytest.fixture
def feed_url(cast, meeting) -> str:
    return reverse("calendars:feed", args=(make_feed(person=cast.mentee, now=NOW),))


def events_of(content: bytes) -> dict[str, tuple[datetime, str]]:
    return {
        str(event["UID"]): (event["DTSTART"].dt, str(event["STATUS"]))
        for event in Calendar.from_ical(content).walk("VEVENT")
    }


def test_feed_shows_meetings_without_signing_in_and_nothing_private(client, feed_url, meeting):
    answer = client.get(feed_url)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert events_of(answer.content) == {str(meeting.uid): (FIRST, "CONFIRMED")}
    assert b"SUMMARY:Mentoring with Daniel Osei" in answer.content
    assert b"zebra" not in answer.content
    assert b"METHOD" not in answer.content
    assert b"@example.org" not in answer.content


def test_feed_keeps_cancelled_meetings_as_cancelled(client, cast, feed_url, meeting):
    cancel_meeting(meeting=meeting, actor=cast.mentor, now=NOW, reason="zebra-reason")
    content = client.get(feed_url).content

    assert events_of(content) == {str(meeting.uid): (FIRST, "CANCELLED")}
    assert b"SEQUENCE:1" in content
    assert b"zebra" not in content


def test_feed_keeps_the_uid_of_a_meeting_that_moves_and_is_held(client, cast, feed_url, meeting):
    later = FIRST + timedelta(days=1)
    move_meeting(meeting=meeting, actor=cast.mentor, now=NOW, starts_at=later)
    assert events_of(client.get(feed_url).content) == {str(meeting.uid): (later, "CONFIRMED")}

    after = later + timedelta(hours=2)
    log_meeting(match=cast.match, actor=cast.mentee, now=after, held_on=later.date())
    assert events_of(client.get(feed_url).content) == {str(meeting.uid): (later, "CONFIRMED")}


def test_feed_has_only_the_persons_own_meetings(client, cast, meeting):
    token = make_feed(person=cast.stranger, now=NOW)

    content = client.get(reverse("calendars:feed", args=(token,))).content

    assert events_of(content) == {}


def test_unchanged_feed_is_answered_by_its_etag(client, cast, feed_url, meeting):
    first = client.get(feed_url)
    again = client.get(feed_url, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    move_meeting(meeting=meeting, actor=cast.mentor, now=NOW, starts_at=FIRST + timedelta(hours=1))
    changed = client.get(feed_url, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_token_is_not_stored_and_a_new_one_ends_the_old(client, cast, feed_url):
    token = feed_url.rsplit("/", 1)[1].removesuffix(".ics")
    stored = CalendarFeed.objects.get()
    assert token.encode() not in bytes(stored.digest)

    newer = reverse("calendars:feed", args=(make_feed(person=cast.mentee, now=NOW),))

    assert client.get(feed_url).status_code == 404
    assert client.get(newer).status_code == 200
    assert revoke_feed(person=cast.mentee, now=NOW) is True
    assert revoke_feed(person=cast.mentee, now=NOW) is False
    assert client.get(newer).status_code == 404
    acts = AuditEvent.objects.filter(action__startswith="calendar.").values_list(
        "action", flat=True
    )
    assert sorted(acts) == ["calendar.feed_made", "calendar.feed_made", "calendar.feed_revoked"]


def test_feed_of_somebody_who_left_is_gone(client, cast, feed_url):
    cast.mentee.is_active = False
    cast.mentee.save(update_fields=["is_active"])

    assert client.get(feed_url).status_code == 404


def test_feed_read_too_often_is_slowed_down(client, feed_url):
    answers = [client.get(feed_url).status_code for _turn in range(62)]

    assert answers[:60] == [200] * 60
    assert answers[-1] == 429


def test_feed_takes_few_queries_whatever_its_length(
    client, cast, feed_url, django_assert_num_queries
):
    for days in range(1, 6):
        book_meeting(
            match=cast.match,
            actor=cast.mentee,
            now=NOW,
            starts_at=FIRST + timedelta(days=days),
            plan=PLAN,
        )

    with django_assert_num_queries(3):
        assert len(events_of(client.get(feed_url).content)) == 6


def test_independent_readers_see_the_same_meeting(client, feed_url, meeting):
    content = client.get(feed_url).content

    (by_rule,) = recurring_ical_events.of(Calendar.from_ical(content)).at((2026, 11))
    assert (by_rule["DTSTART"].dt, by_rule["DTEND"].dt) == (FIRST, FIRST + timedelta(minutes=45))
    event = vobject.readOne(content.decode()).vevent
    assert event.dtstart.value == FIRST
    assert event.uid.value == str(meeting.uid)
    assert event.summary.value == "Mentoring with Daniel Osei"


def test_khal_takes_the_feed_and_lists_the_meeting(client, feed_url, tmp_path):
    (tmp_path / "feed.ics").write_bytes(client.get(feed_url).content)
    (tmp_path / "config").write_text(
        f"[calendars]\n[[mentoring]]\npath = {tmp_path}/mentoring\ntype = calendar\n"
        "[locale]\nlocal_timezone = Europe/Lisbon\ndefault_timezone = Europe/Lisbon\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {tmp_path}/khal.db\n"
    )
    (tmp_path / "mentoring").mkdir()

    def khal(*words: str) -> str:
        command = [sys.executable, "-m", "khal", "-c", f"{tmp_path}/config", *words]
        env = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
        return done.stdout

    khal("import", "--batch", f"{tmp_path}/feed.ics")
    said = khal(
        "list", "--format", "{start-long}|{end-time}|{title}", "--day-format", "",
        "2026-11-01", "2026-12-31",
    )  # fmt: skip

    assert said.split("\n")[0] == "2026-11-24 14:00|14:45|Mentoring with Daniel Osei"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def caldav(tmp_path) -> Iterator[str]:
    """Run a real CalDAV server over a folder of its own; return its address."""
    configuration = load()
    configuration.update(
        {
            "storage": {"filesystem_folder": str(tmp_path / "caldav")},
            "auth": {"type": "none"},
            "rights": {"type": "authenticated"},
            "logging": {"level": "critical"},
        },
        "test",
        privileged=True,
    )
    server = make_server("127.0.0.1", 0, Application(configuration), handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


def dav(method: str, url: str, body: bytes = b"", kind: str = "text/xml") -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body or None, method=method)
    request.add_header("Content-Type", f"{kind}; charset=utf-8")
    request.add_header("Authorization", "Basic cHJpeWE6eA==")  # priya:x
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read()


def test_caldav_server_takes_the_feed_and_finds_the_meeting_by_time(
    client, cast, caldav, feed_url, meeting
):
    gone = book_meeting(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        starts_at=FIRST + timedelta(days=7),
        plan=PLAN,
    )
    cancel_meeting(meeting=gone, actor=cast.mentee, now=NOW)
    content = client.get(feed_url).content

    status, _body = dav("PUT", f"{caldav}/priya/meetings/", content, "text/calendar")
    assert status == 201

    query = (
        '<c:calendar-query xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:">'
        "<d:prop><c:calendar-data/></d:prop><c:filter><c:comp-filter name='VCALENDAR'>"
        "<c:comp-filter name='VEVENT'><c:time-range start='20261124T000000Z' "
        "end='20261125T000000Z'/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"
    )
    status, found = dav("REPORT", f"{caldav}/priya/meetings/", query.encode())
    assert status == 207
    assert str(meeting.uid) in found.decode()
    assert str(gone.uid) not in found.decode()

    _status, whole = dav("GET", f"{caldav}/priya/meetings/")
    assert events_of(whole) == {
        str(meeting.uid): (FIRST, "CONFIRMED"),
        str(gone.uid): (FIRST + timedelta(days=7), "CANCELLED"),
    }


def test_record_of_meetings_holds_own_words_and_no_note_of_the_other(cast):
    log_meeting(
        match=cast.match,
        actor=cast.mentor,
        now=NOW,
        held_on=NOW.date(),
        minutes=30,
        summary="=1+1",
        private_note="mentor-zebra",
    )
    log_meeting(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        held_on=NOW.date(),
        private_note="mentee-zebra",
    )
    client = cast.client("mentee")

    table = b"".join(client.get(reverse("meetings:record", args=("csv",))).streaming_content)
    assert b"'=1+1" in table
    assert b"mentee-zebra" in table
    assert b"mentor-zebra" not in table

    answer = client.get(reverse("meetings:record", args=("json",)))
    (row,) = json.loads(b"".join(answer.streaming_content))["meetings"]
    assert (row["date"], row["minutes"], row["with"]) == ("2026-11-18", 30, "Daniel Osei")
    assert row["private_note"] == "mentee-zebra"
    assert client.get(reverse("meetings:record", args=("xml",))).status_code == 404
