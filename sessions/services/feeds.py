"""The private address of a person's calendar: made, made anew, revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from audit.services import record
from sessions.models import CalendarFeed
from sessions.selectors.events import packed_events

NOTED_EVERY = timedelta(hours=1)
EVENTS_BACK = timedelta(days=60)


def digest_of(token: str) -> bytes:
    """Return the SHA-256 of a token; tokens hold 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def make_feed(*, person: User, now: datetime) -> str:
    """Give the person a new address and return its token, which is not stored.

    An earlier address stops working.
    Effects: the feed, one audit row.
    """
    token = secrets.token_urlsafe(32)
    feed, _is_new = CalendarFeed.objects.update_or_create(
        user=person,
        defaults={"digest": digest_of(token), "created_at": now, "read_at": None},
    )
    record(actor=person, action="calendar.feed_made", about=feed, now=now)
    return token


@transaction.atomic
def revoke_feed(*, person: User, now: datetime) -> bool:
    """Make the address useless; False when there is none.

    Effects: the feed is deleted, one audit row.
    """
    feed = CalendarFeed.objects.filter(user=person).first()
    if feed is None:
        return False
    record(actor=person, action="calendar.feed_revoked", about=feed, now=now)
    feed.delete()
    return True


def find_feed(token: str, *, now: datetime) -> CalendarFeed | None:
    """Return the feed of a token whose person may still sign in, or None.

    It carries the person's events of the last two months and to come as ``packed_events``.
    """
    works = Q(user__works_until__isnull=True) | Q(user__works_until__gte=now.date())
    rows = CalendarFeed.objects.filter(works, digest=digest_of(token), user__is_active=True)
    events = packed_events("user_id", since=now - EVENTS_BACK)
    return rows.select_related("user").annotate(packed_events=events).first()


def note_read(feed: CalendarFeed, *, now: datetime) -> None:
    """Remember that a calendar program came by, at most once an hour."""
    if feed.read_at is None or now - feed.read_at >= NOTED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
