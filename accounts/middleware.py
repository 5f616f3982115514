"""Each request runs in the person's own language and time zone, and staff use two factors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts import access, selectors
from core.clock import zone
from core.errors import error_body

SET_UP = "mfa_index"
# What somebody without a second factor needs to get one, or to leave.
OPEN_TO_ALL = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "account_confirm_email",
        "account_email_verification_sent",
        "core_theme",
        "set_language",
        "health_live",
        "health_ready",
    }
)


class PersonMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        translation.activate(user.language)
        request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(zone(user.time_zone)):
            return self.get_response(request)


class SecondFactorMiddleware:
    """Send staff without a second factor to set one up, where the setting asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not settings.STAFF_SECOND_FACTOR or not access.works_for_a_program(request.user):
            return None
        name = request.resolver_match.url_name or "" if request.resolver_match else ""
        if name in OPEN_TO_ALL or name.startswith("mfa_"):
            return None
        if selectors.has_second_factor(request.user):
            return None
        return _sent_to_set_up(request)


def _sent_to_set_up(request: HttpRequest) -> HttpResponse:
    sentence = _("Your role needs a second step at sign-in. Set up an app or a passkey to go on.")
    if request.path.startswith("/api/"):
        return JsonResponse(error_body("second_factor_required", sentence), status=403)
    messages.warning(request, sentence)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(reverse(SET_UP))
    return HttpResponseRedirect(reverse(SET_UP))
