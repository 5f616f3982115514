"""Which rows of the audit log concern the meetings of a person's own matches."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from matching.concerns import own_match_ids
from sessions.models import ActionItem, Meeting


def own_events(user: User) -> Q:
    """Meetings and action items, those that were removed too: their events name the match."""
    labels = (Meeting._meta.label_lower, ActionItem._meta.label_lower)
    return Q(object_type__in=labels, detail__match__in=own_match_ids(user))
