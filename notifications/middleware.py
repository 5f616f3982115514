"""What somebody has just done is not new to them in their inbox."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from notifications.services import settle

logger = logging.getLogger(__name__)
REFUSED = 400


class SettledInboxMiddleware:
    """After something was sent and taken, look which lines of the person's inbox it settled."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = request.user
        if request.method == "POST" and response.status_code < REFUSED and user.is_authenticated:
            try:
                with transaction.atomic():
                    settle(user=user, now=timezone.now())
            except DatabaseError:  # the act itself is done and stays
                logger.exception("The inbox could not be brought up to date.")
        return response
