"""What a meeting is about: items by anybody of the match, ticked when they were talked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError
from sessions.models import AgendaItem, Meeting, MeetingStatus
from sessions.services import rules
from sessions.services.plans import LONGEST_LINE, note_down
from sessions.services.words import text_of

MOST_ITEMS = 20


@transaction.atomic
def add_to_agenda(
    *, meeting: Meeting, actor: User, now: datetime, texts: Sequence[str]
) -> list[AgendaItem]:
    """Add lines to the agenda of a meeting; blank ones and those that stand there are left out.

    Raises:
        NotAllowed: the actor is not a member of the match.
        DomainError: the meeting is cancelled, or the agenda is full.
    Effects: the items, one audit row when there are any; locks the match.
    """
    match = rules.lock_match(meeting.match)
    rules.require_member(match, actor)
    if meeting.status == MeetingStatus.CANCELLED:
        raise DomainError(_("This meeting is cancelled."), code="cancelled")
    known = {text_of(item) for item in meeting.agenda_items.all()}
    last = meeting.agenda_items.aggregate(last=Max("position"))["last"] or 0
    wanted = [text.strip()[:LONGEST_LINE] for text in texts]
    fresh = [text for text in dict.fromkeys(wanted) if text and text not in known]
    if len(known) + len(fresh) > MOST_ITEMS:
        raise DomainError(
            _("An agenda has up to 20 items. Remove one first."), code="full", field="text"
        )
    items = [
        AgendaItem(meeting=meeting, text=text, position=at, added_by=actor, created_at=now)
        for at, text in enumerate(fresh, start=last + 1)
    ]
    for item in items:
        item.save(force_insert=True)
    if items:
        note_down(meeting, "meeting.agenda_added", actor=actor, match=match, now=now)
    return items


@transaction.atomic
def set_agenda_done(*, item: AgendaItem, actor: User, now: datetime, is_done: bool) -> AgendaItem:
    """Tick an agenda item, or take the tick back. Saying it twice changes nothing.

    Raises:
        NotAllowed: the actor is not a member of the match.
    """
    rules.require_member(item.meeting.match, actor)
    done_at = now if is_done else None
    if AgendaItem.objects.filter(pk=item.pk, done_at__isnull=is_done).update(done_at=done_at):
        item.done_at = done_at
    return item


@transaction.atomic
def remove_from_agenda(*, item: AgendaItem, actor: User, now: datetime) -> None:
    """Take an agenda item away for everybody. Doing it twice changes nothing.

    Raises:
        NotAllowed: the actor is not a member of the match.
    Effects: the item is deleted, one audit row.
    """
    match = item.meeting.match
    rules.require_member(match, actor)
    deleted, _by_model = AgendaItem.objects.filter(pk=item.pk).delete()
    if deleted:
        note_down(item.meeting, "meeting.agenda_removed", actor=actor, match=match, now=now)
