"""Somebody from outside agrees to the programs' words before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from accounts.middleware import OPEN_TO_ALL
from participants.confidentiality import open_programs

PAGE = "participants:confidence"


class ConfidentialityMiddleware:
    """Lead somebody from outside to the words that are still to be agreed to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or not user.is_external:
            return None
        match = request.resolver_match
        if match is None or match.view_name == PAGE or match.url_name in OPEN_TO_ALL:
            return None
        if not open_programs(user):
            return None
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect(reverse(PAGE))
        following = request.path if request.method in ("GET", "HEAD") else ""
        query = f"?{urlencode({'next': following})}" if following else ""
        return HttpResponseRedirect(f"{reverse(PAGE)}{query}")
