"""What else changes hands with a program: upper apps register what is theirs.

This app owns the registry; upper apps register in ``AppConfig.ready()``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from accounts.models import User
from programs.models import Program


class Follow(Protocol):
    """Give what a leaver had in a program to the successor, in the caller's transaction."""

    def __call__(
        self, *, program: Program, leaver: User, successor: User, actor: User, now: datetime
    ) -> None: ...


_FOLLOWERS: list[Follow] = []


def register(follow: Follow) -> None:
    """Have ``follow`` called whenever somebody hands over all they did in a program."""
    if follow not in _FOLLOWERS:
        _FOLLOWERS.append(follow)


def followers() -> list[Follow]:
    return list(_FOLLOWERS)
