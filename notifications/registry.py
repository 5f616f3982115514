"""What kinds of message there are. Upper apps register theirs when Django starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

if TYPE_CHECKING:
    from notifications.models import Message


@dataclass(frozen=True)
class CalendarPart:
    """What calendars read of a mail: the method, REQUEST or CANCEL, and the iCalendar bytes."""

    method: str
    content: bytes


@dataclass(frozen=True)
class MessageKind:
    """One kind of message: how it is written, and what holds for every message of it.

    ``template`` is a path without its ending: ``mail/matching/matched`` names the files
    ``.subject.txt``, ``.txt`` and ``.html``. ``why`` tells the recipient why they get it.
    ``is_required`` says that it is sent again after an unknown outcome, with the same Message-ID.
    ``may_stop`` says that a person may switch it off. ``is_still_due`` returns "" to send, else the
    reason to skip. ``is_urgent`` kinds have a queue of their own and wait behind no other mail.
    ``context`` runs in the recipient's language and time zone.
    """

    name: str
    template: str
    why: str | Promise
    is_required: bool
    may_stop: bool
    is_still_due: Callable[[Message, datetime], str]
    context: Callable[[Message], dict[str, Any]]
    title: str | Promise = ""
    calendar: Callable[[Message], CalendarPart | None] | None = None
    is_urgent: bool = False


_KINDS: dict[str, MessageKind] = {}


def register(kind: MessageKind) -> None:
    """Add a kind; the same one twice is fine, another of the same name is not."""
    if _KINDS.setdefault(kind.name, kind) != kind:
        raise ImproperlyConfigured(f"Two kinds of message are called {kind.name}.")


def get(name: str) -> MessageKind:
    """Return the kind of this name.

    Raises:
        LookupError: no app registered it.
    """
    try:
        return _KINDS[name]
    except KeyError:
        raise LookupError(f"No kind of message is called {name!r}.") from None


def find(name: str) -> MessageKind | None:
    return _KINDS.get(name)


def every_kind() -> list[MessageKind]:
    return sorted(_KINDS.values(), key=lambda kind: kind.name)


def urgent_names() -> list[str]:
    """Return the kinds that wait behind no other mail."""
    return [kind.name for kind in every_kind() if kind.is_urgent]


def names_sent_again() -> list[str]:
    """Return the kinds that are sent again when the outcome is unknown."""
    return [kind.name for kind in every_kind() if kind.is_required]
