"""Whom a signed link speaks for."""

from __future__ import annotations

from accounts.models import User
from notifications import registry
from notifications.links import read_stop_token
from notifications.registry import MessageKind


def get_stop(token: str) -> tuple[User, list[MessageKind]] | None:
    """Return the person and the kinds that a link may stop, or None when it is not ours."""
    found = read_stop_token(token)
    if found is None:
        return None
    user_id, names = found
    known = (registry.find(name) for name in names)
    kinds = [kind for kind in known if kind is not None and kind.may_stop]
    user = User.objects.filter(pk=user_id).first()
    return (user, kinds) if user is not None and kinds else None
