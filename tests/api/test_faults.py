"""What the API answers when something breaks: the one shape, a reference, and no detail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from matching.models import Match
from tests.api.test_protocol import bearer, error_of

REFERENCE = re.compile(r"under the reference ([0-9a-f]{10});")


@pytest.fixture
def meeting_path(cast, api):
    """Log a meeting with sealed words, and return its address."""
    day = timezone.now().date() - timedelta(days=2)
    Match.objects.update(started_on=day - timedelta(days=60))
    data = {"match": cast.match.pk, "held_on": day.isoformat(), "summary": "We spoke of panels"}
    answer = api("mentor").post("meetings/", data)
    assert answer.status_code == 201
    return f"/api/v1/meetings/{answer.json()['id']}/"


def test_fault_in_a_view_has_the_error_shape_and_a_reference(api, meeting_path, settings, caplog):
    settings.FIELD_KEYS = {}  # the words cannot be opened any more
    client = Client(raise_request_exception=False)

    answer = client.get(meeting_path, headers=bearer(api("mentor").key))

    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/json"
    error = error_of(answer)
    assert (error["code"], error["fields"]) == ("server_error", {})
    (reference,) = REFERENCE.findall(error["message"])
    (record,) = [record for record in caplog.records if reference in record.getMessage()]
    assert record.exc_info is not None
    assert type(record.exc_info[1]).__name__ not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    assert "panels" not in caplog.text


def test_fault_in_a_view_reaches_those_who_listen_for_faults(api, meeting_path, settings):
    settings.FIELD_KEYS = {}

    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        Client().get(meeting_path, headers=bearer(api("mentor").key))


def test_fault_before_a_view_has_the_error_shape(settings, db, caplog):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    settings.SESSION_CACHE_ALIAS = "nowhere"
    client = Client(raise_request_exception=False)

    answer = client.get("/api/v1/cohorts/")

    assert answer.status_code == 500
    (reference,) = REFERENCE.findall(error_of(answer)["message"])
    assert reference in caplog.text
    assert "nowhere" not in answer.content.decode()
    page = client.get("/accounts/login/")
    assert (page.status_code, page["Content-Type"]) == (500, "text/html; charset=utf-8")


def test_body_that_is_too_large_has_the_error_shape(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    answer = api("mentor").post("meetings/", {"summary": "much too long"})

    assert answer.status_code == 413
    assert error_of(answer)["code"] == "too_large"


def test_unknown_host_has_the_error_shape(api):
    answer = Client().get("/api/v1/cohorts/", headers={"Host": "evil.example.org"})

    assert answer.status_code == 400
    assert error_of(answer)["code"] == "bad_request"
