"""What a person may choose about their mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.access import grants_of
from accounts.models import Role
from notifications import registry
from notifications.models import (
    Bounce,
    Channel,
    DigestWish,
    Message,
    MessagePause,
    MessageStop,
    Notice,
    PauseScope,
)
from notifications.registry import Audience, MessageKind

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User


@dataclass(frozen=True)
class Choice:
    """One kind of message, as one person has it."""

    kind: MessageKind
    is_wanted: bool
    is_daily: bool = False
    is_shown: bool = True

    @property
    def title(self) -> str:
        return self.kind.label


def choices_of(user: User) -> list[Choice]:
    """Return the kinds that may stop, with this person's choice."""
    stopped = set(MessageStop.objects.filter(user=user).values_list("kind", "channel"))
    daily = set(DigestWish.objects.filter(user=user).values_list("kind", flat=True))
    kinds = (kind for kind in registry.every_kind() if kind.may_stop and _concerns(kind, user))
    return [
        Choice(
            kind,
            is_wanted=(kind.name, Channel.MAIL) not in stopped,
            is_daily=kind.name in daily,
            is_shown=(kind.name, Channel.INBOX) not in stopped,
        )
        for kind in kinds
    ]


def _concerns(kind: MessageKind, user: User) -> bool:
    """Return whether a kind can reach the person, as far as that can be known ahead."""
    if kind.audience == Audience.MANAGERS:
        roles = {grant.role for grant in grants_of(user)}
        return user.is_superuser or bool(roles & {Role.OWNER, Role.MANAGER})
    if kind.audience == Audience.WHOEVER_HAD_ONE:
        return Message.objects.filter(recipient=user, kind=kind.name).exists()
    return True


def fixed_kinds_of(user: User) -> list[Choice]:
    """Return the kinds that may not stop and that this person has been sent."""
    had = set(Message.objects.filter(recipient=user).values_list("kind", flat=True).distinct())
    kinds = (kind for kind in registry.every_kind() if not kind.may_stop)
    return [Choice(kind, is_wanted=True) for kind in kinds if kind.name in had]


@dataclass(frozen=True)
class InboxLine:
    """One line of a person's inbox: what about, why they got it, and where it leads."""

    notice: Notice
    kind: MessageKind | None

    @property
    def text(self) -> str:
        return self.notice.line or self.title

    @property
    def title(self) -> str:
        return self.kind.label if self.kind else self.notice.message.kind

    @property
    def why(self) -> str:
        return str(self.kind.why) if self.kind else ""


def inbox_of(user: User) -> QuerySet[Notice]:
    """Return what the person was sent, newest first."""
    rows = Notice.objects.filter(recipient=user).select_related("message")
    return rows.order_by("-shown_at", "-id")


def inbox_lines(notices: Iterable[Notice]) -> list[InboxLine]:
    return [InboxLine(notice, registry.find(notice.message.kind)) for notice in notices]


def bounce_of(user: User) -> Bounce | None:
    """Return that the person's address of today takes no mail, or None."""
    rows = Bounce.objects.filter(user=user, address__iexact=user.email, lifted_at__isnull=True)
    return rows.first()


def paused_match_ids() -> QuerySet[MessagePause, int | None]:
    """Return the matches whose mail somebody holds back, as a subquery.

    A mail about several matches is held by none of them: it leaves these out.
    """
    rows = MessagePause.objects.filter(scope=PauseScope.MATCH, ended_at__isnull=True)
    return rows.values_list("match_id", flat=True)
