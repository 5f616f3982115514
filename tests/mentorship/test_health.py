"""Health endpoints, and checks of the settings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from mentorship.checks import check_admin_path, check_field_keys, check_mail_leaves_the_machine
from mentorship.models import WorkerPulse
from mentorship.tasks import pulse

pytestmark = pytest.mark.django_db


def test_live_answers_anybody(client):
    assert client.get(reverse("health_live")).json() == {"status": "live"}


def test_ready_when_every_part_works(client):
    for queue in ("mail", "default", "heavy"):
        pulse(queue)

    answer = client.get(reverse("health_ready"))

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


def test_ready_names_the_queue_whose_worker_is_gone(client):
    for queue in ("mail", "default", "heavy"):
        WorkerPulse.beat(queue=queue, now=timezone.now())
    WorkerPulse.beat(queue="mail", now=timezone.now() - timedelta(minutes=5))

    answer = client.get(reverse("health_ready"))

    assert answer.status_code == 503
    assert answer.json()["parts"]["workers"] == "not seen lately: mail"


def test_checks_name_contradictions_of_the_settings(settings):
    settings.FIELD_KEYS = {}
    settings.ADMIN_PATH = "admin"
    settings.DEMO = False
    settings.MAIL = {**settings.MAIL, "folder": "/somewhere"}

    found = [
        *check_field_keys(None),
        *check_admin_path(None),
        *check_mail_leaves_the_machine(None),
    ]

    assert [problem.id for problem in found] == [
        "alongside.E001",
        "alongside.E002",
        "alongside.W001",
    ]


def test_no_foreign_key_points_into_djangos_sessions():
    pointing = [
        field
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if getattr(field, "remote_field", None) and field.many_to_one
        if field.remote_field.model._meta.app_label == "sessions"
        if model._meta.app_label not in ("usersessions",)
    ]

    assert pointing == []
