"""Links in mail: absolute, and signed where they work without signing in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

STOP_SALT = "notifications.stop"


def absolute(view_name: str, *args: Any, **kwargs: Any) -> str:
    """Return the full address of a page."""
    return f"{settings.BASE_URL}{reverse(view_name, args=args, kwargs=kwargs)}"


def stop_url(*, user_id: int, kinds: Sequence[str]) -> str:
    """Return the address that stops these kinds of mail for one person. It never expires."""
    token = signing.dumps([user_id, ",".join(kinds)], salt=STOP_SALT)
    return absolute("notifications:stop", token)


def read_stop_token(token: str) -> tuple[int, list[str]] | None:
    """Return (user id, kinds) of a link's token, or None when it is not ours."""
    try:
        user_id, kinds = signing.loads(token, salt=STOP_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(user_id), str(kinds).split(",")
