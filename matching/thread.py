"""Read the messages of a match, a page at a time, and count what is new."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from matching.models import Match, ThreadMail, ThreadMessage, ThreadRead

PER_PAGE = 50
REMOVABLE = timedelta(minutes=15)


@dataclass(frozen=True)
class Entry:
    """One message as a reader sees it."""

    message: ThreadMessage
    is_own: bool
    is_new: bool
    may_remove: bool

    @property
    def dialog_id(self) -> str:
        return str(self.message.pk)

    @property
    def is_removed(self) -> bool:
        return self.message.removed_at is not None


@dataclass(frozen=True)
class ThreadPage:
    """Messages in the order in which they were sent; ``earlier`` leads to those before."""

    entries: list[Entry]
    earlier: uuid.UUID | None = None

    @property
    def last(self) -> ThreadMessage | None:
        return self.entries[-1].message if self.entries else None


def thread_page(
    match: Match, reader: User, *, now: datetime, before: uuid.UUID | None = None
) -> ThreadPage:
    """Return the newest messages, or those before one of them. Two queries, or three."""
    rows = _messages(match)
    if before is not None:
        rows = rows.filter(_beyond(match, before, "lt"))
    found = list(rows.order_by("-sent_at", "-id")[: PER_PAGE + 1])
    shown = found[:PER_PAGE][::-1]
    earlier = shown[0].pk if len(found) > PER_PAGE else None
    return ThreadPage(_entries(shown, match, reader, now), earlier)


def messages_after(
    match: Match, reader: User, *, after: uuid.UUID | None, now: datetime
) -> list[Entry]:
    """Return what came after a message, the oldest first; at most a page."""
    rows = _messages(match)
    if after is not None:
        rows = rows.filter(_beyond(match, after, "gt"))
    return _entries(list(rows.order_by("sent_at", "id")[:PER_PAGE]), match, reader, now)


def unread_in(match: str, user: str) -> Any:
    """Return an expression that counts what is new in a match for a person; names of outer fields.

    For one's own matches only: it does not ask whether the person is in the match.
    """
    rows = unread_for_system(OuterRef(match), OuterRef(user))
    counted = rows.order_by().values("match").annotate(found=Count("pk")).values("found")
    return Coalesce(Subquery(counted), 0)


def unread_for_system(match: Any, user: Any) -> QuerySet[ThreadMessage]:
    """Return messages of others that this person has not seen yet, the oldest first."""
    reader = OuterRef(user) if isinstance(user, OuterRef) else user
    read = ThreadRead.objects.filter(match=OuterRef("match"), user=reader).values("read_until")
    return (
        ThreadMessage.objects.filter(match=match, removed_at__isnull=True)
        .exclude(author=user)
        .annotate(read_until=Subquery(read[:1]))
        .filter(Q(read_until__isnull=True) | Q(sent_at__gt=F("read_until")))
        .order_by("sent_at", "id")
    )


def wants_words(user: User) -> bool:
    """Tell whether somebody asked for the words of messages in their mail."""
    return ThreadMail.objects.filter(user=user).exists()


def _messages(match: Match) -> QuerySet[ThreadMessage]:
    return ThreadMessage.objects.filter(match=match).select_related("author")


def _beyond(match: Match, pk: uuid.UUID, way: str) -> Q:
    """Match what lies before ("lt") or after ("gt") a message; nothing when it is not there."""
    at = ThreadMessage.objects.filter(match=match, pk=pk).values_list("sent_at", flat=True).first()
    if at is None:
        return Q(pk__in=())
    return Q(**{f"sent_at__{way}": at}) | Q(sent_at=at, **{f"id__{way}": pk})


def _entries(
    rows: Sequence[ThreadMessage], match: Match, reader: User, now: datetime
) -> list[Entry]:
    if not rows:
        return []
    read = ThreadRead.objects.filter(match=match, user=reader)
    read_until = read.values_list("read_until", flat=True).first()
    return [_entry(row, match, reader, now, read_until) for row in rows]


def _entry(
    row: ThreadMessage, match: Match, reader: User, now: datetime, read_until: datetime | None
) -> Entry:
    is_own = row.author_id == reader.pk
    return Entry(
        row,
        is_own=is_own,
        is_new=not is_own and (read_until is None or row.sent_at > read_until),
        may_remove=is_own
        and row.removed_at is None
        and match.status != "ended"
        and row.sent_at > now - REMOVABLE,
    )
