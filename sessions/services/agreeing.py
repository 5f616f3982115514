"""Action items that come from no meeting, and one that was removed by mistake."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.crypto import CannotOpen, Sealed, seal, unseal
from core.errors import DomainError
from matching.models import Match, MatchStatus
from sessions.models import ActionItem, Meeting
from sessions.services.actions import check_owner, check_text, people_who_act, record_act
from sessions.services.words import text_of


@transaction.atomic
def agree_action(
    *, match: Match, actor: User, now: datetime, text: str, owner: int, due_on: date | None
) -> ActionItem:
    """Write down what somebody of the match will do, without a meeting.

    Raises:
        NotAllowed: the actor is not in the match.
        DomainError: the match has ended, no words or too many, or the owner is not in the match;
            ``field`` names what.
    Effects: one item, one audit row.
    """
    members = people_who_act(match, actor)
    if match.status == MatchStatus.ENDED:
        raise DomainError(_("This match has ended."), code="ended")
    action = ActionItem(
        match=match,
        owner_id=check_owner(owner, members, field="owner"),
        text=check_text(text),
        due_on=due_on,
        created_by=actor,
        created_at=now,
    )
    action.save(force_insert=True)
    record_act(action, "action.added", actor, now)
    return action


def keep_for_undo(action: ActionItem, *, actor: User) -> str:
    """Return the item sealed for this person, to be handed to :func:`restore_action`."""
    values = {
        "id": str(action.pk),
        "match": action.match_id,
        "meeting": action.meeting_id,
        "owner": action.owner_id,
        "text": text_of(action),
        "due_on": action.due_on.isoformat() if action.due_on else None,
        "done_at": action.done_at.isoformat() if action.done_at else None,
        "created_by": action.created_by_id,
        "created_at": action.created_at.isoformat(),
    }
    sealed = seal(json.dumps(values), context=_context(actor))
    return base64.urlsafe_b64encode(sealed).decode()


@transaction.atomic
def restore_action(*, kept: str, actor: User, now: datetime) -> ActionItem:
    """Bring back an item that the actor has just removed. Doing it twice changes nothing.

    Raises:
        DomainError: ``kept`` was not made for this person.
        NotAllowed: the actor is not in the match any more.
    Effects: the item as it was, one audit row.
    """
    values = _open(kept, actor)
    match = Match.objects.select_related("cohort").get(pk=values["match"])
    members = people_who_act(match, actor)
    known = ActionItem.objects.filter(pk=values["id"]).first()
    if known is not None:
        return known
    meeting = Meeting.objects.filter(pk=values["meeting"], match=match).first()
    action = ActionItem(
        id=uuid.UUID(values["id"]),
        match=match,
        meeting=meeting,
        owner_id=check_owner(values["owner"], members, field="owner"),
        text=values["text"],
        due_on=date.fromisoformat(values["due_on"]) if values["due_on"] else None,
        done_at=datetime.fromisoformat(values["done_at"]) if values["done_at"] else None,
        created_by_id=values["created_by"],
        created_at=datetime.fromisoformat(values["created_at"]),
    )
    action.save(force_insert=True)
    record_act(action, "action.restored", actor, now)
    return action


def _open(kept: str, actor: User) -> dict[str, Any]:
    try:
        sealed = Sealed(base64.urlsafe_b64decode(kept.encode()))
        values: dict[str, Any] = json.loads(unseal(sealed, context=_context(actor)))
    except (CannotOpen, binascii.Error, ValueError) as error:
        raise DomainError(_("This cannot be brought back any more."), code="undo") from error
    return values


def _context(actor: User) -> str:
    return f"sessions.undo:{actor.pk}"
