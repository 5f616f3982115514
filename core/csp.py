"""Content-Security-Policy: fixed policies by path, without nonces.

Every page is strict: only our own files, nothing inline. The admin's theme evaluates expressions
and writes style attributes, so pages under ``settings.ADMIN_PATH`` get a looser policy. The reader
of the API's description draws icons from data addresses in its style sheet; its pages, under
``settings.API_READER_PATH``, are strict but for that. A view that sets its own policy keeps it.
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
API_READER = STRICT + " data:"
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
        "xr-spatial-tracking",
    )
)


def policy_for(path: str) -> str:
    """Return the policy of a page by its path."""
    if path.startswith(settings.ADMIN_PATH):
        return ADMIN
    reader = getattr(settings, "API_READER_PATH", "")
    return API_READER if reader and path.startswith(reader) else STRICT


class ContentSecurityPolicyMiddleware:
    """Put on every response the policy, what the browser need not offer, a no to search engines."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy_for(request.path_info))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        return response
