"""The demo and the invented organisation."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from matching.models import Match
from mentorship.demo.story import Demo
from participants.models import Enrolment
from programs.models import Cohort
from sessions.models import Meeting
from support.health import health_counts

pytestmark = pytest.mark.django_db


def test_seed_demo_fills_three_cohorts_and_writes_private_logins(settings, tmp_path):
    settings.VAR_DIR = tmp_path

    call_command("seed_demo", "--if-empty")
    call_command("seed_demo", "--if-empty")

    logins = tmp_path / "demo-logins.json"
    assert stat.S_IMODE(logins.stat().st_mode) == 0o600
    people = json.loads(logins.read_text())
    assert list(people) == [
        "program_manager",
        "other_program_manager",
        "mentor",
        "mentee",
        "hr_analyst",
        "it_administrator",
    ]
    for login in people.values():
        assert User.objects.get(email=login["email"]).check_password(login["password"])
    assert sorted(Cohort.objects.values_list("status", flat=True)) == [
        "active",
        "enrolling",
        "pairing",
    ]
    running = Cohort.objects.get(status="active")
    assert running.matches.count() == 40
    counts = health_counts(running, today=timezone.now().date())
    assert all(counts.values()), counts


@pytest.mark.slow
@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 23, 0, 3, tzinfo=UTC),  # a Monday that is still Sunday in Toronto
        datetime(2026, 11, 24, 23, 58, tzinfo=UTC),  # already tomorrow in Berlin and Tokyo
        datetime(2027, 2, 28, 4, 0, tzinfo=UTC),
        datetime(2027, 3, 27, 22, 30, tzinfo=UTC),  # the night in which clocks go forward in Berlin
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC),  # ... and back
        datetime(2027, 12, 31, 23, 30, tzinfo=UTC),
        datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
        datetime(2027, 6, 4, 15, 0, tzinfo=UTC),  # a Friday afternoon
    ],
    ids=lambda now: now.strftime("%Y-%m-%dT%H:%M"),
)
def test_demo_fits_any_moment_of_any_day(now):
    Demo(now=now).fill()

    running = Cohort.objects.get(status="active")
    assert running.matches.count() == 40
    counts = health_counts(running, today=now.date())
    assert all(counts.values()), counts


def test_seed_scale_writes_what_was_asked_for():
    call_command("seed_scale", "--participants", "300", "--meetings", "2000", verbosity=0)

    assert Enrolment.objects.count() == 300
    assert Meeting.objects.count() == 2000
    assert Match.objects.filter(status="active").exists()
    assert Match.objects.filter(status="ended").exists()
