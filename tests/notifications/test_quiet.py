from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from django.urls import reverse

from core.errors import DomainError
from goals.services import GoalText, set_goal
from notifications.models import ClosedDays, Message, MessagePreference, Wait
from notifications.quiet import digest_time, is_region, wait_until
from notifications.registry import MessageKind, Share
from notifications.services import send_message, set_preference
from tests.conftest import NOW


def kind(**values) -> MessageKind:
    usual = {
        "name": "test.kind",
        "template": "",
        "why": "",
        "is_required": True,
        "may_stop": True,
        "is_still_due": lambda message, now: "",
        "context": lambda message: {},
    }
    return MessageKind(**{**usual, **values})


NUDGE = kind(is_required=False)
CHECK_IN = kind(share=Share.ASKING)
THREAD = kind()
REMINDER = kind(is_required=False, share=Share.NONE, is_timely=True)
REQUIRED = kind(may_stop=False)
USUAL = {
    "quiet_from": time(20),
    "quiet_until": time(8),
    "leave_from": None,
    "leave_until": None,
    "days_off": [6, 7],
    "holiday_region": "",
}


def prefer(person, **values) -> None:
    set_preference(user=person, now=NOW, **{**USUAL, **values})


def when(person, row: MessageKind, *, now: datetime) -> datetime | None:
    found = wait_until(person, row, now=now)
    return found[0] if found else None


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
    assert when(cast.mentor, NUDGE, now=now) == expected


def test_what_asks_waits_for_quiet_hours_and_what_must_arrive_does_not(cast):
    waits = [when(cast.mentor, row, now=NOW) for row in (CHECK_IN, REMINDER, THREAD, REQUIRED)]

    assert waits == [at(18, 13), at(18, 13), None, None]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (NUDGE, (at(23, 13), Wait.DAY_OFF)),  # Saturday noon waits for Monday, 08:00 in Toronto
        (CHECK_IN, (at(23, 13), Wait.DAY_OFF)),
        (REMINDER, None),
        (THREAD, None),
    ],
)
def test_weekend_holds_back_what_asks(cast, row, expected):
    assert wait_until(cast.mentor, row, now=at(21, 17)) == expected


def test_part_time_day_and_public_holiday_and_closed_days_follow_each_other(cast):
    """Berlin: 8 March is a holiday there, Tuesday is her free day, on the 10th all rest."""
    ClosedDays.objects.create(name="Retreat", first_on=date(2027, 3, 10), last_on=date(2027, 3, 10))
    prefer(cast.mentee, days_off=[2, 6, 7], holiday_region="DE-BE")

    found = when(cast.mentee, CHECK_IN, now=datetime(2027, 3, 7, 12, tzinfo=UTC))

    assert found == datetime(2027, 3, 11, 7, tzinfo=UTC)


def test_holidays_of_the_organisation_hold_where_a_person_named_none(cast, settings):
    settings.HOLIDAY_REGION = "DE"
    prefer(cast.mentee, holiday_region="")

    assert when(cast.mentee, CHECK_IN, now=datetime(2026, 12, 25, 12, tzinfo=UTC)) == datetime(
        2026, 12, 28, 7, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "known"),
    [("DE", True), ("DE-BY", True), ("DE-XX", False), ("Germany", False), ("", False)],
)
def test_region_is_known_or_not(text, known):
    assert is_region(text) is known


def test_daily_summary_goes_on_the_next_working_morning(cast):
    assert digest_time(cast.mentee, now=at(18, 6)) == at(18, 7)
    assert digest_time(cast.mentee, now=at(18, 7)) == at(19, 7)
    assert digest_time(cast.mentee, now=at(20, 12)) == at(23, 7)


def test_quiet_hours_within_one_day_end_the_same_day(cast):
    prefer(cast.mentee, quiet_from=time(9), quiet_until=time(12))

    assert when(cast.mentee, NUDGE, now=NOW) == at(18, 11)  # noon in Berlin
    assert when(cast.mentee, NUDGE, now=at(18, 11)) is None


def test_no_quiet_hours_let_a_nudge_through_at_night(cast):
    prefer(cast.mentor, quiet_from=None, quiet_until=None)

    assert when(cast.mentor, NUDGE, now=NOW) is None


@pytest.mark.parametrize(
    ("row", "expected"),
    [(NUDGE, at(23, 13)), (CHECK_IN, at(23, 13)), (THREAD, at(23, 5)), (REQUIRED, None)],
)
def test_leave_holds_back_what_can_wait_until_its_last_day_is_over(cast, row, expected):
    leave = {"leave_from": date(2026, 11, 18), "leave_until": date(2026, 11, 22)}
    prefer(cast.mentor, **leave)

    assert when(cast.mentor, row, now=NOW) == expected


def test_quiet_hours_over_a_clock_change_end_at_the_same_time_on_the_clock(cast):
    # Clocks in Toronto go back on Sunday, 1 November 2026: 08:00 is 13:00 UTC again.
    prefer(cast.mentor, days_off=[])
    night = datetime(2026, 11, 1, 3, tzinfo=UTC)

    assert when(cast.mentor, NUDGE, now=night) == at(1, 13)


def test_waiting_message_stays_due_and_counts_no_attempt(cast):
    text = GoalText(title="Lead")
    set_goal(match=cast.match, actor=cast.mentee, now=NOW, visibility="us", text=text)
    message = Message.objects.get()

    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert (message.state, message.attempt, message.due_at) == ("due", 0, at(18, 13))
    assert message.waits_for == Wait.QUIET


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"quiet_until": None}, "quiet_until"),
        ({"quiet_from": None}, "quiet_from"),
        ({"quiet_until": time(20)}, "quiet_until"),
        ({"leave_from": date(2026, 12, 1)}, "leave_until"),
        ({"leave_until": date(2026, 12, 1)}, "leave_from"),
        ({"leave_from": date(2026, 12, 2), "leave_until": date(2026, 12, 1)}, "leave_until"),
        ({"days_off": [1, 2, 3, 4, 5, 6, 7]}, "days_off"),
        ({"days_off": [8]}, "days_off"),
        ({"holiday_region": "Bavaria"}, "holiday_region"),
    ],
)
def test_times_that_do_not_fit_name_the_field(cast, values, field):
    with pytest.raises(DomainError) as caught:
        prefer(cast.mentee, **values)

    assert caught.value.field == field


def test_settings_page_keeps_times_and_shows_what_is_wrong(cast):
    client, url = cast.client("mentee"), reverse("notifications:times")
    typed = {"quiet_from": "22:00", "quiet_until": "07:00", "leave_from": "", "leave_until": ""}
    typed |= {"days_off": ["3", "6", "7"], "holiday_region": "de-by"}

    assert client.post(url, typed).status_code == 302
    chosen = MessagePreference.objects.get()
    assert (chosen.quiet_from, chosen.quiet_until) == (time(22), time(7))
    assert (chosen.days_off, chosen.holiday_region) == ([3, 6, 7], "DE-BY")
    assert 'value="22:00"' in client.get(reverse("notifications:settings")).content.decode()

    answer = client.post(url, {**typed, "quiet_until": ""})
    assert answer.status_code == 422
    assert "Say both when quiet hours begin" in answer.content.decode()
