"""Which rows of the audit log concern the goals of a person's own matches."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from goals.models import Goal
from matching.concerns import own_match_ids


def own_events(user: User) -> Q:
    """Goals of matches the person is in or was in."""
    rows = Goal.objects.filter(match__in=own_match_ids(user)).values_list("pk", flat=True)
    return Q(object_type=Goal._meta.label_lower, object_id__in=map(str, rows))
