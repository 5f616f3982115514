"""From a page to the admin and, once it is saved there, back to the page."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

BACK = "back"


def with_way_back(url: str, back: str) -> str:
    """Return the address of an admin page that leads back to ``back`` once it is saved."""
    parts = urlsplit(url)
    if not parts.path.startswith(reverse("admin:index")):
        return url
    query = urlencode([*parse_qsl(parts.query), (BACK, back)])
    return urlunsplit(parts._replace(query=query))


def way_back(request: HttpRequest) -> HttpResponseRedirect | None:
    """Return the way to the page of this site that the address names; None without one."""
    back = request.GET.get(BACK, "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return HttpResponseRedirect(back)
    return None
