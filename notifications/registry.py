"""What kinds of message there are. Upper apps register theirs when Django starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

if TYPE_CHECKING:
    from notifications.models import Message


@dataclass(frozen=True)
class CalendarPart:
    """What calendars read of a mail: the method, REQUEST or CANCEL, and the iCalendar bytes."""

    method: str
    content: bytes


class Audience(StrEnum):
    """Whom a choice concerns: everybody, who manages a program, or only whoever had one."""

    EVERYBODY = "everybody"
    MANAGERS = "managers"
    WHOEVER_HAD_ONE = "whoever had one"


class Share(StrEnum):
    """What a message takes of the few that a person gets in a week.

    Askings are three a week at most, and nudges, which are askings too, one. What is neither is
    not counted.
    """

    NONE = ""
    ASKING = "asking"
    NUDGE = "nudge"


@dataclass(frozen=True)
class MessageKind:
    """One kind of message: how it is written, and what holds for every message of it.

    ``template`` is a path without its ending: ``mail/matching/matched`` names the files
    ``.subject.txt``, ``.txt`` and ``.html``. ``why`` tells the recipient why they get it.
    ``is_required`` says that it is sent again after an unknown outcome, with the same Message-ID.
    ``may_stop`` says that a person may switch it off. ``is_still_due`` returns "" to send, else the
    reason to skip. ``is_urgent`` kinds have a queue of their own, wait behind no other mail and are
    never held by a pause. ``context`` runs in the recipient's language and time zone. ``share``
    None means a nudge for what is not required, else nothing. ``is_timely`` kinds lose their sense
    by waiting for a working day or a daily summary. ``shows_text`` False keeps the words from
    managers who rehearse. ``page`` says where the inbox leads, for kinds whose ``url`` is a signed
    address for mail. ``audience`` says whom the choice is shown to before they had the first.
    ``asks`` says that somebody has to do something: their line in the inbox counts as read once
    ``is_still_due`` tells that it is done, wherever they did it, unless ``rests`` says that it only
    waits for a pause to end.
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
    share: Share | None = None
    is_timely: bool = False
    shows_text: bool = True
    page: Callable[[Message], str] | None = None
    audience: Audience = Audience.EVERYBODY
    asks: bool = False
    rests: Callable[[Message], bool] | None = None

    @property
    def label(self) -> str:
        """Return what it is called, in the language that is active."""
        return str(self.title or self.why)

    @property
    def takes(self) -> Share:
        """Return the share of a person's week that a message of this kind takes."""
        if self.share is not None:
            return self.share
        return Share.NONE if self.is_required else Share.NUDGE

    @property
    def merges(self) -> bool:
        """Tell whether all of this sort that are due go to a person in one mail."""
        return self.takes == Share.ASKING and self.calendar is None

    @property
    def has_digest(self) -> bool:
        """Tell whether a person may choose it for the daily summary."""
        return self.may_stop and not (self.calendar or self.is_urgent or self.is_timely)


class PlannerRun(Protocol):
    def __call__(self, *, now: datetime) -> object: ...


@dataclass(frozen=True)
class Planner:
    """Writes what is due into the ledger; again is fine. The sweeps run it, and rehearsals.

    ``writes`` names the models (``app.Model``) that a run may change beside the ledger.
    """

    name: str
    run: PlannerRun
    writes: tuple[str, ...] = ()


_KINDS: dict[str, MessageKind] = {}
_PLANNERS: dict[str, Planner] = {}


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


def names_that_ask() -> list[str]:
    """Return the kinds that are dealt with by doing what they ask."""
    return [kind.name for kind in every_kind() if kind.asks]


def names_sent_again() -> list[str]:
    """Return the kinds that are sent again when the outcome is unknown."""
    return [kind.name for kind in every_kind() if kind.is_required]


def names_of(*shares: Share) -> list[str]:
    """Return the kinds that take one of these shares."""
    return [kind.name for kind in every_kind() if kind.takes in shares]


def names_merged() -> list[str]:
    """Return the kinds of which all that are due go in one mail."""
    return [kind.name for kind in every_kind() if kind.merges]


def register_planner(planner: Planner) -> None:
    """Add a planner; the same one twice is fine, another of the same name is not."""
    if _PLANNERS.setdefault(planner.name, planner) != planner:
        raise ImproperlyConfigured(f"Two planners are called {planner.name}.")


def every_planner() -> list[Planner]:
    return sorted(_PLANNERS.values(), key=lambda planner: planner.name)
