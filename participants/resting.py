"""Places that rest for a reason of an upper app: the end of a pause does not wake them."""

from __future__ import annotations

from django.db.models import Q

_REASONS: list[Q] = []


def register_resting(reason: Q) -> None:
    """Let places of which ``reason`` holds rest on when a pause of theirs ends."""
    _REASONS.append(reason)


def rests_on() -> Q:
    """Return what holds of a place that no end of a pause wakes."""
    held = Q(pk__in=())
    for reason in _REASONS:
        held |= reason
    return held
