"""Logging a meeting through the API: the same service, rules and words as the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from audit.models import AuditEvent
from matching.models import Match
from sessions.models import Meeting, PrivateNote
from tests.conftest import grant


@pytest.fixture
def day(cast):
    today = timezone.now().date()
    Match.objects.update(started_on=today - timedelta(days=60))
    return today - timedelta(days=2)


def test_member_logs_a_meeting_with_everything(cast, api, day):
    answer = api("mentee").post(
        "meetings/",
        {
            "match": cast.match.pk,
            "held_on": day.isoformat(),
            "minutes": 45,
            "how": "phone",
            "start_time": "09:30",
            "summary": "We spoke of panels",
            "private_note": "I was nervous",
            "rating": 4,
            "action_items": [{"text": "Write a draft", "owner": cast.mentor.pk}, {"text": "Read"}],
        },
    )

    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert (shown["minutes"], shown["how"], shown["is_mine"]) == (45, "phone", True)
    assert (shown["words"]["summary"], shown["words"]["private_note"]) == (
        "We spoke of panels",
        "I was nervous",
    )
    assert {(item["text"], item["owner"]) for item in shown["words"]["action_items"]} == {
        ("Write a draft", cast.mentor.pk),
        ("Read", cast.mentee.pk),
    }
    assert Meeting.objects.get().logged_by == cast.mentee
    assert PrivateNote.objects.get().author == cast.mentee
    assert AuditEvent.objects.filter(action="meeting.logged").count() == 1


def test_member_logs_a_meeting_with_its_day_alone(cast, api, day):
    answer = api("mentor").post("meetings/", {"match": cast.match.pk, "held_on": day.isoformat()})

    assert answer.status_code == 201
    assert answer.json()["words"] == {
        "summary": "",
        "private_note": "",
        "rating": None,
        "action_items": [],
    }


def test_logging_the_same_day_twice_counts_once(cast, api, day):
    for who in ("mentor", "mentee"):
        api(who).post("meetings/", {"match": cast.match.pk, "held_on": day.isoformat()})

    assert Meeting.objects.count() == 1


@pytest.mark.parametrize("who", ["stranger", "program_manager", "hr_analyst", "it_administrator"])
def test_nobody_else_logs_a_meeting(cast, api, day, who):
    answer = api(who).post("meetings/", {"match": cast.match.pk, "held_on": day.isoformat()})

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["match"]
    assert not Meeting.objects.exists()


def test_manager_who_takes_part_logs_as_a_member(cast, api, day):
    grant(cast.mentor, Role.MANAGER, cast.program)

    answer = api("mentor").post("meetings/", {"match": cast.match.pk, "held_on": day.isoformat()})

    assert answer.status_code == 201


def test_day_in_the_future_is_refused_in_words(cast, api, day):
    later = timezone.now().date() + timedelta(days=3)

    answer = api("mentor").post("meetings/", {"match": cast.match.pk, "held_on": later.isoformat()})

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "future"
    assert "is in the future" in error["fields"]["held_on"][0]


def test_action_item_of_a_stranger_is_refused(cast, api, day):
    items = [{"text": "Pay me", "owner": cast.stranger.pk}]

    answer = api("mentor").post(
        "meetings/",
        {"match": cast.match.pk, "held_on": day.isoformat(), "action_items": items},
    )

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["action_items"]
    assert not Meeting.objects.exists()


def test_member_logs_from_the_browser_session(cast, day):
    answer = cast.client("mentor").post(
        "/api/v1/meetings/",
        {"match": cast.match.pk, "held_on": day.isoformat()},
        content_type="application/json",
    )

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [("minutes", 601), ("minutes", "x"), ("how", "pigeon"), ("rating", 6), ("held_on", "soon")],
)
def test_odd_value_is_named(cast, api, day, field, value):
    data = {"match": cast.match.pk, "held_on": day.isoformat(), field: value}

    answer = api("mentor").post("meetings/", data)

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
