"""The mails about planned meetings, and what independent readers make of their invitations."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
import recurring_ical_events
import vobject
from icalendar import Calendar

from accounts.models import User
from notifications import registry
from notifications.letters import write_letter
from notifications.models import Message
from notifications.services import send_message
from sessions.models import Meeting, MeetingSeries
from sessions.services import (
    Plan,
    accept_time,
    book_meeting,
    book_series,
    cancel_meeting,
    decline_times,
    end_series,
    move_meeting,
    propose_times,
    sweep_plans,
)
from tests.conftest import NOW

FIRST = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
LATER = FIRST + timedelta(days=1)
PLAN = Plan(minutes=45, how="video", link="https://zoom.us/zebra-link", place="zebra-place")


def mail_of(kind: str, person: User, now: datetime = NOW) -> EmailMessage:
    """Write the newest mail of a kind to a person, as the sender would."""
    message = Message.objects.filter(kind=f"meetings.{kind}", recipient=person).latest("pk")
    found = registry.get(message.kind)
    assert found.is_still_due(message, now) == ""
    return message_from_bytes(write_letter(message, found, now=now).content, policy=default)


def calendar_of(mail: EmailMessage) -> tuple[str, bytes]:
    """Return the method and the bytes of the invitation; both copies are the same."""
    (part,) = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
    (attached,) = [one for one in mail.walk() if one.get_content_type() == "application/ics"]
    content = part.get_payload(decode=True)
    assert content.replace(b"\r\n", b"\n").strip() == (
        attached.get_payload(decode=True).replace(b"\r\n", b"\n").strip()
    )
    return part.get_param("method"), content


def event_of(content: bytes):
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return event


def text_of(mail: EmailMessage) -> str:
    return " ".join(mail.get_body(("plain",)).get_content().split())


@pytest.fixture
def meeting(cast) -> Meeting:
    return book_meeting(match=cast.match, actor=cast.mentee, now=NOW, starts_at=FIRST, plan=PLAN)


def test_booked_meeting_is_an_invitation_that_asks_for_no_answer(cast, meeting):
    mail = mail_of("booked", cast.mentee)
    method, content = calendar_of(mail)
    event = event_of(content)

    assert mail.get_content_type() == "multipart/mixed"
    alternative = next(mail.iter_parts())
    assert [part.get_content_type() for part in alternative.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert method == "REQUEST"
    assert b"METHOD:REQUEST" in content
    assert str(event["UID"]) == str(meeting.uid)
    assert event["SEQUENCE"] == 0
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (FIRST, FIRST + timedelta(minutes=45))
    assert event["STATUS"] == "CONFIRMED"
    assert str(event["SUMMARY"]) == "Mentoring with Daniel Osei"
    assert event["ATTENDEE"] == "mailto:priya@example.org"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert "daniel@example.org" not in content.decode()


def test_mail_says_both_clocks_and_nothing_private(cast, meeting):
    mail = mail_of("booked", cast.mentee)

    assert mail["Subject"] == "You meet Daniel Osei on Tuesday, 24 November"
    assert "Tuesday, 24 November, 15:00–15:45 in Berlin 09:00 in Toronto for Daniel" in (
        text_of(mail)
    )
    assert f"/meetings/{meeting.pk}/" in text_of(mail)
    assert b"zebra" not in mail.as_bytes()
    _method, content = calendar_of(mail)
    assert b"zebra" not in content


def test_mail_is_written_in_the_readers_language(cast, meeting):
    cast.mentee.language = "de"
    cast.mentee.save(update_fields=["language"])

    mail = mail_of("booked", cast.mentee)

    assert mail["Subject"] == "Du triffst Daniel Osei am Dienstag, 24. November"
    _method, content = calendar_of(mail)
    assert str(event_of(content)["SUMMARY"]) == "Mentoring mit Daniel Osei"


def test_moved_meeting_updates_the_same_entry(cast, meeting):
    move_meeting(meeting=meeting, actor=cast.mentor, now=NOW, starts_at=LATER)
    method, content = calendar_of(mail_of("moved", cast.mentee))
    event = event_of(content)

    assert method == "REQUEST"
    assert (str(event["UID"]), event["SEQUENCE"]) == (str(meeting.uid), 1)
    assert event["DTSTART"].dt == LATER


def test_second_move_counts_up_again_and_skips_the_older_mail(cast, meeting):
    for starts_at in (LATER, LATER + timedelta(days=1)):
        move_meeting(meeting=meeting, actor=cast.mentor, now=NOW, starts_at=starts_at)
    older, newer = Message.objects.filter(kind="meetings.moved", recipient=cast.mentee)[::-1]

    send_message(pk=older.pk, clock=lambda: NOW)
    older.refresh_from_db()
    assert older.state == "skipped"
    assert newer.occasion == "2"
    _method, content = calendar_of(mail_of("moved", cast.mentee))
    assert event_of(content)["SEQUENCE"] == 2


def test_cancelled_meeting_is_taken_out_by_method_cancel(cast, meeting):
    cancel_meeting(meeting=meeting, actor=cast.mentor, now=NOW, reason="zebra-reason")
    mail = mail_of("cancelled", cast.mentee)
    method, content = calendar_of(mail)
    event = event_of(content)

    assert method == "CANCEL"
    assert (str(event["UID"]), event["SEQUENCE"]) == (str(meeting.uid), 1)
    assert event["STATUS"] == "CANCELLED"
    assert "Daniel cancelled it" in text_of(mail)
    assert b"zebra" not in mail.as_bytes()


def test_invitation_of_a_meeting_cancelled_meanwhile_is_not_sent(cast, meeting):
    cancel_meeting(meeting=meeting, actor=cast.mentor, now=NOW)
    message = Message.objects.get(kind="meetings.booked", recipient=cast.mentee)

    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert message.state == "skipped"


def test_offer_and_its_refusal_are_plain_mails(cast):
    proposal = propose_times(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        starts=[FIRST, LATER],
        plan=PLAN,
        note="zebra-note",
    )
    mail = mail_of("proposed", cast.mentor)
    assert mail["Subject"] == "Priya offers you times to meet"
    assert "Tuesday, 24 November, 09:00–09:45 in Toronto (15:00 in Berlin for Priya)" in (
        text_of(mail)
    )
    assert mail.get_content_type() == "multipart/alternative"
    assert b"zebra" not in mail.as_bytes()

    decline_times(proposal=proposal, actor=cast.mentor, now=NOW)
    declined = mail_of("declined", cast.mentee)
    assert declined["Subject"] == "None of your times suits Daniel"
    assert f"/meetings/offer/{cast.match.pk}/" in text_of(declined)


def test_offer_that_was_answered_is_not_mailed_any_more(cast):
    proposal = propose_times(
        match=cast.match, actor=cast.mentee, now=NOW, starts=[FIRST], plan=PLAN
    )
    accept_time(slot=proposal.slots.get(), actor=cast.mentor, now=NOW)
    message = Message.objects.get(kind="meetings.proposed")

    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert message.state == "skipped"


def test_reminder_can_be_stopped_and_is_dropped_after_a_move(cast, meeting):
    now = FIRST - timedelta(hours=30)
    sweep_plans(now=now)
    mail = mail_of("reminder", cast.mentee, now=now)
    assert mail["Subject"] == "Tuesday, 24 November, 15:00: you meet Daniel Osei"
    assert mail["List-Unsubscribe"]

    move_meeting(meeting=meeting, actor=cast.mentor, now=now, starts_at=LATER)
    message = Message.objects.get(kind="meetings.reminder", recipient=cast.mentee)
    reason = registry.get(message.kind).is_still_due(message, now)
    assert reason == "The meeting was moved meanwhile."


# --- Series ---------------------------------------------------------------------------------------
@pytest.fixture
def series(cast) -> MeetingSeries:
    """Every two weeks at four in Berlin, over the end of March 2027."""
    return book_series(
        match=cast.match,
        actor=cast.mentee,
        now=datetime(2027, 2, 1, 9, tzinfo=UTC),
        rule="two_weekly",
        starts_on=date(2027, 2, 2),
        start_time=time(16),
        plan=Plan(minutes=45),
        ends_on=date(2027, 4, 20),
    ).series


def read_by_rule(content: bytes) -> list[datetime]:
    """Expand an invitation by one independent reader."""
    events = recurring_ical_events.of(Calendar.from_ical(content)).between(
        datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
    )
    return sorted(event["DTSTART"].dt.astimezone(UTC) for event in events)


def read_by_zone(content: bytes) -> list[datetime]:
    """Expand it by another, which believes nothing but the VTIMEZONE in the file."""
    calendar = vobject.readOne(content.decode())
    event = next(one for one in calendar.vevent_list if "recurrence-id" not in one.contents)
    return [moment.astimezone(UTC) for moment in event.getrruleset(addRDate=True)]


def test_series_is_one_invitation_that_every_reader_expands_alike(cast, series):
    method, content = calendar_of(mail_of("series", cast.mentor))
    booked = sorted(series.meetings.values_list("starts_at", flat=True))

    assert method == "REQUEST"
    assert len(booked) == 6
    assert {moment.hour for moment in booked} == {15, 14}  # before and after 28 March
    assert read_by_rule(content) == booked
    assert read_by_zone(content) == booked
    assert b"RRULE:FREQ=YEARLY" in content
    assert b"TZID:Europe/Berlin" in content


def test_moved_day_of_a_series_replaces_that_day_alone(cast, series):
    third = series.meetings.order_by("series_on")[2]
    now = datetime(2027, 2, 3, 9, tzinfo=UTC)
    move_meeting(
        meeting=third, actor=cast.mentor, now=now, starts_at=third.starts_at + timedelta(days=1)
    )
    method, content = calendar_of(mail_of("moved", cast.mentee, now=now))
    event = event_of(content)

    assert method == "REQUEST"
    assert str(event["UID"]) == str(series.uid)
    assert event["RECURRENCE-ID"].dt.astimezone(UTC) == third.starts_at
    assert event["DTSTART"].dt.astimezone(UTC) == third.starts_at + timedelta(days=1)
    assert event["SEQUENCE"] == 1


def test_cancelled_day_of_a_series_names_that_day(cast, series):
    second = series.meetings.order_by("series_on")[1]
    now = datetime(2027, 2, 3, 9, tzinfo=UTC)
    cancel_meeting(meeting=second, actor=cast.mentee, now=now)
    method, content = calendar_of(mail_of("cancelled", cast.mentor, now=now))
    event = event_of(content)

    assert method == "CANCEL"
    assert str(event["UID"]) == str(series.uid)
    assert event["RECURRENCE-ID"].dt.astimezone(UTC) == second.starts_at


def test_ended_series_keeps_its_earlier_days(cast, series):
    now = datetime(2027, 2, 20, 9, tzinfo=UTC)
    cut = series.meetings.order_by("series_on")[3].series_on
    end_series(series=series, actor=cast.mentor, now=now, from_day=cut)
    mail = mail_of("series_over", cast.mentee, now=now)
    method, content = calendar_of(mail)

    assert method == "REQUEST"
    assert mail["Subject"] == "Your regular meetings with Daniel Osei end"
    kept = series.meetings.filter(status="scheduled").values_list("starts_at", flat=True)
    assert read_by_rule(content) == sorted(kept)
    assert len(kept) == 3
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert event["SEQUENCE"] == 1


def test_series_ended_before_it_began_is_cancelled_whole(cast, series):
    now = datetime(2027, 2, 1, 10, tzinfo=UTC)
    end_series(series=series, actor=cast.mentor, now=now, from_day=date(2027, 2, 2))
    method, content = calendar_of(mail_of("series_over", cast.mentee, now=now))

    assert method == "CANCEL"
    assert event_of(content)["STATUS"] == "CANCELLED"
    assert not series.meetings.filter(status="scheduled").exists()
