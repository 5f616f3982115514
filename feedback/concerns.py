"""Which rows of the audit log concern the check-ins of a person's own matches."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from feedback.models import CheckIn
from matching.concerns import own_match_ids


def own_events(user: User) -> Q:
    """Answers given in matches the person is in."""
    rows = CheckIn.objects.filter(match__in=own_match_ids(user)).values_list("pk", flat=True)
    return Q(object_type=CheckIn._meta.label_lower, object_id__in=map(str, rows))
