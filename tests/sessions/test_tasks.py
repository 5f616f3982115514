"""The jobs of meetings: each run twice does its work once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

from notifications.models import Message
from sessions.models import BusyCalendar, BusyFault
from sessions.services import Plan, book_meeting, give_up_busy, propose_times, set_busy_calendar
from sessions.tasks import read_busy, sweep_busy, sweep_plans
from tests.conftest import NOW

START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PLAN = Plan(minutes=45)


def test_sweep_of_plans_reminds_once_and_closes_what_is_past(cast):
    book_meeting(match=cast.match, actor=cast.mentee, now=NOW, starts_at=START, plan=PLAN)
    offer = propose_times(
        match=cast.match,
        actor=cast.mentor,
        now=NOW,
        starts=[START - timedelta(days=2)],
        plan=PLAN,
    )

    with time_machine.travel(START - timedelta(hours=30), tick=False):
        sweep_plans()
        sweep_plans()

    offer.refresh_from_db()
    assert offer.state == "expired"
    assert Message.objects.filter(kind="meetings.reminder").count() == 2


def test_sweep_of_calendars_hands_each_to_a_worker(cast, monkeypatch):
    calendar = set_busy_calendar(person=cast.mentee, url="https://example.org/a.ics", now=NOW)
    handed: list[object] = []
    monkeypatch.setattr(read_busy, "apply_async", lambda args, **options: handed.append(args))

    with time_machine.travel(NOW, tick=False):
        sweep_busy()

    assert handed == [(str(calendar.pk),)]


def test_reading_a_calendar_that_is_gone_ends_quietly(db):
    read_busy("6a0c6d6e-7f0f-4f3e-9a55-0d6c1d5a0000")

    assert not BusyCalendar.objects.exists()


def test_calendar_that_keeps_the_worker_too_long_waits_for_later(cast):
    calendar = set_busy_calendar(person=cast.mentee, url="https://example.org/a.ics", now=NOW)

    give_up_busy(pk=str(calendar.pk), now=NOW)

    calendar.refresh_from_db()
    assert calendar.fault == BusyFault.TOO_BIG
    assert calendar.next_read_at > NOW
