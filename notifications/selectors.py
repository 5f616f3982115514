"""What a person may choose about their mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from notifications import registry
from notifications.models import DigestWish, Message, MessagePause, MessageStop, PauseScope
from notifications.registry import MessageKind

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User


@dataclass(frozen=True)
class Choice:
    """One kind of message, as one person has it."""

    kind: MessageKind
    is_wanted: bool
    is_daily: bool = False

    @property
    def title(self) -> str:
        return str(self.kind.title or self.kind.why)


def choices_of(user: User) -> list[Choice]:
    """Return the kinds that may stop, with this person's choice."""
    stopped = set(MessageStop.objects.filter(user=user).values_list("kind", flat=True))
    daily = set(DigestWish.objects.filter(user=user).values_list("kind", flat=True))
    kinds = (kind for kind in registry.every_kind() if kind.may_stop)
    return [Choice(kind, kind.name not in stopped, kind.name in daily) for kind in kinds]


def fixed_kinds_of(user: User) -> list[Choice]:
    """Return the kinds that may not stop and that this person has been sent."""
    had = set(Message.objects.filter(recipient=user).values_list("kind", flat=True).distinct())
    kinds = (kind for kind in registry.every_kind() if not kind.may_stop)
    return [Choice(kind, is_wanted=True) for kind in kinds if kind.name in had]


def paused_match_ids() -> QuerySet[MessagePause, int | None]:
    """Return the matches whose mail somebody holds back, as a subquery.

    A mail about several matches is held by none of them: it leaves these out.
    """
    rows = MessagePause.objects.filter(scope=PauseScope.MATCH, ended_at__isnull=True)
    return rows.values_list("match_id", flat=True)
