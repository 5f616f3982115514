"""Which rows of the audit log concern the shared notes of a person's own matches."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from matching.concerns import own_match_ids
from notes.models import SharedNote


def own_events(user: User) -> Q:
    """Shared notes, those that were removed too: their events name the match."""
    label = SharedNote._meta.label_lower
    return Q(object_type=label, detail__match__in=own_match_ids(user))
