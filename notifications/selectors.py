"""What a person may choose about their mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from notifications import registry
from notifications.models import MessageStop
from notifications.registry import MessageKind

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Choice:
    """One kind of message, as one person has it."""

    kind: MessageKind
    is_wanted: bool

    @property
    def title(self) -> str:
        return str(self.kind.title or self.kind.why)


def choices_of(user: User) -> list[Choice]:
    """Return every kind of message with this person's choice, those that may stop first."""
    stopped = set(MessageStop.objects.filter(user=user).values_list("kind", flat=True))
    return sorted(
        (Choice(kind, kind.name not in stopped) for kind in registry.every_kind()),
        key=lambda choice: (not choice.kind.may_stop, choice.kind.name),
    )
