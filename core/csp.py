"""Content-Security-Policy: fixed policies by path, without nonces.

Every page is strict: only our own files, nothing inline. The admin's theme evaluates expressions
and writes style attributes, so pages under ``settings.ADMIN_PATH`` get a looser policy.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_COMMON = (
    "default-src 'none'; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; "
)
STRICT = _COMMON + "script-src 'self'; style-src 'self'; img-src 'self'"
ADMIN = (
    _COMMON
    + "script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "bluetooth",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "hid",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)


def policy_for(path: str) -> str:
    """Return the policy of a page by its path."""
    return ADMIN if path.startswith(settings.ADMIN_PATH) else STRICT


class ContentSecurityPolicyMiddleware:
    """Put the policy, and the browser features the product does without, on every response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy_for(request.path_info))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response
