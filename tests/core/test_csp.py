"""Content-Security-Policy and its neighbours on every response."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from core.csp import ContentSecurityPolicyMiddleware

STRICT = (
    "default-src 'none'; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; "
    "script-src 'self'; style-src 'self'; img-src 'self'"
)
ADMIN = (
    "default-src 'none'; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; "
    "script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)


def _policy(path: str, response: HttpResponse | None = None) -> str:
    def answer(request: HttpRequest) -> HttpResponse:
        return response or HttpResponse("ok")

    request = RequestFactory().get(path)
    return ContentSecurityPolicyMiddleware(answer)(request).headers["Content-Security-Policy"]


def test_policy_of_a_product_page_is_strict():
    assert _policy("/") == STRICT
    assert _policy("/meetings/log/") == STRICT


def test_policy_under_the_admin_path_is_looser(settings):
    settings.ADMIN_PATH = "/back-office/"
    assert _policy("/back-office/") == ADMIN
    assert _policy("/back-office/programs/cohort/") == ADMIN
    assert _policy("/back-office-of-somebody/") == STRICT
    assert _policy("/admin/") == STRICT


def test_policy_of_the_api_reader_lets_data_images_in_only(settings):
    settings.API_READER_PATH = "/api/docs/"
    assert _policy("/api/docs/") == STRICT + " data:"
    assert _policy("/api/v1/matches/") == STRICT


def test_policy_set_by_the_view_is_kept():
    own = HttpResponse("ok", headers={"Content-Security-Policy": "default-src 'none'"})
    assert _policy("/", own) == "default-src 'none'"


def test_sign_in_page_carries_the_security_headers(client, db):
    response = client.get("/accounts/login/")
    assert response.headers["Content-Security-Policy"] == STRICT
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "publickey-credentials" not in response.headers["Permissions-Policy"]


def test_missing_page_carries_the_policy(client, db):
    response = client.get("/there-is-nothing-here/")
    assert response.status_code == 404
    assert response.headers["Content-Security-Policy"] == STRICT
