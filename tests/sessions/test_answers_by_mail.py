"""Answers of calendars to invitations, handed in by the provider of mail."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from icalendar import Calendar

from mentorship import env
from notifications.models import Message
from sessions.models import MeetingStatus
from sessions.services import Plan, book_meeting, book_series, move_meeting
from tests.conftest import NOW
from tests.sessions.test_invitations import calendar_of, event_of, mail_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]
FIRST = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PLAN = Plan(minutes=45)
BOX = {"provider": "postmark", "secret": "hook:pass word", "address": "calendar@in.example.org"}


@pytest.fixture(autouse=True)
def _takes_mail(settings) -> None:
    settings.INBOUND_MAIL = BOX
    settings.ANYMAIL = {"WEBHOOK_SECRET": BOX["secret"]}


@pytest.fixture
def meeting(cast):
    return book_meeting(match=cast.match, actor=cast.mentee, now=NOW, starts_at=FIRST, plan=PLAN)


def invitation_to(person, kind: str = "booked"):
    return event_of(calendar_of(mail_of(kind, person))[1])


def reply(event, said: str, **changed: str) -> bytes:
    """Write what a calendar program answers to an event of ours."""
    guest = str(event["ATTENDEE"])
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Some calendar//EN",
        "VERSION:2.0",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        f"UID:{changed.get('uid', event['UID'])}",
        f"SEQUENCE:{changed.get('sequence', event['SEQUENCE'])}",
        "DTSTAMP:20261120T100000Z",
        f"ORGANIZER:{event['ORGANIZER']}",
        f"ATTENDEE;PARTSTAT={said}:{guest}",
        "COMMENT:zebra-comment",
    ]
    if "RECURRENCE-ID" in changed:
        lines.append(f"RECURRENCE-ID{changed['RECURRENCE-ID']}")
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def hand_in(client, event, content: bytes, *, to: str = "", user_info: str = "hook:pass word"):
    address = to or str(event["ORGANIZER"]).removeprefix("mailto:")
    body = {
        "FromFull": {"Email": "somebody@example.org", "Name": ""},
        "ToFull": [{"Email": address, "Name": ""}],
        "CcFull": [],
        "OriginalRecipient": address,
        "Subject": "Declined",
        "Headers": [],
        "TextBody": "",
        "Attachments": [
            {
                "Name": "reply.ics",
                "Content": base64.b64encode(content).decode(),
                "ContentType": "text/calendar; charset=utf-8; method=REPLY",
            }
        ],
    }
    secret = base64.b64encode(user_info.encode()).decode()
    return client.post(
        "/calendar/answers/",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Basic {secret}"},
    )


def test_invitation_asks_for_an_answer_to_an_address_of_its_own(cast, meeting):
    mentee, mentor = invitation_to(cast.mentee), invitation_to(cast.mentor)

    assert mentee["ATTENDEE"].params["RSVP"] == "TRUE"
    assert str(mentee["ORGANIZER"]).startswith(f"mailto:calendar+{cast.mentee.pk}-")
    assert str(mentee["ORGANIZER"]) != str(mentor["ORGANIZER"])


def test_no_cancels_the_meeting_and_tells_the_others(client, cast, meeting):
    event = invitation_to(cast.mentor)

    answer = hand_in(client, event, reply(event, "DECLINED"))

    assert answer.status_code == 200
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.CANCELLED
    assert meeting.cancelled_by == cast.mentor
    told = Message.objects.filter(kind="meetings.cancelled")
    assert {message.recipient for message in told} == {cast.mentee, cast.mentor}


@pytest.mark.parametrize("said", ["ACCEPTED", "TENTATIVE", "DELEGATED"])
def test_any_other_answer_changes_nothing(client, cast, meeting, said):
    event = invitation_to(cast.mentor)

    hand_in(client, event, reply(event, said))

    meeting.refresh_from_db()
    assert meeting.is_planned


def test_no_to_an_older_time_changes_nothing(client, cast, meeting):
    event = invitation_to(cast.mentor)
    move_meeting(meeting=meeting, actor=cast.mentee, now=NOW, starts_at=FIRST + timedelta(days=1))

    hand_in(client, event, reply(event, "DECLINED"))

    meeting.refresh_from_db()
    assert meeting.is_planned


def test_no_twice_is_taken_once(client, cast, meeting):
    event = invitation_to(cast.mentor)

    answers = [hand_in(client, event, reply(event, "DECLINED")) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert Message.objects.filter(kind="meetings.cancelled").count() == 2  # one for each person


def test_address_of_one_person_or_entry_serves_no_other(client, cast, meeting):
    event = invitation_to(cast.mentor)
    other = book_meeting(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        starts_at=FIRST + timedelta(days=2),
        plan=PLAN,
    )
    mine = str(event["ORGANIZER"]).removeprefix("mailto:")
    forged = mine.replace(f"+{cast.mentor.pk}-", f"+{cast.mentee.pk}-")

    hand_in(client, event, reply(event, "DECLINED"), to=forged)
    hand_in(client, event, reply(event, "DECLINED", uid=str(other.uid)))
    hand_in(client, event, reply(event, "DECLINED"), to="calendar@in.example.org")

    for row in (meeting, other):
        row.refresh_from_db()
        assert row.is_planned


def test_nobody_hands_in_without_the_password(client, cast, meeting):
    event = invitation_to(cast.mentor)

    answer = hand_in(client, event, reply(event, "DECLINED"), user_info="hook:wrong")

    assert answer.status_code == 400
    meeting.refresh_from_db()
    assert meeting.is_planned


@pytest.mark.parametrize(
    "content",
    [b" ", b"nonsense", b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n" * 3],
)
def test_mail_that_cannot_be_read_is_taken_and_left(client, cast, meeting, content):
    answer = hand_in(client, invitation_to(cast.mentor), content)

    assert answer.status_code == 200
    meeting.refresh_from_db()
    assert meeting.is_planned


def test_answer_about_the_year_one_is_taken_and_left(client, cast, meeting):
    event = invitation_to(cast.mentor)
    content = reply(event, "DECLINED", **{"RECURRENCE-ID": ";TZID=Europe/Berlin:00010101T000000"})

    assert hand_in(client, event, content).status_code == 200


def test_address_is_read_whatever_its_case(client, settings, cast, meeting):
    settings.INBOUND_MAIL = {**BOX, "address": "Calendar@In.example.org"}
    event = invitation_to(cast.mentor)

    hand_in(client, event, reply(event, "DECLINED"))

    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.CANCELLED


@pytest.fixture
def series(cast):
    return book_series(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        rule="weekly",
        starts_on=date(2026, 11, 24),
        start_time=time(16),
        plan=PLAN,
        ends_on=date(2026, 12, 15),
    ).series


def test_no_to_one_day_of_a_series_cancels_that_day(client, cast, series):
    event = next(
        part
        for part in Calendar.from_ical(calendar_of(mail_of("series", cast.mentor))[1]).walk(
            "VEVENT"
        )
    )
    second = series.meetings.get(series_on=date(2026, 12, 1))
    moment = f"{second.starts_at:%Y%m%dT%H%M%SZ}"

    hand_in(client, event, reply(event, "DECLINED", **{"RECURRENCE-ID": f":{moment}"}))

    days = series.meetings.filter(status="scheduled").order_by("series_on")
    assert [day.series_on.day for day in days] == [24, 8, 15]


def test_no_to_a_whole_series_ends_it(client, cast, series):
    event = next(
        iter(Calendar.from_ical(calendar_of(mail_of("series", cast.mentor))[1]).walk("VEVENT"))
    )

    hand_in(client, event, reply(event, "DECLINED"))

    series.refresh_from_db()
    assert series.ended_at is not None
    assert not series.meetings.filter(status="scheduled", starts_at__gt=NOW).exists()


@pytest.mark.parametrize(("hour", "kept"), [(14, []), (16, [24])])
def test_no_to_a_whole_series_on_the_day_of_a_meeting_takes_that_too_while_it_is_ahead(
    client, cast, series, hour, kept
):
    event = next(
        iter(Calendar.from_ical(calendar_of(mail_of("series", cast.mentor))[1]).walk("VEVENT"))
    )
    with time_machine.travel(datetime(2026, 11, 24, hour, tzinfo=UTC), tick=False):
        hand_in(client, event, reply(event, "DECLINED"))

    days = series.meetings.filter(status="scheduled").order_by("series_on")
    assert [day.series_on.day for day in days] == kept


def test_nothing_is_taken_where_no_provider_is_named(client, settings, cast, meeting):
    settings.INBOUND_MAIL = {"provider": "", "secret": "", "address": ""}
    event = invitation_to(cast.mentor)

    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert client.post("/calendar/answers/").status_code == 404


@pytest.mark.parametrize(
    "value",
    ["pigeon://a:b@in.example.org/box", "postmark://in.example.org/box", "postmark://a:b@host/"],
)
def test_setting_that_makes_no_sense_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("INBOUND_MAIL", value)

    with pytest.raises(ImproperlyConfigured, match="INBOUND_MAIL"):
        env.inbound("INBOUND_MAIL")


def test_setting_names_provider_password_and_address(monkeypatch):
    monkeypatch.setenv("INBOUND_MAIL", "postmark://hook:pass%20word@in.example.org/calendar")

    assert env.inbound("INBOUND_MAIL") == BOX
