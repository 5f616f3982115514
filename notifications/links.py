"""Links in mail: absolute, and signed where they work without signing in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

STOP_SALT = "notifications.stop"


def absolute(view_name: str, *args: Any, **kwargs: Any) -> str:
    """Return the full address of a page."""
    return f"{settings.BASE_URL}{reverse(view_name, args=args, kwargs=kwargs)}"


def stop_url(*, user_id: int, kind: str) -> str:
    """Return the address that stops one kind of mail for one person. It never expires."""
    return absolute("notifications:stop", signing.dumps([user_id, kind], salt=STOP_SALT))


def read_stop_token(token: str) -> tuple[int, str] | None:
    """Return (user id, kind) of a link's token, or None when it is not ours."""
    try:
        user_id, kind = signing.loads(token, salt=STOP_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(user_id), str(kind)
