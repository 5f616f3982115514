"""The inbox: show a message in the product as soon as it is wanted, whatever its mail waits for."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.urls import Resolver404, resolve

from accounts.models import User
from notifications.letters import write_line
from notifications.models import Message, Notice
from notifications.models.inbox import LONGEST_LINE, LONGEST_PATH
from notifications.registry import MessageKind, find, names_that_ask

logger = logging.getLogger(__name__)
MOST_SETTLED = 20


def show(message: Message, kind: MessageKind, *, now: datetime) -> bool:
    """Put a message that is wanted into its recipient's inbox, once; True when it is new.

    Call it after the kind's ``is_still_due``. A line that cannot be written is left out: the mail
    says so itself. Effects: one row.
    """
    if hasattr(message, "notice"):
        return False
    try:
        line, page = write_line(message, kind)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("Message %s could not be shown.", message.pk)
        return False
    notice = Notice(
        message=message,
        recipient_id=message.recipient_id,
        line=line[:LONGEST_LINE],
        path=page_without_secrets(page),
        shown_at=now,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    return True


def withdraw(message: Message) -> None:
    """Take a line that nobody has read out of the inbox: its reason is gone. Again is fine."""
    if hasattr(message, "notice"):
        Notice.objects.filter(message=message, read_at__isnull=True).delete()


def settle(*, user: User, now: datetime, kinds: Collection[str] = ()) -> int:
    """Mark lines as read whose matter the person has dealt with; return how many.

    Looks at the newest twenty that ask for something, or at those of some kinds. One query where
    there is none. A line of which that cannot be told stays new, so that what the person has just
    done is never refused for it. Effects: the rows.
    """
    rows = Notice.objects.filter(
        recipient=user,
        read_at__isnull=True,
        is_kept_new=False,
        message__kind__in=kinds or names_that_ask(),
    )
    newest = rows.select_related("message__recipient").order_by("-shown_at")[:MOST_SETTLED]
    done = [notice.pk for notice in newest if _is_settled(notice.message, now)]
    return Notice.objects.filter(pk__in=done).update(read_at=now) if done else 0


def _is_settled(message: Message, now: datetime) -> bool:
    kind = find(message.kind)
    try:
        if kind is None or not kind.is_still_due(message, now):
            return False
        return kind.rests is None or not kind.rests(message)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("Whether message %s is settled could not be told.", message.pk)
        return False


def page_without_secrets(url: str) -> str:
    """Return the path of a page of this site, or "".

    A signed address speaks for its reader without signing in, so that it is not kept.
    """
    path = url.removeprefix(settings.BASE_URL)
    if not path.startswith("/") or path.startswith("//") or len(path) > LONGEST_PATH:
        return ""
    try:
        found = resolve(path.partition("?")[0])
    except Resolver404:
        return ""
    return "" if "token" in found.kwargs else path


def mark_read(*, notice: Notice, now: datetime) -> None:
    """Note that its recipient has opened it; again changes nothing."""
    Notice.objects.filter(pk=notice.pk, read_at__isnull=True).update(read_at=now)


def mark_unread(*, notice: Notice) -> None:
    """Let it stand out until the person reads it, whatever became of it; again is fine."""
    Notice.objects.filter(pk=notice.pk).update(read_at=None, is_kept_new=True)


def mark_all_read(*, user: User, until: datetime, now: datetime) -> None:
    """Note that the person has seen everything shown until a moment; what came since stays new."""
    rows = Notice.objects.filter(recipient=user, read_at__isnull=True, shown_at__lte=until)
    rows.update(read_at=now)
