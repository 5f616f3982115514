"""The demo and the invented organisation."""

from __future__ import annotations

import json
import stat

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from matching.models import Match
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


def test_seed_scale_writes_what_was_asked_for():
    call_command("seed_scale", "--participants", "300", "--meetings", "2000", verbosity=0)

    assert Enrolment.objects.count() == 300
    assert Meeting.objects.count() == 2000
    assert Match.objects.filter(status="active").exists()
    assert Match.objects.filter(status="ended").exists()
