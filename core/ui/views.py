"""Small views of the shell: the colour theme, and the page that shows every part."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from core.ui import samples
from core.ui.tags import THEMES

A_YEAR = 60 * 60 * 24 * 365


def _safe_return(request: HttpRequest) -> str:
    """Return the page the person came from when it is one of ours, else the start page."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return "/"


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie; anything but light and dark means the device's own."""
    chosen = request.POST.get("theme", "")
    response = HttpResponseRedirect(_safe_return(request))
    if chosen in THEMES:
        response.set_cookie(
            "theme", chosen, max_age=A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_GET
@login_required
def components(request: HttpRequest) -> HttpResponse:
    """Show every part of the design system, in the states that are easy to forget."""
    if not request.user.is_staff:
        raise PermissionDenied
    if "toast" in request.GET:
        messages.success(request, "Meeting saved. Daniel has been told.", extra_tags="stay")
    return render(request, "core/components.html", samples.context())
