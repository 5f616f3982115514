"""Signing in, scopes, throttles and the one shape of errors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import PersonalAccessToken, User
from core.throttles import _FailsOpen

COHORTS = "/api/v1/cohorts/"


def error_of(answer):
    """Return the error of an answer after checking that it has the one shape."""
    body = answer.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message", "fields"]
    assert isinstance(body["error"]["message"], str)
    assert body["error"]["message"]
    return body["error"]


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def test_nobody_signed_in_is_asked_to(client, db):
    answer = client.get(COHORTS)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert error_of(answer)["code"] == "not_authenticated"


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer x", "Bearer alng_nothing", "Bearer alng_a alng_b", "Bearer alng_\xff"],
)
def test_token_that_is_none_is_refused(client, db, header):
    answer = client.get(COHORTS, headers={"Authorization": header})

    assert answer.status_code == 401
    assert error_of(answer)["code"] == "authentication_failed"


def test_token_opens_until_it_is_revoked(cast, api):
    mentor = api("mentor")
    assert mentor.get("cohorts/").status_code == 200

    token = PersonalAccessToken.objects.get()
    services.revoke_token(token=token, actor=cast.mentor, now=timezone.now())

    assert mentor.get("cohorts/").status_code == 401


def test_token_opens_until_it_expires(api):
    mentor = api("mentor")
    PersonalAccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert mentor.get("cohorts/").status_code == 401


def test_token_of_somebody_who_left_opens_nothing(cast, api):
    mentor = api("mentor")
    User.objects.filter(pk=cast.mentor.pk).update(is_active=False)

    assert mentor.get("cohorts/").status_code == 401


def test_token_notes_its_use(api):
    api("mentor").get("cohorts/")

    assert PersonalAccessToken.objects.get().last_used_at is not None


def test_token_without_the_scope_to_read_reads_nothing(api):
    answer = api("mentor", "log").get("cohorts/")

    assert answer.status_code == 403
    assert "lacks the scope “read”" in error_of(answer)["message"]


def test_token_without_the_scope_to_log_logs_nothing(api):
    answer = api("mentor", "read").post("meetings/", {})

    assert answer.status_code == 403
    assert "lacks the scope “log”" in error_of(answer)["message"]


def test_token_opens_no_page_of_the_browser(client, api):
    key = api("program_manager").key

    assert client.get("/account/", headers=bearer(key)).status_code == 302
    assert client.get("/admin/", headers=bearer(key)).status_code == 302


def test_browser_session_reads(cast):
    assert cast.client("mentor").get(COHORTS).status_code == 200


def test_browser_session_without_csrf_token_writes_nothing(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.mentor)

    answer = client.post("/api/v1/meetings/", {}, content_type="application/json")

    assert answer.status_code == 403
    assert "CSRF" in error_of(answer)["message"]


@pytest.mark.parametrize(
    "path", ["nowhere", "v1/nowhere/", "v1/cohorts", "v1/cohorts/x/", "v1/cohorts/%0A/", "v2/"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_unknown_address_has_the_error_shape(cast, path, method):
    answer = getattr(cast.client("mentor"), method)(f"/api/{path}")

    assert answer.status_code == 404
    assert error_of(answer)["code"] == "not_found"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_method_that_is_not_offered_has_the_error_shape(cast, method):
    answer = getattr(cast.client("mentor"), method)(COHORTS)

    assert answer.status_code == 405
    assert error_of(answer)["code"] == "method_not_allowed"


def test_body_that_is_no_json_has_the_error_shape(api):
    answer = api("mentor").post("meetings/", "{")

    assert answer.status_code == 400
    assert error_of(answer)["code"] == "parse_error"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x"]
)
def test_body_of_another_kind_has_the_error_shape(api, kind):
    answer = api("mentor").post("meetings/", "--x--\r\n", content_type=kind)

    assert answer.status_code == 415
    assert error_of(answer)["code"] == "unsupported_media_type"


def test_answer_of_another_kind_has_the_error_shape(cast):
    answer = cast.client("mentor").get(COHORTS, headers={"Accept": "text/csv"})

    assert answer.status_code == 406
    assert error_of(answer)["code"] == "not_acceptable"


def test_body_that_is_no_object_has_the_error_shape(api):
    answer = api("mentor").post("meetings/", [1, 2])

    assert answer.status_code == 400
    assert error_of(answer)["code"] == "invalid"


def test_missing_fields_are_named(api):
    answer = api("mentor").post("meetings/", {"minutes": 0})

    assert answer.status_code == 400
    assert set(error_of(answer)["fields"]) == {"match", "held_on", "minutes"}


def test_nul_in_a_body_has_the_error_shape(api):
    answer = api("mentor").post("meetings/", {"summary": "a\x00b"})

    assert answer.status_code == 400
    assert error_of(answer)["code"] == "control_characters"


def test_odd_cursor_has_the_error_shape(api):
    answer = api("mentor").get("cohorts/", cursor="odd")

    assert answer.status_code == 404
    assert error_of(answer)["code"] == "not_found"


@pytest.fixture
def _three_a_minute(settings, monkeypatch):
    for throttle in _FailsOpen.__subclasses__():
        rates = {"user": "3/minute", "anon": "3/minute"}
        monkeypatch.setattr(throttle, "THROTTLE_RATES", rates)


@pytest.mark.usefixtures("_three_a_minute")
def test_too_many_requests_are_told_when_to_come_back(cast, api):
    first, second = api("mentor"), api("mentor")
    codes = [first.get("cohorts/").status_code for _request in range(2)]
    codes += [second.get("cohorts/").status_code for _request in range(2)]
    answer = cast.client("mentor").get(COHORTS)

    assert codes == [200, 200, 200, 429]
    assert answer.status_code == 429
    assert error_of(answer)["code"] == "throttled"
    assert 0 < int(answer["Retry-After"]) <= 60
    assert api("mentee").get("cohorts/").status_code == 200


@pytest.mark.usefixtures("_three_a_minute")
def test_too_many_requests_of_nobody_are_stopped(client, db):
    codes = [client.get("/api/nowhere").status_code for _request in range(4)]

    assert codes == [404, 404, 404, 429]


@pytest.mark.usefixtures("_three_a_minute")
@pytest.mark.parametrize("headers", [{}, bearer("alng_guess"), bearer("x")])
@pytest.mark.parametrize("path", [COHORTS, "/api/v1/meetings/", "/api/schema/"])
def test_guesses_at_a_token_are_stopped_by_address(client, api, path, headers):
    answers = [client.get(path, headers=headers) for _request in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert error_of(answers[-1])["code"] == "throttled"
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get(path, headers=headers).status_code == 401
    assert api("mentor").get("cohorts/").status_code == 200


@pytest.mark.usefixtures("_three_a_minute")
def test_guesses_count_together_whatever_address_they_claim(client, db):
    codes = [
        client.get(
            COHORTS, headers={**bearer("alng_guess"), "X-Forwarded-For": f"192.0.2.{number}"}
        ).status_code
        for number in range(4)
    ]

    assert codes == [401, 401, 401, 429]


def test_dead_cache_stops_nobody(api, monkeypatch, caplog):
    from django.core.cache.backends.redis import RedisCache

    dead = RedisCache("redis://127.0.0.1:1/0", {})
    monkeypatch.setattr(_FailsOpen, "cache", dead)
    monkeypatch.setattr(_FailsOpen, "_paused_until", 0.0)

    codes = [api("mentor").get("cohorts/").status_code for _request in range(3)]

    assert codes == [200, 200, 200]
    assert caplog.text.count("The API counts no requests") == 1
