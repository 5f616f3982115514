"""A program's chat channel: keep it, try it out, and post its managers' week, never empty."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from core.outside import post, tried
from core.wake import wake
from programs.models import Program
from support.chat import text_of, trial_text, week_of_program
from support.digest import has_come, week_at
from support.models import ChatChannel, ChatPost, ChatPostState

Post = Callable[..., int]
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 120, 300))
MOST_TRIES = len(PAUSES) + 1
LEASE = timedelta(minutes=1)
A_TURN, TURN_SECONDS = 50, 20.0
LONGEST_ADDRESS = 500
WORTH_ANOTHER_TRY = {0, 408, 425, 429}
IS_HTTPS = URLValidator(schemes=["https"])


@transaction.atomic
def keep_channel(*, channel: ChatChannel, address: str, actor: User, now: datetime) -> ChatChannel:
    """Keep a new channel or a changed one; an empty address leaves the one there is.

    Raises:
        DomainError: the program is discreet, or the address is missing or not https; ``field``.
    Effects: one row, one audit row without the address.
    """
    is_new = channel._state.adding
    check_channel(program=channel.program, address=address, is_new=is_new)
    address = address.strip()
    if address:
        channel.address, channel.host = address, urlsplit(address).hostname or ""
        channel.fault, channel.failed_at = "", None
    if is_new:
        channel.created_by, channel.created_at = actor, now
    channel.save()
    _record(channel, "chat.added" if is_new else "chat.changed", actor=actor, now=now)
    return channel


@transaction.atomic
def remove_channel(*, channel: ChatChannel, actor: User, now: datetime) -> None:
    """Forget a channel and its posts. Effects: rows go, one audit row."""
    _record(channel, "chat.removed", actor=actor, now=now)
    channel.delete()


@transaction.atomic
def try_channel(*, channel: ChatChannel, actor: User, now: datetime) -> ChatPost:
    """Post a test at once. Effects: one post that is due, one audit row, a worker is woken.

    Raises:
        DomainError: the channel is off.
    """
    if not channel.is_active:
        raise DomainError(_("This channel is off. Switch it on first."))
    row = ChatPost.objects.create(
        channel=channel,
        occasion=f"test {now.isoformat(timespec='microseconds')}",
        is_test=True,
        due_at=now,
        created_at=now,
    )
    _record(channel, "chat.tried", actor=actor, now=now)
    wake("support.post_chats")
    return row


def plan_chats(*, now: datetime) -> None:
    """Write this week's post of each channel whose Monday morning has come; again is fine.

    The clock is that of whoever set the channel up. Discreet programs have none.
    """
    rows = ChatChannel.objects.filter(is_active=True, program__is_discreet=False)
    posts = []
    for channel in rows.select_related("created_by"):
        zone_name = channel.time_zone
        if has_come(now, zone_name):
            week = week_at(now, zone_name)
            posts.append(ChatPost(channel=channel, occasion=week, due_at=now, created_at=now))
    ChatPost.objects.bulk_create(posts, ignore_conflicts=True)


def post_chats(
    *, clock: Callable[[], datetime], post: Post = post, seconds: float = TURN_SECONDS
) -> int:
    """Post what is due, for about ``seconds``; return how many were tried.

    Each is claimed by a conditional update. Never call it inside a transaction.
    """
    stop, done = time.monotonic() + seconds, 0
    while done < A_TURN and time.monotonic() < stop:
        due = ChatPost.objects.filter(state=ChatPostState.DUE, due_at__lte=clock())
        pk = due.order_by("due_at").values_list("pk", flat=True).first()
        if pk is None:
            break
        done += _carry(pk, clock=clock, post=post)
    return done


def _carry(pk: UUID, *, clock: Callable[[], datetime], post: Post) -> bool:
    now = clock()
    claimed = ChatPost.objects.filter(pk=pk, state=ChatPostState.DUE, due_at__lte=now)
    if not claimed.update(attempt=F("attempt") + 1, due_at=now + LEASE):
        return False
    row = ChatPost.objects.select_related("channel__program", "channel__created_by").get(pk=pk)
    if row.attempt > MOST_TRIES:  # each earlier try died without an answer
        _settle(row, status=0, answer=row.answer or "No answer", now=now)
        return True
    text = _text(row, now=now)
    if not text:
        _mine(row).update(state=ChatPostState.SKIPPED)
        return True
    status, answer = tried(
        lambda: post(
            row.channel.address,
            json.dumps({"text": text}).encode(),
            headers={"Content-Type": "application/json", "User-Agent": "Alongside"},
        ),
        what=f"Post {pk}",
    )
    _settle(row, status=status, answer=answer, now=clock())
    return True


def _text(row: ChatPost, *, now: datetime) -> str:
    """Return what to post, or "" when nobody wants it any more or there is nothing to say."""
    channel = row.channel
    if not channel.is_active or channel.program.is_discreet:
        return ""
    with translation.override(channel.language):
        if row.is_test:
            return trial_text(channel.program)
        zone_name = channel.time_zone
        if row.occasion != week_at(now, zone_name):
            return ""
        week = week_of_program(channel.program, now=now)
        return "" if week.is_empty else text_of(week, channel.program)


def _settle(row: ChatPost, *, status: int, answer: str, now: datetime) -> None:
    """Write the outcome: taken, to be tried again, or failed, which the managers are shown."""
    channels = ChatChannel.objects.filter(pk=row.channel_id)
    if 200 <= status < 300:
        _mine(row).update(state=ChatPostState.SENT, sent_at=now, answer=answer)
        channels.update(fault="", failed_at=None)
        return
    may_work = status in WORTH_ANOTHER_TRY or status >= 500
    if may_work and not row.is_test and row.attempt < MOST_TRIES:
        _mine(row).update(due_at=now + PAUSES[row.attempt - 1], answer=answer[:200])
        return
    with transaction.atomic():
        _mine(row).update(state=ChatPostState.FAILED, answer=answer[:200])
        channels.update(fault=answer[:200], failed_at=now)
        _record(row.channel, "chat.failed", actor=None, now=now)


def _mine(row: ChatPost) -> Any:
    return ChatPost.objects.filter(pk=row.pk, attempt=row.attempt)


def check_channel(*, program: Program, address: str, is_new: bool) -> None:
    """Refuse what cannot be a program's channel; an address may be empty where there is one.

    Raises:
        DomainError: the program is discreet, or the address is missing or not https; ``field``.
    """
    if program.is_discreet:
        raise DomainError(
            _("A discreet program has no chat channel: who reads it could tell who is in it."),
            field="program",
        )
    address = address.strip()
    if not address and not is_new:
        return
    try:
        IS_HTTPS(address)
    except ValidationError as error:
        raise DomainError(
            _("Paste the whole address; it begins with https://."), field="address"
        ) from error
    if len(address) > LONGEST_ADDRESS:
        raise DomainError(_("This address is too long."), field="address")


def _record(channel: ChatChannel, action: str, *, actor: User | None, now: datetime) -> None:
    record(actor=actor, action=action, about=channel, now=now, program_id=channel.program_id)
