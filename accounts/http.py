"""The requests that come only from people who have signed in, for annotations."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from accounts.models import User


class PersonRequest(HttpRequest):
    """What a view behind ``login_required`` gets."""

    user: User
    htmx: HtmxDetails


class PersonApiRequest(Request):
    """What an API view gets, whose permission lets only people in."""

    user: User
