"""Action items: what somebody of the match promised to do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NotRequired, Required, TypedDict

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError, NotAllowed
from matching.models import Match
from sessions.models import ActionItem, Meeting
from sessions.services.words import text_of

LONGEST_ACTION = 500


class NewAction(TypedDict):
    """An action item to add; ``owner`` is the id of somebody of the match, by default the actor."""

    text: Required[str]
    owner: NotRequired[int | None]
    due_on: NotRequired[date | None]


def add_actions(
    meeting: Meeting,
    items: Sequence[NewAction],
    *,
    actor: User,
    members: Collection[int],
    now: datetime,
) -> int:
    """Add the items that the meeting does not have yet, blank ones left out; return how many."""
    known = {(item.owner_id, text_of(item)) for item in meeting.action_items.all()}
    added = 0
    for item in items:
        text = item["text"].strip()
        owner_id = check_owner(item.get("owner") or actor.pk, members)
        if not text or (owner_id, text) in known:
            continue
        check_text(text, field="action_items")
        known.add((owner_id, text))
        ActionItem(
            match_id=meeting.match_id,
            meeting=meeting,
            owner_id=owner_id,
            text=text,
            due_on=item.get("due_on"),
            created_by=actor,
            created_at=now,
        ).save(force_insert=True)
        added += 1
    return added


def check_owner(owner_id: int, members: Collection[int], *, field: str = "action_items") -> int:
    """Return the id, or raise DomainError when the person is not in the match."""
    if owner_id not in members:
        raise DomainError(
            _("Only you and your match can have an action item."),
            code="action_owner",
            field=field,
        )
    return owner_id


def check_text(text: str, *, field: str = "text") -> str:
    """Return the words without space around them, or raise DomainError: none, or too many."""
    text = text.strip()
    if not text:
        raise DomainError(
            _("Write what is to be done, or remove the item."), code="empty", field=field
        )
    if len(text) > LONGEST_ACTION:
        raise DomainError(
            _("This is too long: use at most %(count)d characters.") % {"count": LONGEST_ACTION},
            code="too_long",
            field=field,
        )
    return text


def people_who_act(match: Match, actor: User) -> set[int]:
    """Return the ids of those who share the match's action items; NotAllowed for everybody else."""
    members = set(match.members.seated().values_list("user_id", flat=True))
    if actor.pk not in members:
        raise NotAllowed(_("Only the people of a match change its action items."))
    return members


@transaction.atomic
def set_action_done(*, action: ActionItem, actor: User, now: datetime, is_done: bool) -> ActionItem:
    """Tick an action item, or take the tick back. Saying it twice changes nothing.

    Raises:
        NotAllowed: the actor is not a member of the match.
    Effects: ``done_at``, and one audit row when something changed.
    """
    people_who_act(action.match, actor)
    done_at = now if is_done else None
    changed = ActionItem.objects.filter(pk=action.pk, done_at__isnull=is_done).update(
        done_at=done_at
    )
    if changed:
        action.done_at = done_at
        record_act(action, "action.done" if is_done else "action.reopened", actor, now)
    return action


@transaction.atomic
def change_action(
    *,
    action: ActionItem,
    actor: User,
    now: datetime,
    text: str,
    owner: int,
    due_on: date | None = None,
) -> ActionItem:
    """Make an action item what the actor says; every value replaces the one before.

    Raises:
        NotAllowed: the actor is not a member of the match.
        Conflict: the item is gone.
        DomainError: no words or too many, or the owner is not in the match; ``field`` names which.
    Effects: the item, and one audit row when something changed.
    """
    members = people_who_act(action.match, actor)
    current = ActionItem.objects.select_for_update(of=("self",)).filter(pk=action.pk).first()
    if current is None:
        raise Conflict(_("Somebody else removed this action item."))
    fresh = (check_text(text), check_owner(owner, members, field="owner"), due_on)
    if fresh != (text_of(current), current.owner_id, current.due_on):
        current.text, current.owner_id, current.due_on = fresh
        current.save(update_fields=["text", "owner", "due_on"])
        record_act(action, "action.changed", actor, now)
    return current


@transaction.atomic
def remove_action(*, action: ActionItem, actor: User, now: datetime) -> None:
    """Take an action item away for everybody of the match. Doing it twice changes nothing.

    Raises:
        NotAllowed: the actor is not a member of the match.
    Effects: the item is deleted, one audit row.
    """
    people_who_act(action.match, actor)
    deleted, _by_model = ActionItem.objects.filter(pk=action.pk).delete()
    if deleted:
        record_act(action, "action.removed", actor, now)


def record_act(action: ActionItem, act: str, actor: User, now: datetime) -> None:
    record(
        actor=actor,
        action=act,
        about=action,
        now=now,
        program_id=action.match.cohort.program_id,
        detail={"match": action.match_id},
    )
