"""Leave for good, and hear by mail that it was asked for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import ErasureRequest, User
from accounts.services import request_erasure
from notifications.services import queue_message

KIND = "home.leaving"


@transaction.atomic
def ask_to_leave(*, actor: User, now: datetime) -> ErasureRequest:
    """Ask for the actor's account to be deleted in seven days, and mail them how to undo it.

    Raises:
        DomainError: a program would be left without an owner, or the product without a superuser.
    Effects: the request, one audit row, one message; the first time.
    """
    asked = request_erasure(actor=actor, now=now)
    queue_message(kind=KIND, recipient=actor, now=now, object_id=asked.pk)
    return asked
