"""Who hears that somebody was given a role: upper apps register.

This app owns the registry; upper apps register in ``AppConfig.ready()``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from accounts.models import RoleGrant, User


class Tell(Protocol):
    """Say in the caller's transaction that ``actor`` gave a role to another person."""

    def __call__(self, *, grant: RoleGrant, actor: User, now: datetime) -> None: ...


_TELLERS: list[Tell] = []


def register(tell: Tell) -> None:
    if tell not in _TELLERS:
        _TELLERS.append(tell)


def tell_of(*, grant: RoleGrant, actor: User, now: datetime) -> None:
    """Tell everybody who registered."""
    for tell in _TELLERS:
        tell(grant=grant, actor=actor, now=now)
