"""The only way a view gets a meeting or an action item."""

from __future__ import annotations

import uuid

from django.http import Http404

from accounts.models import User
from matching.access import MANAGER, MEMBER
from matching.models import Match
from sessions.models import ActionItem, Meeting


def get_own_match(user: User, pk: int) -> Match:
    """Return a match that this person is in, else 404: managers do not log for others."""
    match = Match.objects.of(user).select_related("cohort__program").filter(pk=pk).first()
    if match is None:
        raise Http404
    return match


def get_meeting_for(user: User, pk: int) -> tuple[Meeting, str]:
    """Return a meeting and the person's seat: member, or manager who sees no words."""
    rows = Meeting.objects.select_related("match__cohort__program", "logged_by")
    own = rows.of(user).filter(pk=pk).first()
    if own is not None:
        return own, MEMBER
    managed = rows.managed_by(user).filter(pk=pk).first()
    if managed is None:
        raise Http404
    return managed, MANAGER


def get_own_action(user: User, pk: uuid.UUID) -> ActionItem:
    """Return an action item of one of the person's matches, else 404."""
    own = Match.objects.of(user)
    action = (
        ActionItem.objects.filter(pk=pk, match__in=own)
        .select_related("match__cohort", "owner")
        .first()
    )
    if action is None:
        raise Http404
    return action
