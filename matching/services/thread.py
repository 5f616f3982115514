"""Write to the people of one's match, take a message back, and note what was read."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError, NotAllowed
from matching.models import Match, ThreadMail, ThreadMessage, ThreadRead
from matching.seats import locked_for, others_in
from matching.thread import REMOVABLE, unread_for_system
from notifications.services import queue_message, settle

LONGEST_TEXT = 10_000
MAIL_AFTER = timedelta(minutes=3)
REMIND_AFTER = timedelta(days=1)
TICK = timedelta(microseconds=1)


@transaction.atomic
def write_message(*, match: Match, actor: User, text: str, now: datetime) -> ThreadMessage:
    """Send a message to everybody in the match.

    Messages of a match have an order that nobody's clock can break: each is later than the one
    before it. Effects: one row, one audit row without words; a mail in three minutes to each other
    member who has nothing unread, or whose unread messages are older than a day.

    Raises:
        DomainError: there are no words, or too many.
        NotAllowed, Conflict: see ``locked_for``.
    """
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise DomainError(_("Write a few words first."), field="text")
    if len(words) > LONGEST_TEXT:
        raise DomainError(
            _("That is %(count)s characters; 10,000 is the most. Send it in parts.")
            % {"count": len(words)},
            field="text",
        )
    row = locked_for(match, actor)
    message = ThreadMessage(match=row, author=actor, text=words, sent_at=_next_moment(row, now))
    before = {person: _oldest_unread(row, person) for person in others_in(row, actor)}
    message.save(force_insert=True)
    _record(message, "thread.written", actor, now)
    for person, oldest in before.items():
        _mail(message, person, oldest, now)
    return message


@transaction.atomic
def remove_message(*, message: ThreadMessage, actor: User, now: datetime) -> ThreadMessage:
    """Take one's own message back within 15 minutes; its place says "removed". Again is fine.

    Raises:
        NotAllowed: somebody else wrote it.
        Conflict: it is older, or the match has ended.
    Effects: the words are gone from the database; one audit row.
    """
    if message.author_id != actor.pk:
        raise NotAllowed(_("Only who wrote a message removes it."))
    row = locked_for(message.match, actor)
    fresh = ThreadMessage.objects.select_related("match__cohort").get(pk=message.pk, match=row)
    if fresh.removed_at is not None:
        return fresh
    if fresh.sent_at <= now - REMOVABLE:
        raise Conflict(_("A message can be taken back for 15 minutes; these are over."))
    fresh.text, fresh.removed_at = "", now
    fresh.save(update_fields=("text", "removed_at"))
    _record(fresh, "thread.removed", actor, now)
    return fresh


def mark_read(*, match: Match, reader: User, until: datetime) -> None:
    """Note that somebody has seen the messages until a moment; never takes it back."""
    read, is_new = ThreadRead.objects.get_or_create(
        match=match, user=reader, defaults={"read_until": until}
    )
    if not is_new:
        later = ThreadRead.objects.filter(pk=read.pk, read_until__lt=until)
        is_new = bool(later.update(read_until=until))
    if is_new:
        settle(user=reader, kinds=("matching.thread",), now=timezone.now())


def choose_words_in_mail(*, user: User, is_wanted: bool, now: datetime) -> None:
    """Keep whether mail about messages carries their words; it does not unless asked for."""
    if is_wanted:
        ThreadMail.objects.get_or_create(user=user, defaults={"asked_at": now})
    else:
        ThreadMail.objects.filter(user=user).delete()


def _next_moment(match: Match, now: datetime) -> datetime:
    rows = ThreadMessage.objects.filter(match=match).order_by("-sent_at")
    last = rows.values_list("sent_at", flat=True).first()
    return max(now, last + TICK) if last else now


def _oldest_unread(match: Match, person: User) -> datetime | None:
    rows = unread_for_system(match, person)
    return rows.values_list("sent_at", flat=True).first()


def _mail(message: ThreadMessage, person: User, oldest: datetime | None, now: datetime) -> None:
    if oldest is not None and oldest > now - REMIND_AFTER:
        return  # told already
    queue_message(
        kind="matching.thread",
        recipient=person,
        object_id=message.match_id,
        occasion=str(message.pk) if oldest is None else now.date().isoformat(),
        program_id=message.match.cohort.program_id,
        cohort_id=message.match.cohort_id,
        match_id=message.match_id,
        due_at=now + MAIL_AFTER,
        now=now,
    )


def _record(message: ThreadMessage, action: str, actor: User, now: datetime) -> None:
    match = message.match
    record(actor=actor, action=action, about=match, now=now, program_id=match.cohort.program_id)
