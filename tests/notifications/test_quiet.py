from __future__ import annotations

from datetime import UTC, date, datetime, time
from types import SimpleNamespace

import pytest
from django.urls import reverse

from core.errors import DomainError
from goals.services import GoalText, set_goal
from notifications.models import Message, MessagePreference
from notifications.quiet import wait_until
from notifications.services import send_message, set_preference
from tests.conftest import NOW

NUDGE = SimpleNamespace(is_required=False, may_stop=True)
CHECK_IN = SimpleNamespace(is_required=True, may_stop=True)
REQUIRED = SimpleNamespace(is_required=True, may_stop=False)
USUAL = {"quiet_from": time(20), "quiet_until": time(8)}
NO_LEAVE = {"leave_from": None, "leave_until": None}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(18, 9, 30), at(18, 13)),  # 04:30 in Toronto waits until 08:00 there
        (at(18, 13), None),
        (at(18, 20), None),
        (at(19, 1), at(19, 13)),  # 20:00 in Toronto
        (at(19, 0, 59), None),
    ],
)
def test_nudge_waits_for_the_morning_where_the_person_is(cast, now, expected):
    assert wait_until(cast.mentor, NUDGE, now=now) == expected


def test_only_nudges_wait_for_quiet_hours(cast):
    assert wait_until(cast.mentor, CHECK_IN, now=NOW) is None
    assert wait_until(cast.mentor, REQUIRED, now=NOW) is None


def test_quiet_hours_within_one_day_end_the_same_day(cast):
    set_preference(user=cast.mentee, now=NOW, quiet_from=time(9), quiet_until=time(12), **NO_LEAVE)

    assert wait_until(cast.mentee, NUDGE, now=NOW) == at(18, 11)  # noon in Berlin
    assert wait_until(cast.mentee, NUDGE, now=at(18, 11)) is None


def test_no_quiet_hours_let_a_nudge_through_at_night(cast):
    set_preference(user=cast.mentor, now=NOW, quiet_from=None, quiet_until=None, **NO_LEAVE)

    assert wait_until(cast.mentor, NUDGE, now=NOW) is None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(NUDGE, at(23, 13)), (CHECK_IN, at(23, 5)), (REQUIRED, None)],
)
def test_leave_holds_back_what_can_wait_until_its_last_day_is_over(cast, kind, expected):
    leave = {"leave_from": date(2026, 11, 18), "leave_until": date(2026, 11, 22)}
    set_preference(user=cast.mentor, now=NOW, **USUAL, **leave)

    assert wait_until(cast.mentor, kind, now=NOW) == expected


def test_quiet_hours_over_a_clock_change_end_at_the_same_time_on_the_clock(cast):
    # Clocks in Toronto go back on 1 November 2026: 08:00 is 13:00 UTC again.
    night = datetime(2026, 11, 1, 3, tzinfo=UTC)

    assert wait_until(cast.mentor, NUDGE, now=night) == at(1, 13)


def test_waiting_message_stays_due_and_counts_no_attempt(cast):
    text = GoalText(title="Lead")
    set_goal(match=cast.match, actor=cast.mentee, now=NOW, visibility="us", text=text)
    message = Message.objects.get()

    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert (message.state, message.attempt, message.due_at) == ("due", 0, at(18, 13))
    assert "quiet hours" in message.reason


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"quiet_until": None}, "quiet_until"),
        ({"quiet_from": None}, "quiet_from"),
        ({"quiet_until": time(20)}, "quiet_until"),
        ({"leave_from": date(2026, 12, 1)}, "leave_until"),
        ({"leave_until": date(2026, 12, 1)}, "leave_from"),
        ({"leave_from": date(2026, 12, 2), "leave_until": date(2026, 12, 1)}, "leave_until"),
    ],
)
def test_times_that_do_not_fit_name_the_field(cast, values, field):
    with pytest.raises(DomainError) as caught:
        set_preference(user=cast.mentee, now=NOW, **{**USUAL, **NO_LEAVE, **values})

    assert caught.value.field == field


def test_settings_page_keeps_times_and_shows_what_is_wrong(cast):
    client, url = cast.client("mentee"), reverse("notifications:times")
    typed = {"quiet_from": "22:00", "quiet_until": "07:00", "leave_from": "", "leave_until": ""}

    assert client.post(url, typed).status_code == 302
    chosen = MessagePreference.objects.get()
    assert (chosen.quiet_from, chosen.quiet_until) == (time(22), time(7))
    assert 'value="22:00"' in client.get(reverse("notifications:settings")).content.decode()

    answer = client.post(url, {**typed, "quiet_until": ""})
    assert answer.status_code == 422
    assert "Say both when quiet hours begin" in answer.content.decode()
